/** Home tabs are kept current: seldom enough for Slack, soon enough for people, and never for ever. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Person } from '../../../src/core/approval/person.ts';
import { PlatformError } from '../../../src/core/ports/errors.ts';
import type { Platform } from '../../../src/core/ports/ports.ts';
import type { Word } from '../../../src/core/ports/store/fleet.ts';
import { mine } from '../../../src/core/view/list-query.ts';
import type { PendingList } from '../../../src/core/view/lists/pending-list.ts';
import { createHomeTabsWorker } from '../../../src/engine/background/home-tabs.ts';
import { createListReader } from '../../../src/engine/background/list-reader.ts';
import { createReaders } from '../../../src/engine/background/readers.ts';
import { dana, pauseOf, sam, started } from '../../support/data/pauses.ts';
import { createTestEngine, type Engine } from '../../support/worlds/engine.ts';

interface DrawEnd {
  userId: string;
  list: PendingList;
  at: number;
}

const other = { ...dana, id: 'U0OTHER' };

/** An engine with home tabs, whose time goes on only as the test says. */
async function withTabs(
  run: (rig: {
    engine: Engine;
    drawn: DrawEnd[];
    faults: Error[];
    /** Who can read no room. */
    blind: Set<string>;
    tabs: ReturnType<typeof createHomeTabsWorker>;
    open: (who: typeof dana) => Promise<void>;
    /** Another replica on the same store. */
    second: ReturnType<typeof createHomeTabsWorker>;
    drawnBySecond: DrawEnd[];
    /** Lets everything happen that is due within so many ms. */
    pass: (ms: number) => Promise<void>;
  }) => Promise<void>,
  { start = true, holder = null }: { start?: boolean; holder?: { index: number } | null } = {},
): Promise<void> {
  const engine = createTestEngine({ reviewers: `slack:${dana.id},slack:${other.id},discord:${sam.id}` });
  const { store, policy, clock } = engine;
  const drawn: DrawEnd[] = [];
  const faults: Error[] = [];
  const blind = new Set<string>();
  const drawnBySecond: DrawEnd[] = [];
  const slackOf = (ends: DrawEnd[]) =>
    ({
      name: 'slack',
      async showHome(userId: string, list: PendingList) {
        const fault = faults.shift();
        ends.push({ userId, list, at: clock.monotonic() });
        if (fault !== undefined) throw fault;
      },
      canRead: async (who: Person) => !blind.has(who.actor.id),
    }) as unknown as Platform;
  const platforms = new Map([['slack', slackOf(drawn)]]);
  const { log } = engine;
  const readers = createReaders({ platforms, clock, log });
  const lists = createListReader({ store, policy, readers, backendTitle: (name) => name, clock });
  const dutiesOf = (index: number) => ({
    areShared: holder !== null,
    take: async () => (holder === null || holder.index === index ? { epoch: 1 } : null),
  });
  const heard: ((word: Word) => void)[] = [];
  /** Words come in late, and as text. */
  const fleetOf = (index: number) => ({
    tell(word: Word) {
      const text = JSON.stringify(word);
      setImmediate(() => heard[1 - index]?.(JSON.parse(text) as Word));
    },
    onTold(listener: (word: Word) => void) {
      heard[index] = listener;
      return () => {};
    },
  });
  const of = (index: number) => ({ store, lists, duties: dutiesOf(index), fleet: fleetOf(index), clock, log });
  const tabs = createHomeTabsWorker({ ...of(0), platforms });
  const second = createHomeTabsWorker({ ...of(1), platforms: new Map([['slack', slackOf(drawnBySecond)]]) });
  const settle = async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((later) => setImmediate(later));
  };
  try {
    if (start) await tabs.start();
    if (holder !== null) await second.start();
    await run({
      engine,
      drawn,
      faults,
      blind,
      tabs,
      second,
      drawnBySecond,
      open: async (actor) => {
        await tabs.show({ who: { actor }, query: mine('home') }, null);
        await settle();
      },
      async pass(ms) {
        for (let passed = 0; passed < ms; passed += 100) {
          clock.advance(100);
          await settle();
        }
      },
    });
  } finally {
    await tabs.stop();
    await second.stop();
    await engine.stop();
  }
}

let asked = 0;
async function announce(engine: Engine): Promise<void> {
  asked += 1;
  const pause = pauseOf({ key: `approval:${asked}`, runId: `run_${asked}` });
  await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null });
}

describe('home tabs', () => {
  test('show nothing of a room that their person can’t read', () =>
    withTabs(async ({ engine, drawn, blind, open, pass }) => {
      blind.add(other.id);
      await announce(engine);
      await open(other);
      await open(dana);
      await pass(2_000);
      const listOf = (who: typeof dana) => drawn.findLast(({ userId }) => userId === who.id)?.list;
      assert.equal(listOf(dana)?.items.length, 1);
      assert.deepEqual([listOf(other)?.items, listOf(other)?.heading], [[], 'No pending requests for you']);
      assert.match(listOf(other)?.notes.join() ?? '', /channels that you can’t read are not listed/);
    }));

  test('are drawn at once when they are opened, and at most once an interval however much changes', () =>
    withTabs(async ({ engine, drawn, open, pass }) => {
      await open(dana);
      assert.equal(drawn.length, 1);
      for (let index = 0; index < 5; index += 1) await announce(engine);
      await pass(900);
      assert.equal(drawn.length, 1, 'not yet');
      await pass(200);
      assert.equal(drawn.length, 2);
      assert.equal(drawn[1]?.list.heading, '5 pending requests for you');
      await pass(10_000);
      await engine.apply('run1', started());
      await pass(10_000);
      assert.equal(drawn.length, 2, 'nothing that waits has changed since');
    }));

  test('go by a pace, and who touches theirs need not wait for it', () =>
    withTabs(async ({ engine, drawn, open, pass }) => {
      await open(other);
      await open(dana);
      await pass(2_000);
      const before = drawn.length;
      await announce(engine);
      await pass(100);
      assert.equal(drawn.length, before + 1, 'one, and the next one later');
      await open(dana);
      assert.equal(drawn.at(-1)?.userId, dana.id);
      await pass(1_500);
      assert.deepEqual(new Set(drawn.slice(before).map(({ userId }) => userId)), new Set([dana.id, other.id]));
      const times = drawn.slice(before).map(({ at }) => at);
      assert.ok(times.length <= 4, times.join());
    }));

  test('wait as long as the platform asks, and are drawn as things are then', () =>
    withTabs(async ({ engine, drawn, faults, open, pass }) => {
      await open(other);
      faults.push(new PlatformError('unsent', 'ratelimited', { retryAfterMs: 30_000 }));
      await open(dana);
      assert.equal(drawn.length, 2);
      await announce(engine);
      await pass(28_000);
      await open(other);
      await pass(1_000);
      assert.equal(drawn.length, 2, 'nobody else’s is drawn either, touched or not');
      await pass(3_000);
      assert.equal(drawn.length, 4);
      for (const { list } of drawn.slice(2)) assert.equal(list.items.length, 1);
    }));

  test('that are refused are left alone until they are opened again', () =>
    withTabs(async ({ engine, drawn, faults, open, pass }) => {
      faults.push(new PlatformError('refused', 'not_enabled'));
      await open(dana);
      await announce(engine);
      await pass(5_000);
      assert.equal(drawn.length, 1);
      assert.deepEqual(await engine.store.homeTabs.list(), []);
      await open(dana);
      assert.equal(drawn.length, 2);
    }));

  test('say what came of a press for a minute, through all that changes meanwhile', () =>
    withTabs(async ({ engine, drawn, tabs, pass }) => {
      await tabs.show({ who: { actor: dana }, query: mine('home') }, 'You approved it.');
      await announce(engine);
      await pass(3_000);
      assert.equal(drawn.at(-1)?.list.notice, 'You approved it.');
      assert.equal(drawn.at(-1)?.list.items.length, 1);
      await pass(60_000);
      await announce(engine);
      await pass(3_000);
      assert.equal(drawn.at(-1)?.list.notice, null);
    }));

  test('that were open before are drawn after a start', () =>
    withTabs(
      async ({ engine, drawn, tabs, pass }) => {
        await engine.store.homeTabs.save({
          who: { actor: dana },
          query: { ...mine('home'), filter: { type: 'all' } },
        });
        await announce(engine);
        await tabs.start();
        await pass(200);
        assert.equal(drawn[0]?.userId, dana.id);
        assert.equal(drawn[0]?.list.heading, '1 pending request');
      },
      { start: false },
    ));
});

test('a tab in use is drawn by the replica that it is used at; one of them keeps all others current, and the next one after it', () => {
  const holder = { index: 0 };
  return withTabs(
    async ({ engine, drawn, drawnBySecond, open, second, pass }) => {
      await open(dana);
      await second.show({ who: { actor: other }, query: mine('home') }, null);
      await pass(100);
      assert.deepEqual(
        [drawn, drawnBySecond].map((ends) => ends.map(({ userId }) => userId)),
        [[dana.id], [other.id]],
      );
      await announce(engine);
      await pass(5_000);
      const latest = new Map(drawn.map(({ userId, list }) => [userId, list.items.length]));
      assert.deepEqual([latest.get(dana.id), latest.get(other.id)], [1, 1], 'the holder draws both');
      assert.equal(drawnBySecond.length, 1, 'the other draws nothing that is not used there');
      await announce(engine);
      holder.index = 1;
      await pass(20_000);
      const taken = new Map(drawnBySecond.map(({ userId, list }) => [userId, list.items.length]));
      assert.deepEqual([taken.get(dana.id), taken.get(other.id)], [2, 2], 'what changed meanwhile is drawn, too');
    },
    { holder },
  );
});

test('what came of a press at one replica is said for a minute also by the one that keeps the tab current', () =>
  withTabs(
    async ({ engine, drawn, drawnBySecond, open, second, pass }) => {
      await open(dana);
      await second.show({ who: { actor: dana }, query: mine('home') }, 'You approved it.');
      await pass(100);
      assert.equal(drawnBySecond.at(-1)?.list.notice, 'You approved it.');
      await announce(engine);
      await pass(3_000);
      assert.deepEqual([drawn.at(-1)?.list.notice, drawn.at(-1)?.list.items.length], ['You approved it.', 1]);
      await pass(60_000);
      await announce(engine);
      await pass(3_000);
      assert.deepEqual([drawn.at(-1)?.list.notice, drawn.at(-1)?.list.items.length], [null, 2]);
      await second.show({ who: { actor: dana }, query: mine('home') }, 'You rejected it.');
      await second.show({ who: { actor: dana }, query: mine('home') }, null);
      await announce(engine);
      await pass(3_000);
      assert.deepEqual([drawn.at(-1)?.list.notice, drawn.at(-1)?.list.items.length], [null, 3]);
    },
    { holder: { index: 0 } },
  ));

test('a tab in use that could not be drawn is drawn by the replica that it is used at, as soon as it can be', () =>
  withTabs(
    async ({ drawnBySecond, faults, open, second, pass }) => {
      await open(dana);
      faults.push(new PlatformError('unsent', 'ratelimited', { retryAfterMs: 2_000 }));
      await second.show({ who: { actor: dana }, query: mine('home') }, 'You approved it.');
      await pass(1_000);
      assert.equal(drawnBySecond.length, 1, 'the platform has asked for a pause');
      await pass(2_000);
      assert.equal(drawnBySecond.length, 2);
      assert.equal(drawnBySecond[1]?.list.notice, 'You approved it.');
    },
    { holder: { index: 0 } },
  ));

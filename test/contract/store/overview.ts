/** What every store must do for an operator who looks through it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Store } from '../../../src/core/ports/ports.ts';
import { announced, dana, pauseOf, pressed, slackRoom } from '../../support/data/pauses.ts';
import { type OpenStore, put, type TestClock, withStore } from './support.ts';

const ask = (id: string, deadline: number | null = null) =>
  announced({ id, places: [slackRoom], pause: pauseOf({ key: id, groupId: id, runId: id, deadline }) });

/** Walks all pages of this size. @returns the ids of each page */
async function pagesOf<Key, Item extends { id: string | number }>(
  page: (after: Key | null) => Promise<{ items: readonly Item[]; next: Key | null }>,
): Promise<(string | number)[][]> {
  const pages: (string | number)[][] = [];
  for (let after: Key | null = null; ; ) {
    const { items, next } = await page(after);
    pages.push(items.map(({ id }) => id));
    if (next === null) return pages;
    after = next;
  }
}

async function kill(store: Store, error: string, parked = false) {
  const [job] = await store.claim({ draw: 1 }, 'w1');
  assert.ok(job);
  await store.settle(job, { type: 'dead', error, notArrived: true, ...(parked && { parked }) });
  return job;
}

const audit = { input: 'revived', actor: dana, facts: { kind: 'draw' } };

export function overviewContract(name: string, open: OpenStore): void {
  describe(`${name}: pages for an operator`, () => {
    test('what waits: soonest end first, then what was asked first; each once, over all pages', () =>
      withStore(open, async (store, clock) => {
        const later = clock.now() + 50_000;
        for (const [id, deadline] of [
          ['a', null],
          ['b', later],
          ['c', null],
          ['d', later + 1],
          ['e', null],
        ] as const) {
          await put(store, clock, ask(id, deadline), { id });
        }
        const pages = await pagesOf((after: Parameters<Store['overview']['waiting']>[0]) =>
          store.overview.waiting(after, 2),
        );
        assert.deepEqual(pages, [['b', 'd'], ['a', 'c'], ['e']]);
      }));

    test('a page begins after its key, also when what the key names has gone', () =>
      withStore(open, async (store, clock) => {
        for (const id of ['a', 'b', 'c']) await put(store, clock, ask(id), { id });
        const { next } = await store.overview.waiting(null, 2);
        await put(store, clock, { type: 'cancelled', reason: 'over' }, { id: 'b' });
        assert.ok(next);
        assert.deepEqual(
          (await store.overview.waiting(next, 2)).items.map(({ id }) => id),
          ['c'],
        );
      }));

    test('what has ended: the latest first, each once, also at the same moment', () =>
      withStore(open, async (store, clock) => {
        for (const id of ['a', 'b', 'c', 'd']) {
          await put(store, clock, ask(id), { id });
          if (id === 'd') continue;
          await put(store, clock, { type: 'cancelled', reason: 'over' }, { id });
          if (id === 'a') clock.advance(10);
        }
        const pages = await pagesOf((after: Parameters<Store['overview']['settled']>[0]) =>
          store.overview.settled(after, 1),
        );
        assert.deepEqual(pages, [['c'], ['b'], ['a']]);
      }));

    test('what is under way: decided, and not ended', () =>
      withStore(open, async (store, clock) => {
        for (const id of ['a', 'b']) await put(store, clock, ask(id), { id });
        await decide(store, clock, 'b');
        assert.deepEqual(
          (await store.overview.underWay(5)).map(({ id }) => id),
          ['b'],
        );
      }));

    test('dead letters: the latest first, those that are parked last', () =>
      withStore(open, async (store, clock) => {
        for (const id of ['a', 'b', 'c']) {
          await put(store, clock, ask(id), { id });
          await kill(store, `${id} failed`, id === 'c');
          clock.advance(1);
        }
        const seen = await store.overview.deadLetters(null, 5);
        assert.deepEqual(
          seen.items.map(({ subject, error, deadAt }) => [subject, error, deadAt === null]),
          [
            ['b', 'b failed', false],
            ['a', 'a failed', false],
            ['c', 'c failed', true],
          ],
        );
        assert.deepEqual(seen.items[0]?.place, slackRoom);
        const pages = await pagesOf((after: Parameters<Store['overview']['deadLetters']>[0]) =>
          store.overview.deadLetters(after, 2),
        );
        assert.deepEqual(pages, [seen.items.slice(0, 2).map(({ id }) => id), [seen.items[2]?.id]]);
      }));

    test('a dead letter is revived once, with a row in the audit log', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, ask('a'), { id: 'a' });
        const { id } = await kill(store, 'gone');
        const letter = await store.overview.deadLetter(id);
        assert.ok(letter);
        assert.equal(await store.overview.reviveDeadLetter(letter, ['a'], audit), true);
        assert.equal(await store.overview.reviveDeadLetter(letter, ['a'], audit), false);
        assert.equal(await store.overview.deadLetter(id), null);
        const rows = (await store.audit('a')).filter(({ input }) => input === 'revived');
        assert.deepEqual(
          rows.map(({ actor, facts }) => [actor?.id, facts]),
          [[dana.id, { kind: 'draw' }]],
        );
        const [job] = await store.claim({ draw: 1 }, 'w1');
        assert.deepEqual([job?.subject, job?.attempts], ['a', 1]);
      }));

    test('one that was tried and failed again since is another one', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, ask('a'), { id: 'a' });
        const { id } = await kill(store, 'gone');
        const first = await store.overview.deadLetter(id);
        assert.ok(first);
        await store.retryDeadLetters(null);
        await kill(store, 'gone again');
        assert.equal(await store.overview.reviveDeadLetter(first, ['a'], audit), false);
        assert.equal((await store.overview.deadLetter(id))?.error, 'gone again');
      }));
  });
}

function decide(store: Store, clock: TestClock, id: string) {
  return put(store, clock, pressed(), { id });
}

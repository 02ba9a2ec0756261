/** What waits for people: its order, its pages, and its numbers. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Approval } from '../../../src/core/approval/approval.ts';
import type { Store } from '../../../src/core/ports/ports.ts';
import { audienceOf, audienceText, isPending, pendingRowOf } from '../../../src/core/view/lists/audience.ts';
import { byUrgency } from '../../support/data/lists.ts';
import { announced, discordRoom, pauseOf, pressed, sentAs, slackRoom, started } from '../../support/data/pauses.ts';
import { runs } from '../../support/property.ts';
import { type OpenStore, put, withStore } from './support.ts';

const idsOf = (approvals: readonly Approval[]) => approvals.map(({ id }) => id);

async function everything(store: Store): Promise<Approval[]> {
  return (await store.list({ unfinished: true })).filter(isPending);
}

async function allPages(store: Store, size: number, matches?: (name: string) => boolean): Promise<string[]> {
  const audiences = (await store.pending.audiences()).map(({ id }) => id);
  const found: string[] = [];
  for (let page = 0; ; page += 1) {
    const one = await store.pending.page({
      audiences,
      page,
      size,
      ...(matches && { matches: ({ deciders }) => deciders.some(matches) }),
    });
    assert.ok(one.approvals.length <= size);
    if (one.page < page) {
      assert.equal(one.total, found.length);
      return found;
    }
    found.push(...idsOf(one.approvals));
    if (one.approvals.length === 0) return found;
  }
}

/** What one approval is announced with, and what has become of it. */
const pending = fc.record({
  endsIn: fc.constantFrom(null, 1_500, 70_000, 90_000),
  tool: fc.constantFrom('refund', 'delete', 'deploy'),
  places: fc.constantFrom([slackRoom], [discordRoom], [slackRoom, discordRoom]),
  requester: fc.constantFrom(undefined, 'mara'),
  waitMs: fc.constantFrom(0, 1, 1_000),
  fate: fc.constantFrom('open', 'decided', 'cancelled', 'moved' as const),
});

export function pendingContract(name: string, open: OpenStore): void {
  describe(`${name}: what waits for people`, () => {
    test('is what no one has decided, soonest end first, then the oldest; no run', () =>
      withStore(open, async (store, clock) => {
        const begun = clock.now();
        for (const [id, ms] of [
          ['late', 90_000],
          ['none', null],
          ['soon', 70_000],
          ['later', null],
        ] as const) {
          const deadline = ms === null ? null : begun + ms;
          await put(store, clock, announced({ id, pause: pauseOf({ key: id, deadline }) }), { id });
          clock.advance(1);
        }
        await put(store, clock, started(), { id: 'run1' });
        assert.deepEqual(await allPages(store, 3), ['soon', 'late', 'none', 'later']);
        await put(store, clock, pressed(), { id: 'late' });
        assert.deepEqual(await allPages(store, 3), ['soon', 'none', 'later']);
        await put(store, clock, { type: 'cancelled', reason: 'w' }, { id: 'soon' });
        await put(store, clock, { type: 'cancelled', reason: 'w' }, { id: 'none' });
        await put(store, clock, { type: 'cancelled', reason: 'w' }, { id: 'later' });
        assert.deepEqual([await allPages(store, 3), await store.pending.audiences()], [[], []]);
      }));

    test('waits again once it is open again', () =>
      withStore(open, async (store, clock) => {
        const claimed = { type: 'claimed', action: 'approve', text: null } as const;
        await put(store, clock, announced({ id: 'a', pause: pauseOf({ key: 'a' }) }), { id: 'a' });
        await put(store, clock, { ...claimed, actor: { platform: 'application', id: 'x', name: 'x' } }, { id: 'a' });
        assert.deepEqual(await allPages(store, 3), []);
        await put(store, clock, sentAs({ type: 'unsent', reason: 'down' }), { id: 'a' });
        assert.equal((await store.get('a'))?.phase, 'open');
        assert.deepEqual(await allPages(store, 3), ['a']);
      }));

    test('is found by its audience, with the number of each', () =>
      withStore(open, async (store, clock) => {
        const ask = (id: string, places: (typeof slackRoom)[]) =>
          put(store, clock, announced({ id, places, pause: pauseOf({ key: id }) }), { id });
        await ask('a', [slackRoom]);
        await ask('b', [slackRoom]);
        await ask('c', [discordRoom]);
        const audiences = await store.pending.audiences();
        const counted = audiences.map(({ audience: { cards }, count }) => [cards.map(({ room }) => room), count]);
        // Without a requirement each is judged by itself.
        assert.deepEqual(counted, [
          [[slackRoom.room], 1],
          [[slackRoom.room], 1],
          [[discordRoom.room], 1],
        ]);
        const here = audiences.filter(({ audience }) => audience.cards.some(({ platform }) => platform === 'slack'));
        const request = { audiences: here.map(({ id }) => id), page: 7, size: 1 };
        const found = await store.pending.page(request);
        assert.deepEqual([found.page, found.total, idsOf(found.approvals)], [1, 2, ['b']]);
        assert.deepEqual([...found.counts.values()], [1, 1, 1]);
        const none = await store.pending.page({ ...request, audiences: [] });
        assert.deepEqual([none.page, none.total, none.approvals], [0, 0, []]);
      }));

    test('is walked in slices, each once', () =>
      withStore(open, async (store, clock) => {
        for (const id of ['c', 'a', 'b'])
          await put(store, clock, announced({ id, pause: pauseOf({ key: id }) }), { id });
        assert.deepEqual(await store.pending.ids('', 2), ['a', 'b']);
        assert.deepEqual(await store.pending.ids('b', 2), ['c']);
        assert.deepEqual(await store.pending.ids('c', 2), []);
      }));

    test('is what sources wait for, until it is settled or has only to be fetched', () =>
      withStore(open, async (store, clock) => {
        const ask = async (id: string, source: string, expiry?: 'sent' | 'fetched') => {
          const deadline = expiry === undefined ? null : clock.now() + 60_000;
          const pause = pauseOf({ key: id, groupId: id, deadline, ...(expiry && { expiry }) });
          await put(store, clock, announced({ id, pause, source: { id: source, max: 9 } }), { id });
          clock.advance(1);
        };
        await ask('a', 's1', 'fetched');
        await ask('b', 's2', 'sent');
        await ask('c', 's1');
        await ask('d', 's3');
        const awaited = async (sources: string[], limit = 9) => {
          const { count, latest } = await store.awaited(sources, limit);
          return [count, ...idsOf(latest)];
        };
        assert.deepEqual(await awaited(['s1', 's2']), [3, 'c', 'b', 'a']);
        assert.deepEqual(await awaited(['s1', 's2'], 1), [3, 'c']);
        assert.deepEqual([await awaited(['s1'], 0), await awaited([]), await awaited(['s4'])], [[2], [0], [0]]);
        for (const id of ['a', 'b', 'c']) await put(store, clock, pressed(), { id });
        assert.deepEqual(await awaited(['s1', 's2']), [2, 'c', 'b']);
        await put(store, clock, { type: 'sending', resendable: true }, { id: 'c' });
        assert.deepEqual(await awaited(['s1', 's2']), [2, 'c', 'b']);
        await put(store, clock, sentAs({ type: 'recorded', following: false }), { id: 'c' });
        assert.deepEqual(await awaited(['s1', 's2']), [1, 'b']);
      }));

    test('is on exactly one page, in order, whatever became of the others; each audience counts its own', () =>
      fc.assert(
        fc.asyncProperty(fc.array(pending, { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), (all, size) =>
          withStore(open, async (store, clock) => {
            for (const [index, one] of all.entries()) {
              const { endsIn, tool, places, requester, waitMs, fate } = one;
              const deadline = endsIn === null ? null : clock.now() + endsIn;
              // The order of IDs is not that of arrival.
              const id = `ap${(index * 7) % 12}`;
              const pause = pauseOf({ key: id, tool, deadline, ...(requester !== undefined && { requester }) });
              const requirement = requirementOf(tool);
              await put(store, clock, announced({ id, places, pause, requirement }), { id });
              clock.advance(waitMs);
              if (fate === 'decided') await put(store, clock, pressed(), { id });
              if (fate === 'cancelled') await put(store, clock, { type: 'cancelled', reason: 'w' }, { id });
              if (fate === 'moved') await put(store, clock, { type: 'policy_changed', places: [discordRoom] }, { id });
            }
            const expected = (await everything(store)).sort(byUrgency);
            assert.deepEqual(await allPages(store, size), idsOf(expected));
            const named = expected.filter((one) => pendingRowOf(one)?.names.deciders.includes('refund'));
            assert.deepEqual(await allPages(store, size, (word) => word === 'refund'), idsOf(named));
            const texts = Map.groupBy(expected, (one) => audienceText(audienceOf(one)));
            const counted = (await store.pending.audiences()).map(({ audience, count }) => [
              audienceText(audience),
              count,
            ]);
            assert.deepEqual(
              Object.fromEntries(counted),
              Object.fromEntries([...texts].map(([text, members]) => [text, members.length])),
            );
          }),
        ),
        { numRuns: runs(20) },
      ));
  });
}

/** What a decision takes, by the tool. */
function requirementOf(tool: string): NonNullable<Approval['requirement']> {
  const verb = { by: [tool], count: 1, each: 0, notRequester: false, confirm: false, note: 'off', quick: [] } as const;
  return {
    rule: tool,
    version: 'v',
    verbs: { approve: { ...verb, by: [...verb.by], quick: [] } },
    mention: [],
    denied: null,
    claimMs: null,
    expire: null,
    escalations: [],
    escalated: [],
    remindTo: 'thread',
    quiet: null,
    grant: null,
  };
}

/** The search in the audit log. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Input } from '../../../src/core/approval/inputs.ts';
import type { AuditQuery, Clock, Store } from '../../../src/core/ports/ports.ts';
import { announced, dana, pauseOf, pressed, sentAs } from '../../support/data/pauses.ts';
import { type OpenStore, put, type TestClock, withStore } from './support.ts';

const DAY_MS = 86_400_000;
const SECRET = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc';

/** All pages. */
async function search(store: Store, query: Omit<AuditQuery, 'limit' | 'before'>, limit = 3) {
  const rows = [];
  let before: string | undefined;
  let pages = 0;
  do {
    const page = await store.searchAudit({ ...query, before, limit });
    assert.ok(page.rows.length <= limit);
    rows.push(...page.rows);
    before = page.next ?? undefined;
    pages += 1;
    assert.ok(pages < 2_000, 'it does not end');
  } while (before !== undefined);
  return rows;
}

async function said(store: Store, query: Omit<AuditQuery, 'limit' | 'before'>) {
  return (await search(store, query)).map(({ approvalId, input }) => `${approvalId} ${input}`);
}

/** Four events in four seconds. */
async function decided(store: Store, clock: TestClock, id: string, pause: Parameters<typeof pauseOf>[0] = {}) {
  const known = pauseOf({ key: id, groupId: id, runId: id, ...pause });
  const inputs: Input[] = [
    announced({ id, pause: known }),
    pressed({ text: `Fine by me, ${id}` }),
    { type: 'sending', resendable: true } as const,
    sentAs({ type: 'recorded', following: false }),
  ];
  for (const input of inputs) {
    await put(store, clock, input, { id });
    clock.advance(1_000);
  }
}

async function archiveAll(store: Store, clock: Clock) {
  for (;;) {
    const jobs = await store.claim({ draw: 10, decide: 10 }, 'w1');
    if (jobs.length === 0) break;
    for (const job of jobs) await store.settle(job, { type: 'done' });
  }
  const limits = { settledBefore: clock.now() - DAY_MS, seenBefore: 0 };
  for (let slices = 0; await store.archiveAndPrune(limits); slices += 1) assert.ok(slices < 100, 'it does not end');
}

const story = ['sent', 'sending', 'pressed', 'announced'];
const storyOf = (id: string) => story.map((input) => `${id} ${input}`);

export function auditContract(name: string, open: OpenStore): void {
  describe(`${name}: the search in the audit log`, () => {
    test('finds everything, newest first, page by page, and each row once', () =>
      withStore(open, async (store, clock) => {
        assert.deepEqual(await store.searchAudit({ limit: 5 }), { rows: [], next: null });
        for (const id of ['ap1', 'ap2', 'ap3']) await decided(store, clock, id);
        const rows = await search(store, {}, 5);
        assert.deepEqual(
          rows.map(({ approvalId, input }) => `${approvalId} ${input}`),
          ['ap3', 'ap2', 'ap1'].flatMap(storyOf),
        );
        assert.equal(new Set(rows.map(({ id }) => id)).size, 12);
        assert.deepEqual((await store.audit('ap1')).toReversed(), rows.slice(8), 'as the log of one approval has them');
      }));

    test('finds by person, approval, kind and time', () =>
      withStore(open, async (store, clock) => {
        await decided(store, clock, 'ap1');
        const between = clock.now();
        await decided(store, clock, 'ap2');
        const ana = { platform: 'discord', id: '4711', name: 'Ana Lopez' };
        await put(store, clock, pressed({ actor: ana }), { id: 'ap2' });
        assert.deepEqual(await said(store, { approval: 'ap1' }), storyOf('ap1'));
        assert.deepEqual(await said(store, { approval: 'ap' }), []);
        assert.deepEqual(await said(store, { person: `${dana.platform}:${dana.id}` }), ['ap2 pressed', 'ap1 pressed']);
        assert.deepEqual(await said(store, { person: 'lopez' }), ['ap2 pressed']);
        assert.deepEqual(await said(store, { person: '471' }), [], 'a part of an ID is nobody');
        assert.deepEqual(await said(store, { kinds: ['decision'] }), ['ap2 pressed', 'ap1 pressed']);
        assert.deepEqual(await said(store, { kinds: ['refused'] }), ['ap2 pressed']);
        assert.deepEqual(await said(store, { kinds: ['request', 'answer'], to: between }), [
          'ap1 sent',
          'ap1 sending',
          'ap1 announced',
        ]);
        assert.deepEqual(await said(store, { from: between, kinds: ['request'] }), ['ap2 announced']);
        assert.deepEqual(await said(store, { from: between, to: between }), []);
      }));

    test('finds texts as people are shown them, and nothing behind a mask', () =>
      withStore(open, async (store, clock) => {
        await decided(store, clock, 'ap1', { parameters: { order: 'A-4711', api_key: SECRET }, hidden: [] });
        await decided(store, clock, 'ap2', {
          tool: 'delete_account',
          parameters: { order: 'B-1', internal: 'Behemoth' },
          hidden: ['internal'],
        });
        assert.deepEqual(await said(store, { text: 'a-4711' }), storyOf('ap1'), 'in any letter case');
        assert.deepEqual(await said(store, { text: 'delete B-1' }), storyOf('ap2'), 'every word');
        assert.deepEqual(await said(store, { text: 'delete A-4711' }), []);
        assert.deepEqual(await said(store, { text: 'fine ap2', kinds: ['decision'] }), ['ap2 pressed']);
        assert.deepEqual(
          await said(store, { text: 'order pressed' }),
          ['ap2 pressed', 'ap1 pressed'],
          'request and event',
        );
        for (const hidden of [SECRET, SECRET.slice(10, 16), 'Behemoth']) {
          assert.deepEqual(await said(store, { text: hidden }), [], hidden);
        }
      }));

    test('finds what is archived, after what is not, and what is archived between two pages', () =>
      withStore(open, async (store, clock) => {
        for (const id of ['ap1', 'ap2', 'ap3']) await decided(store, clock, id, { parameters: { order: `A-${id}` } });
        const all = await search(store, {});
        clock.advance(2 * DAY_MS);
        const first = await store.searchAudit({ limit: 5 });
        await archiveAll(store, clock);
        await decided(store, clock, 'ap4');
        const rows = [...first.rows];
        for (let before = first.next; before !== null; ) {
          const page = await store.searchAudit({ before, limit: 5 });
          rows.push(...page.rows);
          before = page.next;
        }
        assert.deepEqual(new Set(rows.map(({ id }) => id)), new Set(all.map(({ id }) => id)), 'none is left out');
        assert.deepEqual((await said(store, {})).slice(0, 4), storyOf('ap4'), 'the live log comes first');
        assert.deepEqual(await said(store, { approval: 'ap2' }), storyOf('ap2'));
        assert.deepEqual(await said(store, { text: 'A-ap3' }), storyOf('ap3'));
        assert.equal((await said(store, { person: dana.id })).length, 4);
        assert.equal((await search(store, {}, 1)).length, 16, 'one row a page');
        await put(store, clock, pressed(), { id: 'ap2' });
        assert.deepEqual(await said(store, { approval: 'ap2' }), ['ap2 pressed', ...storyOf('ap2')], 'both parts');
      }));

    test('looks at a bounded number of rows, and goes on where it stopped', () =>
      withStore(open, async (store, clock) => {
        await decided(store, clock, 'ap1');
        const changes = Array.from({ length: 3_000 }, () => put(store, clock, { type: 'recovered' }, { id: 'ap1' }));
        await Promise.all(changes);
        const page = await store.searchAudit({ kinds: ['request'], limit: 10 });
        assert.deepEqual(page.rows, []);
        assert.notEqual(page.next, null, 'there is more to look through');
        assert.deepEqual(await said(store, { kinds: ['request'] }), ['ap1 announced']);
      }));

    test('refuses a place that it has not made', () =>
      withStore(open, async (store) => {
        await assert.rejects(store.searchAudit({ before: 'x', limit: 1 }), RangeError);
      }));

    test('finds what concerns no single approval', () =>
      withStore(open, async (store) => {
        const note = { input: 'stopped', actor: dana, facts: { reason: 'An incident at the bank.' } };
        await store.records.put({ kind: 'stop', id: 'stop', value: {} }, note);
        assert.deepEqual(await said(store, { text: 'incident' }), ['policy stopped']);
        assert.deepEqual(await said(store, { approval: 'policy', kinds: ['policy'] }), ['policy stopped']);
      }));
  });
}

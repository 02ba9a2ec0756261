/** Each person sees what reading every approval would show them: the same requests, in the same order, with true numbers. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { directPlace } from '../../../src/core/policy/direct-messages.ts';
import { noLookups } from '../../../src/core/policy/rules/belonging.ts';
import { createPolicy } from '../../../src/core/policy/rules/policy.ts';
import type { Store } from '../../../src/core/ports/ports.ts';
import type { ListQuery } from '../../../src/core/view/list-query.ts';
import { audienceOf, isPending } from '../../../src/core/view/lists/audience.ts';
import { createListReader } from '../../../src/engine/background/list-reader.ts';
import { createReaders } from '../../../src/engine/background/readers.ts';
import { createSqliteStore } from '../../../src/store/sqlite/index.ts';
import { put, type TestClock } from '../../contract/store/support.ts';
import { createTestClock } from '../../support/clock.ts';
import { listOfAll } from '../../support/data/lists.ts';
import { announced, discordRoom, pauseOf, pressed, slackRoom } from '../../support/data/pauses.ts';
import { accountsOf, documentOf, groupsOf, ruleOf, verbOf, who } from '../../support/data/policies.ts';
import { captureLog } from '../../support/log.ts';
import { runs } from '../../support/property.ts';

const people = accountsOf({ mara: ['slack:U1', 'discord:1'], jon: ['slack:U2'] });
const groups = groupsOf({ Finance: ['mara', 'slack:usergroup:S1'] });
const closed = { ...slackRoom, room: 'C0CLOSED' };
const rules = [
  ruleOf({ name: 'refunds', match: { tool: ['refund'] }, verbs: verbOf(['Finance'], { notRequester: true }) }),
  ruleOf({ name: 'deletes', match: { tool: ['delete'] }, verbs: verbOf(['jon']), rooms: [slackRoom, discordRoom] }),
  ruleOf({ name: 'rest', verbs: verbOf(['mara', 'jon']), rooms: [closed], direct: ['jon'] }),
];
const document = documentOf({ people, groups, rules });
const policy = createPolicy(document, { ...noLookups, isMember: (_, __, user) => (user === 'U3' ? 'unknown' : 'no') });
const backendTitle = (name: string) => (name === 'runtype' ? 'Runtype' : name);

const asked = fc.record({
  tool: fc.constantFrom('refund', 'delete', 'deploy'),
  requester: fc.constantFrom(undefined, 'mara', 'jon'),
  endsIn: fc.constantFrom(null, 5_000, 9_000),
  isPressed: fc.boolean(),
  isOld: fc.boolean(),
});
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;
const persons = ['slack:U1', 'slack:U2', 'slack:U3', 'discord:1', 'slack:U9'].map((text) => {
  const { kind: _, ...account } = who(text) as { kind: string; platform: string; id: string };
  return { actor: { platform: account.platform, id: account.id, name: account.id }, roles: [] };
});
const filters: ListQuery['filter'][] = [
  { type: 'mine' },
  { type: 'all' },
  ...['refund', 'de*', 'runtype', 'nothing'].map((word) => ({ type: 'word', word }) as const),
];

async function fill(store: Store, clock: TestClock, all: readonly Asked[]) {
  for (const [index, { tool, requester, endsIn, isPressed, isOld }] of all.entries()) {
    const id = `ap${(index * 5) % 12}`;
    const deadline = endsIn === null ? null : clock.now() + endsIn;
    const pause = pauseOf({ key: id, groupId: id, tool, deadline, ...(requester !== undefined && { requester }) });
    const { requirement, places } = policy.route(pause, { now: clock.now() });
    const given = isOld ? {} : { requirement };
    await put(store, clock, announced({ id, pause, places: [...places, directPlace(jon)], ...given }), { id });
    clock.advance(index % 2);
    if (isPressed) await put(store, clock, pressed(), { id });
  }
}
const jon = { platform: 'slack', id: 'U2' };

describe('a list', () => {
  test('is, for everyone, with every filter and on every page, what reading all approvals gives', () =>
    fc.assert(
      fc.asyncProperty(fc.array(asked, { maxLength: 12 }), async (all) => {
        const clock = createTestClock();
        const { log } = captureLog();
        const store = createSqliteStore({ file: ':memory:', clock, log, onFatal: assert.fail });
        try {
          await fill(store, clock, all);
          const canRead = async (_: object, room: string) => room !== closed.room;
          const platforms = new Map(['slack', 'discord'].map((name) => [name, { canRead }]));
          const readers = createReaders({ platforms, clock, log });
          const lists = createListReader({ store, policy, readers, backendTitle, clock });
          const waiting = (await store.list({ unfinished: true })).filter(isPending);
          for (const person of persons) {
            const each = waiting.map((approval, id) => ({ id, audience: audienceOf(approval), count: 1 }));
            const { readable: seen, ...left } = await readers.readableBy(person, each);
            const readable = seen.flatMap(({ id }) => waiting[id] ?? []);
            for (const filter of filters) {
              for (const page of [0, 1, 9]) {
                const query: ListQuery = { surface: 'message', page, filter };
                const look = { who: person, query, size: 2, notice: null };
                const expected = listOfAll(readable, { ...look, left }, { policy, backendTitle, now: clock.now() });
                assert.deepEqual((await lists.read(look))(null), expected);
              }
            }
          }
        } finally {
          await store.close();
        }
      }),
      { numRuns: runs(15) },
    ));

  test('that is read before a press is, with what the press made of it, the list that is read afterwards', () =>
    fc.assert(
      fc.asyncProperty(fc.array(asked, { maxLength: 8 }), fc.nat(), fc.boolean(), async (all, at, isDecided) => {
        const clock = createTestClock();
        const { log } = captureLog();
        const store = createSqliteStore({ file: ':memory:', clock, log, onFatal: assert.fail });
        try {
          await fill(store, clock, all);
          const platforms = new Map(['slack', 'discord'].map((name) => [name, { canRead: async () => true }]));
          const readers = createReaders({ platforms, clock, log });
          const lists = createListReader({ store, policy, readers, backendTitle, clock });
          const waiting = (await store.list({ unfinished: true })).filter(isPending);
          const id = waiting[at % Math.max(1, waiting.length)]?.id;
          const [who] = persons;
          if (id === undefined || who === undefined) return;
          for (let page = 0; page < 4; page += 1) {
            const look = { who, query: { surface: 'message', page, filter: { type: 'all' } } as const, size: 2 };
            const before = await lists.read({ ...look, pressed: id });
            const isOnPage = before(null).items.some(({ approvalId }) => approvalId === id);
            if (!isOnPage) continue;
            await put(store, clock, isDecided ? pressed() : pressed({ right: 'denied' }), { id });
            assert.deepEqual(before('Done.', await store.get(id)), (await lists.read(look))('Done.'));
            return;
          }
        } finally {
          await store.close();
        }
      }),
      { numRuns: runs(40) },
    ));
});

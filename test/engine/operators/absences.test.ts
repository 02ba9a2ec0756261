import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import type { AuditNote } from '../../../src/core/approval/audit.ts';
import type { Requirement } from '../../../src/core/approval/parts/requirement.ts';
import { noLookups } from '../../../src/core/policy/rules/belonging.ts';
import { createCurrentPolicy } from '../../../src/core/policy/rules/current-policy.ts';
import type { PolicyRecord } from '../../../src/core/ports/store.ts';
import { parseListVerb } from '../../../src/core/view/command.ts';
import { createRecords } from '../../../src/engine/background/records.ts';
import { type Absences, createAbsences } from '../../../src/engine/operators/absences.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { pauseOf } from '../../support/data/pauses.ts';
import { accountsOf, documentOf, ruleOf, verbOf } from '../../support/data/policies.ts';
import { captureLog } from '../../support/log.ts';

const DAY = 86_400_000;
const actor = (id: string, platform = 'slack') => ({ platform, id, name: id });
const document = documentOf({
  people: accountsOf({
    mara: ['slack:UMARA', 'discord:100'],
    ana: ['slack:UANA'],
    jon: ['slack:UJON'],
    ben: ['slack:UBEN'],
  }),
  rules: [ruleOf({ verbs: verbOf(['mara', 'jon'], { count: 2, notRequester: true }) })],
});

let clock: TestClock;
let audit: AuditNote[];
let absences: Absences;
/** As the platforms show them. */
let shownNames: Map<string, string>;

beforeEach(async () => {
  // A Tuesday.
  clock = createTestClock(Date.parse('2026-09-01T10:00:00Z'));
  audit = [];
  shownNames = new Map();
  const rows = new Map<string, PolicyRecord>();
  const { log } = captureLog();
  const records = createRecords({
    store: {
      records: {
        async put({ kind, id, value }, note) {
          audit.push(note);
          rows.set(id, { kind, id, value, at: clock.now() });
        },
        async delete(_kind, id, note) {
          audit.push(note);
          return rows.delete(id);
        },
        list: async () => [...rows.values()],
        onElsewhere() {},
        refresh: async () => {},
      },
    },
    log,
  });
  absences = createAbsences({
    records,
    document: () => document,
    links: () => [],
    isMember: () => 'unknown',
    nameOf: ({ platform, id }) => shownNames.get(`${platform}:${id}`) ?? null,
    onChange: () => {},
    clock,
    log,
  });
  await records.load();
});

async function type(id: string, text: string, platform = 'slack') {
  const ask = parseListVerb(text);
  assert.ok(ask !== null, text);
  const place = { platform, room: 'C1' };
  return absences.onCommand({ id: `${id} ${text}`, platform, actor: actor(id, platform), roles: [], place, ask });
}

describe('/approvals away', () => {
  test('records who stands in until when, repeats the moment, and is in the audit log', async () => {
    const { text, at } = await type('UMARA', 'away until Monday → @ana');
    assert.match(text, /^ana stands in for you until Mon, 7 Sept? 2026, 09:00 \(UTC\)\./);
    assert.equal(at, Date.parse('2026-09-07T09:00:00Z'));
    assert.equal(absences.active().length, 1);
    assert.deepEqual(
      audit.map(({ input, actor: by }) => [input, by?.id]),
      [['away', 'UMARA']],
    );
    clock.advance(6 * DAY);
    assert.deepEqual(absences.active(), []);
  });

  test('takes -> and to, a mention, and an account', async () => {
    for (const deputy of ['-> ana', 'to @Ana', '→ slack:UANA', '→ <@UANA>', '→ <@UANA|ana>']) {
      const { text } = await type('UMARA', `away until 3 days ${deputy}`);
      assert.match(text, /stands in for you/, deputy);
      await type('UMARA', 'back');
    }
  });

  test('takes the name that people see, where a mention comes as that; not one that two people have', async () => {
    shownNames = new Map([
      ['slack:UANA', 'Ana Kovač'],
      ['slack:UJON', 'Jon  Aker'],
      ['slack:UBEN', 'mara'],
      ['slack:UEVE', 'Eve'],
    ]);
    for (const [typed, deputy] of [
      ['@Ana Kovač', 'UANA'],
      ['ana kovac\u030c', 'UANA'],
      ['@jon aker', 'UJON'],
    ] as const) {
      await type('UMARA', `away until Monday → ${typed}`);
      assert.deepEqual(
        absences.active().map((one) => one.deputy.id),
        [deputy],
        typed,
      );
      await type('UMARA', 'back');
    }
    shownNames.set('slack:UJON', 'Ana Kovač');
    for (const typed of ['@Ana Kovač', '@Eve', '@Ana'.concat(' K')])
      assert.match((await type('UMARA', `away until Monday → ${typed}`)).text, /names nobody/, typed);
    // A name of the file is that person, whatever others call themselves.
    assert.match((await type('UMARA', 'away until Monday → @mara')).text, /stand in for yourself/);
  });

  test('is from any account of a person, and one absence each', async () => {
    await type('UMARA', 'away until Monday → @ana');
    await type('100', 'away until Friday → @jon', 'discord');
    assert.deepEqual(
      absences.active().map(({ deputy }) => deputy.id),
      ['UJON'],
    );
    assert.match((await type('UMARA', 'back')).text, /UJON no longer|jon no longer/);
    assert.deepEqual(absences.active(), []);
  });

  test('shows what is, for both', async () => {
    assert.match((await type('UMARA', 'away')).text, /^You are not away\. Write/);
    await type('UMARA', 'away until Monday → @ana');
    assert.match((await type('UMARA', 'away')).text, /^You are away until .*ana stands in/);
    assert.match((await type('UANA', 'away')).text, /You stand in for UMARA until/);
  });

  test('is refused where it is too long, over, of oneself, of strangers, or not understood', async () => {
    const refused: [string, RegExp][] = [
      ['away until 61 days → @ana', /more than 60 days/],
      ['away until 2026-08-01 → @ana', /has passed/],
      ['away until Monday → @mara', /stand in for yourself/],
      ['away until Monday → discord:100', /stand in for yourself/],
      ['away until Monday → slack:UEVE', /names nobody who can stand in/],
      ['away until Monday → @eve', /names nobody who can stand in/],
      ['away until Monday', /not a time and a person/],
      ['away until whenever → @ana', /not a time and a person/],
    ];
    for (const [text, why] of refused) assert.match((await type('UMARA', text)).text, why, text);
    assert.match((await type('UEVE', 'away until Monday → @ana')).text, /does not name you/);
    assert.deepEqual(absences.active(), []);
    assert.deepEqual(audit, []);
  });

  test('makes no circle: a deputy is here', async () => {
    await type('UMARA', 'away until Monday → @ana');
    assert.match((await type('UANA', 'away until Monday → @mara')).text, /UMARA is away|mara is away/);
    await type('UANA', 'away until Monday → @jon');
    assert.match((await type('UJON', 'away until Monday → @mara')).text, /is away as well/);
    assert.match((await type('UJON', 'away until Monday → @ana')).text, /is away as well/);
  });

  test('back without an absence changes nothing', async () =>
    assert.match((await type('UMARA', 'back')).text, /not away/));
});

describe('a deputy', () => {
  const policy = () => createCurrentPolicy(document, { ...noLookups, absences: () => absences.active() });
  const judge = (id: string, requester?: string) => {
    const { requirement } = policy().route(pauseOf(), { now: 0 }) as { requirement: Requirement };
    const pause = { ...pauseOf(), ...(requester !== undefined && { requester }) };
    return policy().judge('approve', { actor: actor(id), roles: [] }, { pause, requirement, signatures: [] });
  };

  test('may do what the absent person may, in their place, while they are away', async () => {
    assert.equal(judge('UANA').right, 'denied');
    await type('UMARA', 'away until Monday → @ana');
    assert.deepEqual(judge('UANA').inPlaceOf, { person: 'mara', name: 'UMARA' });
    assert.equal(judge('UMARA').inPlaceOf, undefined);
    assert.equal(judge('UMARA').right, 'allowed');
    clock.advance(7 * DAY);
    assert.equal(judge('UANA').right, 'denied');
  });

  test('decides by their own right where they have one', async () => {
    await type('UMARA', 'away until Monday → @jon');
    assert.equal(judge('UJON').right, 'allowed');
    assert.equal(judge('UJON').inPlaceOf, undefined);
  });

  test('may not where they asked, or the absent person did', async () => {
    await type('UMARA', 'away until Monday → @ana');
    assert.equal(judge('UANA', 'ana').right, 'denied');
    assert.equal(judge('UANA', 'mara').right, 'denied');
    assert.equal(judge('UANA', 'ben').right, 'allowed');
  });

  test('is named on cards with the absent person, and mentioned with them', async () => {
    const { requirement } = policy().route(pauseOf(), { now: 0 });
    const before = policy().deciders({ pause: pauseOf(), requirement });
    await type('UMARA', 'away until Monday → @ana');
    const { all, notes } = policy().deciders({ pause: pauseOf(), requirement });
    assert.deepEqual(all.slice(before.all.length), [{ platform: 'slack', kind: 'user', id: 'UANA' }]);
    assert.deepEqual(notes, ['UMARA is away: ana stands in.']);
    assert.ok(
      policy()
        .mentions({ pause: pauseOf(), requirement }, ['mara'])
        .some(({ id }) => id === 'UANA'),
    );
    assert.ok(
      !policy()
        .mentions({ pause: pauseOf(), requirement }, ['jon'])
        .some(({ id }) => id === 'UANA'),
    );
  });

  test('passes nothing on that they have from another', async () => {
    await type('UMARA', 'away until Monday → @ana');
    await type('UANA', 'away until Monday → @ben');
    assert.equal(judge('UBEN').right, 'denied');
  });
});

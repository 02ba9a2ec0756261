import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pause } from '../../../../src/core/approval/pause/pause.ts';
import { noLookups } from '../../../../src/core/policy/rules/belonging.ts';
import type { PolicyDocument, Rule } from '../../../../src/core/policy/rules/document.ts';
import { routeOf } from '../../../../src/core/policy/rules/route.ts';
import { discordRoom, pauseOf, slackRoom } from '../../../support/data/pauses.ts';
import { accountsOf, documentOf, ruleOf, verbOf, when } from '../../../support/data/policies.ts';

const at = { now: 1_000 };
const route = (rules: readonly Rule[], pause: Partial<Pause> = {}, more: Partial<PolicyDocument> = {}) =>
  routeOf(pauseOf(pause), at, documentOf({ rules, ...more }), noLookups.onDuty);
const first = ruleOf({ name: 'first', match: { tool: ['refund_*'] }, rooms: [discordRoom] });
const rest = ruleOf({ name: 'rest' });

describe('a rule', () => {
  test('applies where it is the first that matches', () => {
    assert.equal(route([first, rest], { tool: 'refund_order' }).requirement.rule, 'first');
    assert.equal(route([first, rest], { tool: 'get_order' }).requirement.rule, 'rest');
    assert.equal(route([rest, first], { tool: 'refund_order' }).requirement.rule, 'rest');
  });

  const pause = {
    backend: 'runtype',
    tool: 'refund_order',
    asker: 'Desk › Refunds',
    askerId: 'agent_1',
    labels: ['Website'],
    room: 'slack:C0123',
    parameters: { tags: ['vip'] },
  };
  const fits: [Rule['match'], boolean][] = [
    [{}, true],
    [{ backend: ['runtype'] }, true],
    [{ backend: ['sonzai'] }, false],
    [{ backend: ['run*'], kind: ['approval'], tool: ['REFUND_*'] }, true],
    [{ backend: ['runtype'], kind: ['item'] }, false],
    [{ kind: ['item', 'approval'] }, true],
    [{ asker: ['refunds'] }, true],
    [{ agent: ['desk › refunds'] }, true],
    [{ agent: ['agent_1'] }, true],
    [{ flow: ['*'] }, false],
    [{ tag: ['vip'] }, true],
    [{ tag: ['website'] }, true],
    [{ tag: ['other'] }, false],
    [{ room: ['discord:1', 'slack:C0123'] }, true],
    [{ room: ['discord:*'] }, false],
    [{ tool: [] }, false],
  ];
  for (const [match, expected] of fits)
    test(`with ${JSON.stringify(match)} ${expected ? 'fits' : 'does not fit'}`, () =>
      assert.equal(route([ruleOf({ name: 'it', match })], pause).rule !== null, expected));

  test('that names a flow fits a flow, by its name and its ID', () => {
    for (const flow of ['flow_7', 'Nightly'])
      assert.ok(route([ruleOf({ match: { flow: [flow] } })], { asker: 'Nightly', askerId: 'flow_7' }).rule !== null);
    assert.equal(route([ruleOf({ match: { agent: ['*'] } })], { asker: 'Nightly', askerId: 'flow_7' }).rule, null);
  });

  test('that asks for a field which the request does not have does not fit', () => {
    const missing = ruleOf({ name: 'missing', when: when(() => ({ type: 'missing' })) });
    const not = ruleOf({ name: 'not', when: when(() => ({ type: 'fits_not' })) });
    assert.equal(route([missing, not, rest]).requirement.rule, 'rest');
  });

  test('whose expression fails denies in its own rooms, and the card can name the expression', () => {
    const failing = ruleOf({
      name: 'failing',
      rooms: [discordRoom],
      when: when(() => ({ type: 'failed', message: 'no such function' })),
    });
    const { requirement, places, standing } = route([failing, rest]);
    assert.deepEqual(requirement.denied, { code: 'expression', text: 'params.amount > 500: no such function' });
    assert.deepEqual(requirement.verbs, {});
    assert.deepEqual(places, [discordRoom]);
    assert.equal(standing, null);
  });

  test('that only watches decides nothing, and is named', () => {
    const watch = { ...first, mode: 'watch' } as const;
    const failing = ruleOf({ name: 'f', mode: 'watch', when: when(() => ({ type: 'failed', message: 'no' })) });
    const { requirement, watched } = route([watch, failing, rest], { tool: 'refund_order' });
    assert.equal(requirement.rule, 'rest');
    assert.deepEqual(
      watched.map(({ rule, failed }) => [rule.name, failed]),
      [
        ['first', null],
        ['f', 'no'],
      ],
    );
  });

  test('sees what is asked, who asks, the time and what is new', () => {
    let seen: unknown;
    const rule = ruleOf({
      when: when((facts) => {
        seen = facts;
        return { type: 'fits' };
      }),
    });
    const request = pauseOf({ requester: 'mara', parameters: { amount: 12 }, hidden: ['amount'] });
    routeOf(request, { now: 5, novelty: { amount: true } }, documentOf({ rules: [rule] }), noLookups.onDuty);
    const { params, requester, now, novel } = seen as { [key: string]: unknown };
    assert.deepEqual([params, requester, now, novel], [{ amount: 12 }, 'mara', 5, { amount: true }]);
  });
});

describe('a request that no rule matches', () => {
  test('is posted where the last rule posts, and no one may decide it', () => {
    const { requirement, places } = route([first, { ...rest, match: { tool: ['x'] } }], { tool: 'delete' });
    assert.deepEqual(requirement.denied, { code: 'no_rule', text: null });
    assert.deepEqual(places, [slackRoom]);
    assert.deepEqual(route([]).requirement.denied, { code: 'no_rule', text: null });
  });

  test('but for one that only watches says which one that is', () => {
    const failing = ruleOf({ name: 'f', mode: 'watch', when: when(() => ({ type: 'failed', message: 'no' })) });
    const watch = ruleOf({ name: 'trial', mode: 'watch' });
    const { requirement } = route([failing, watch]);
    assert.deepEqual([requirement.rule, requirement.denied], ['trial', { code: 'mode', text: null }]);
    assert.deepEqual(requirement.verbs, {});
    assert.deepEqual(route([failing]).requirement.denied, { code: 'no_rule', text: null });
  });
});

test('rooms, people by direct message, times and what is confirmed follow from the rule', () => {
  const rule = ruleOf({
    direct: ['mara'],
    verbs: verbOf(['mara'], { count: 2, confirm: true }),
    remind: { afterMs: [10, 20], to: 'direct' },
    expire: { afterMs: 100, end: 'reject' },
    escalate: [{ afterMs: 50, rooms: [discordRoom], mention: [] }],
  });
  const people = accountsOf({ mara: ['slack:U1', 'discord:1'] });
  const { places, confirm, remindAfter, timing, requirement } = route([rule], {}, { people });
  assert.deepEqual(places, [slackRoom, { platform: 'slack', room: 'dm:U1' }, { platform: 'discord', room: 'dm:1' }]);
  assert.equal(confirm, true);
  assert.deepEqual(remindAfter, [10, 20]);
  assert.deepEqual(timing, {
    expire: { afterMs: 100, end: 'reject' },
    escalate: [{ afterMs: 50, places: [discordRoom], mention: [] }],
  });
  assert.equal(requirement.remindTo, 'direct');
  assert.equal(requirement.verbs.approve?.count, 2);
  assert.equal(route([rest], { tool: 'delete_all' }, { confirm: ['delete_*'] }).confirm, true);
  assert.equal(route([rest], { unknownCall: true }).confirm, true);
  const answers = ruleOf({
    name: 'answers',
    verbs: { ...verbOf(['mara'], {}, ['approve']), ...verbOf(['mara'], { confirm: true }, ['answer']) },
  });
  assert.equal(route([answers], { kind: 'await' }).confirm, true, 'an answer that is confirmed');
  assert.equal(route([answers]).confirm, false, 'there is nothing to answer');
});

describe('a rule that decides without a person', () => {
  const reads = ruleOf({ name: 'reads', match: { tool: ['get_*'] }, standing: 'approve', rooms: [], verbs: {} });
  const careful = ruleOf({ name: 'careful', verbs: verbOf(['slack:U1'], { confirm: true }) });

  test('is the rule that applies; what it leaves undecided is required by the next that matches', () => {
    const found = route([reads, careful], { tool: 'get_order' });
    assert.deepEqual([found.rule?.name, found.standing, found.requirement.rule], ['reads', 'approve', 'careful']);
    const rooms = route([{ ...reads, rooms: [discordRoom] }, careful], { tool: 'get_order' });
    assert.deepEqual([rooms.standingPlaces, rooms.places], [[discordRoom], [slackRoom]]);
  });

  test('whose expression fails decides nothing, and denies', () => {
    const failing = { ...reads, when: when(() => ({ type: 'failed', message: 'no' })), rooms: [discordRoom] } as const;
    const { standing, requirement, places } = route([failing, careful], { tool: 'get_order' });
    assert.deepEqual([standing, requirement.denied?.code, places], [null, 'expression', [discordRoom]]);
    const { requirement: later } = route([reads, failing, careful], { tool: 'get_order' });
    assert.equal(later.denied?.code, 'expression', 'nor do people where it comes second');
  });

  test('does not approve what is dangerous, undescribed, or can’t be shown; rejecting needs only to be shown', () => {
    const rejects = { ...reads, standing: 'reject' } as const;
    const unshowable = { why: 'size', bytes: 1, hash: 'h' } as const;
    const standing = (rule: Rule, pause: Partial<Pause>, confirm: string[] = []) =>
      route([rule, careful], { tool: 'get_order', ...pause }, { confirm }).standing;
    assert.deepEqual(
      [standing(reads, {}, ['get_*']), standing(reads, { unknownCall: true }), standing(reads, { unshowable })],
      [null, null, null],
    );
    assert.deepEqual([standing(rejects, {}, ['get_*']), standing(rejects, { unshowable })], ['reject', null]);
  });
});

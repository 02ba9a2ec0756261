/** What of an approval says who can read and decide it, and that nothing else does. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ApprovalIn } from '../../../../src/core/approval/approval.ts';
import { actions } from '../../../../src/core/approval/pause/pause.ts';
import { noLookups } from '../../../../src/core/policy/rules/belonging.ts';
import { createPolicy } from '../../../../src/core/policy/rules/policy.ts';
import { askedOf, audienceOf, audienceText, parseAudience } from '../../../../src/core/view/lists/audience.ts';
import { after, announced, discordRoom, pauseOf, slackRoom, started } from '../../../support/data/pauses.ts';
import { accountsOf, documentOf, groupsOf, ruleOf, verbOf } from '../../../support/data/policies.ts';
import { runs } from '../../../support/property.ts';

const people = accountsOf({ mara: ['slack:U1', 'discord:1'], jon: ['slack:U2'], ada: ['discord:9'] });
const groups = groupsOf({ Finance: ['mara', 'jon'] });
const document = documentOf({ people, groups, rules: [ruleOf({ verbs: verbOf(['mara']) })] });

const open = fc.record({
  tool: fc.constantFrom('refund', 'delete'),
  kind: fc.constantFrom('approval' as const, 'await' as const, 'item' as const),
  can: fc.subarray([...actions]),
  requester: fc.constantFrom(undefined, 'mara', 'slack:U2', 'gone'),
  by: fc.subarray(['mara', 'Finance', 'slack:U2', 'slack:usergroup:S1', 'discord:9', 'unknown']),
  count: fc.constantFrom(1, 2),
  notRequester: fc.boolean(),
  denied: fc.boolean(),
  also: fc.subarray(['ada', 'Finance']),
  places: fc.subarray([slackRoom, discordRoom], { minLength: 1 }),
  amount: fc.nat(),
});
type Given = typeof open extends fc.Arbitrary<infer T> ? T : never;

function approvalOf(given: Given, id: string): ApprovalIn<'open'> {
  const { tool, kind, can, requester, by, count, notRequester, denied, also, places, amount } = given;
  const first = documentOf({
    people,
    groups,
    rules: [ruleOf({ verbs: verbOf(by.length === 0 ? ['mara'] : by, { count, notRequester }) })],
  });
  const pause = pauseOf({
    ...{ key: id, tool, kind, actions: can, parameters: { amount } },
    ...(requester !== undefined && { requester }),
  });
  const { requirement } = createPolicy(first, noLookups).route(pause, { now: 0 });
  const state = after(announced({ id, pause, places, requirement }));
  assert.ok(state.phase === 'open' && state.requirement !== undefined);
  const escalated = also.length === 0 ? [] : [{ at: 1, places: [], mention: also }];
  const refused = denied ? { code: 'no_rule' as const, text: null } : null;
  return { ...state, requirement: { ...state.requirement, escalated, denied: refused } };
}

const persons = ['slack:U1', 'slack:U2', 'discord:1', 'discord:9', 'slack:U7'].map((text) => {
  const [platform = '', id = ''] = text.split(':');
  return { actor: { platform, id, name: id }, roles: [] };
});

describe('an audience', () => {
  test('says of every person and action what the approval says, by whatever policy of today', () => {
    const isMember = fc.constantFrom('yes' as const, 'no' as const, 'unknown' as const);
    fc.assert(
      fc.property(open, isMember, fc.boolean(), (given, member, isNewer) => {
        const approval = approvalOf(given, 'ap1');
        const newest = isNewer ? { ...document, groups: groupsOf({ Finance: ['ada'] }) } : document;
        const policy = createPolicy(newest, { ...noLookups, isMember: () => member } as typeof noLookups);
        const asked = askedOf(parseAudience(audienceText(audienceOf(approval))));
        for (const person of persons) {
          for (const action of actions) {
            assert.equal(policy.right(action, person, asked), policy.right(action, person, approval), action);
          }
        }
        assert.deepEqual(asked.pause.actions, approval.pause.actions);
      }),
      { numRuns: runs(200) },
    );
  });

  test('is shared by what differs in nothing that names people', () => {
    fc.assert(
      fc.property(open, fc.nat(), (given, amount) => {
        const [one, other] = [approvalOf(given, 'ap1'), approvalOf({ ...given, amount }, 'ap2')];
        assert.equal(audienceText(audienceOf(one)), audienceText(audienceOf(other)));
      }),
      { numRuns: runs(50) },
    );
  });

  test('does not depend on the order of its cards, and has none of notes', () => {
    const cardsIn = (...places: (typeof slackRoom)[]) => audienceOf(after(announced({ places })));
    const text = audienceText(cardsIn(slackRoom, discordRoom));
    assert.equal(audienceText(cardsIn(discordRoom, slackRoom)), text);
    assert.notEqual(audienceText(cardsIn(slackRoom)), text);
    const posted = after(announced({ places: [slackRoom] }), {
      type: 'posted',
      slot: 'card@slack:C0ROOM',
      receipt: { ...slackRoom, message: '7' },
    });
    assert.deepEqual(audienceOf(posted).cards, [slackRoom]);
  });

  test('is the approval alone where nothing is required of it yet', () => {
    const audience = audienceOf(after(announced({ id: 'ap1' })));
    assert.deepEqual([audience.alone, askedOf(audience).requirement], ['ap1', undefined]);
    assert.equal(audienceOf(after(started())).kind, 'run');
  });
});

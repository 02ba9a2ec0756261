import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval } from '../../../../src/core/approval/approval.ts';
import { type Lookups, noLookups } from '../../../../src/core/policy/rules/belonging.ts';
import { createPolicy } from '../../../../src/core/policy/rules/policy.ts';
import { after, announced, pauseOf } from '../../../support/data/pauses.ts';
import { accountsOf, documentOf, groupsOf } from '../../../support/data/policies.ts';
import { jon, lea, mara, requirementOf, signed, twoPeople, verbRule } from '../../../support/data/requirements.ts';

const document = documentOf({
  people: accountsOf({
    mara: [`slack:${mara.id}`, 'discord:2345'],
    jon: [`slack:${jon.id}`],
    lea: [`discord:${lea.id}`],
  }),
  groups: groupsOf({ finance: ['mara', 'lea'], legal: ['jon', 'lea'], Partners: ['slack:group:S1'] }),
});
const decidersOf = (approval: Approval, lookups: Partial<Lookups> = {}) =>
  createPolicy(document, { ...noLookups, ...lookups }).deciders(approval);
const idsOf = (all: readonly { id: string }[] | undefined) => all?.map(({ id }) => id);

describe('who can sign next', () => {
  test('are those of the entries that the rule waits for, without those who have signed', () => {
    const asked = announced({ requirement: requirementOf() });
    assert.equal(decidersOf(after(asked)).next, undefined);
    assert.deepEqual(idsOf(decidersOf(after(asked, signed(mara))).next), [jon.id, lea.id]);
    assert.deepEqual(idsOf(decidersOf(after(asked, signed(jon))).next), [mara.id, '2345', lea.id]);
  });

  test('are all others where the rule waits for no entry, and never the requester whom it excludes', () => {
    const any = requirementOf({ verbs: { approve: verbRule({ count: 3, notRequester: true }) } });
    const asked = announced({ requirement: any, pause: pauseOf({ requester: 'jon' }) });
    assert.deepEqual(idsOf(decidersOf(after(asked, signed(mara))).next), [lea.id]);
  });
});

test('the requester is not named where every rule excludes them, and is where one does not', () => {
  const pause = pauseOf({ requester: 'jon' });
  const out = verbRule({ notRequester: true });
  const all = requirementOf({ verbs: { approve: out, reject: out } });
  assert.ok(!idsOf(decidersOf(after(announced({ requirement: all, pause }))).all)?.includes(jon.id));
  const some = requirementOf({ verbs: { approve: out, reject: verbRule() } });
  assert.ok(idsOf(decidersOf(after(announced({ requirement: some, pause }))).all)?.includes(jon.id));
});

describe('a group that could not be looked up', () => {
  const requirement = requirementOf({ verbs: { approve: { ...twoPeople, by: ['Partners', 'slack:group:S2'] } } });
  const asked = after(announced({ requirement }));

  test('is named as the policy writes it, and none of its members is counted', () => {
    const { all, notes } = decidersOf(asked);
    assert.deepEqual(all, []);
    assert.deepEqual(notes, [
      'slack:group:S1 (of Partners) could not be looked up: until it can, none of its members may decide.',
      'slack:group:S2 could not be looked up: until it can, none of its members may decide.',
    ]);
  });

  test('is a group like any other once it is', () => {
    const { all, notes } = decidersOf(asked, { isMember: () => 'no' });
    assert.deepEqual(idsOf(all), ['S1', 'S2']);
    assert.equal(notes, undefined);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { requirementSchema } from '../../../../../src/core/approval/parts/requirement.ts';
import { actionsOf, lacksNote, ruleOf, rulesOf, verbOf } from '../../../../../src/core/approval/steps/signing/rules.ts';
import { pauseOf } from '../../../../support/data/pauses.ts';
import { requirementOf, twoPeople, verbRule } from '../../../../support/data/requirements.ts';

const approval = pauseOf();
const question = pauseOf({ kind: 'await' });
const item = pauseOf({ kind: 'item' });

describe('what a press takes', () => {
  test('follows the verb: a take-over of a question is its answer', () => {
    assert.deepEqual(
      [verbOf('take_over', question), verbOf('take_over', approval), verbOf('approve', question)],
      ['answer', 'take_over', 'approve'],
    );
    assert.deepEqual(ruleOf(requirementOf(), 'take_over', question), { ...twoPeople, also: [] });
  });

  test('of a take-over is one person, because that person does the work', () => {
    const verbs = { take_over: { ...twoPeople, confirm: true } };
    const rule = ruleOf(requirementOf({ verbs }), 'take_over', approval);
    assert.deepEqual([rule?.by, rule?.count, rule?.each, rule?.confirm], [twoPeople.by, 1, 0, false]);
  });

  test('may be given by those whom an escalation mentioned, once it has happened', () => {
    const step = { at: 5_000, places: [], mention: ['oncall'] };
    assert.deepEqual(ruleOf(requirementOf({ escalations: [step] }), 'approve', approval)?.also, []);
    assert.deepEqual(ruleOf(requirementOf({ escalated: [step] }), 'approve', approval)?.also, ['oncall']);
  });

  test('is nothing that anyone can give where the policy denies, or names no one for the verb', () => {
    const denied = { code: 'expression', text: 'params.amount > 5: no such field' } as const;
    assert.equal(ruleOf(requirementOf({ denied }), 'approve', approval), null);
    assert.equal(ruleOf(requirementOf({ verbs: { reject: verbRule() } }), 'approve', approval), null);
    assert.equal(ruleOf(requirementOf({ verbs: { approve: verbRule({ by: [] }) } }), 'approve', approval), null);
    assert.equal(rulesOf({ requirement: requirementOf({ denied }), pause: approval }, 'reject', null), null);
    assert.deepEqual(rulesOf({ pause: approval }, 'approve', null), [], 'no requirement');
  });

  test('is both rules where a free answer says yes or no', () => {
    const verbs = { approve: verbRule({ count: 3 }), reject: verbRule({ count: 2 }), answer: verbRule() };
    const of = (text: string) =>
      rulesOf({ requirement: requirementOf({ verbs }), pause: question }, 'take_over', text)?.map(({ count }) => count);
    assert.deepEqual(of('{"approved": true}'), [1, 3]);
    assert.deepEqual(of('{"approved": false}'), [1, 2]);
    assert.deepEqual(of('the second one'), [1]);
    const { approve: _, ...without } = verbs;
    const noApproval = { requirement: requirementOf({ verbs: without }), pause: question };
    assert.equal(rulesOf(noApproval, 'take_over', 'yes'), null, 'nobody may approve');
  });

  test('does not read what a person says of the work they have done', () => {
    assert.deepEqual(actionsOf('take_over', 'Done', approval), ['take_over']);
    assert.deepEqual(actionsOf('take_over', 'Done', question), ['take_over', 'approve']);
  });
});

test('a note is missing where a rule requires it, or where the backend can carry one', () => {
  const required = [verbRule({ note: 'required' })];
  const carried = [verbRule({ note: 'carried' })];
  for (const [pause, rules, text, expected] of [
    [approval, required, null, true],
    [approval, required, ' \u200b ', true],
    [approval, required, 'why', false],
    [item, required, null, true],
    [approval, carried, null, true],
    [item, carried, null, false],
    [approval, [verbRule({ note: 'optional' }), verbRule()], null, false],
    [approval, [], null, false],
  ] as const) {
    assert.equal(lacksNote({ pause }, rules, text), expected, JSON.stringify([pause.kind, rules[0]?.note, text]));
  }
});

test('a requirement survives its row', () => {
  const requirement = requirementOf({ verbs: { approve: verbRule({ note: 'carried' }) } });
  assert.deepEqual(requirementSchema.parse(JSON.parse(JSON.stringify(requirement))), requirement);
});

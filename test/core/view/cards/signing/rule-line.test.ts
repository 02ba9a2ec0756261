import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Requirement } from '../../../../../src/core/approval/parts/requirement.ts';
import { renderCard } from '../../../../../src/core/view/cards/approval-card.ts';
import { allowedActions, isDenied, ruleLine } from '../../../../../src/core/view/cards/signing/rule-line.ts';
import { after, announced, pauseOf } from '../../../../support/data/pauses.ts';
import { requirementOf, verbRule } from '../../../../support/data/requirements.ts';

const all = (more: Parameters<typeof verbRule>[0]): Requirement['verbs'] => {
  const one = verbRule(more);
  return { approve: one, reject: one, answer: one, take_over: { ...one, count: 1, each: 0 } };
};
const pause = pauseOf({ actions: ['approve', 'reject'] });
const line = (more: Partial<Requirement>) => ruleLine({ pause, requirement: requirementOf(more) });

describe('the line of a rule', () => {
  test('says how many people of whom, and who may not', () => {
    const verbs = all({ count: 2, each: 1, notRequester: true });
    assert.equal(
      line({ rule: 'refunds above 500', verbs }),
      'Rule “refunds above 500”: 2 of finance and legal, at least 1 of each, not the requester (who asked is not known, so no one is excluded).',
    );
    const known = { pause: { ...pause, requester: 'mara' }, requirement: requirementOf({ verbs }) };
    assert.match(ruleLine(known) ?? '', /at least 1 of each, not the requester \(mara\)\.$/);
    assert.equal(line({ verbs: all({}) }), 'Rule “refunds”: finance or legal.');
    assert.equal(line({ verbs: all({ by: ['finance'], count: 3 }) }), 'Rule “refunds”: 3 of finance.');
    assert.match(line({ verbs: all({ each: 1 }) }) ?? '', /: 2 of finance and legal/);
  });

  test('says it per button where they differ', () => {
    const verbs = { approve: verbRule({ count: 2 }), reject: verbRule({ by: ['legal'] }) };
    assert.equal(line({ verbs }), 'Rule “refunds”: “Approve”: 2 of finance and legal; “Reject”: legal.');
  });

  test('does not mention a take-over that no one may do, and says that no one may answer', () => {
    const requirement = requirementOf({ verbs: { approve: verbRule(), reject: verbRule() } });
    assert.equal(ruleLine({ pause: pauseOf(), requirement }), 'Rule “refunds”: finance or legal.');
    const question = pauseOf({ kind: 'await', actions: ['take_over', 'reject'] });
    assert.equal(
      ruleLine({ pause: question, requirement }),
      'Rule “refunds”: “Answer”: no one; “Decline”: finance or legal.',
    );
  });

  test('is not there where the settings say it all', () => {
    assert.equal(line({ version: 'settings' }), null);
    assert.equal(ruleLine({ pause }), null);
  });
});

describe('what no one may decide', () => {
  const denied = requirementOf({ verbs: {}, denied: { code: 'expression', text: 'params.a > 1: no such function' } });

  test('says why, with the expression', () => {
    assert.equal(isDenied({ pause, requirement: denied }), true);
    assert.equal(
      ruleLine({ pause, requirement: denied }),
      'No one may decide this: the condition of the rule “refunds” has an error: params.a > 1: no such function. Once an operator changes the policy, this card changes.',
    );
    assert.equal(
      line({ rule: '', denied: { code: 'no_rule', text: null } }),
      'No one may decide this: no rule of the policy matches it. Once an operator changes the policy, this card changes.',
    );
  });

  test('has no button that decides, and its status says so', () => {
    const approval = after({ ...announced({}), requirement: denied } as never);
    const deciders = { all: [], platform: 'slack', setting: 'countersign.yml' };
    const card = renderCard(approval, { backend: 'Runtype', deciders });
    assert.deepEqual(
      card.buttons.map(({ action }) => action),
      ['details'],
    );
    assert.match(JSON.stringify(card.status), /No one may decide this\./);
    assert.match(card.deciders?.text ?? '', /^No one may decide this: the condition/);
  });

  test('a button of which no one is named is left out', () => {
    const requirement = requirementOf({ verbs: { reject: verbRule() } });
    assert.deepEqual(allowedActions({ pause, requirement }), ['reject']);
  });
});

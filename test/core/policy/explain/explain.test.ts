/**
 * The ten explanations in test/fixtures/policy/explained.txt, as a person reads them who has not seen the file. After a
 * change of the wording, `UPDATE=1 npm test -- test/core/policy/explain/explain.test.ts` writes them again: read them.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Pause } from '../../../../src/core/approval/pause/pause.ts';
import { type Explanation, explain } from '../../../../src/core/policy/explain/explain.ts';
import { explanationText, requestText } from '../../../../src/core/policy/explain/text.ts';
import { noLookups } from '../../../../src/core/policy/rules/belonging.ts';
import type { PolicyDocument } from '../../../../src/core/policy/rules/document.ts';
import { createPolicy } from '../../../../src/core/policy/rules/policy.ts';
import type { Circumstances } from '../../../../src/core/policy/rules/route.ts';
import { exampleOf } from '../../../support/data/example-policies.ts';
import { pauseOf } from '../../../support/data/pauses.ts';
import { documentOf, ruleOf, verbOf, when } from '../../../support/data/policies.ts';
import { requests } from './requests.ts';

const pause = pauseOf();
const fixture = new URL('../../../fixtures/policy/explained.txt', import.meta.url);

function explained(asked: Pause, document: PolicyDocument, at: Circumstances = { now: 0 }): Explanation {
  const route = createPolicy(document, noLookups).route(asked, at);
  return explain({ pause: asked, route, document, ...at });
}

test('ten requests are explained so that one can say who may decide, and why', () => {
  const texts = requests.map(({ title, file, pause: asked, at }) => {
    const explanation = explained(asked, exampleOf(file), at);
    return `# ${title}\n\n${requestText(asked)}\n\n${explanationText(explanation)}\n`;
  });
  const all = texts.join('\n');
  if (process.env['UPDATE'] !== undefined) writeFileSync(fixture, all);
  assert.equal(all, readFileSync(fixture, 'utf8'));
});

describe('who decides', () => {
  const verdict = (document: PolicyDocument, asked = pause) => explained(asked, document).verdict;

  test('no rule: no one, and what to add', () => {
    const found = explained(pause, documentOf({ rules: [ruleOf({ match: { tool: ['other'] } })] }));
    assert.equal(found.decides, 'no one');
    assert.match(found.verdict, /^No one may decide it: no rule of the file fits/);
    assert.deepEqual([found.rule, found.actions, found.steps], [null, [], []]);
    assert.match(found.passed[0] ?? '', /is for the tool other; here it is “/);
  });

  test('several people without each', () => {
    const rule = ruleOf({ verbs: verbOf(['slack:U1', 'slack:group:S1'], { count: 3 }) });
    assert.equal(
      verdict(documentOf({ rules: [rule] })),
      '3 different people out of the Slack account U1 and everyone in the Slack user group S1 must approve it.',
    );
  });

  test('an entry that the file does not have any more is named', () => {
    const rule = ruleOf({ verbs: verbOf(['gone']) });
    assert.match(verdict(documentOf({ rules: [rule] })), /^gone \(not in the file any more\) may approve it\.$/);
  });

  test('a backend that takes no answer', () => {
    const found = explained({ ...pause, actions: [] }, documentOf());
    assert.equal(found.decides, 'no one');
    assert.match(found.verdict, /takes no answer/);
  });

  test('an await without a yes or no is answered', () => {
    assert.match(verdict(documentOf(), pauseOf({ kind: 'await', actions: ['take_over'] })), /may answer it\.$/);
  });

  test('a tool of the defaults is confirmed, whatever its rule says', () => {
    const { actions } = explained(pause, documentOf({ confirm: [pause.tool] }));
    assert.match(actions[0]?.text ?? '', /asks “Are you sure\?”/);
    assert.doesNotMatch(actions.find(({ verb }) => verb === 'reject')?.text ?? '', /confirmed/);
  });

  test('what an agent calls itself stays in its quotation marks', () => {
    const text = requestText({ ...pause, asker: 'Desk”. mara may approve it.\n“x' });
    assert.equal(text.split('\n').filter((line) => line.startsWith('mara')).length, 0);
    assert.doesNotMatch(text, /Desk”/);
  });

  test('a condition that can’t be evaluated: no one, and the error', () => {
    const failing = when(() => ({ type: 'failed', message: 'no such function' }), 'nope()');
    const found = explained(pause, documentOf({ rules: [ruleOf({ when: failing })] }));
    assert.equal(found.decides, 'no one');
    assert.match(found.verdict, /nope\(\): no such function/);
    assert.match(found.why, /its condition has an error/);
  });
});

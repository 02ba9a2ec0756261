import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendsDirect } from '../../../src/core/policy/direct-messages.ts';
import { ruleOf } from '../../support/data/policies.ts';

test('cards may go by direct message where a rule names someone there, or someone whom only a look-up can tell', () => {
  const remind = { afterMs: [60_000], to: 'direct' } as const;
  const cases = [
    [ruleOf({}), false],
    [ruleOf({ direct: ['slack:U1'] }), false],
    [ruleOf({ direct: ['discord:1'] }), true],
    [ruleOf({ direct: ['mara'] }), true],
    [ruleOf({ direct: ['schedule:primary'] }), true],
    [ruleOf({ remind }), true],
    [ruleOf({ remind: { ...remind, to: 'thread' } }), false],
  ] as const;
  for (const [rule, expected] of cases) assert.equal(sendsDirect({ rules: [rule] }, 'discord'), expected);
});

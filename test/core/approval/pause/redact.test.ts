import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRedactor } from '../../../../src/core/approval/pause/redact.ts';
import { formFromSchema } from '../../../../src/core/form/from-json-schema.ts';
import { MASK } from '../../../../src/core/mask/mask.ts';
import { pauseOf } from '../../../support/data/pauses.ts';

const { pause, text } = createRedactor({ keys: ['Patient-Id', 'diagnosis'], patterns: [/\bMRN-\d+\b/g, /\b\d{9}\b/g] });

test('what the operator calls secret is gone from a pause, by its key at any depth and by its look anywhere', () => {
  const redacted = pause(
    pauseOf({
      description: 'For MRN-4711',
      asker: 'Desk',
      reason: null,
      parameters: {
        patient_id: 12,
        visit: { diagnosis: ['J45', 'E11'], note: 'see MRN-4711' },
        phone: 123456789,
        n: 1,
      },
    }),
  );
  assert.deepEqual([redacted.description, redacted.asker, redacted.reason], [`For ${MASK}`, 'Desk', null]);
  assert.deepEqual(redacted.parameters, {
    patient_id: MASK,
    visit: { diagnosis: [MASK, MASK], note: `see ${MASK}` },
    phone: MASK,
    n: 1,
  });
  assert.equal(text('MRN-1 and MRN-2'), `${MASK} and ${MASK}`);
});

test('a question, its choices and what its form begins with are blacked out, too; what is sent stays what it is', () => {
  const { pause } = createRedactor({ keys: [], patterns: [/ACME-\d+/g] });
  const form = formFromSchema({
    type: 'object',
    properties: {
      note: { type: 'string', title: 'Note on ACME-1', description: 'Like ACME-2', default: 'ACME-3' },
      pick: { enum: ['ACME-4', 'other'] },
    },
  });
  const prompt = { title: 'About ACME-5', text: 'Which of ACME-6?', form };
  const redacted = pause(pauseOf({ prompt })).prompt;
  assert.doesNotMatch(JSON.stringify([redacted?.title, redacted?.text, redacted?.form?.fields[0]]), /ACME/);
  const pick = redacted?.form?.fields[1];
  assert.ok(pick?.kind === 'choice');
  assert.deepEqual(pick.options[0], { value: 'ACME-4', label: '••••••', note: '' });
});

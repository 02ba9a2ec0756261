import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MASK } from '../../src/core/mask.ts';
import { createRedactor } from '../../src/core/redact.ts';
import { pauseOf } from '../rig/pauses.ts';

const { pause, text } = createRedactor({ keys: ['Patient-Id', 'diagnosis'], patterns: [/\bMRN-\d+\b/g, /\b\d{9}\b/g] });

test('what the operator calls secret is gone from a pause, by its key at any depth and by its look anywhere', () => {
  const redacted = pause(
    pauseOf({
      description: 'For MRN-4711',
      asker: 'Desk',
      claim: null,
      parameters: {
        patient_id: 12,
        visit: { diagnosis: ['J45', 'E11'], note: 'see MRN-4711' },
        phone: 123456789,
        n: 1,
      },
    }),
  );
  assert.deepEqual([redacted.description, redacted.asker, redacted.claim], [`For ${MASK}`, 'Desk', null]);
  assert.deepEqual(redacted.parameters, {
    patient_id: MASK,
    visit: { diagnosis: [MASK, MASK], note: `see ${MASK}` },
    phone: MASK,
    n: 1,
  });
  assert.equal(text('MRN-1 and MRN-2'), `${MASK} and ${MASK}`);
});

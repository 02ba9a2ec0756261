import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isUnseenMask } from '../../../../src/core/mask/mask.ts';
import { maskedValuesOf, openValue } from '../../../../src/core/view/content/masked-values.ts';
import { after, announced, pauseOf } from '../../../support/data/pauses.ts';

const shown = (more: Parameters<typeof pauseOf>[0]) => after(announced({ pause: pauseOf(more) }));
const secret = 'sk_live_4f9a8b7c6d5e4f3a2b1c';
const other = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';

test('each masked value has its place, and opens alone', () => {
  const approval = shown({
    description: `Uses ${other}.`,
    parameters: { headers: [{ password: 'hunter2hunter2' }], note: `one ${secret} two ${other}`, plain: 1 },
  });
  const values = maskedValuesOf(approval);
  assert.deepEqual(
    values.map(({ path }) => path),
    ['description', 'headers › password', 'note', 'note'],
  );
  assert.equal(new Set(values.map(({ id }) => id)).size, values.length);
  const texts = values.map((value) => openValue(approval, value));
  assert.equal(texts[0], `Uses ${other}.`);
  assert.equal(texts[1], 'hunter2hunter2');
  assert.match(texts[2] ?? '', new RegExp(`^one ${secret} two •+ 40 characters$`));
  assert.match(texts[3] ?? '', new RegExp(`^one •+ \\d+ characters two ${other}$`));
  assert.equal(JSON.stringify(values).includes(secret), false, 'the list holds no secret');
});

test('what was redacted before it was stored, or is hidden by the backend, is not among them', () => {
  const approval = shown({ parameters: { note: '•••••• redacted', key: 'hunter2hunter2' }, hidden: ['key'] });
  assert.deepEqual(maskedValuesOf(approval), []);
});

test('whatever lies around it, an open value is the one that was sent', () => {
  const part: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
    value: fc.oneof(
      fc.constant(`key ${secret} end`),
      fc.constant({ password: 'x1'.repeat(100) }),
      fc.string(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.string({ maxLength: 8 }), tie('value'), { maxKeys: 3 }),
    ),
  })).value;
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c'), part), (parameters) => {
      const approval = shown({ parameters });
      for (const value of maskedValuesOf(approval)) {
        const text = openValue(approval, value);
        const expected = isUnseenMask(value.mask) ? 'x1'.repeat(100) : secret;
        if (!text.includes(expected)) assert.equal(text.includes('•'), false, text);
      }
    }),
    { numRuns: 200 },
  );
});

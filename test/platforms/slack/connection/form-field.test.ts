import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { onlyField } from '../../../../src/platforms/slack/connection/form-field.ts';
import { anyCodePoint, runs } from '../../../support/property.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (form: string) => {
  const value = onlyField(bytes(form), bytes('payload='));
  return value === null ? null : new TextDecoder().decode(value);
};

test('the only field of a form is what URLSearchParams reads, or else is left to it', () => {
  const raw = fc.string({ unit: fc.constantFrom('%', '+', '&', '=', 'a', 'F', '4', '1', 'ä', '{', ' ') });
  const text = fc.string({ unit: anyCodePoint });
  const form = fc.oneof(
    raw.map((value) => `payload=${value}`),
    text.map((value) => new URLSearchParams({ payload: value }).toString()),
    text.map((value) => `payload=${encodeURIComponent(value)}`),
    raw,
  );
  fc.assert(
    fc.property(form, (body) => {
      const found = read(body);
      if (found !== null) assert.deepEqual([...new URLSearchParams(body)], [['payload', found]]);
      const isPlain = /^payload=(?:[^%&\x80-\u{10ffff}]|%[\da-f]{2})*$/iu.test(body);
      assert.equal(found !== null, isPlain);
    }),
    { numRuns: runs(500) },
  );
});

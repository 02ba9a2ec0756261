/** A value is what JSON would give back, without JSON. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseExact } from '../../../src/core/text/exact/parse.ts';
import { asStored, copyAsStored } from '../../../src/store/shared/as-stored.ts';

const leaf = fc.oneof(
  fc.constantFrom(undefined, null, 0, -0, 1e21, Number.NaN, Number.POSITIVE_INFINITY, JSON.rawJSON('1.0'), '\ud800'),
  fc.double(),
  fc.string(),
  fc.boolean(),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('tree')),
    fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', '__proto__'), fc.string()), tie('tree'), {
      noNullPrototype: true,
    }),
  ),
}));
const branch = fc.dictionary(fc.constantFrom('a', 'b', 'c'), tree, { noNullPrototype: true });
const throughJson = (value: unknown) => parseExact(JSON.stringify(value));

test('is the same as through JSON, with the keys in the same order', () => {
  fc.assert(
    fc.property(branch, (value) => {
      for (const stored of [asStored(value, undefined), copyAsStored(value)]) {
        assert.deepStrictEqual(stored, throughJson(value));
        assert.equal(JSON.stringify(stored), JSON.stringify(value));
      }
    }),
  );
});

test('keeps each part that is known', () => {
  fc.assert(
    fc.property(branch, branch, (before, more) => {
      const known = asStored(before, undefined);
      const stored = asStored({ ...known, ...more }, known);
      assert.deepStrictEqual(stored, throughJson({ ...known, ...more }));
      assert.equal(asStored(stored, undefined), stored, 'a stored value is given back itself');
      for (const [key, part] of Object.entries(known)) if (!(key in more)) assert.ok(Object.is(stored[key], part));
    }),
  );
});

test('a copy shares no object with its value', () => {
  const objectsIn = (value: unknown): object[] =>
    typeof value !== 'object' || value === null || JSON.isRawJSON(value)
      ? []
      : [value, ...Object.values(value).flatMap(objectsIn)];
  fc.assert(
    fc.property(branch, (value) => {
      const own = new Set(objectsIn(value));
      assert.deepEqual(
        objectsIn(copyAsStored(value)).filter((one) => own.has(one)),
        [],
      );
    }),
  );
});

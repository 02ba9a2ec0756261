import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { copyRepeats, parseExact, repeatedKeys } from '../../../../src/core/text/exact/parse.ts';
import { isRawNumber, numberText } from '../../../../src/core/text/json.ts';
import { jsonSpelling, numberSpelling } from '../../../support/numbers.ts';

/** What is not exact as a JS number. */
const RISKY = [
  '1.0',
  '1e3',
  '1E3',
  '-0',
  '0.10',
  '1234567890123456789',
  '1E400',
  '-0.0',
  '1e-400',
  '0e0',
  '1e21',
  '100000000000000000000000',
  '0.1e1',
  '1.7976931348623159e308',
  '0.0000001',
  '9007199254740993',
  '3.14159265358979323846',
];
const EXACT = [
  '0',
  '7',
  '-7',
  '1.5',
  '-0.25',
  '1e+21',
  '1e-7',
  '123456789012345',
  '9007199254740991',
  '0.1',
  '5e-324',
  '12345678901234567000',
];

describe('parseExact', () => {
  for (const spelling of [...RISKY, ...EXACT]) {
    test(`keeps ${spelling}`, () => {
      const text = `{"a":${spelling},"b":[${spelling}, ${spelling} ],"c":"${spelling}"}`;
      const value = parseExact(text) as { a: never; c: string };
      assert.equal(numberText(value.a), spelling);
      assert.equal(isRawNumber(value.a), RISKY.includes(spelling));
      assert.equal(value.c, spelling);
      assert.equal(JSON.stringify(value), text.replaceAll(' ', ''));
      assert.equal(JSON.stringify(parseExact(spelling)), spelling);
    });
  }

  test('keeps the spelling of every number, whatever surrounds it', () => {
    fc.assert(
      fc.property(jsonSpelling(), (text) => {
        assert.equal(JSON.stringify(parseExact(text)), text);
      }),
      { numRuns: 500 },
    );
  });

  test('reads everything else as JSON.parse does', () => {
    const texts = fc.oneof(
      fc.json(),
      fc.jsonValue().map((value) => JSON.stringify(value, null, 2)),
      fc.string().map((text) => `[1.0,${JSON.stringify(text)},{${JSON.stringify(text)}:-0}]`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const plain = (value: unknown) =>
          JSON.parse(JSON.stringify(value, (_, item) => (isRawNumber(item) ? Number(numberText(item)) : item)));
        assert.deepEqual(plain(parseExact(text)), plain(JSON.parse(text)));
      }),
      { numRuns: 500 },
    );
  });

  test('throws for what is not JSON, as JSON.parse does', () => {
    const texts = fc.oneof(
      fc.string(),
      numberSpelling().map((number) => `[${number}`),
      fc.constantFrom('01', '1.', '.5', '+1', '- 1', '[1.0,]', '{"a":1.0,}', 'NaN', ''),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const isJson = (parse: (text: string) => unknown) => {
          try {
            parse(text);
            return true;
          } catch (thrown) {
            assert.ok(thrown instanceof SyntaxError);
            return false;
          }
        };
        assert.equal(isJson(parseExact), isJson(JSON.parse));
      }),
    );
  });

  test('keeps names that mean something to JavaScript as keys', () => {
    const text = '{"__proto__":{"a":1.0},"constructor":2.0,"toString":{"__proto__":1e2},"rawJSON":"1.0"}';
    const value = parseExact(text) as Record<string, unknown>;
    assert.equal(JSON.stringify(value), text);
    assert.deepEqual(Object.keys(value), ['__proto__', 'constructor', 'toString', 'rawJSON']);
    assert.equal(({} as Record<string, unknown>)['a'], undefined);
    assert.equal(isRawNumber(parseExact('{"rawJSON":"1.0"}')), false);
  });

  test('reads any depth', () => {
    const depth = 200_000;
    let value = parseExact(`${'['.repeat(depth)}1.0${']'.repeat(depth)}`);
    for (let level = 0; level < depth; level += 1) value = (value as unknown[])[0];
    assert.ok(isRawNumber(value));
  });
});

describe('repeatedKeys', () => {
  const cases: [string, string[]][] = [
    ['{"a":1,"b":2}', []],
    ['{"amount":5,"amount":50}', ['amount']],
    ['{"amount":5,"a\\u006dount":50}', ['amount']],
    ['{"a":1,"a":2,"a":3}', ['a']],
    ['{"to":{"iban":"x","iban":"y"},"n":1.0}', ['to.iban']],
    ['{"items":[{},{"to":1,"to":2}]}', ['items.1.to']],
    ['{"a":{"b":1,"b":2},"a":{"c":1}}', ['a']],
    ['{"__proto__":1,"__proto__":2}', ['__proto__']],
    ['{"a":"\\"a\\":1,\\"a\\":2","b":{"a":1}}', []],
    ['[{"a":1},{"a":1}]', []],
    ['{"deep":{"a":1,"a":1},"b":1,"b":1}', ['b', 'deep.a']],
  ];
  for (const [text, expected] of cases) {
    test(`finds ${expected.join(' and ') || 'nothing'} in ${text}`, () => {
      const value = parseExact(text);
      assert.deepEqual(repeatedKeys(value), expected);
      assert.deepEqual(JSON.parse(JSON.stringify(value)), JSON.parse(text), 'the last one counts');
    });
  }

  test('finds a repeated key whatever else is in the text', () => {
    fc.assert(
      fc.property(jsonSpelling(), fc.string(), jsonSpelling(), (before, key, after) => {
        const name = JSON.stringify(key);
        const value = parseExact(`{"in":[${before},{${name}:${before},${name}:${after}}]}`);
        assert.deepEqual(repeatedKeys(value), [`in.1.${key}`]);
      }),
    );
  });

  test('finds nothing in JSON that an object was written as', () => {
    fc.assert(fc.property(fc.json(), (text) => assert.deepEqual(repeatedKeys(parseExact(text)), [])));
  });

  test('reports at most 20', () => {
    const text = `{${Array.from({ length: 50 }, (_, index) => `"k${index}":1,"k${index}":2`).join(',')}}`;
    assert.equal(repeatedKeys(parseExact(text)).length, 20);
  });

  test('follows a copy', () => {
    const value = parseExact('{"a":1,"a":2}') as object;
    assert.deepEqual(repeatedKeys(copyRepeats(value, { ...value })), ['a']);
  });
});

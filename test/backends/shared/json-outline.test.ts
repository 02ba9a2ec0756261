import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { JsonOutline, type OutlineOptions } from '../../../src/backends/shared/json-outline.ts';
import { parseExact } from '../../../src/core/text/exact/parse.ts';
import { runs } from '../../support/property.ts';

const all = new Set(['a', 'b', 'c', 'parameters', '']);

function outlineOf(text: string, options: OutlineOptions = { names: all }, cuts: readonly number[] = []) {
  const outline = new JsonOutline(options);
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    outline.push(text.slice(from, Math.max(from, cut)));
    from = Math.max(from, cut);
  }
  outline.push(text.slice(from));
  return outline;
}

const spaces = fc.constantFrom('', ' ', '\n  ', '\t');
const json = fc
  .tuple(fc.dictionary(fc.constantFrom(...all, 'd', '"', '\\'), fc.jsonValue({ maxDepth: 4 })), spaces)
  .map(([value, space]) => `${space}${JSON.stringify(value, null, space)}${space}`);

/** A number that a double can't hold may be read as a text. */
const spelt = (value: unknown) => JSON.stringify(value).replace(/"(-?\d[\d.e+-]*)"/gi, '$1');

describe('the outline of an object', () => {
  test('has each short member as it was sent, however its text was cut', () =>
    fc.assert(
      fc.property(json, fc.array(fc.nat(2_000), { maxLength: 20 }), (text, cuts) => {
        const entries = Object.entries(parseExact(text) as object);
        const expected = Object.fromEntries(entries.filter(([name]) => all.has(name)));
        const [whole, cut] = [outlineOf(text), outlineOf(text, { names: all }, cuts)];
        assert.equal(spelt(whole.value()), spelt(expected));
        assert.deepEqual(cut.value(), whole.value());
        assert.equal(cut.hash(), whole.hash());
      }),
      { numRuns: runs(300) },
    ));

  test('is null where the text is cut off, or is not an object', () => {
    const text = '{"a":{"b":[1,2,{"c":"}]"}]}}';
    for (let end = 0; end < text.length; end += 1) assert.equal(outlineOf(text.slice(0, end)).value(), null, `${end}`);
    for (const other of ['[]', '[{"a":1}]', '1', '"a"', '', 'null', '{}{}', '{"a":1}[]']) {
      assert.equal(outlineOf(other).value(), null, other);
    }
  });

  test('describes what is long, however it is nested', () => {
    const many = Array.from({ length: 9_000 }, (_, index) => ({ index, note: '},{,":' }));
    const long = `${'x'.repeat(9_000)}\\"\u00e4${'y'.repeat(9_000)}`;
    const text = JSON.stringify({
      parameters: { records: many, amount: 5, to: 'Bo', body: long, more: { of: many } },
      a: long,
      b: many,
      ignored: many,
    });
    const value = outlineOf(text).value() ?? {};
    assert.deepEqual(Object.keys(value), ['parameters', 'a', 'b']);
    const parameters = value['parameters'] as Record<string, unknown>;
    assert.deepEqual([parameters['records'], parameters['amount'], parameters['to']], ['9,000 items', 5, 'Bo']);
    assert.equal(parameters['more'], '1 field');
    assert.match(String(parameters['body']), /^x{250,300} … 17,7\d\d characters hidden …$/);
    assert.match(String(value['a']), /^x{8000,9000}\n… 3,0\d\d characters hidden …\ny{5900,6000}$/);
    assert.equal(value['b'], '9,000 items');
  });

  test('keeps the beginning and the end of what is read as text', () => {
    const text = JSON.stringify({ a: Array.from({ length: 9_000 }, (_, index) => index) });
    const value = outlineOf(text, { names: all, texts: new Set(['a']) }).value()?.['a'];
    assert.match(String(value), /^\[0,1,2,[\s\S]*characters hidden …\n[\s\S]*,8998,8999\]$/);
  });

  test('keeps the first of a hundred thousand members, and the last of two with one name', () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `"key ${index}":${index}`);
    const value = outlineOf(`{"parameters":{"key 0":"first",${names.join(',')}},"a":1,"a":2}`).value() ?? {};
    const parameters = value['parameters'] as Record<string, unknown>;
    assert.deepEqual([value['a'], parameters['key 0'], parameters['key 59']], [2, 0, 59]);
    assert.equal(parameters['…'], '99,941 more');
  });

  test('has another hash where anything of what is read differs, however deep it lies', () => {
    const text = (end: string) =>
      `{"seq":${end.length},"parameters":{"x":${'['.repeat(500_000)}${end}${']'.repeat(500_000)}}}`;
    const options = { names: new Set(['seq', 'parameters']), hashed: new Set(['parameters']) };
    const hash = (end: string) => outlineOf(text(end), options).hash();
    assert.notEqual(hash('1'), hash('2'));
    assert.equal(hash('1'), hash('1'));
    assert.equal(
      outlineOf('{"seq":1,"parameters":2}', options).hash(),
      outlineOf('{"seq":2,"parameters":2}', options).hash(),
    );
    assert.notEqual(outlineOf('{"a":"bc"}').hash(), outlineOf('{"a":"b"}').hash());
  });

  test('cuts no text within an escape', () => {
    for (let shift = 0; shift < 12; shift += 1) {
      const long = `${'x'.repeat(shift)}${'\\u0041\\\\\\n'.repeat(4_000)}`;
      const value = String(outlineOf(`{"a":"${long}"}`).value()?.['a']);
      assert.match(value, /^x*(?:A\\\n)+A?\\?\n… [\d,]+ characters hidden …\n(?:A\\\n|\\\n|\n|\d+A\\\n|n)(?:A\\\n)+$/);
    }
  });
});

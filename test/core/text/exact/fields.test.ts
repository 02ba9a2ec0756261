import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { idText, numberIn, numeric, spelled } from '../../../../src/core/text/exact/fields.ts';
import { parseExact } from '../../../../src/core/text/exact/parse.ts';

const schema = z.strictObject({
  timeout: numeric(z.number().int().optional().catch(undefined)),
  share: spelled(z.number().min(0).max(1)).nullable().default(null),
});

test('a number is accepted by its value, and read as a number or kept as it is spelt', () => {
  const cases: [string, string][] = [
    ['{"timeout":300000.0,"share":0.50}', '{"timeout":300000,"share":0.50}'],
    ['{"timeout":3e5,"share":1.0}', '{"timeout":300000,"share":1.0}'],
    ['{"timeout":1.5,"share":null}', '{"share":null}'],
    ['{"share":0.5}', '{"share":0.5}'],
    ['{}', '{"share":null}'],
  ];
  for (const [given, read] of cases) assert.equal(JSON.stringify(schema.parse(parseExact(given))), read);
});

test('what is wrong with a number is said as for any other', () => {
  const faults = (text: string) =>
    schema.safeParse(parseExact(text)).error?.issues.map(({ code, path }) => `${code} at ${path.join('.')}`);
  assert.deepEqual(faults('{"share":1.50}'), ['too_big at share']);
  assert.deepEqual(faults('{"share":"0.5"}'), ['invalid_type at share']);
  assert.deepEqual(faults('{"share":1e999}'), ['invalid_type at share']);
});

test('the value of a number, and null for anything else', () => {
  const values = parseExact('[1.0,2,"3",null,{"rawJSON":"4"}]') as unknown[];
  assert.deepEqual(values.map(numberIn), [1, 2, null, null, null]);
});

test('an ID is a text or a number, and a number keeps its spelling', () => {
  const ids = parseExact('["a",7,12345678901234567890,1.0,1e3,-0,"",null,true,{},["a"]]') as unknown[];
  assert.deepEqual(
    ids.map((id) => idText.safeParse(id).data ?? null),
    ['a', '7', '12345678901234567890', '1.0', '1e3', '-0', null, null, null, null, null],
  );
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { z } from 'zod';
import { setting } from '../../../../src/core/text/settings/setting.ts';

const { list, milliseconds, oneOf, onOff, origin, parsedBy, pollMs } = setting;

/** What is wrong with a value; undefined for a good one. */
const fault = (schema: z.ZodType, value: string) => schema.safeParse(value).error?.issues[0]?.message;

describe('a setting', () => {
  test('that is a list has no empty items', () => assert.deepEqual(list.parse(' a, ,b,'), ['a', 'b']));

  test('that is a word names the others, and what was given', () => {
    assert.equal(fault(oneOf('required', 'optional'), 'yes'), 'must be "required" or "optional" (got "yes")');
    assert.deepEqual([onOff.parse('on'), onOff.parse('off')], [true, false]);
  });

  test('in milliseconds has a least', () => {
    assert.equal(fault(milliseconds(1_000), '999'), 'must be milliseconds, at least 1000');
    assert.equal(fault(milliseconds(1_000), '1e4'), 'must be milliseconds, at least 1000');
    assert.deepEqual([pollMs.parse('1000'), pollMs.parse(undefined)], [1_000, 15_000]);
  });

  test('that is an origin has no path', () => {
    assert.equal(origin.parse(' https://a.example.com/ '), 'https://a.example.com');
    for (const bad of ['https://a.example.com/v1', 'https://a.example.com?x', 'a.example.com', 'ftp://a.example.com']) {
      assert.equal(fault(origin, bad), 'must be an address without a path, like https://api.example.com');
    }
  });

  test('with a parser of its own says what the parser says', () => {
    const parsed = parsedBy((value) => {
      if (value === 'bad') throw new Error('"bad" is not good.');
      return value.length;
    });
    assert.deepEqual([parsed.parse(' four '), fault(parsed, 'bad')], [4, '"bad" is not good.']);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { z } from 'zod';
import { kindOf, setting } from '../../../../src/core/text/settings/setting.ts';

const { list, oneOf, onOff, origin, parsedBy, patterns, pollMs, time, timeOrOff } = setting;

/** What is wrong with a value; undefined for a good one. */
const fault = (schema: z.ZodType, value: string) => schema.safeParse(value).error?.issues[0]?.message;

describe('a setting', () => {
  test('that is a list has no empty items', () => assert.deepEqual(list.parse(' a, ,b,'), ['a', 'b']));

  test('that is a list of patterns is separated by commas', () => {
    assert.deepEqual(patterns.parse('delete_*, Refund agent,vip'), ['delete_*', 'Refund agent', 'vip']);
    for (const bad of ['delete_* refund_*', 'delete_*;vip', 'a|b']) {
      assert.match(fault(patterns, bad) ?? '', /looks like several patterns: separate them by commas/, bad);
    }
  });

  test('that is a word names the others, and what was given', () => {
    assert.equal(fault(oneOf('required', 'optional'), 'yes'), 'must be "required" or "optional" (got "yes")');
    assert.deepEqual([onOff.parse('on'), onOff.parse('off')], [true, false]);
  });

  test('that is a time has a unit, or is in milliseconds', () => {
    const read = (value: string) => time(1_000).parse(value);
    assert.deepEqual(
      ['15s', '30m', '2h', '1.5h', '20d', '1500ms', '1500'].map(read),
      [15_000, 1_800_000, 7_200_000, 5_400_000, 1_728_000_000, 1_500, 1_500],
    );
    for (const bad of ['999', '1e4', '30 m', '30M', 'thirty minutes', '-5m', '0', 'm', '25d', '99999999d', '1h30m']) {
      assert.match(
        fault(time(1_000), bad) ?? '',
        /^must be a time like 15s, 30m or 2h, at least 1s and at most 24d/,
        bad,
      );
    }
    assert.deepEqual([pollMs.parse('1000'), pollMs.parse('1s'), pollMs.parse(undefined)], [1_000, 1_000, 15_000]);
    assert.deepEqual([timeOrOff(1).parse('off'), timeOrOff(1).parse('90d')], [null, 90 * 86_400_000]);
    assert.match(fault(timeOrOff(1_000), '1') ?? '', /at least 1s, or "off"; a plain number is milliseconds/);
  });

  test('that is an origin has no path', () => {
    assert.equal(origin.parse(' https://a.example.com/ '), 'https://a.example.com');
    const expected = 'must be an address without a path, like https://api.example.com';
    for (const bad of ['https://a.example.com/v1', 'https://a.example.com?x', 'a.example.com', 'a.example.com/v1']) {
      assert.equal(fault(origin, bad), `${expected}. Write https://a.example.com`, bad);
    }
    for (const bad of ['ftp://a.example.com', 'the usual one', 'runtype'])
      assert.equal(fault(origin, bad), expected, bad);
  });

  test('with a parser of its own says what the parser says, also several things at once', () => {
    const parsed = parsedBy((value) => {
      if (value === 'bad') throw new Error('"bad" is not good.');
      if (value === 'worse') throw new AggregateError([new Error('one'), new Error('two')]);
      return value.length;
    }, 'text');
    assert.deepEqual([parsed.parse(' four '), fault(parsed, 'bad')], [4, '"bad" is not good.']);
    assert.deepEqual(
      parsed.safeParse('worse').error?.issues.map(({ message }) => message),
      ['one', 'two'],
    );
  });

  test('says what it looks like, also behind a default', () => {
    assert.deepEqual(kindOf(list.default([])), kindOf(list));
    assert.equal(kindOf(time(1_000).optional())?.format, 'time, at least 1s');
  });
});

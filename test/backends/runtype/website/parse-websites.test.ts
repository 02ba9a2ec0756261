import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseWebsites } from '../../../../src/backends/runtype/website/parse-websites.ts';

describe('the websites of a setting', () => {
  test('are client tokens and origins', () => {
    assert.deepEqual(parseWebsites(''), { tokens: [], origins: [] });
    assert.deepEqual(parseWebsites('ct_live_a, https://Shop.Example:443/,http://localhost:5173 , ct_test_b,'), {
      tokens: ['ct_live_a', 'ct_test_b'],
      origins: ['https://shop.example', 'http://localhost:5173'],
    });
  });

  for (const [name, problem] of [
    ['shop.example', /name client tokens .* and origins/],
    ['https://shop.example/chat', /leave out the path/],
    ['https://user@shop.example', /is not an origin/],
    ['ct_9f8e7d6c5b4a3210', /the ID of a client token/],
    ['*', /name client tokens/],
  ] as const) {
    test(`are not ${name}`, () => assert.throws(() => parseWebsites(`ct_live_a,${name}`), problem));
  }

  test('an API key among them is not repeated', () => {
    assert.throws(
      () => parseWebsites('rt_live_secret'),
      ({ message }: Error) => /contains an API key/.test(message) && !message.includes('secret'),
    );
  });
});

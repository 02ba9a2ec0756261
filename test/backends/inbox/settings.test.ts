import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { parseResolvers, read, settings } from '../../../src/backends/inbox/settings.ts';
import { ids } from '../../support/ids.ts';

function config(environment: Record<string, string>) {
  const problems: string[] = [];
  const shared = { host: '127.0.0.1', directMessages: [], ids, runs: [] };
  return { ...read(z.object(settings).parse(environment), shared, problems), problems };
}

describe('the settings of the inbox', () => {
  test('disable it without tokens', () => {
    const { enabled, askTokens, callbackHosts, callbackSecret, secrets } = config({});
    assert.deepEqual([enabled, askTokens, callbackHosts, callbackSecret, secrets], [false, [], [], null, []]);
    assert.equal(config({ ASK_TOKENS: 'a' }).enabled, true);
  });

  test('name every secret, and no empty one', () => {
    const set = { ASK_TOKENS: 'a,b', RESOLVE_TOKENS: 'r=slack:U1', CALLBACK_SECRET: 'whsec_A  whsec_B' };
    assert.deepEqual(config(set).secrets, ['a', 'b', 'r', 'whsec_A', 'whsec_B']);
  });

  test('say which entry is wrong, and what to write', () => {
    const { problems, resolvers } = config({ RESOLVE_TOKENS: 'r=slack:U1,s=slack:dana' });
    assert.deepEqual(problems, [
      'RESOLVE_TOKENS: entry 2 of 2 is not valid. Write TOKEN=slack:U… or TOKEN=discord:<user ID>.',
    ]);
    assert.equal(resolvers.size, 0);
  });
});

describe('RESOLVE_TOKENS', () => {
  test('maps tokens to actors', () => {
    const read = parseResolvers(' a=b==slack:U0123 , t2=discord:789,', ids);
    assert.deepEqual(
      [...read].map(([token, { platform, id }]) => [token, platform, id]),
      [
        ['a=b=', 'slack', 'U0123'],
        ['t2', 'discord', '789'],
      ],
    );
    assert.equal(parseResolvers('', ids).size, 0);
  });

  for (const text of [
    't',
    't=U0123',
    '=slack:U1',
    't=slack:dana',
    't=discord:U1',
    't=teams:U1',
    't=slack:U1,t=slack:U2',
  ]) {
    test(`refuses ${text} without naming the token`, () => {
      assert.throws(
        () => parseResolvers(`first-secret=slack:U1,${text.replaceAll('t=', 'second-secret=')}`, ids),
        (error: Error) => /entry [23] of [23]/.test(error.message) && !error.message.includes('secret='),
      );
    });
  }
});

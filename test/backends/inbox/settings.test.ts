import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { parseResolvers, read, settings } from '../../../src/backends/inbox/settings.ts';
import { secretOf, webhookSecretOf } from '../../support/data/secrets.ts';
import { ids } from '../../support/ids.ts';

function config(environment: Record<string, string>) {
  const problems: string[] = [];
  const shared = { exposedBy: null, directMessages: [], ids, runs: [] };
  return { ...read(z.object(settings).parse(environment), shared, problems), problems };
}

describe('the settings of the inbox', () => {
  test('disable it without tokens', () => {
    const { enabled, askers, secrets } = config({});
    assert.deepEqual([enabled, askers, secrets], [false, [], []]);
    assert.equal(config({ ASK_TOKENS: secretOf('ask') }).enabled, true);
    assert.equal(config({ ASKERS: `deploy token=${secretOf('ask')}` }).enabled, true);
  });

  test('of one script mean what they meant', () => {
    const [token, secret] = [secretOf('ask'), webhookSecretOf('callback')];
    const set = { ASK_TOKENS: token, CALLBACK_HOSTS: 'h.example.com', CALLBACK_SECRET: secret };
    const { askers, problems } = config(set);
    assert.deepEqual(problems, []);
    assert.deepEqual(askers, [{ name: 'token-1', tokens: [token], hosts: ['h.example.com'], secret, unnamed: true }]);
    const two = { ASK_TOKENS: `${secretOf('one')},${secretOf('other')}` };
    assert.deepEqual(config(two).problems, [], 'without callbacks, tokens share nothing');
  });

  test('name every secret, and no empty one', () => {
    const [one, other, named, resolver] = [secretOf('one'), secretOf('other'), secretOf('named'), secretOf('resolver')];
    const callback = [webhookSecretOf('new'), webhookSecretOf('old'), webhookSecretOf('own')] as const;
    const set = {
      ASK_TOKENS: `${one},${other}`,
      ASKERS: `deploy token=${named} hosts=h.example.com secret=${callback[2]}`,
      RESOLVE_TOKENS: `${resolver}=slack:U1`,
      CALLBACK_SECRET: callback.slice(0, 2).join('  '),
    };
    assert.deepEqual(config(set).secrets.toSorted(), [one, other, named, resolver, ...callback].toSorted());
  });

  test('say which entry is wrong, and what to write', () => {
    const { problems, resolvers } = config({ RESOLVE_TOKENS: `${secretOf('r')}=slack:U1,${secretOf('s')}=slack:dana` });
    assert.deepEqual(problems, [
      'RESOLVE_TOKENS: entry 2 of 2 is not valid. Write TOKEN=slack:U… or TOKEN=discord:<user ID>.',
    ]);
    assert.equal(resolvers.size, 0);
  });
});

describe('RESOLVE_TOKENS', () => {
  test('maps tokens to actors', () => {
    const read = parseResolvers(` ${secretOf('a')}=b==slack:U0123 , ${secretOf('b')}=discord:789,`, ids);
    assert.deepEqual(
      [...read].map(([token, { platform, id }]) => [token, platform, id]),
      [
        [`${secretOf('a')}=b=`, 'slack', 'U0123'],
        [secretOf('b'), 'discord', '789'],
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
        () => parseResolvers(`${secretOf('first')}=slack:U1,${text.replaceAll('t=', `${secretOf('second')}=`)}`, ids),
        (error: Error) => /entry [23] of [23]/.test(error.message) && !error.message.includes(secretOf('second')),
      );
    });
  }
});

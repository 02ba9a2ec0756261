import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { read, settings } from '../../../src/backends/runtype/settings.ts';
import { webhookSecretOf } from '../../support/data/secrets.ts';

function config(environment: Record<string, string>, exposedBy: string | null = null) {
  const problems: string[] = [];
  const shared = { exposedBy, directMessages: [], ids: [], runs: [{ name: 'a', kind: 'flow', id: '1' }] as const };
  const set = z.object(settings).parse(environment);
  return { ...read(set, shared, problems), problems };
}

describe('the settings of Runtype', () => {
  test('make cards for our own key, until GATEWAY_KEYS says for which', () => {
    const keys = (environment: Record<string, string>) => config(environment).gateway.keys;
    assert.deepEqual(keys({}), []);
    assert.deepEqual(keys({ RUNTYPE_API_KEY: 'k' }), ['k']);
    assert.deepEqual(keys({ RUNTYPE_API_KEY: 'k', GATEWAY_KEYS: 'a, b' }), ['a', 'b']);
    assert.equal(keys({ RUNTYPE_API_KEY: 'k', GATEWAY_KEYS: ' * ' }), 'any');
    for (const mixed of ['*,a', 'a, *', '*,*']) assert.throws(() => keys({ GATEWAY_KEYS: mixed }), /keys, or only \*/);
  });

  test('give keys names, and leave those without as they are', () => {
    const { gateway, requesters, secrets, problems } = config({
      RUNTYPE_API_KEY: 'k',
      GATEWAY_KEYS: 'shop=rt_live_a, rt_live_b==, shop=rt_live_c, key==, desk=c2FtcGxl',
    });
    assert.deepEqual(gateway.keys, ['rt_live_a', 'rt_live_b==', 'rt_live_c', 'key==', 'c2FtcGxl']);
    const expected = { rt_live_a: 'shop', rt_live_c: 'shop', c2FtcGxl: 'desk' };
    assert.deepEqual([Object.fromEntries(gateway.names), requesters, problems], [expected, ['shop', 'desk'], []]);
    assert.ok(secrets.includes('rt_live_a') && !secrets.includes('shop'));
    const wrong = (keys: string) => config({ RUNTYPE_API_KEY: 'k', GATEWAY_KEYS: keys }).problems.join();
    assert.match(wrong('a, Shop=rt_live_a'), /GATEWAY_KEYS: entry 2 of 2: a name has lower-case letters/);
    assert.match(wrong('=rt_live_a'), /a name has lower-case letters/);
    assert.match(wrong('token-1=rt_live_a'), /names like token-1 are those of ASK_TOKENS/);
    assert.match(wrong('shop=rt_live_a, rt_live_a'), /one key has shop and no name/);
    for (const one of [wrong('Shop=rt_live_a'), wrong('shop=rt_live_a, desk=rt_live_a')])
      assert.ok(one !== '' && !one.includes('rt_live_a'), one);
  });

  test('name keys where callers may be on other machines', () => {
    const any = { RUNTYPE_API_KEY: 'k', GATEWAY_KEYS: '*' };
    assert.deepEqual(config(any).problems, []);
    assert.match(
      config(any, 'HOST is 0.0.0.0').problems.join(),
      /GATEWAY_KEYS: .*\(HOST is 0\.0\.0\.0\)\. List the keys/,
    );
    const chats = config({ ...any, WEBSITE_CHATS: 'https://shop.example' });
    assert.match(chats.problems.join(), /GATEWAY_KEYS: .*WEBSITE_CHATS.*List the keys/);
    assert.match(chats.exposedBy ?? '', /WEBSITE_CHATS/);
    assert.equal(config(any).exposedBy, null);
  });

  test('let applications decide, until APPLICATION_DECIDES says no', () => {
    assert.equal(config({}).applicationDecides, true);
    assert.equal(config({ APPLICATION_DECIDES: 'off' }).applicationDecides, false);
    assert.throws(() => config({ APPLICATION_DECIDES: 'never' }), /on|off/);
  });

  test('have safe defaults, and say what is missing for RUNS', () => {
    const { url, ingestSecret, noteAsMessage, hold, enabled, secrets, problems } = config({});
    assert.deepEqual([url, ingestSecret, noteAsMessage], ['https://api.runtype.com', null, false]);
    assert.deepEqual([hold, enabled, secrets], [{ on: true, maxMs: 3_600_000 }, false, []]);
    assert.deepEqual(problems, ['RUNS: set RUNTYPE_API_KEY, too. It starts them.']);
    assert.deepEqual(config({ RUNTYPE_API_KEY: 'k' }).problems, []);
  });

  test('name websites, which need a key of ours', () => {
    const environment = { WEBSITE_CHATS: 'ct_live_a, https://shop.example', WEBSITE_VISITOR_TOOLS: 'place_*' };
    const { website, secrets, problems } = config({ ...environment, RUNTYPE_API_KEY: 'k' });
    const expected = { tokens: ['ct_live_a'], origins: ['https://shop.example'], visitorTools: ['place_*'] };
    assert.deepEqual([website, problems], [expected, []]);
    assert.ok(secrets.includes('ct_live_a'));
    assert.deepEqual(config({}).website, { tokens: [], origins: [], visitorTools: [] });
    assert.match(config(environment).problems.join(), /WEBSITE_CHATS: set RUNTYPE_API_KEY/);
    const alone = { RUNTYPE_API_KEY: 'k', WEBSITE_VISITOR_TOOLS: '*' };
    assert.deepEqual(config(alone).problems, ['WEBSITE_VISITOR_TOOLS: set WEBSITE_CHATS, too.']);
    assert.throws(() => config({ WEBSITE_CHATS: 'rt_live_key' }), /contains an API key/);
  });

  test('name every secret', () => {
    const ingest = [webhookSecretOf('new'), webhookSecretOf('old')];
    const environment = { RUNTYPE_API_KEY: 'k', GATEWAY_KEYS: 'a,b', INGEST_SECRET: ingest.join('  ') };
    assert.deepEqual(config(environment).secrets, ['k', ...ingest, 'a', 'b']);
    assert.deepEqual(config({ GATEWAY_KEYS: '*' }).secrets, [], 'not to be kept out of the log');
  });

  test('take an address with a slash at its end, and none with a path', () => {
    assert.equal(config({ RUNTYPE_API_URL: 'https://r.example.com/' }).url, 'https://r.example.com');
    assert.throws(() => config({ RUNTYPE_API_URL: 'https://r.example.com/v1' }), /without a path/);
  });
});

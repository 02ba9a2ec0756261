import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { read, settings } from '../../../src/backends/runtype/settings.ts';
import { webhookSecretOf } from '../../support/data/secrets.ts';

function config(environment: Record<string, string>, host = '127.0.0.1') {
  const problems: string[] = [];
  const shared = { host, directMessages: [], ids: [], runs: [{ name: 'a', kind: 'flow', id: '1' }] as const };
  const set = z.object(settings).parse(environment);
  return { ...read(set, shared, problems), problems };
}

describe('the settings of Runtype', () => {
  test('on loopback any key makes cards, until GATEWAY_KEYS says which', () => {
    const keys = (environment: Record<string, string>, host?: string) => config(environment, host).gateway.keys;
    assert.equal(keys({}), 'any');
    for (const host of ['localhost', '::1', '127.1.2.3']) assert.equal(keys({}, host), 'any');
    assert.deepEqual(keys({ GATEWAY_KEYS: 'a, b' }), ['a', 'b']);
    assert.deepEqual(keys({ RUNTYPE_API_KEY: 'k' }, '0.0.0.0'), ['k']);
    assert.deepEqual(keys({}, '0.0.0.0'), []);
    assert.deepEqual(keys({}, '127.example.com'), []);
  });

  test('have safe defaults, and say what is missing for RUNS', () => {
    const { url, ingestSecret, noteAsMessage, hold, awaitTools, enabled, secrets, problems } = config({});
    assert.deepEqual([url, ingestSecret, noteAsMessage], ['https://api.runtype.com', null, false]);
    assert.deepEqual([hold, awaitTools, enabled, secrets], [{ on: true, maxMs: 3_600_000 }, [], false, []]);
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
  });

  test('take an address with a slash at its end, and none with a path', () => {
    assert.equal(config({ RUNTYPE_API_URL: 'https://r.example.com/' }).url, 'https://r.example.com');
    assert.throws(() => config({ RUNTYPE_API_URL: 'https://r.example.com/v1' }), /without a path/);
  });
});

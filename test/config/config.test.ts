import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { z } from 'zod';
import { settingsDocument } from '../../scripts/settings-docs.ts';
import { readConfig } from '../../src/config/config.ts';
import { settings } from '../../src/config/settings.ts';
import { SetupError } from '../../src/core/ports/errors.ts';
import { kindOf } from '../../src/core/text/settings/setting.ts';
import { secretOf, webhookSecretOf } from '../support/data/secrets.ts';

const slack = {
  RUNTYPE_API_KEY: 'rt_test_1',
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  SLACK_CHANNEL: 'C0ROOM',
};
const discord = { RUNTYPE_API_KEY: 'rt_test_1', DISCORD_TOKEN: 'abc', DISCORD_CHANNEL: '4100' };

describe('settings', () => {
  test('one platform is enough', () => {
    const names = (config: ReturnType<typeof readConfig>) => config.platforms.map(({ name }) => name);
    assert.deepEqual([names(readConfig(slack)), names(readConfig(discord))], [['slack'], ['discord']]);
    assert.ok(Object.isFrozen(readConfig(discord)));
  });

  test('a platform with a person in DIRECT_MESSAGES needs no channel', () => {
    const config = readConfig({ ...discord, DISCORD_CHANNEL: '', DIRECT_MESSAGES: 'discord:1, discord:1' });
    assert.deepEqual(
      config.platforms.map((platform) => platform.config.channel),
      [null],
    );
    assert.deepEqual(config.directMessages, [{ platform: 'discord', kind: 'user', id: '1' }]);
  });

  test('have safe defaults; an empty value counts as not set', () => {
    const config = readConfig({ ...discord, REVIEWERS: ' ', PORT: '', INGEST_SECRET: '' });
    assert.deepEqual([config.host, config.port, config.databaseFile], ['127.0.0.1', 3000, './data/countersign.db']);
    assert.deepEqual(config.reviewers, []);
  });

  const bad: [string, Record<string, string>, RegExp][] = [
    ['no platform', {}, /No platform is configured.*npm run sandbox/],
    ['no backend', { ...discord, RUNTYPE_API_KEY: '' }, /No backend is configured. Set RUNTYPE_API_KEY/],
    ['a token without its room', { ...slack, SLACK_CHANNEL: '' }, /SLACK_CHANNEL: missing/],
    ['half a Slack', { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_CHANNEL: 'C1' }, /SLACK_APP_TOKEN: missing/],
    ['a Discord without its room', { DISCORD_TOKEN: 'abc' }, /DISCORD_CHANNEL: missing/],
    ['a channel by name', { ...slack, SLACK_CHANNEL: '#approvals' }, /SLACK_CHANNEL: must be a channel ID/],
    ['swapped tokens', { ...slack, SLACK_BOT_TOKEN: 'xapp-1' }, /SLACK_BOT_TOKEN: must be the bot token/],
    ['a port out of range', { ...discord, PORT: '70000' }, /PORT: must be a number from 0 to 65535/],
    ['a port with a tail', { ...discord, PORT: '3000x' }, /PORT: must be a number/],
    ['another database', { ...discord, DATABASE_URL: 'mysql://db/x' }, /DATABASE_URL: must be file: and a path/],
    ['PostgreSQL without a database', { ...discord, DATABASE_URL: 'postgres://db' }, /or postgres:\/\/USER:PASSWORD@/],
    ['a replica without a name', { ...discord, REPLICA: 'a b' }, /REPLICA: must be 1 to 63 letters/],
    ['no database', { ...discord, DATABASE_URL: 'file:' }, /DATABASE_URL: must be file: and a path/],
    ['a broken pattern', { ...discord, MASK_PATTERNS: 'a[' }, /MASK_PATTERNS: a\[ is not a valid regular expression/],
    [
      'a pattern that matches anything',
      { ...discord, MASK_PATTERNS: 'x*' },
      /MASK_PATTERNS: x\* matches the empty string and would mask everything/,
    ],
    [
      'a pattern that could take forever',
      { ...discord, MASK_PATTERNS: 'ok (a)\\1' },
      /MASK_PATTERNS: \(a\)\\1 is not a valid regular expression.*no backreferences/,
    ],
    ['half a HookPulse', { ...discord, HOOKPULSE_API_KEY: 'k' }, /HOOKPULSE_BRAND_UUID: missing/],
    ['a proxy of another kind', { ...discord, HTTPS_PROXY: 'socks5://p:1' }, /HTTPS_PROXY: must be the http or https/],
    [
      'fewer keys than brands',
      { ...discord, HOOKPULSE_API_KEY: 'k', HOOKPULSE_BRAND_UUID: 'a, b' },
      /HOOKPULSE_API_KEY and HOOKPULSE_BRAND_UUID: give one key for each brand, in the same order \(got 1 and 2\)/,
    ],
    [
      'fewer names than brands',
      { ...discord, HOOKPULSE_API_KEY: 'k,l', HOOKPULSE_BRAND_UUID: 'a,b', HOOKPULSE_BRAND_NAME: 'Acme' },
      /HOOKPULSE_BRAND_NAME: give one name for each of the 2 brands, or none/,
    ],
    [
      'a brand twice',
      { ...discord, HOOKPULSE_API_KEY: 'k,l', HOOKPULSE_BRAND_UUID: 'a,A' },
      /HOOKPULSE_BRAND_UUID: a brand is given twice/,
    ],
    ['two tokens', { ...discord, SONZAI_TOKEN: 'a', SONZAI_TOKEN_FILE: 'b' }, /set only one of them/],
    [
      'too short a poll interval',
      { ...discord, SONZAI_POLL_MS: '10' },
      /SONZAI_POLL_MS: must be a time like .*, at least 1s/,
    ],
    ['an empty list', { ...discord, GATEWAY_KEYS: ',' }, /GATEWAY_KEYS: must be keys/],
    [
      'a backend with a path',
      { ...discord, RUNTYPE_API_URL: 'https://api.example.com/v1' },
      /RUNTYPE_API_URL: must be an address without a path/,
    ],
    ['a reviewer by name', { ...discord, REVIEWERS: 'slack:dana' }, /REVIEWERS: "slack:dana"/],
    [
      'a mention of a name',
      { ...discord, PING: 'discord:role:ops' },
      /PING: "discord:role:ops" has no valid ID\. Use the role ID/,
    ],
    ['a mention elsewhere', { ...discord, PING: 'slack:U1' }, /PING: names a person in slack, which is not configured/],
    [
      'too many mentions',
      { ...discord, PING: Array.from({ length: 21 }, (_, n) => `discord:${n}`).join() },
      /PING: at most 20; use a group or role instead/,
    ],
    [
      'messages to a group',
      { ...slack, DIRECT_MESSAGES: 'slack:group:S1' },
      /DIRECT_MESSAGES: "slack:group:S1" is not one/,
    ],
    [
      'messages to a name',
      { ...slack, DIRECT_MESSAGES: 'slack:dana' },
      /DIRECT_MESSAGES: "slack:dana" has no valid ID/,
    ],
    [
      'messages elsewhere',
      { ...slack, DIRECT_MESSAGES: 'discord:1' },
      /DIRECT_MESSAGES: names a person in discord, which is not configured/,
    ],
    [
      'too many direct messages',
      { ...discord, DIRECT_MESSAGES: Array.from({ length: 51 }, (_, n) => `discord:${n}`).join() },
      /DIRECT_MESSAGES: at most 50 people/,
    ],
    [
      'no channel, and no direct messages there',
      { ...slack, SLACK_CHANNEL: '', ...discord, DIRECT_MESSAGES: 'discord:1' },
      /SLACK_CHANNEL: missing.*or name people in DIRECT_MESSAGES/,
    ],
    [
      'a run of an unknown kind',
      { ...discord, RUNS: 'refunds=1' },
      /RUNS: "refunds=1" is not a valid run\. Write NAME=flow:/,
    ],
    ['a starter by name', { ...discord, RUN_STARTERS: '*=slack:dana' }, /RUN_STARTERS: "slack:dana" has no valid ID/],
    [
      'a starter of an unknown run',
      { ...discord, RUNS: 'a=flow:1', RUN_STARTERS: 'b=discord:1' },
      /RUN_STARTERS: "b" is not one of RUNS\. Name one of them/,
    ],
    [
      'a run without a key',
      { ...discord, RUNTYPE_API_KEY: '', ASK_TOKENS: secretOf('ask'), RUNS: 'a=flow:1' },
      /RUNS: set RUNTYPE_API_KEY, too/,
    ],
    [
      'a secret of the wrong kind',
      { ...discord, INGEST_SECRET: 'hello' },
      /INGEST_SECRET: is not a Standard Webhooks secret/,
    ],
    ['a secret of two bytes', { ...discord, INGEST_SECRET: 'whsec_AAA=' }, /INGEST_SECRET: has 2 bytes, at least 24/],
    [
      'an old secret that is weak',
      { ...discord, INGEST_SECRET: `${webhookSecretOf('new')} whsec_AAA=` },
      /INGEST_SECRET: entry 2 of 2 has 2 bytes/,
    ],
    ['a short token', { ...discord, ASK_TOKENS: 'zq7' }, /ASK_TOKENS: has 3 characters, at least 16.*openssl rand/],
    [
      'one short token of two',
      { ...discord, ASK_TOKENS: `${secretOf('ask')},zq7` },
      /ASK_TOKENS: entry 2 of 2 has 3 characters/,
    ],
    [
      'a guessable token of a person',
      { ...discord, RESOLVE_TOKENS: 'resolve-token-of-the-bot=discord:1' },
      /RESOLVE_TOKENS: the token of entry 1 of 1 is easy to guess/,
    ],
    ['a guessable token of a probe', { ...discord, METRICS_TOKEN: 'a'.repeat(32) }, /METRICS_TOKEN: is easy to guess/],
    ['a weak secret of callbacks', { ...discord, CALLBACK_SECRET: 'whsec_AAA=' }, /CALLBACK_SECRET: has 2 bytes/],
  ];
  for (const [name, environment, message] of bad) {
    test(`${name} is named, with what to do`, () => {
      assert.throws(
        () => readConfig(environment),
        (error) => error instanceof SetupError && message.test(error.message),
      );
    });
  }

  test('everything that is wrong is reported at once', () => {
    assert.throws(
      () => readConfig({ PORT: 'x', SLACK_CHANNEL: 'y' }),
      /PORT[\s\S]*SLACK_CHANNEL|SLACK_CHANNEL[\s\S]*PORT/,
    );
  });

  test('no message repeats a secret', () => {
    const token = 'not-a-bot-token-but-secret';
    assert.throws(
      () => readConfig({ ...slack, SLACK_BOT_TOKEN: token }),
      (error) => !String(error).includes(token),
    );
  });
});

test('headers for a collector: what is as long as a secret is kept out of the log, and no short word is', () => {
  const token = secretOf('collector');
  const { secrets } = readConfig({
    ...discord,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector.example.com',
    OTEL_EXPORTER_OTLP_HEADERS: `x-scope-orgid=1,x-team=desk,authorization=Bearer%20${encodeURIComponent(token)}`,
  });
  assert.ok(secrets.includes(token), 'without the word before it');
  for (const word of ['1', 'desk', 'Bearer']) assert.ok(!secrets.includes(word), `${word} is in most lines`);
});

test('proxies: upper and lower case, with a scheme or without, and their passwords are secrets', () => {
  const base = { ...discord, RUNTYPE_API_KEY: 'k' };
  assert.equal(readConfig({ ...base, NO_PROXY: '*' }).proxy, null);
  assert.deepEqual(readConfig({ ...base, HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a, b' }).proxy, {
    HTTPS_PROXY: 'http://p:1',
    NO_PROXY: 'a, b',
  });
  const config = readConfig({
    ...base,
    HTTP_PROXY: 'http://upper:1',
    http_proxy: 'u:pa55word@lower:2',
    https_proxy: '',
  });
  assert.deepEqual(config.proxy, { HTTP_PROXY: 'http://u:pa55word@lower:2' });
  assert.ok(config.secrets.includes('pa55word'));
});

test('docs/settings.md is what npm run settings writes', () => {
  const text = readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8');
  assert.equal(text, settingsDocument(), 'run: npm run settings');
});

test('every setting says what it looks like', () => {
  for (const [name, schema] of Object.entries(settings.shape)) {
    assert.notEqual(kindOf(schema as z.ZodType), null, name);
    if (/TOKEN|KEY|SECRET|ASKERS/.test(name) && !/_FILE$|MASK_KEYS|PUBLIC_KEY/.test(name)) {
      assert.equal(kindOf(schema as z.ZodType)?.secret, true, name);
    }
  }
});

test('.env.example begins with a platform, a backend and who may decide', () => {
  const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
  const names = [...text.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
  const five = ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'SLACK_CHANNEL', 'RUNTYPE_API_KEY', 'REVIEWERS'];
  assert.deepEqual(names.slice(0, 5), five);
  assert.match(text, /^#.*\n#.*\n\n# ---- A platform, a backend, and who may decide ----$/m);
});

test('.env.example has every setting with its default, and no other', () => {
  const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
  const lines = [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value] as const);
  assert.deepEqual(lines.map(([name]) => name).sort(), Object.keys(settings.shape).sort());
  const defaults = settings.parse({});
  for (const [name, value] of lines) {
    const set = settings.parse(value === '' ? {} : { [name ?? '']: value });
    assert.deepEqual(set, defaults, `${name} is shown with its default`);
  }
});

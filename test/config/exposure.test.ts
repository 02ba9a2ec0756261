import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readConfig } from '../../src/config/config.ts';
import { secretOf } from '../support/data/secrets.ts';

const discord = { RUNTYPE_API_KEY: 'rt_test_1', DISCORD_TOKEN: 'abc', DISCORD_CHANNEL: '4100' };
const slack = { RUNTYPE_API_KEY: 'rt_test_1', SLACK_BOT_TOKEN: 'xoxb-1', SLACK_CHANNEL: 'C0ROOM' };
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

describe('the names that a request may give', () => {
  const allowed = (environment: Record<string, string>) => readConfig({ ...discord, ...environment }).allowedHosts;

  test('are those of loopback, of HOST and of PUBLIC_URL', () => {
    assert.deepEqual(allowed({}), LOOPBACK);
    assert.deepEqual(allowed({ HOST: '10.0.0.5' }), [...LOOPBACK, '10.0.0.5']);
    assert.deepEqual(allowed({ HOST: 'FD00::5' }), [...LOOPBACK, '[fd00::5]']);
    assert.deepEqual(allowed({ HOST: 'Bot.Internal.' }), [...LOOPBACK, 'bot.internal']);
    assert.deepEqual(allowed({ PUBLIC_URL: 'https://Bot.example.com:8443/' }), [...LOOPBACK, 'bot.example.com']);
    assert.deepEqual(allowed({ PUBLIC_URL: 'https://bücher.example.' }), [...LOOPBACK, 'xn--bcher-kva.example']);
  });

  test('are none for a HOST that stands for every address', () => {
    for (const HOST of ['0.0.0.0', '::', '0:0:0:0:0:0:0:0', '::0']) assert.deepEqual(allowed({ HOST }), LOOPBACK, HOST);
  });

  test('are exactly those of ALLOWED_HOSTS, where it is set', () => {
    const hosts = 'Bot.example.com, 10.0.0.5, [FD00::5]';
    const environment = { ALLOWED_HOSTS: hosts, HOST: '10.0.0.9', PUBLIC_URL: 'https://other.example.com' };
    assert.deepEqual(allowed(environment), ['bot.example.com', '10.0.0.5', '[fd00::5]']);
  });

  const bad: [string, RegExp][] = [
    ['bot.example.com:443', /ALLOWED_HOSTS: "bot.example.com:443" is not a host\. Write bot\.example\.com/],
    ['https://bot.example.com', /ALLOWED_HOSTS: "https:/],
    ['*', /ALLOWED_HOSTS: "\*"/],
    ['*.example.com', /ALLOWED_HOSTS: "\*\.example/],
    ['fd00::5', /ALLOWED_HOSTS: "fd00::5"/],
    [',', /ALLOWED_HOSTS: must be hosts/],
  ];
  for (const [hosts, message] of bad) {
    test(`are not ${hosts}`, () => assert.throws(() => allowed({ ALLOWED_HOSTS: hosts }), message));
  }

  for (const url of ['bot.example.com', 'https://bot.example.com/path', 'https://u:p@bot.example.com', 'ftp://a.b']) {
    test(`are not taken from ${url}`, () => assert.throws(() => allowed({ PUBLIC_URL: url }), /PUBLIC_URL: must be/));
  }
});

describe('callers on other machines', () => {
  const exposedBy = (environment: Record<string, string>) => readConfig({ ...discord, ...environment }).exposedBy;

  test('are expected where a setting says so', () => {
    for (const HOST of ['127.0.0.1', 'localhost', 'LOCALHOST', '::1', '0:0:0:0:0:0:0:1', '127.1.2.3']) {
      assert.equal(exposedBy({ HOST }), null, HOST);
    }
    for (const HOST of ['0.0.0.0', '::', '10.0.0.5', 'bot.internal', '127.example.com', '::ffff:127.0.0.1', '0', '']) {
      assert.equal(exposedBy({ HOST }), HOST === '' ? null : `HOST is ${HOST}`, HOST);
    }
    assert.equal(exposedBy({ PUBLIC_URL: 'http://localhost:3000' }), null);
    assert.match(exposedBy({ PUBLIC_URL: 'https://bot.example.com' }) ?? '', /PUBLIC_URL/);
    assert.match(exposedBy({ WEBSITE_CHATS: 'ct_live_abc' }) ?? '', /WEBSITE_CHATS/);
    const overHttp = { ...slack, SLACK_SIGNING_SECRET: '0'.repeat(32) };
    assert.match(readConfig(overHttp).exposedBy ?? '', /SLACK_SIGNING_SECRET/);
    assert.equal(readConfig({ ...overHttp, SLACK_APP_TOKEN: 'xapp-1' }).exposedBy, null, 'sockets are preferred');
  });

  test('make every key at the gateway an error of the settings', () => {
    const any = { GATEWAY_KEYS: '*' };
    readConfig({ ...discord, ...any });
    assert.throws(() => readConfig({ ...discord, ...any, HOST: '0.0.0.0' }), /GATEWAY_KEYS: .*HOST is 0\.0\.0\.0/);
    assert.throws(
      () => readConfig({ ...discord, ...any, PUBLIC_URL: 'https://b.example' }),
      /GATEWAY_KEYS: .*PUBLIC_URL/,
    );
    const overHttp = { ...slack, SLACK_SIGNING_SECRET: '0'.repeat(32) };
    assert.throws(() => readConfig({ ...overHttp, ...any }), /GATEWAY_KEYS: .*Slack sends its requests here/);
  });
});

describe('the page for operators', () => {
  const ADMIN_TOKEN = secretOf('admin');
  const named = {
    OPERATOR_IDENTITY_HEADER: 'X-Forwarded-Email',
    OPERATOR_IDENTITIES: 'Ana@Example.com, sam@example.com',
    TRUSTED_PROXIES: '127.0.0.1, fd00::/8',
  };
  const pageOf = (environment: Record<string, string>) => readConfig({ ...discord, ...environment }).operatorPage;

  test('is off until a token or a header is set', () => {
    assert.equal(pageOf({}), null);
    assert.equal(pageOf({ TRUSTED_PROXIES: '127.0.0.1' }), null);
    assert.equal(pageOf({ ADMIN_TOKEN })?.token, ADMIN_TOKEN);
    assert.ok(readConfig({ ...discord, ADMIN_TOKEN }).secrets.includes(ADMIN_TOKEN), 'kept out of the log');
  });

  test('believes a header of named proxies, for named people', () => {
    const page = pageOf(named);
    assert.deepEqual(page?.identity, { header: 'x-forwarded-email', names: ['ana@example.com', 'sam@example.com'] });
    assert.deepEqual(
      page?.proxies.map(({ version, bits }) => [version, bits]),
      [
        [4, 32],
        [6, 8],
      ],
    );
    assert.equal(page?.token, null);
  });

  const wrong: [string, Record<string, string>, RegExp][] = [
    ['a short token', { ADMIN_TOKEN: 'short' }, /ADMIN_TOKEN: has 5 characters, at least 16 are needed/],
    ['a guessable token', { ADMIN_TOKEN: 'a'.repeat(32) }, /ADMIN_TOKEN: is easy to guess/],
    ['a header of anyone', { ...named, TRUSTED_PROXIES: '' }, /OPERATOR_IDENTITY_HEADER: set TRUSTED_PROXIES, too/],
    [
      'a header for anyone',
      { ...named, OPERATOR_IDENTITIES: '' },
      /OPERATOR_IDENTITY_HEADER: set OPERATOR_IDENTITIES, too/,
    ],
    [
      'people without a header',
      { ADMIN_TOKEN, OPERATOR_IDENTITIES: 'ana' },
      /OPERATOR_IDENTITIES: no header says who calls/,
    ],
    [
      'the whole internet as a proxy',
      { ...named, TRUSTED_PROXIES: '0.0.0.0/0' },
      /TRUSTED_PROXIES: "0\.0\.0\.0\/0" is not an address/,
    ],
    ['a name as a proxy', { ...named, TRUSTED_PROXIES: 'localhost' }, /TRUSTED_PROXIES: "localhost" is not an address/],
    [
      'a header that browsers send',
      { ...named, OPERATOR_IDENTITY_HEADER: 'User-Agent' },
      /OPERATOR_IDENTITY_HEADER: must be the name of the header/,
    ],
    [
      'a header that callers fill',
      { ...named, OPERATOR_IDENTITY_HEADER: 'X-Forwarded-For' },
      /OPERATOR_IDENTITY_HEADER: must be/,
    ],
  ];
  for (const [name, environment, message] of wrong) {
    test(`is refused at the start with ${name}`, () => assert.throws(() => pageOf(environment), message));
  }
});

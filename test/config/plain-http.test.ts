import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as sonzai from '../../src/backends/sonzai/settings.ts';
import { readConfig, readPart } from '../../src/config/config.ts';
import { problemOfPlainHttp } from '../../src/config/plain-http.ts';
import { settings } from '../../src/config/settings.ts';
import { SetupError } from '../../src/core/ports/errors.ts';

const base = { RUNTYPE_API_KEY: 'rt_test_1', DISCORD_TOKEN: 'abc', DISCORD_CHANNEL: '4100' };
const addresses = Object.keys(settings.shape).filter((name) => /_API_URL$|_ENDPOINT$/.test(name));

describe('an address without TLS', () => {
  const encrypted = ['https://api.example.com', 'https://10.0.0.5:8443'];
  const local = [
    'http://127.0.0.1:4100',
    'http://127.9.9.9',
    'http://localhost:1',
    'http://LOCALHOST',
    'http://[::1]:80',
    'http://127.1',
  ];
  for (const url of [...encrypted, ...local]) {
    test(`${url} is accepted`, () => assert.equal(problemOfPlainHttp(url, []), null));
  }

  const refused = [
    ...[
      'http://api.example.com',
      'HTTP://API.EXAMPLE.COM',
      'http://10.0.0.5',
      'http://192.168.1.2:8080',
      'http://[fd00::5]',
    ],
    ...[
      'http://127.0.0.1.evil.example',
      'http://localhost.evil.example',
      'http://127.0.0.1@evil.example',
      'http://0.0.0.0',
    ],
    ...[
      'http://localhost@evil.example',
      'http://evil.example#@127.0.0.1',
      'http://[::ffff:10.0.0.5]',
      'http://api.localhost',
    ],
  ];
  for (const url of refused) {
    test(`${url} is refused, with what to write`, () => {
      const problem = problemOfPlainHttp(url, ['other.example']) ?? '';
      assert.match(problem, /unencrypted\. Write https:\/\/, or, if the way there is safe: ALLOW_HTTP=\S+$/);
      const name = /ALLOW_HTTP=(\S+)$/.exec(problem)?.[1] ?? '';
      assert.equal(problemOfPlainHttp(url, [name]), null, 'what it says to write helps');
    });
  }

  test('does not show its password', () => {
    assert.doesNotMatch(problemOfPlainHttp('http://me:s3cret@api.example.com', []) ?? '', /s3cret/);
  });
});

describe('the settings', () => {
  test('are checked one and all: each address of a backend, a platform or a collector', () => {
    assert.equal(addresses.length, 8);
    for (const name of addresses) {
      const bad = { ...base, [name]: 'http://10.0.0.5' };
      assert.throws(
        () => readConfig(bad),
        (error) => error instanceof SetupError && error.message.includes(`${name}: is http`),
      );
      readConfig({ ...bad, ALLOW_HTTP: 'other.example, 10.0.0.5' });
      readConfig({ ...base, [name]: 'http://127.0.0.1:9' });
      assert.throws(() => readConfig({ ...bad, ALLOW_HTTP: '10.0.0.6' }), /is http/);
    }
  });

  test('that take an address of a server are all named so', () => {
    const accepts = (name: string, value: string) => settings.safeParse({ ...base, [name]: value }).success;
    const takeAddress = Object.keys(settings.shape).filter(
      (name) => accepts(name, 'http://api.example.com') && !accepts(name, 'k3Jq8-not-an-address-Zw7'),
    );
    // Our own address; proxies, which see names only; pages, which call us.
    const others = ['PUBLIC_URL', 'WEBSITE_CHATS'];
    assert.deepEqual(takeAddress.filter((name) => !others.includes(name)).sort(), [...addresses].sort());
  });

  test('are checked for a command, too', () => {
    const set = { SONZAI_TOKEN: 't', SONZAI_API_URL: 'http://sonzai.internal' };
    assert.throws(() => readPart(sonzai, set), /SONZAI_API_URL: is http/);
    assert.equal(readPart(sonzai, { ...set, ALLOW_HTTP: 'SONZAI.internal' }).url, 'http://sonzai.internal');
  });

  test('refuse an ALLOW_HTTP that is not a list of hosts', () => {
    for (const bad of ['http://10.0.0.5', '10.0.0.5:80', '*', 'a b']) {
      assert.throws(() => readConfig({ ...base, ALLOW_HTTP: bad }), /ALLOW_HTTP: ".*" is not a host/);
    }
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isLoopbackHost, isWildcardHost, parseHost } from '../../../../src/core/text/settings/host.ts';

describe('a host', () => {
  const hosts: [string, string][] = [
    ['localhost', 'localhost'],
    ['LocalHost:3000', 'localhost'],
    ['localhost.', 'localhost'],
    ['localhost.:80', 'localhost'],
    ['localhost:', 'localhost'],
    ['127.0.0.1:3000', '127.0.0.1'],
    ['[::1]', '[::1]'],
    ['[::1]:3000', '[::1]'],
    ['[0:0:0:0:0:0:0:1]', '[::1]'],
    ['[2001:DB8::A]', '[2001:db8::a]'],
    ['my_bot.internal', 'my_bot.internal'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ];
  for (const [text, name] of hosts) {
    test(`${text} is ${name}`, () => assert.equal(parseHost(text)?.name, name));
  }

  const others = [
    '',
    ' ',
    '.',
    '..',
    'localhost..',
    '.localhost',
    'a..b',
    'localhost, evil.example',
    'localhost evil.example',
    'localhost@evil.example',
    'user:password@localhost',
    'localhost:3000@evil.example',
    'localhost/evil',
    'localhost#',
    'localhost?',
    'localhost\\evil',
    'localhost:3000:3000',
    'localhost:port',
    'localhost:123456',
    'local%68ost',
    'ｌocalhost',
    'bücher.example',
    '::1',
    '[::1',
    '::1]',
    '[::1]x',
    '[::1%25eth0]',
    '[::1].',
    '[]',
    '[localhost]',
    '[:::]',
    'http://localhost',
    '*',
    'localhost\0',
    'localhost\n',
  ];
  for (const text of others) {
    test(`${JSON.stringify(text)} is not one`, () => assert.equal(parseHost(text), null));
  }

  test('is itself in a parsed address, whatever its spelling', () =>
    fc.assert(
      fc.property(fc.webAuthority(), (authority) => {
        const host = parseHost(authority);
        if (host === null) return;
        assert.equal(host.name, new URL(`http://${authority}`).hostname.replace(/\.$/, ''));
      }),
    ));

  test('on loopback is known by its exact name', () => {
    for (const name of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]']) assert.ok(isLoopbackHost(name), name);
    for (const name of ['0.0.0.0', '[::]', '127.example.com', 'localhost.example.com', '10.0.0.1', '127.1', '[::2]']) {
      assert.equal(isLoopbackHost(name), false, name);
    }
  });

  test('that stands for every address is known', () => {
    for (const name of ['0.0.0.0', '[::]']) assert.ok(isWildcardHost(name), name);
    for (const name of ['localhost', '[::1]', '10.0.0.0']) assert.equal(isWildcardHost(name), false, name);
  });
});

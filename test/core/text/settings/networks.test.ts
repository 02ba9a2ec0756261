/** Addresses and networks. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isInNetworks, type Network, networkOf, parseNetwork } from '../../../../src/core/text/settings/networks.ts';

const networks = (...texts: string[]): Network[] =>
  texts.map((text) => {
    const found = parseNetwork(text);
    assert.ok(found, text);
    return found;
  });

describe('an address is in a network', () => {
  const cases: [address: string, networks: string[], isIn: boolean][] = [
    ['10.0.0.5', ['10.0.0.5'], true],
    ['10.0.0.6', ['10.0.0.5'], false],
    ['::ffff:10.0.0.5', ['10.0.0.5'], true],
    ['10.200.3.4', ['10.0.0.0/8'], true],
    ['11.0.0.1', ['10.0.0.0/8'], false],
    ['172.16.5.9', ['172.16.4.0/23'], true],
    ['172.16.6.1', ['172.16.4.0/23'], false],
    ['::1', ['::1'], true],
    ['::2', ['::1'], false],
    ['127.0.0.1', ['::1'], false],
    ['fd12:3456::1', ['fd00::/8'], true],
    ['fe80::1%eth0', ['fe80::/10'], true],
    ['2001:db8::1', ['fd00::/8', '2001:db8::/32'], true],
    ['203.0.113.9', ['0.0.0.0/0'], true],
    ['2001:db8::1', ['0.0.0.0/0'], false],
    ['', ['0.0.0.0/0', '::/0'], false],
    ['not an address', ['0.0.0.0/0', '::/0'], false],
    ['10.0.0.5, 203.0.113.9', ['10.0.0.5'], false],
  ];
  for (const [address, all, isIn] of cases) {
    test(`${address || 'nothing'} and ${all}: ${isIn}`, () =>
      assert.equal(isInNetworks(address, networks(...all)), isIn));
  }
});

test('what is not one address or network is refused', () => {
  for (const text of [
    '',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.0/33',
    '::1/129',
    '10.0.0.5/',
    'localhost',
    '10.0.0.5:80',
    '[::1]',
    '*',
    '1:2:3:4:5:6:7:8:9',
  ])
    assert.equal(parseNetwork(text), null, text);
});

test('an IPv6 caller is its /64, an IPv4 caller its address', () => {
  assert.equal(networkOf('::ffff:203.0.113.9'), '203.0.113.9');
  assert.equal(networkOf('203.0.113.9'), '203.0.113.9');
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), networkOf('2001:db8:1:2::9'));
  assert.notEqual(networkOf('2001:db8:1:2::9'), networkOf('2001:db8:1:3::9'));
  assert.equal(networkOf('odd'), 'odd');
});

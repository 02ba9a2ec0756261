/** Which addresses a callback may connect to. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { isPublicAddress, pinnedLookup, type Resolve } from '../../../../src/backends/shared/http/addresses.ts';
import { withServer } from '../../runtype/support/backend.ts';
import { never, withReceiver } from './support.ts';

const closed = [
  '0.0.0.0',
  '10.0.0.1',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.8',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:8.8.8.8',
  '64:ff9b::a00:1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:20::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  '5f00::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  'localhost',
  '',
  '1.2.3',
  '01.2.3.4',
];
const open = [
  '1.1.1.1',
  '8.8.8.8',
  '100.63.255.255',
  '100.128.0.1',
  '172.15.0.1',
  '172.32.0.1',
  '192.167.0.1',
  '198.20.0.1',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001::200e',
  '2001:4860:4860::8888',
];

describe('an address', () => {
  for (const address of closed)
    test(`${address || 'none'} is not public`, () => assert.equal(isPublicAddress(address), false));
  for (const address of open) test(`${address} is public`, () => assert.equal(isPublicAddress(address), true));
});

describe('a name', () => {
  const namesake =
    (addresses: string[]): Resolve =>
    async () =>
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

  for (const addresses of [['10.0.0.1'], ['8.8.8.8', '169.254.169.254'], ['::ffff:127.0.0.1'], ['127.0.0.1']]) {
    test(`that resolves to ${addresses.join(' and ')} is not called`, () =>
      withReceiver(
        (_, response) => response.end(),
        { hosts: ['hooks.example.com'], resolve: namesake(addresses), allowLoopback: false },
        async ({ inbox, item, received }) => {
          const { result } = await inbox.decide([item('approve', 'https://hooks.example.com/')], never);
          assert.equal(result.type, 'refused');
          assert.match('reason' in result ? result.reason : '', /private or special/);
          assert.equal(received.length, 0);
        },
      ));
  }

  test('is looked up once: the connection goes to the address that was checked', () =>
    withServer(
      (_, response) => response.end(),
      ({ port }) => {
        let lookups = 0;
        const resolve: Resolve = async () => {
          lookups += 1;
          return [{ address: lookups === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
        };
        const host = `hooks.invalid:${port}`;
        return withReceiver(
          (_, response) => response.end(),
          { hosts: [host], resolve },
          async ({ inbox, item }) => {
            // Only our own look-up knows the name, so only a pinned connection arrives.
            const { result } = await inbox.decide([item('approve', `http://${host}/`)], never);
            assert.deepEqual([result.type, lookups], ['recorded', 1]);
          },
        );
      },
    ));

  const failing: [string, Resolve][] = [
    ['is not found', () => Promise.reject(Object.assign(new Error('secret words'), { code: 'ENOTFOUND' }))],
    ['has no address', async () => []],
    ['takes too long', () => new Promise(() => {})],
  ];
  for (const [what, resolve] of failing) {
    test(`that ${what} is unsent`, () =>
      withReceiver(
        (_, response) => response.end(),
        { hosts: ['hooks.invalid'], resolve, callbackTimeouts: { resolveMs: 20 } },
        async ({ inbox, item }) => {
          const { result } = await inbox.decide([item('approve', 'https://hooks.invalid/')], never);
          assert.equal(result.type, 'unsent');
          assert.doesNotMatch('reason' in result ? result.reason : '', /secret words/);
        },
      ));
  }

  test('pinned, answers with one address or with all', () =>
    withServer(
      (_, response) => response.end(),
      async ({ port }) => {
        for (const autoSelectFamily of [true, false]) {
          const lookup = pinnedLookup([{ address: '127.0.0.1', family: 4 }]);
          const socket = connect({ host: 'hooks.invalid', port, lookup, autoSelectFamily });
          await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
          assert.equal(socket.remoteAddress, '127.0.0.1');
          socket.destroy();
        }
      },
    ));
});

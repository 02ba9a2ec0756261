import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inboxCheckups } from '../../../src/backends/inbox/checkups.ts';
import type { Resolve } from '../../../src/backends/shared/http/addresses.ts';
import { assertFound, lookAt, only } from '../shared/doctor/support.ts';

const known: Record<string, string> = { 'hooks.example.com': '93.184.216.34', 'inner.example.com': '10.0.0.4' };
const resolve: Resolve = async (host) => {
  const address = known[host];
  if (address === undefined) throw Object.assign(new Error('not found'), { code: 'ENOTFOUND', hostname: host });
  return [{ address, family: 4 }];
};

function looked(hosts: readonly string[], unnamed?: true) {
  const asker = { name: 'deploy', tokens: ['t'], hosts, secret: 's', ...(unnamed && { unnamed }) };
  return lookAt({
    title: 'Countersign',
    checkups: () => inboxCheckups({ askers: [asker, asker], resolve, allowLoopback: false }),
  });
}

describe('the hosts of callbacks', () => {
  test('with public addresses are fine, and without any there is nothing to look at', async () => {
    const { findings, fine } = await looked(['hooks.example.com:8443', 'hooks.example.com/deploy/']);
    assert.deepEqual([findings, fine.length], [[], 1]);
    assert.deepEqual((await looked([])).fine, []);
  });

  test('that are not found, or are private, are faults', async () => {
    const missing = only(await looked(['hoks.example.com'], true));
    assertFound(missing, { check: 'inbox.callbacks', level: 'fault', what: /name not found/, remedy: /spelling/ });
    assert.equal(missing.where, 'CALLBACK_HOSTS');
    const inner = only(await looked(['inner.example.com']));
    assertFound(inner, {
      check: 'inbox.callbacks',
      level: 'fault',
      what: /private or special/,
      remedy: /public address/,
    });
    assert.equal(inner.where, 'ASKERS, deploy');
  });
});

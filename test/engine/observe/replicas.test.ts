/** Row 63: replicas whose settings, policy files or versions differ. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReplicaReport } from '../../../src/core/ports/store/fleet.ts';
import type { Alert } from '../../../src/core/view/cards/alert-card.ts';
import { createReplicasWatch, differenceOf, fingerprintOf } from '../../../src/engine/observe/replicas.ts';
import { createTestClock } from '../../support/clock.ts';
import { captureLog } from '../../support/log.ts';

const MINUTE_MS = 60_000;

function replica(name: string, more: Partial<ReplicaReport> = {}): ReplicaReport {
  const fingerprint = fingerprintOf('settings-1', 'policy-1');
  return { id: `${name}-1`, name, version: '1.0.0', fingerprint, startedAt: 0, beatAgeMs: 10, isAlive: true, ...more };
}

describe('the difference between replicas', () => {
  test('is none where all work by the same rules, however many there are', () => {
    for (const count of [0, 1, 3])
      assert.equal(differenceOf(Array.from({ length: count }, (_, n) => replica(`r${n}`))), null);
  });

  test('names what differs, and how each replica stands', () => {
    const other = replica('two', { fingerprint: fingerprintOf('settings-2', 'policy-1') });
    assert.match(
      differenceOf([replica('one'), other]) ?? '',
      /^Replicas have different settings\. one: 1\.0\.0, .*; two: /,
    );
    const policy = replica('two', { fingerprint: fingerprintOf('settings-1', 'policy-2'), version: '1.1.0' });
    assert.match(differenceOf([replica('one'), policy]) ?? '', /^Replicas have different policy files and versions\./);
  });

  test('does not count what is dead, or has not said anything yet', () => {
    const other = { fingerprint: fingerprintOf('settings-2', 'policy-2') };
    assert.equal(differenceOf([replica('one'), replica('two', { ...other, isAlive: false })]), null);
    assert.equal(differenceOf([replica('one'), replica('two', { fingerprint: '' })]), null);
  });
});

describe('the watch over replicas', () => {
  function create(report?: () => Promise<readonly ReplicaReport[]>) {
    const clock = createTestClock();
    const { log, lines } = captureLog();
    const alerts: string[] = [];
    const set = new Map<string, number>();
    const watch = createReplicasWatch({
      fleet: { me: 'one-1', ...(report !== undefined && { report }) },
      alerts: {
        begin: ({ kind, what }: Alert) => alerts.push(`${kind}: ${what}`),
        over: (kind) => void (alerts.length > 0 && alerts.push(`${kind} is over`)),
      },
      metrics: { set: (name, labels, value) => set.set(`${name} ${Object.values(labels).join()}`.trim(), value) },
      clock,
      log,
    });
    return { clock, watch, alerts, lines, set };
  }

  test('says so in the log at once, and in an alert once it has lasted longer than a roll-out; then that it is over', async () => {
    let other = replica('two', { version: '1.1.0' });
    const { clock, watch, alerts, lines, set } = create(async () => [replica('one'), other]);
    await watch.look();
    await watch.look();
    assert.equal(lines().filter(({ msg }) => String(msg).includes('different versions')).length, 1);
    assert.deepEqual([set.get('replicas alive'), set.get('replicas silent'), set.get('replicas_differ')], [2, 0, 1]);
    assert.match(watch.view().difference ?? '', /different versions/);
    clock.advance(9 * MINUTE_MS);
    await watch.look();
    assert.deepEqual(alerts, []);
    clock.advance(MINUTE_MS);
    await watch.look();
    assert.match(alerts.join(), /^replicas_differ: Replicas have different versions.*10 minutes\.$/);
    other = replica('two');
    await watch.look();
    assert.equal(alerts.at(-1), 'replicas_differ is over');
    assert.deepEqual([set.get('replicas_differ'), watch.view().difference], [0, null]);
  });

  test('shows who is silent', async () => {
    const { watch, set } = create(async () => [replica('one'), replica('two', { isAlive: false, beatAgeMs: 20_000 })]);
    await watch.look();
    assert.deepEqual([set.get('replicas alive'), set.get('replicas silent')], [1, 1]);
    assert.equal(watch.view().replicas?.length, 2);
  });

  test('claims nothing while the store can’t be asked', async () => {
    let fails = false;
    const { watch } = create(async () => (fails ? Promise.reject(new Error('no')) : [replica('one')]));
    await watch.look();
    fails = true;
    await watch.look();
    assert.equal(watch.view().replicas, null);
  });

  test('is one look where there can be no other replica', async () => {
    const { watch, set } = create();
    watch.start();
    await watch.stop();
    assert.deepEqual([set.get('replicas alive'), set.get('replicas_differ'), watch.view().replicas], [1, 0, []]);
  });
});

/** One replica among others: it says that it is alive, and takes over from those that are not. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DiskError, StoreError } from '../../../src/core/ports/errors.ts';
import type { EndedReplica } from '../../../src/core/ports/ports.ts';
import type { Alert } from '../../../src/core/view/cards/alert-card.ts';
import { createPresence } from '../../../src/engine/recovery/presence.ts';
import { captureLog } from '../../support/log.ts';

const BEAT_MS = 3_000;
const none = { unfinished: 0, inDoubt: 0, runsLost: 0 };

/** Its sleeps end one by one, when the test says so. */
function createRig(beatEveryMs: number | null = BEAT_MS) {
  const { log, lines } = captureLog();
  const sleeps: { ms: number; wake: () => void }[] = [];
  const beats: string[] = [];
  const refused: Error[] = [];
  const ended: EndedReplica[][] = [];
  const adopted: string[] = [];
  const raised: Alert[] = [];
  const fatal: Error[] = [];
  const left: string[] = [];
  const presence = createPresence({
    fleet: {
      me: 'own',
      beatEveryMs,
      async beat(fingerprint) {
        beats.push(fingerprint);
        const error = refused.shift();
        if (error !== undefined) throw error;
      },
      adopt: async () => ended.shift() ?? [],
      leave: async () => void left.push('own'),
    },
    fingerprint: () => `settings ${beats.length}`,
    async adopt(replicas) {
      adopted.push(...replicas.map(({ replica }) => replica));
      return { unfinished: 3, inDoubt: 1, runsLost: 2 };
    },
    alerts: { raise: (alert) => void raised.push(alert) },
    clock: {
      now: () => 0,
      monotonic: () => 0,
      id: () => 'id',
      hash: (text) => text,
      random: () => 0,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          sleeps.push({ ms, wake: resolve });
          signal?.addEventListener('abort', () => resolve());
        }),
    },
    log,
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  /** Ends the sleep before the next beat. @returns how long it was to last */
  async function pass(): Promise<number | undefined> {
    const slept = sleeps.shift();
    slept?.wake();
    await turn();
    return slept?.ms;
  }
  const join = () => presence.join((error) => void fatal.push(error));
  return { presence, join, pass, lines, beats, refused, ended, adopted, raised, fatal, left, sleeps };
}

const dead: EndedReplica = { replica: 'two', ended: 'died', lastBeat: Date.UTC(2026, 0, 1) };

describe('a replica among others', () => {
  test('beats before anything else, with what its settings are by then, and leaves when it stops', async () => {
    const rig = createRig();
    await rig.join();
    assert.equal(await rig.pass(), BEAT_MS);
    assert.deepEqual(rig.beats, ['settings 0', 'settings 1']);
    await rig.presence.stop();
    assert.deepEqual(rig.left, ['own']);
    assert.deepEqual(rig.adopted, []);
  });

  test('does not join where it can’t be told to the others', async () => {
    const rig = createRig();
    rig.refused.push(new StoreError('no connection'));
    await assert.rejects(rig.join(), StoreError);
    assert.deepEqual(rig.sleeps, []);
  });

  test('takes over from others only once it is recovered itself, and reports who died', async () => {
    const rig = createRig();
    rig.ended.push([dead, { replica: 'three', ended: 'stopped', lastBeat: 5 }]);
    await rig.join();
    await rig.pass();
    assert.deepEqual(rig.adopted, []);
    rig.presence.start();
    await rig.pass();
    assert.deepEqual(rig.adopted, ['two', 'three']);
    const [alert, ...more] = rig.raised;
    assert.deepEqual([alert?.kind, alert?.subject, more], ['crashed', 'two', []]);
    assert.match(
      alert?.what ?? '',
      /two \(last alive at 2026-01-01T00:00:00.000Z\) did not shut down.*own has taken over/,
    );
    await rig.presence.stop();
  });

  test('says nothing to operators of one that has stopped', async () => {
    const rig = createRig();
    await rig.join();
    rig.presence.start();
    rig.ended.push([{ replica: 'three', ended: 'stopped', lastBeat: 5 }]);
    await rig.pass();
    assert.deepEqual([rig.adopted, rig.raised], [['three'], []]);
    await rig.presence.stop();
  });

  test('reports what its start has taken over, once it is ready', async () => {
    const rig = createRig();
    await rig.join();
    rig.presence.recovered([dead], none);
    assert.deepEqual(rig.raised, []);
    rig.presence.start();
    assert.equal(rig.raised.length, 1);
    await rig.presence.stop();
  });

  test('beats again soon where one failed, says so once, and takes over nothing meanwhile', async () => {
    const rig = createRig();
    await rig.join();
    rig.presence.start();
    rig.refused.push(new StoreError('down'), new StoreError('down'));
    rig.ended.push([dead]);
    assert.equal(await rig.pass(), BEAT_MS);
    assert.equal(await rig.pass(), 1_000);
    assert.deepEqual(rig.adopted, []);
    assert.equal(await rig.pass(), 1_000);
    assert.deepEqual(rig.adopted, ['two']);
    assert.equal(rig.lines().filter(({ msg }) => String(msg).includes('can’t be told')).length, 1);
    await rig.presence.stop();
  });

  test('ends the process where another one has its place', async () => {
    const rig = createRig();
    await rig.join();
    rig.refused.push(new DiskError('taken over'));
    await rig.pass();
    assert.equal(rig.fatal.length, 1);
    await rig.presence.stop();
  });
});

test('the only replica neither beats nor leaves', async () => {
  const rig = createRig(null);
  await rig.join();
  rig.presence.recovered([dead], none);
  rig.presence.start();
  await rig.presence.stop();
  assert.deepEqual([rig.beats, rig.sleeps, rig.raised, rig.left], [[], [], [], []]);
});

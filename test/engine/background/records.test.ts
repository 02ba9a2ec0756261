import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { KNOWN_SHAPE } from '../../../src/core/approval/parts/shape.ts';
import { StoreError } from '../../../src/core/ports/errors.ts';
import { POLICY_AUDIT_ID, type PolicyRecord, type PolicyRecords } from '../../../src/core/ports/store.ts';
import { createRecords } from '../../../src/engine/background/records.ts';
import { createSqliteStore } from '../../../src/store/sqlite/index.ts';
import { createTestClock } from '../../support/clock.ts';
import { dana } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';

const schema = z.object({ until: z.number() });
const note = (input: string) => ({ input, actor: dana, facts: {} });

function open() {
  const { log, lines } = captureLog();
  const store = createSqliteStore({ file: ':memory:', clock: createTestClock(), log, onFatal: assert.fail });
  const load = async () => {
    const records = createRecords({ store, log });
    const absences = records.of('absence', schema);
    await records.load();
    return { records, absences };
  };
  return { store, load, lines };
}

describe('records', () => {
  test('are the same in memory after a restart', async () => {
    const { store, load } = open();
    const { absences } = await load();
    await absences.put('mara', { until: 1 }, note('away'));
    await absences.put('jon', { until: 2 }, note('away'));
    assert.equal(await absences.delete('mara', note('back')), true);
    assert.equal(await absences.delete('mara', note('back')), false);
    const kept = new Map([['jon', { until: 2 }]]);
    assert.deepEqual(absences.all(), kept);
    assert.deepEqual((await load()).absences.all(), kept);
    assert.deepEqual(
      (await store.audit(POLICY_AUDIT_ID)).map(({ input }) => input),
      ['away', 'away', 'back'],
    );
    await store.close();
  });

  test('change in the order of the store, and only once they are recorded', async () => {
    const { store, load } = open();
    const { absences } = await load();
    const seen: unknown[] = [];
    absences.onChange(() => seen.push(absences.get('mara')));
    const written = Promise.all([1, 2, 3].map((until) => absences.put('mara', { until }, note('away'))));
    assert.equal(absences.get('mara'), undefined);
    await written;
    assert.deepEqual(seen, [{ until: 1 }, { until: 2 }, { until: 3 }]);
    await store.close();
  });

  test('stay as they were when the store refuses, and the next change works', async () => {
    const { store } = open();
    let isFull = true;
    const put: typeof store.records.put = (...given) =>
      isFull ? Promise.reject(new StoreError('The disk is full.')) : store.records.put(...given);
    const { log } = captureLog();
    const records = createRecords({ store: { records: { ...store.records, put } }, log });
    const absences = records.of('absence', schema);
    await records.load();
    await assert.rejects(absences.put('mara', { until: 1 }, note('away')), StoreError);
    assert.equal(absences.get('mara'), undefined);
    isFull = false;
    await absences.put('mara', { until: 2 }, note('away'));
    assert.deepEqual(absences.get('mara'), { until: 2 });
    await store.close();
  });

  test('that another version wrote grant nothing, stay in the store, and are logged', async () => {
    const { store, load, lines } = open();
    await store.records.put({ kind: 'absence', id: 'mara', value: { from: 'then' } }, note('away'));
    const { absences } = await load();
    assert.equal(absences.all().size, 0);
    assert.equal((await store.records.list()).length, 1);
    assert.match(JSON.stringify(lines()), /can’t be read/);
    await store.close();
  });

  test('that a newer version wrote with another meaning grant nothing, but a stop stops in every version', async () => {
    const { store, load } = open();
    const value = { until: 1, shape: KNOWN_SHAPE + 1 };
    await store.records.put({ kind: 'absence', id: 'mara', value }, note('away'));
    await store.records.put({ kind: 'stop', id: 'stop', value }, note('stopped'));
    const { records, absences } = await load();
    const stops = records.of('stop', schema);
    await records.load();
    assert.deepEqual([absences.all().size, stops.get('stop')?.until], [0, 1]);
    await store.close();
  });

  test('of one kind have one owner', async () => {
    const { store, load } = open();
    const { records } = await load();
    assert.throws(() => records.of('absence', schema), /two owners/);
    await store.close();
  });
});

describe('records that another replica has changed', () => {
  test('are in force at once, and only what is different is told', async () => {
    const { store } = open();
    const listeners: ((found: readonly PolicyRecord[]) => void)[] = [];
    const { log } = captureLog();
    const elsewhere: PolicyRecords = { ...store.records, onElsewhere: (listener) => void listeners.push(listener) };
    const records = createRecords({ store: { records: elsewhere }, log });
    const [absences, links] = [records.of('absence', schema), records.of('link', schema)];
    await records.load();
    await absences.put('mara', { until: 1 }, note('away'));
    await links.put('a b', { until: 1 }, note('linked'));
    const told: string[] = [];
    absences.onChange((what) => told.push(`absences ${what}`));
    links.onChange((what) => told.push(`links ${what}`));
    listeners[0]?.([
      { kind: 'link', id: 'a b', value: { until: 1 }, at: 1 },
      { kind: 'absence', id: 'jon', value: { until: 2 }, at: 1 },
    ]);
    assert.deepEqual(absences.all(), new Map([['jon', { until: 2 }]]));
    assert.deepEqual(told, ['absences elsewhere']);
    await store.close();
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noMetrics } from '../../src/core/ports/metrics.ts';
import type { Examined } from '../../src/doctor/run.ts';
import { createBotDoctor, DOCTOR_PACE, type Pace } from '../../src/doctor/within.ts';
import { createTestClock } from '../support/clock.ts';
import { captureLog } from '../support/log.ts';

const fine: Examined = {
  title: 'Slack',
  findings: [],
  fine: [{ check: 'slack.token', title: 'it answers' }],
  untold: [],
};
const wrong: Examined = {
  ...fine,
  findings: [{ check: 'slack.rooms', level: 'fault', what: 'It is gone.', remedy: 'Make it.' }],
};

function setUp(pace: Pace | null = null) {
  const clock = createTestClock();
  const log = captureLog([]);
  const shown = new Map<string, number>();
  const rig = { looks: 0, local: 0, found: fine };
  const doctor = createBotDoctor({
    look: async (local) => {
      rig[local ? 'local' : 'looks'] += 1;
      return [rig.found];
    },
    release: '1.2.3',
    pace,
    clock,
    log: log.log,
    metrics: { ...noMetrics, set: (name, labels, value) => void shown.set(`${name} ${JSON.stringify(labels)}`, value) },
  });
  const pass = async (ms: number) => {
    clock.advance(ms);
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
  };
  return { doctor, rig, clock, log, shown, pass };
}

describe('the doctor of a bot that runs', () => {
  test('looks once after the start, then at its pace, and not after a stop', async () => {
    const { doctor, rig, pass } = setUp(DOCTOR_PACE);
    doctor.start();
    assert.equal(doctor.last(), null);
    await pass(DOCTOR_PACE.firstMs);
    assert.equal(rig.looks, 1);
    assert.equal(doctor.last()?.source, 'bot');
    await pass(DOCTOR_PACE.everyMs);
    assert.equal(rig.looks, 2);
    doctor.stop();
    await pass(DOCTOR_PACE.everyMs);
    assert.equal(rig.looks, 2);
  });

  test('looks once for all who ask at the same time, and rests before it looks again', async () => {
    const { doctor, rig, pass } = setUp();
    const both = await Promise.all([doctor.run(false), doctor.run(false)]);
    assert.equal(both[0], both[1]);
    assert.equal(rig.looks, 1);
    const again = doctor.run(false);
    await pass(5_000);
    assert.equal(rig.looks, 1, 'it rests');
    await pass(5_000);
    await again;
    assert.equal(rig.looks, 2);
  });

  test('looks only at this machine where that is asked for, at once, and keeps nothing of it', async () => {
    const { doctor, rig, log, shown } = setUp();
    await doctor.run(false);
    const [kept, counts] = [doctor.last(), [...shown]];
    rig.found = wrong;
    assert.equal((await doctor.run(true)).faults, 1);
    assert.deepEqual([rig.looks, rig.local], [1, 1]);
    assert.equal(doctor.last(), kept);
    assert.deepEqual([...shown], counts);
    assert.equal(log.text(), '');
  });

  test('counts what it found, and logs it when it is new and when it is gone', async () => {
    const { doctor, rig, log, shown, pass } = setUp();
    await doctor.run(false);
    assert.equal(log.text(), '');
    for (const found of [wrong, wrong, fine]) {
      rig.found = found;
      const running = doctor.run(false);
      await pass(10_000);
      await running;
    }
    const lines = log.lines().map(({ msg, problems }) => [msg, problems]);
    assert.deepEqual(lines, [
      ['the doctor found 1 thing: countersign doctor says what to do', ['slack.rooms: It is gone.']],
      ['the doctor finds nothing any more', undefined],
    ]);
    assert.equal(shown.get('doctor_findings {"level":"fault"}'), 0);
  });
});

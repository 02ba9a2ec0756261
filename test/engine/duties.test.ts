import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StoreError } from '../../src/core/ports/errors.ts';
import type { Fleet } from '../../src/core/ports/store/fleet.ts';
import { createFleetOfOne } from '../../src/core/ports/store/fleet.ts';
import { Duties } from '../../src/engine/duties.ts';
import { createTestClock } from '../support/clock.ts';
import { captureLog } from '../support/log.ts';

/** Replicas whose leases are in a table, by one clock. */
function fleetOf(...names: string[]) {
  const clock = createTestClock();
  const table = new Map<string, { holder: string; epoch: number; until: number }>();
  const down = new Set<string>();
  const replicas = names.map((me) => {
    const fleet: Pick<Fleet, 'hold' | 'beatEveryMs'> = {
      beatEveryMs: 3_000,
      async hold(duty, forMs) {
        if (down.has(me)) throw new StoreError('no connection');
        const [now, row] = [clock.monotonic(), table.get(duty)];
        const isMine = row?.holder === me;
        if (row !== undefined && !isMine && row.until > now) return null;
        const epoch = row === undefined ? 1 : isMine && row.until > now ? row.epoch : row.epoch + 1;
        table.set(duty, { holder: me, epoch, until: now + forMs });
        return { epoch };
      },
    };
    return new Duties(fleet, clock, captureLog().log);
  });
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 500) {
      clock.advance(500);
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { clock, replicas, down, pass };
}

const worker = () => {
  const seen = { begun: 0, working: 0 };
  const work = async (signal: AbortSignal) => {
    seen.begun += 1;
    seen.working += 1;
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    seen.working -= 1;
  };
  return { seen, work };
};

describe('a duty', () => {
  test('is always that of the only replica, without asking anyone', async () => {
    let asked = 0;
    const fleet = createFleetOfOne();
    const hold: Fleet['hold'] = (...given) => {
      asked += 1;
      return fleet.hold(...given);
    };
    const duties = new Duties({ ...fleet, hold }, createTestClock(), captureLog().log);
    assert.equal(duties.isOurs('house'), true);
    const { seen, work } = worker();
    const stopping = new AbortController();
    const working = duties.whileHeld('watch:sonzai', work, stopping.signal);
    stopping.abort();
    await working;
    assert.deepEqual([asked, seen], [0, { begun: 1, working: 0 }]);
  });

  test('is done by one of several, and by another within twelve seconds after that one has died', async () => {
    const { replicas, down, pass } = fleetOf('a', 'b');
    const [a, b] = [worker(), worker()];
    const [dying, stopping] = [new AbortController(), new AbortController()];
    const running = [
      replicas[0]?.whileHeld('watch:sonzai', a.work, dying.signal),
      replicas[1]?.whileHeld('watch:sonzai', b.work, stopping.signal),
    ];
    await pass(60_000);
    assert.deepEqual(
      [a.seen, b.seen],
      [
        { begun: 1, working: 1 },
        { begun: 0, working: 0 },
      ],
    );
    assert.deepEqual(
      replicas.map((one) => one.isOurs('watch:sonzai')),
      [true, false],
    );
    down.add('a');
    dying.abort();
    await pass(16_000);
    assert.deepEqual(b.seen, { begun: 1, working: 1 });
    stopping.abort();
    await Promise.all(running);
  });

  test('ends where it can’t be renewed in time, before another replica begins', async () => {
    const { replicas, down, pass } = fleetOf('a', 'b');
    const [a, b] = [worker(), worker()];
    const stopping = new AbortController();
    const running = replicas.map((one, index) =>
      one.whileHeld('homes', [a, b][index]?.work ?? a.work, stopping.signal),
    );
    await pass(8_000);
    down.add('a');
    await pass(6_000);
    assert.deepEqual([a.seen.working, b.seen.working], [1, 0], 'one failure is not the end');
    for (let second = 0; second < 40; second += 1) {
      await pass(500);
      assert.ok(a.seen.working + b.seen.working <= 1, 'never two');
    }
    assert.deepEqual([a.seen.working, b.seen.working], [0, 1]);
    down.clear();
    await pass(30_000);
    assert.deepEqual([a.seen.begun, b.seen.working], [1, 1], 'who comes back does not take it away');
    stopping.abort();
    await Promise.all(running);
  });

  test('of a process that was frozen has another epoch when it comes back', async () => {
    const { replicas, clock } = fleetOf('a', 'b');
    assert.deepEqual(await replicas[0]?.take('members'), { epoch: 1 });
    assert.deepEqual(await replicas[0]?.take('members'), { epoch: 1 });
    assert.equal(await replicas[1]?.take('members'), null);
    clock.advance(12_000);
    assert.equal(replicas[0]?.isOurs('members'), false, 'known without asking');
    assert.deepEqual(await replicas[1]?.take('members'), { epoch: 2 });
    assert.equal(await replicas[0]?.take('members'), null);
    clock.advance(12_000);
    assert.deepEqual(await replicas[0]?.take('members'), { epoch: 3 });
  });
});

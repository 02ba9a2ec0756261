/** What /readyz is made of: checks at a pace of their own, on a clock that the test moves. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Metrics } from '../../../src/core/ports/metrics.ts';
import { noMetrics } from '../../../src/core/ports/metrics.ts';
import type { Backend, Platform, Reach } from '../../../src/core/ports/ports.ts';
import type { JobStats, StoreStats } from '../../../src/core/ports/store.ts';
import { createAlerts } from '../../../src/engine/observe/alerts.ts';
import { type CheckDeps, createChecks, judgeLag } from '../../../src/engine/observe/checks.ts';
import { createHealth, type Finding } from '../../../src/engine/observe/health.ts';
import { createLoopLag } from '../../../src/engine/observe/loop-lag.ts';
import { createTestClock } from '../../support/clock.ts';
import { captureLog } from '../../support/log.ts';

const settle = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
const bad: Finding = { ok: false, reason: 'It is down.', advice: 'Lift it.' };

function rigOf(look: (signal: AbortSignal) => Promise<Finding>, patienceMs: number | null = 60_000) {
  const clock = createTestClock();
  const { log, lines } = captureLog();
  const shown: Record<string, number> = {};
  const metrics: Metrics = {
    ...noMetrics,
    set: (name, labels, value) => {
      shown[[name, ...Object.values(labels)].join(' ')] = value;
    },
  };
  const alerts = createAlerts({ places: [], platforms: new Map(), clock, log, metrics });
  const checks = [{ name: 'thing', everyMs: 10_000, patienceMs, look }];
  const health = createHealth({ checks, clock, log, metrics, alerts });
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1_000) {
      await settle();
      clock.advance(Math.min(1_000, left));
    }
    await settle();
  };
  const told = () => lines().filter(({ alert }) => alert !== undefined);
  return { clock, health, pass, told, shown };
}

describe('a check', () => {
  test('is looked at by itself, not by who asks', async () => {
    let looks = 0;
    const { health, pass } = rigOf(async () => {
      looks += 1;
      return { ok: true };
    });
    assert.equal(health.report().ready, false, 'nothing is known yet');
    void health.start();
    await pass(0);
    for (let probe = 0; probe < 100; probe += 1) assert.equal(health.report().ready, true);
    assert.equal(looks, 1);
    await pass(60_000);
    assert.ok(looks >= 6 && looks <= 7, String(looks));
    await health.stop();
  });

  test('that the start has made with success is not made again at once', async () => {
    let looks = 0;
    const { health, pass, shown } = rigOf(async () => {
      looks += 1;
      return bad;
    });
    await health.start(new Set(['thing']));
    assert.deepEqual([looks, health.report().ready, shown['check_ok thing']], [0, true, 1]);
    await pass(11_000);
    assert.deepEqual([looks, health.report().ready], [1, false]);
    await health.stop();
  });

  test('says why it fails, since when, and what to do; and when it has recovered', async () => {
    let finding: Finding = { ok: true };
    const { health, pass, clock, shown } = rigOf(async () => finding);
    void health.start();
    await pass(5_000);
    finding = bad;
    await pass(10_000);
    const since = health.report().checks[0]?.since;
    await pass(20_000);
    const [report] = health.report().checks;
    assert.deepEqual([report?.ok, report?.reason, report?.advice], [false, 'It is down.', 'Lift it.']);
    assert.equal(report?.since, since, 'since it turned, not since it was looked at last');
    assert.ok((report?.checkedAt ?? 0) > (since ?? 0) && (report?.checkedAt ?? 0) <= clock.now());
    assert.equal(shown['check_ok thing'], 0);
    finding = { ok: true };
    await pass(10_000);
    assert.equal(health.report().ready, true);
    await health.stop();
  });

  test('that stays bad is told once, after its patience, and once when it is over', async () => {
    let finding: Finding = bad;
    const { health, pass, told } = rigOf(async () => finding, 60_000);
    void health.start();
    await pass(55_000);
    assert.equal(told().length, 0, 'a short fault mends itself');
    await pass(10 * 60_000);
    assert.deepEqual(
      told().map(({ msg, what }) => [msg, what]),
      [['alert: Thing is unhealthy', 'It is down. This has lasted for 1 minute.']],
    );
    finding = { ok: true };
    await pass(20_000);
    assert.deepEqual(told().at(-1)?.['msg'], 'alert: Resolved: Thing is unhealthy');
    await health.stop();
  });

  test('that hangs has failed, and is asked again', async () => {
    let aborted = 0;
    const { health, pass } = rigOf(
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            aborted += 1;
            reject(signal.reason);
          });
        }),
    );
    void health.start();
    await pass(10_000);
    assert.match(health.report().checks[0]?.reason ?? '', /did not answer within 10 s/);
    await pass(30_000);
    assert.ok(aborted >= 1);
    await health.stop();
  });

  test('that throws has failed with what it threw', async () => {
    const { health, pass } = rigOf(() => Promise.reject(new Error('oh')));
    void health.start();
    await pass(0);
    assert.equal(health.report().checks[0]?.reason, 'oh');
    await health.stop();
  });

  test('that was not made for long says nothing any more', async () => {
    const { health, pass, clock } = rigOf(async () => ({ ok: true }));
    void health.start();
    await pass(0);
    // The loop was blocked: time passed without a check.
    clock.setWall(clock.now() + 1);
    await health.stop();
    clock.advance(60_000);
    assert.match(health.report().checks[0]?.reason ?? '', /was not checked for 1 minute: this process is stuck/);
  });
});

describe('what is checked', () => {
  const jobs = (more: Partial<JobStats>): JobStats => ({
    kind: 'draw',
    waiting: 0,
    due: 0,
    running: 0,
    dead: 0,
    recentlyDead: 0,
    oldestDueMs: null,
    ...more,
  });

  async function finding(name: string, more: Partial<CheckDeps>): Promise<string> {
    const clock = more.clock ?? createTestClock();
    const deps: CheckDeps = {
      store: {
        setMeta: async () => null,
        stats: async () => ({ approvals: [], jobs: [], diskFree: null, size: null }),
        waiting: async () => [],
      },
      routeOf: (rule) => rule,
      platforms: new Map(),
      backends: [],
      reached: new Map(),
      lag: createLoopLag(clock),
      metrics: noMetrics,
      ...more,
      clock,
    };
    const check = createChecks(deps).find((one) => one.name === name);
    const found = await check?.look(new AbortController().signal);
    return found === undefined ? 'no such check' : found.ok ? 'ok' : found.reason;
  }

  const withStats = (clock: ReturnType<typeof createTestClock>, more: Partial<StoreStats>) =>
    finding('outbox', {
      clock,
      store: {
        setMeta: async () => null,
        stats: async () => ({ approvals: [], jobs: [], diskFree: null, size: null, ...more }),
        waiting: async () => [],
      },
    });

  test('a store that refuses, and one that is slow', async () => {
    const stats = async () => ({ approvals: [], jobs: [], diskFree: null, size: null });
    const waiting = async () => [];
    const full = { setMeta: () => Promise.reject(new Error('database or disk is full')), stats, waiting };
    assert.match(await finding('store', { store: full }), /can’t be written: database or disk is full/);
    const clock = createTestClock();
    const slow = {
      setMeta: async () => {
        clock.advance(2_000);
        return null;
      },
      stats,
      waiting,
    };
    assert.match(await finding('store', { store: slow, clock }), /took 2000 ms/);
    assert.equal(await finding('store', {}), 'ok');
  });

  test('jobs that wait too long, too many that were given up, a disk that is nearly full', async () => {
    const clock = createTestClock();
    assert.equal(await withStats(clock, { jobs: [jobs({ oldestDueMs: 9 * 60_000, dead: 900 })] }), 'ok');
    assert.match(await withStats(clock, { jobs: [jobs({ oldestDueMs: 11 * 60_000 })] }), /waited for 11 minutes/);
    assert.equal(await withStats(clock, { jobs: [jobs({ recentlyDead: 20 })] }), 'ok');
    assert.match(
      await withStats(clock, { jobs: [jobs({ recentlyDead: 20 }), jobs({ kind: 'decide', recentlyDead: 1 })] }),
      /21 jobs were abandoned within an hour/,
    );
    assert.match(await withStats(clock, { diskFree: 5 * 1024 * 1024 }), /has 5 MB left/);
  });

  test('each platform by its own word, not by its library’s', async () => {
    const platform = { name: 'discord', check: () => Promise.reject(new Error('the token is refused')) };
    const platforms = new Map([['discord', platform as unknown as Platform]]);
    assert.match(await finding('discord', { platforms }), /the token is refused/);
  });

  test('polled backends by their last look, the others by asking', async () => {
    const asked = { name: 'a', title: 'A', check: async (): Promise<Reach> => ({ ok: false, reason: 'A is gone.' }) };
    const polled = { name: 'p', title: 'P', watch: async () => {} };
    const backends = [asked, polled] as unknown as Backend[];
    const reached = new Map<string, Reach>();
    assert.equal(await finding('a', { backends }), 'A is gone.');
    assert.match(await finding('p', { backends, reached }), /not read yet/);
    reached.set('p', { ok: true });
    assert.equal(await finding('p', { backends, reached }), 'ok');
    reached.set('p', { ok: false, reason: 'P refused.' });
    assert.equal(await finding('p', { backends, reached }), 'P refused.');
  });
});

describe('the event loop', () => {
  test('is late while it is held up, for a while after, and then no more', async () => {
    const clock = createTestClock();
    const lag = createLoopLag(clock);
    lag.start();
    clock.advance(250);
    await settle();
    assert.equal(lag.worst(), 0);
    clock.advance(3_250);
    assert.equal(lag.worst(), 3_000, 'also before the loop has had its turn');
    await settle();
    assert.equal(judgeLag(lag.worst()).ok, false);
    for (let tick = 0; tick < 44; tick += 1) {
      clock.advance(250);
      await settle();
    }
    assert.deepEqual([lag.worst(), judgeLag(lag.worst()).ok], [0, true]);
    lag.stop();
  });
});

/** Row 17: a wall clock that is set back, set forward or stopped does not change how long a job waits. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { RateBudget } from '../../../src/backends/hookpulse/rate-budget.ts';
import { requestedWaitMs } from '../../../src/backends/shared/api-errors.ts';
import type { Pass } from '../../../src/backends/shared/pass.ts';
import { createPolling } from '../../../src/backends/shared/polling.ts';
import { createTokenProvider } from '../../../src/backends/sonzai/token.ts';
import { step } from '../../../src/core/approval/steps/step.ts';
import { PlatformError } from '../../../src/core/ports/errors.ts';
import { createSqliteStore } from '../../../src/store/sqlite/index.ts';
import { RecordingIntake } from '../../backends/runtype/support/backend.ts';
import { createPacedClock, START } from '../../backends/shared/support.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import { announced, dana, pauseOf, sam, slackRoom } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';
import { ask, type Engine, says, withEngine } from '../../support/worlds/engine.ts';

const HOUR_MS = 3_600_000;
const folder = mkdtempSync(join(tmpdir(), 'countersign-clock-'));
after(() => rmSync(folder, { recursive: true }));

const announce = (engine: Engine, key = 'approval:appr_1') =>
  engine.intake.deliver({
    type: 'announced',
    pause: pauseOf({ key, groupId: key }),
    via: 'stream',
    streamOpen: false,
    inputId: null,
  });
/** Lets everything that is due run: the last step is a claim that finds no job. */
const quiet = async (engine: Engine) => {
  for (let turns = 0; turns < 10; turns += 1) await engine.store.release('no-worker');
};
const retries = (engine: Engine) => engine.lines().filter(({ msg }) => msg === 'job will be retried').length;

/** Both rooms request a wait of a minute; then the wall clock is set. */
async function withWaitingCard(set: (clock: TestClock) => void, then: (engine: Engine) => Promise<void>) {
  await withEngine(async (engine) => {
    const wait = () => new PlatformError('unsent', 'slow down', { retryAfterMs: 60_000 });
    engine.faults.post.push(wait(), wait());
    await announce(engine);
    await engine.until(() => (retries(engine) === 2 ? true : undefined));
    set(engine.clock);
    await then(engine);
  });
}

const settings: [string, (clock: TestClock) => void][] = [
  ['is set back by an hour', (clock) => clock.setWall(clock.now() - HOUR_MS)],
  ['is set forward by an hour', (clock) => clock.setWall(clock.now() + HOUR_MS)],
  ['is set back by a minute', (clock) => clock.setWall(clock.now() - 60_000)],
  ['is set back by fourteen minutes', (clock) => clock.setWall(clock.now() - 14 * 60_000)],
];

describe('row 17: while the wall clock', () => {
  for (const [name, set] of settings) {
    test(`${name}, a rate-limited room is paused for exactly the requested time`, () =>
      withWaitingCard(set, async (engine) => {
        engine.clock.advance(59_000);
        // Other work wakes the worker, which claims everything that is due.
        await engine.store.release('no-worker');
        await quiet(engine);
        assert.equal(engine.messages.length, 0, 'a burst would be refused again, and counted as abuse');
        engine.clock.advance(1_000);
        await engine.until(() => (engine.messages.length === 2 ? true : undefined));
      }));
  }

  test('stops, delayed jobs still run', () =>
    withWaitingCard(
      () => {},
      async (engine) => {
        const frozen = engine.clock.now();
        for (let second = 0; second < 60; second += 1) {
          engine.clock.advance(1_000);
          engine.clock.setWall(frozen);
        }
        await engine.until(() => (engine.messages.length === 2 ? true : undefined));
      },
    ));

  test('is set forward, a running job is not started a second time', () =>
    withEngine(async (engine) => {
      await engine.outbox.stop();
      await announce(engine);
      const mine = await engine.store.claim({ draw: 10, decide: 10 }, 'w1');
      assert.equal(mine.length, 2);
      engine.clock.setWall(engine.clock.now() + HOUR_MS);
      assert.deepEqual(await engine.store.claim({ draw: 10, decide: 10 }, 'w1'), []);
      assert.deepEqual(await engine.store.claim({ draw: 10, decide: 10 }, 'w2'), []);
    }));
});

test('row 17: a claim from before the clock was set back does not block later decisions, and expires', () =>
  withEngine(async (engine) => {
    const { approvalId, fingerprint } = await ask(engine);
    const hour = engine.clock.now() + HOUR_MS;
    await engine.apply(approvalId, { type: 'held', actor: dana, fingerprint, until: hour, right: 'allowed' });
    const bySam = engine.press({ platform: 'discord', actor: sam, buttonId: { approvalId, fingerprint } });
    assert.equal((await engine.onPress(bySam)).type, 'refused', 'Dana has it');
    engine.clock.setWall(engine.clock.now() - HOUR_MS);
    const again = engine.press({ platform: 'discord', actor: sam, buttonId: { approvalId, fingerprint } });
    assert.equal((await engine.onPress(again)).type, 'accepted');
  }));

test('row 17: a start after the wall clock was set back runs the delayed jobs at once', async () => {
  const file = join(folder, 'restart.db');
  const { log } = captureLog();
  const open = (clock: TestClock) =>
    createSqliteStore({
      file,
      clock,
      log,
      onFatal: (error) => {
        throw error;
      },
    });
  const now = Date.UTC(2026, 8, 1, 10);
  const first = open(createTestClock(now));
  const audit = { input: 'announced', actor: null, facts: {} };
  const one = announced({ places: [slackRoom] });
  await first.transact({ approvalId: 'ap1', inputId: null, audit, fn: (state) => step(state, one, now) });
  const [job] = await first.claim({ draw: 1, decide: 1 }, 'w');
  assert.ok(job);
  await first.settle(job, { type: 'retry', waitMs: 60_000, error: 'slow', notArrived: true });
  await first.close();
  const second = open(createTestClock(now - HOUR_MS));
  assert.equal((await second.claim({ draw: 1, decide: 1 }, 'w')).length, 1);
  await second.close();
});

describe('row 17: a pending list', () => {
  const listed = (engine: Engine, begunAt: number) =>
    engine.intake.deliver({ type: 'listed', backend: 'runtype', keys: [], begunAt });

  test('reports what is gone at once, also for items from before the clock was set back', () =>
    withEngine(async (engine) => {
      await announce(engine, 'one');
      await engine.until(() => (engine.messages.length === 2 ? true : undefined));
      engine.clock.setWall(engine.clock.now() - HOUR_MS);
      engine.clock.advance(1_000);
      await listed(engine, engine.clock.now());
      await says(engine, 0, 'Decided elsewhere (directly in Runtype).');
    }));

  for (const piecemeal of [false, true]) {
    test(`read while the clock was set proves nothing${piecemeal ? ', nor together with the one before it' : ''}`, async () => {
      const intake = new RecordingIntake();
      const clock = createPacedClock();
      const stop = new AbortController();
      let looks = 0;
      const look = async (): Promise<Pass> => {
        looks += 1;
        if (looks === 2) clock.setWall(clock.now() - HOUR_MS);
        return { type: 'read', found: [], complete: true, piecemeal };
      };
      const { log } = captureLog();
      const done = createPolling({ backend: 'inbox', look, intervalMs: () => 10_000, intake, clock, log })(stop.signal);
      const lists = () => intake.deliveries.filter(({ type }) => type === 'listed');
      for (let pass = 0; pass < 3; pass += 1) await clock.pass();
      const before = lists().length;
      await clock.pass();
      stop.abort();
      await done;
      // Passes 1 and 3 prove something alone; piecemeal, 3 does only together with 4.
      assert.equal(before, piecemeal ? 0 : 2);
      assert.equal(lists().length, piecemeal ? 1 : 3);
      const times = lists().map((list) => (list.type === 'listed' ? list.begunAt : 0));
      if (piecemeal) assert.ok((times[0] ?? START) < START - HOUR_MS / 2, 'from a time after the clock was set');
    });
  }
});

describe('row 17: times from another system', () => {
  const served = Date.UTC(2026, 8, 1, 10);
  const headers = (more: Record<string, string>) => ({ date: new Date(served).toUTCString(), ...more });

  test('use the clock of that system', () => {
    for (const wrong of [-HOUR_MS, 0, HOUR_MS]) {
      const retryAfter = headers({ 'retry-after': new Date(served + 30_000).toUTCString() });
      assert.equal(requestedWaitMs(retryAfter, served + wrong), 30_000);
      const reset = headers({ 'x-ratelimit-reset': String((served + 30_000) / 1_000) });
      assert.equal(requestedWaitMs(reset, served + wrong), 30_000);
      const budget = new RateBudget(0.5);
      budget.note({ ...reset, 'x-ratelimit-limit': '1000', 'x-ratelimit-remaining': '0' }, served + wrong);
      assert.equal(budget.intervalMs(1, served + wrong), 30_000);
    }
  });

  test('do not keep an expired token when the clock is set back', async () => {
    const clock = createTestClock(served);
    const runs = join(folder, 'runs');
    const tokenOf = (name: string) => {
      const claims = Buffer.from(JSON.stringify({ exp: (served + 60_000) / 1_000, name })).toString('base64url');
      return `x.${claims}.y`;
    };
    writeFileSync(runs, tokenOf('first'));
    const provider = createTokenProvider({ kind: 'command', command: ['cat', runs] }, clock);
    const never = new AbortController().signal;
    assert.equal(await provider.get(never), tokenOf('first'));
    writeFileSync(runs, tokenOf('second'));
    clock.setWall(served - HOUR_MS);
    clock.advance(40_000);
    assert.equal(await provider.get(never), tokenOf('first'));
    clock.advance(20_000);
    assert.equal(await provider.get(never), tokenOf('second'));
    provider.close();
  });
});

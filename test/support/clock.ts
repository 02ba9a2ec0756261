import type { Clock } from '../../src/core/ports/ports.ts';
import { systemClock } from '../../src/system/clock.ts';

export interface TestClock extends Clock {
  /** Moves both clocks on by so many ms and wakes what sleeps until then. */
  advance(ms: number): void;
  /** How long until the next of those that sleep wakes, ms; null: nobody sleeps. */
  next(): number | null;
  /** Sets the wall clock only, as an operator or NTP does. */
  setWall(now: number): void;
}

/** Time that goes so many times faster than on the wall, from now. What waits by the system's own timers does not. */
export function createFastClock(speed: number): Clock {
  const wall = Date.now();
  const start = systemClock.monotonic();
  const passed = () => (systemClock.monotonic() - start) * speed;
  return {
    ...systemClock,
    now: () => Math.round(wall + passed()),
    monotonic: passed,
    sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
  };
}

/** Time that stands still until a test moves it. Ids count up. */
export function createTestClock(start = Date.UTC(2026, 8, 1, 10)): TestClock {
  let wall = start;
  let monotonic = 0;
  let lastId = 0;
  const sleepers = new Set<{ until: number; wake: () => void }>();
  return {
    now: () => wall,
    monotonic: () => monotonic,
    id: () => `id-${++lastId}`,
    hash: systemClock.hash,
    random: () => 0.5,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { until: monotonic + ms, wake: resolve };
        if (signal?.aborted) return reject(signal.reason);
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      }),
    advance(ms) {
      wall += ms;
      monotonic += ms;
      for (const sleeper of sleepers) {
        if (sleeper.until > monotonic) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
    next() {
      const times = [...sleepers].map(({ until }) => until - monotonic);
      return times.length === 0 ? null : Math.min(...times);
    },
    setWall: (now) => {
      wall = now;
    },
  };
}

import type { Clock } from '../../src/core/ports/ports.ts';
import { systemClock } from '../../src/system/clock.ts';

export interface TestClock extends Clock {
  /** Advances both clocks by this many ms and wakes the sleepers that are due by then. */
  advance(ms: number): void;
  /** Time until the next sleeper wakes, ms; null: there are no sleepers. */
  next(): number | null;
  /** Sets the wall clock only, as an operator or NTP does. */
  setWall(now: number): void;
}

/** A clock that runs `speed` times faster than real time from now on. Node's own timers are not affected. */
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

export interface SkippingClock extends Clock {
  /** Moves both clocks ahead by this many ms, and wakes the sleepers that are due by then. */
  skip(ms: number): void;
}

/** Real time, which a test also moves ahead. Node's own timers are not affected. @param start of its wall clock, ms since 1970 */
export function createSkippingClock(start: number): SkippingClock {
  const real = systemClock.monotonic();
  let skipped = 0;
  const passed = () => systemClock.monotonic() - real + skipped;
  const sleepers = new Map<AbortController, number>();
  return {
    ...systemClock,
    now: () => Math.round(start + passed()),
    monotonic: passed,
    async sleep(ms, signal) {
      const skip = new AbortController();
      sleepers.set(skip, passed() + ms);
      try {
        await systemClock.sleep(ms, AbortSignal.any([skip.signal, ...(signal === undefined ? [] : [signal])]));
      } catch (thrown) {
        if (!skip.signal.aborted || signal?.aborted) throw thrown;
      } finally {
        sleepers.delete(skip);
      }
    },
    skip(ms) {
      skipped += ms;
      for (const [sleeper, until] of sleepers) if (until <= passed()) sleeper.abort();
    },
  };
}

/** A clock that only the test advances. IDs count up. */
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

/** Shared by the tests of polled backends: a clock whose sleeps can be awaited, and one pass over a list. */
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import type { Backend, Clock } from '../../../src/core/ports/ports.ts';
import { Journal } from '../../../src/sandbox/emulators/shared/journal.ts';
import { createTestClock, type TestClock } from '../../support/clock.ts';
import type { RecordingIntake } from '../runtype/support/backend.ts';

/** ms since 1970 */
export const START = Date.UTC(2026, 8, 1, 10);

export interface PacedClock extends TestClock {
  /** How long each sleep was asked to be, ms. */
  readonly naps: Journal<number>;
  /** Waits until the polling sleeps for the `count`th time (from 1). */
  asleep(count: number): Promise<void>;
  /** Waits for its next sleep and lets that pass. */
  pass(): Promise<void>;
}

export function createPacedClock(): PacedClock {
  const base = createTestClock(START);
  const naps = new Journal<number>();
  let passed = 0;
  const asleep = async (count: number) => {
    await naps.until(`sleep ${count}`, (entries) => (entries.length >= count ? true : undefined));
  };
  const sleep: Clock['sleep'] = (ms, signal) => {
    const slept = base.sleep(ms, signal);
    naps.record(ms);
    return slept;
  };
  return {
    ...base,
    sleep,
    naps,
    asleep,
    async pass() {
      passed += 1;
      await asleep(passed);
      base.advance(naps.entries[passed - 1] ?? 0);
    },
  };
}

/** Watches until the pause that `isIt` was announced, and not a moment longer. */
export async function watchFor(
  backend: Backend,
  intake: RecordingIntake,
  isIt: (pause: Pause) => boolean,
): Promise<Pause> {
  const looking = new AbortController();
  const watching = backend.watch?.(looking.signal);
  try {
    return await intake.journal.until('the pause', () => intake.pauses.findLast(isIt));
  } finally {
    looking.abort();
    await watching;
  }
}

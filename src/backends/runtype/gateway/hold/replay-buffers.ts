import type { Clock } from '../../../../core/ports/ports.ts';
import type { ReplayBuffer } from './replay-buffer.ts';

/** Runs that are kept; the oldest are dropped first. */
const REPLAY_BUFFERS_MAX = 200;
/** How long a run that is over can still be replayed, ms. */
export const REPLAY_KEPT_MS = 600_000;

/**
 * The buffers of the runs that are held, or were held in the last minutes.
 * Tested in test/backends/runtype/gateway/hold/replay-buffer.test.ts.
 */
export class ReplayBuffers {
  readonly #clock: Clock;
  readonly #buffers = new Map<string, { buffer: ReplayBuffer; until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  keep(executionId: string, buffer: ReplayBuffer): void {
    buffer.paused();
    this.#buffers.delete(executionId);
    this.#buffers.set(executionId, { buffer, until: Number.POSITIVE_INFINITY });
    const now = this.#clock.monotonic();
    for (const [oldest, kept] of this.#buffers) {
      if (this.#buffers.size > REPLAY_BUFFERS_MAX || kept.until <= now) this.#drop(oldest, kept.buffer);
    }
  }

  /** Its response has ended. `isComplete`: with the run; else the rest of the run is to be read at Runtype. */
  ended(buffer: ReplayBuffer, isComplete: boolean): void {
    for (const [executionId, kept] of this.#buffers) {
      if (kept.buffer !== buffer) continue;
      if (isComplete) kept.until = this.#clock.monotonic() + REPLAY_KEPT_MS;
      else this.#buffers.delete(executionId);
    }
    this.#forgetUnlessKept(buffer);
  }

  find(executionId: string): ReplayBuffer | null {
    const kept = this.#buffers.get(executionId);
    if (kept === undefined) return null;
    if (kept.until > this.#clock.monotonic()) return kept.buffer;
    this.#drop(executionId, kept.buffer);
    return null;
  }

  #drop(executionId: string, buffer: ReplayBuffer): void {
    this.#buffers.delete(executionId);
    this.#forgetUnlessKept(buffer);
  }

  /** A run's response may have paused under two names. */
  #forgetUnlessKept(buffer: ReplayBuffer): void {
    if (![...this.#buffers.values()].some((kept) => kept.buffer === buffer)) buffer.forget();
  }
}

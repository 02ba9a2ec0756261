import type { Clock, Log } from '../../core/ports/ports.ts';

/** A healthy local disk syncs within a few milliseconds; ten times that is a disk in trouble, or none of this machine. */
const SLOW_MS = 40;
/** So many in a row: one alone is a neighbour's doing. */
const IN_A_ROW = 5;
/** One commit that takes so long holds every press up: it is told at once. */
const VERY_SLOW_MS = 400;
/** Between two warnings, ms. */
const TOLD_EVERY_MS = 60_000;

/** Watches how long commits take: a press waits for one, and the whole process with it. */
export class SlowDisk {
  readonly #clock: Clock;
  readonly #log: Log;
  #inARow = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** @param ms that a commit took */
  note(ms: number): void {
    this.#inARow = ms >= SLOW_MS ? this.#inARow + 1 : 0;
    const now = this.#clock.monotonic();
    if ((this.#inARow < IN_A_ROW && ms < VERY_SLOW_MS) || now - this.#toldAt < TOLD_EVERY_MS) return;
    this.#toldAt = now;
    const fields = { ms: Math.round(ms), slowInARow: this.#inARow };
    this.#log.warn(fields, 'the disk of the database is slow: every press waits for it to write');
  }
}

import type { Clock, Log } from '../../../core/ports/ports.ts';

/** More than the clocks of two machines in one network differ by, where both are set by one source; ms. */
const REPORTED_MS = 1_000;

/**
 * The time of the database, for what replicas compare: its last reading, and what has passed since by a clock that does not
 * jump. The wall clock of this machine may be wrong by hours. Tested in test/store/postgres/fleet/clock.test.ts.
 */
export class DatabaseClock implements Clock {
  readonly #own: Clock;
  readonly #log: Log;
  /** To be added to the monotonic clock. */
  #offset: number | null = null;
  /** Half the round trip of the reading. */
  #error = 0;
  #reported = false;

  constructor(own: Clock, log: Log) {
    this.#own = own;
    this.#log = log;
  }

  // A port may be passed on function by function: none of these is bound to an object.
  readonly now = (): number =>
    this.#offset === null ? this.#own.now() : Math.round(this.#offset + this.#own.monotonic());

  /** How exact `now` is, ms. */
  get error(): number {
    return this.#error;
  }

  /** @param database its time, ms  @param sentAt when it was asked, by the monotonic clock  @param answeredAt when it answered */
  note(database: number, sentAt: number, answeredAt: number): void {
    const error = (answeredAt - sentAt) / 2;
    this.#offset = database + error - answeredAt;
    this.#error = error;
    const apart = Math.round(Math.abs(this.#own.now() - this.now()));
    const isApart = apart > REPORTED_MS + error;
    if (isApart && !this.#reported) {
      this.#log.warn({ ms: apart }, 'the clock of this machine and the one of the database differ: set both by NTP');
    }
    this.#reported = isApart;
    if (error > REPORTED_MS)
      this.#log.warn({ ms: Math.round(error * 2) }, 'the database answers slowly: its time is not known well');
  }

  readonly monotonic = (): number => this.#own.monotonic();
  readonly sleep: Clock['sleep'] = (ms, signal) => this.#own.sleep(ms, signal);
  readonly id = (): string => this.#own.id();
  readonly hash = (text: string): string => this.#own.hash(text);
  readonly random = (): number => this.#own.random();
}

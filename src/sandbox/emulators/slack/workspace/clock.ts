/** Slack's clock: the wall clock in milliseconds, and message timestamps that never repeat. */
export class Clock {
  readonly now: () => number;
  #lastMicros = 0;

  constructor(now: () => number) {
    this.now = now;
  }

  /** A message's `ts`: seconds with six decimals, later than every one before it. */
  nextTs(): string {
    this.#lastMicros = Math.max(Math.floor(this.now()) * 1000, this.#lastMicros + 100);
    const seconds = Math.floor(this.#lastMicros / 1_000_000);
    return `${seconds}.${String(this.#lastMicros % 1_000_000).padStart(6, '0')}`;
  }
}

import type { HookPulseRate } from './types.ts';

const LIMIT_DEFAULT = 1000;
const WINDOW_MS = 3_600_000;

/** Counts requests in consecutive windows of one hour. */
export class RateLimiter {
  readonly #now: () => number;
  #rate: HookPulseRate;

  constructor(now: () => number, limit = LIMIT_DEFAULT) {
    this.#now = now;
    this.#rate = { limit, remaining: limit, resetAt: now() + WINDOW_MS };
  }

  get current(): HookPulseRate {
    this.#turn();
    return { ...this.#rate };
  }

  set(rate: Partial<HookPulseRate>): void {
    this.#turn();
    this.#rate = { ...this.#rate, ...rate };
  }

  /** Counts a request. @returns false if none is left */
  take(): boolean {
    this.#turn();
    if (this.#rate.remaining <= 0) return false;
    this.#rate.remaining -= 1;
    return true;
  }

  headers(): Record<string, string> {
    const { limit, remaining, resetAt } = this.current;
    return {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String(Math.ceil(resetAt / 1000)),
      // From the same clock, so that clients can compare it with the reset time.
      date: new Date(this.#now()).toUTCString(),
    };
  }

  #turn(): void {
    if (this.#now() < this.#rate.resetAt) return;
    this.#rate = { limit: this.#rate.limit, remaining: this.#rate.limit, resetAt: this.#now() + WINDOW_MS };
  }
}

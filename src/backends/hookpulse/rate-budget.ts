import type { IncomingHttpHeaders } from 'node:http';
import { givenAt, numberIn } from '../shared/api-errors.ts';

/** Of the standard plan; assumed until an answer has other headers. */
const STANDARD_REQUESTS_PER_HOUR = 1_000;
const HOUR_MS = 3_600_000;
const SMALLEST_SHARE = 0.01;

/**
 * How often polling may send requests, so that it never uses more than its share of the hourly limit and some are left
 * for decisions. It follows the rate limit headers of the answers, which include the use by others.
 */
export class RateBudget {
  readonly #share: number;
  #perHour = STANDARD_REQUESTS_PER_HOUR;
  #remaining: number | null = null;
  #resetAt: number | null = null;

  /** @param share from 0 to 1 */
  constructor(share: number) {
    this.#share = Math.min(1, Math.max(SMALLEST_SHARE, share));
  }

  /** Of the key. */
  get perHour(): number {
    return this.#perHour;
  }

  /** Of this hour; null: not known. */
  get remaining(): number | null {
    return this.#remaining;
  }

  /**
   * Reads the headers of any answer, to polling or not.
   * @param now ms since 1970
   */
  note(headers: IncomingHttpHeaders, now: number): void {
    const limit = numberIn(headers, 'x-ratelimit-limit');
    const reset = numberIn(headers, 'x-ratelimit-reset');
    if (limit !== null && limit > 0) this.#perHour = limit;
    this.#remaining = numberIn(headers, 'x-ratelimit-remaining');
    this.#resetAt = reset === null ? null : now + reset * 1000 - givenAt(headers, now);
  }

  /**
   * @param requests of one pass
   * @param now ms since 1970
   * @returns ms from one pass to the next
   */
  intervalMs(requests: number, now: number): number {
    const steady = (requests * HOUR_MS) / (this.#perHour * this.#share);
    return Math.ceil(Math.max(steady, this.#untilAffordable(requests, now)));
  }

  /** Also spreads what is left until the reset: others may have used most of the limit. */
  #untilAffordable(requests: number, now: number): number {
    if (this.#remaining === null || this.#resetAt === null) return 0;
    const left = Math.min(HOUR_MS, this.#resetAt - now);
    if (left <= 0) return 0;
    const ours = this.#remaining * this.#share;
    return ours < requests ? left : (requests * left) / ours;
  }
}

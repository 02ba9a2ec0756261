import type { SlackRateLimits } from '../types.ts';

const MINUTE_MS = 60_000;

/** Applies Slack's rate limits, measured by the given clock. */
export class RateLimiter {
  readonly #now: () => number;
  #rates: SlackRateLimits | null = null;
  /** Token bucket per channel: remaining messages, and when that was computed. */
  readonly #buckets = new Map<string, { tokens: number; at: number }>();
  readonly #updates: number[] = [];
  readonly #lookUps: number[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  set(rates: SlackRateLimits | null): void {
    this.#rates = rates;
    this.#buckets.clear();
    this.#updates.length = 0;
    this.#lookUps.length = 0;
  }

  /** @returns seconds to wait if the call exceeds a limit */
  take(method: string, channel: string): number | undefined {
    if (this.#rates === null) return undefined;
    if (method === 'chat.postMessage') return this.#takePost(channel, this.#rates.posts);
    if (method === 'chat.update') return this.#takeOne(this.#updates, this.#rates.updatesPerMinute);
    return method === 'users.info' ? this.#takeOne(this.#lookUps, this.#rates.lookUpsPerMinute) : undefined;
  }

  #takePost(channel: string, { everyMs, burst }: SlackRateLimits['posts']): number | undefined {
    const now = this.#now();
    const bucket = this.#buckets.get(channel) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / everyMs);
    const allowed = tokens >= 1;
    this.#buckets.set(channel, { tokens: allowed ? tokens - 1 : tokens, at: now });
    return allowed ? undefined : Math.max(1, Math.ceil(((1 - tokens) * everyMs) / 1_000));
  }

  /** @param taken when the calls of the last minute were made; it is changed */
  #takeOne(taken: number[], perMinute: number): number | undefined {
    const now = this.#now();
    taken.splice(0, taken.length, ...taken.filter((at) => now - at < MINUTE_MS));
    if (taken.length < perMinute) {
      taken.push(now);
      return undefined;
    }
    return Math.max(1, Math.ceil((MINUTE_MS - (now - (taken[0] ?? now))) / 1_000));
  }
}

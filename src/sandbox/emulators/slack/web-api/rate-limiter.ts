import type { SlackRateLimits } from '../types.ts';

const MINUTE_MS = 60_000;
const RESPONSE_EVERY_MS = 1_000;

/** Applies Slack's rate limits, measured by the given clock. */
export class RateLimiter {
  readonly #now: () => number;
  #rates: SlackRateLimits | null = null;
  /** Token bucket per channel: remaining messages, and when that was computed. */
  readonly #buckets = new Map<string, { tokens: number; at: number }>();
  readonly #updates: number[] = [];
  readonly #lookUps: number[] = [];
  /** When each `response_url` was called last, by its path. */
  readonly #responses = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  set(rates: SlackRateLimits | null): void {
    this.#rates = rates;
    this.#buckets.clear();
    this.#updates.length = 0;
    this.#lookUps.length = 0;
    this.#responses.clear();
  }

  /** @param target the channel; of a `response_url` its path. @returns seconds to wait if the call exceeds a limit */
  take(method: string, target: string): number | undefined {
    if (this.#rates === null) return undefined;
    if (method === 'chat.postMessage') return this.#takePost(target, this.#rates.posts);
    if (method === 'chat.update') return this.#takeOne(this.#updates, this.#rates.updatesPerMinute);
    if (method === 'response_url') return this.#takeResponse(target, this.#rates.responseEveryMs);
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

  #takeResponse(path: string, everyMs = RESPONSE_EVERY_MS): number | undefined {
    const now = this.#now();
    const left = (this.#responses.get(path) ?? Number.NEGATIVE_INFINITY) + everyMs - now;
    if (left > 0) return Math.ceil(left / 1_000);
    this.#responses.set(path, now);
    return undefined;
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

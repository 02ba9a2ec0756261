/**
 * Two accounts on their way to becoming one person. In memory only: a restart means to begin again. Tested in
 * test/engine/operators/link-commands.test.ts.
 */
import type { Actor } from '../../core/approval/parts/decision.ts';
import { codeFrom } from '../../core/policy/operators/link-code.ts';
import { accountKey } from '../../core/policy/operators/people.ts';
import type { Clock } from '../../core/ports/ports.ts';

/** From the code to the second confirmation, ms. */
export const LINK_MS = 10 * 60_000;
/** Of an account, wrong codes within that time. 50 bits can't be guessed in so few. */
export const WRONG_MAX = 5;
/** Requests at once; beyond, the oldest ends. */
const REQUESTS_MAX = 1_000;

export interface LinkRequest {
  /** Who asked for the code. */
  from: Actor;
  /** Null once it was used. */
  code: string | null;
  /** Who typed it. */
  to: Actor | null;
  /** By `accountKey`: who has confirmed. */
  confirmed: Set<string>;
  /** On the monotonic clock. */
  until: number;
}

export class LinkRequests {
  readonly #clock: Pick<Clock, 'monotonic' | 'id' | 'hash'>;
  /** By the account that asked for the code. */
  readonly #requests = new Map<string, LinkRequest>();
  readonly #wrong = new Map<string, { count: number; until: number }>();

  constructor(clock: Pick<Clock, 'monotonic' | 'id' | 'hash'>) {
    this.#clock = clock;
  }

  /** A new one, in place of an earlier one. */
  begin(from: Actor): LinkRequest & { code: string } {
    const code = codeFrom(this.#clock.hash(`${this.#clock.id()} ${this.#clock.id()}`));
    const until = this.#clock.monotonic() + LINK_MS;
    const request = { from, code, to: null, confirmed: new Set<string>(), until };
    this.#requests.delete(accountKey(from));
    this.#requests.set(accountKey(from), request);
    dropOldest(this.#requests, REQUESTS_MAX);
    return request;
  }

  /** The one of this account that is under way, on whichever side it is. */
  of(account: Actor): LinkRequest | null {
    this.#prune();
    const key = accountKey(account);
    const own = this.#requests.get(key);
    if (own !== undefined && own.to !== null) return own;
    const typed = [...this.#requests.values()].findLast(({ to }) => to !== null && accountKey(to) === key);
    return typed ?? own ?? null;
  }

  /** The request of this code, which no one has used; null: there is none, which counts as a wrong code. */
  find(code: string, by: Actor): LinkRequest | 'too_many' | null {
    this.#prune();
    const key = accountKey(by);
    const wrong = this.#wrong.get(key) ?? { count: 0, until: this.#clock.monotonic() + LINK_MS };
    if (wrong.count >= WRONG_MAX) return 'too_many';
    const found = [...this.#requests.values()].find((one) => one.code === code);
    if (found !== undefined) return found;
    this.#wrong.set(key, { ...wrong, count: wrong.count + 1 });
    dropOldest(this.#wrong, REQUESTS_MAX);
    return null;
  }

  end(request: LinkRequest): void {
    if (this.#requests.get(accountKey(request.from)) === request) this.#requests.delete(accountKey(request.from));
  }

  #prune(): void {
    const now = this.#clock.monotonic();
    for (const [key, { until }] of this.#requests) if (until <= now) this.#requests.delete(key);
    for (const [key, { until }] of this.#wrong) if (until <= now) this.#wrong.delete(key);
  }
}

function dropOldest(map: Map<string, unknown>, max: number): void {
  const [oldest] = map.keys();
  if (map.size > max && oldest !== undefined) map.delete(oldest);
}

/**
 * Two accounts on their way to becoming one person. In memory only: a restart means to begin again. The other replicas are
 * told, for the second account may be typed there; what they miss means to begin again, too. Tested in
 * test/engine/operators/link-commands.test.ts.
 */
import type { Actor } from '../../core/approval/parts/decision.ts';
import { codeFrom } from '../../core/policy/operators/link-code.ts';
import { accountKey } from '../../core/policy/operators/people.ts';
import type { Clock } from '../../core/ports/ports.ts';
import type { Fleet, LinkWord } from '../../core/ports/store/fleet.ts';

/** From the code to the second confirmation, ms. */
export const LINK_MS = 10 * 60_000;
/** Of an account, wrong codes within that time. 50 bits can't be guessed in so few. */
export const WRONG_MAX = 5;
/** Requests at once; beyond, the oldest ends. */
const REQUESTS_MAX = 1_000;

export interface LinkRequest {
  id: string;
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
  readonly #fleet: Pick<Fleet, 'tell' | 'onTold'>;
  /** By the account that asked for the code. */
  readonly #requests = new Map<string, LinkRequest>();
  readonly #wrong = new Map<string, { count: number; until: number }>();

  constructor(clock: Pick<Clock, 'monotonic' | 'id' | 'hash'>, fleet: Pick<Fleet, 'tell' | 'onTold'>) {
    this.#clock = clock;
    this.#fleet = fleet;
    fleet.onTold((word) => {
      if (word.type === 'link') this.#heard(word.request);
    });
  }

  /** A new one, in place of an earlier one. */
  begin(from: Actor): LinkRequest & { code: string } {
    const code = codeFrom(this.#clock.hash(`${this.#clock.id()} ${this.#clock.id()}`));
    const until = this.#clock.monotonic() + LINK_MS;
    const request = { id: this.#clock.id(), from, code, to: null, confirmed: new Set<string>(), until };
    this.#put(request);
    this.#tell(request);
    return request;
  }

  /** Its code was typed by this account, and counts for no other. */
  use(request: LinkRequest, to: Actor): void {
    request.code = null;
    request.to = to;
    this.#tell(request);
  }

  confirm(request: LinkRequest, by: Actor): void {
    request.confirmed.add(accountKey(by));
    this.#tell(request);
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
    this.#tell({ ...request, until: this.#clock.monotonic() });
  }

  #put(request: LinkRequest): void {
    this.#requests.delete(accountKey(request.from));
    this.#requests.set(accountKey(request.from), request);
    dropOldest(this.#requests, REQUESTS_MAX);
  }

  #tell({ until, confirmed, ...request }: LinkRequest): void {
    const leftMs = Math.max(0, until - this.#clock.monotonic());
    this.#fleet.tell({ type: 'link', request: { ...request, confirmed: [...confirmed], leftMs } });
  }

  /** From another replica. Both may have heard of a confirmation at once: neither is lost. */
  #heard({ leftMs, confirmed, ...request }: LinkWord): void {
    const known = this.#requests.get(accountKey(request.from));
    if (leftMs === 0) {
      if (known?.id === request.id) this.#requests.delete(accountKey(request.from));
      return;
    }
    const isSame = known !== undefined && known.id === request.id;
    const to = (isSame ? known.to : null) ?? request.to;
    const code = to === null ? request.code : null;
    const until = isSame ? known.until : this.#clock.monotonic() + leftMs;
    this.#put({ ...request, to, code, confirmed: new Set([...(isSame ? known.confirmed : []), ...confirmed]), until });
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

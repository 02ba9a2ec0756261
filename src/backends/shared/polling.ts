import type { Pause } from '../../core/approval/pause/pause.ts';
import { backoff } from '../../core/ports/backoff.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Backend, Clock, Delivery, Intake, Log } from '../../core/ports/ports.ts';
import { canonical } from '../../core/text/canonical.ts';
import { Absence, type Proof } from './absence.ts';
import type { Pass, ReadPass, Unreadable } from './pass.ts';
import { Turns } from './turns.ts';

/** Characters of items that are compared in one turn of the event loop; other work comes between them. */
const TURN_MAX = 128 * 1024;
/** After so many failed passes in a row people are notified; a single one may be a lost packet. */
const FAILURES_NOTIFIED = 3;
/** A list may change while it is read; after so many incomplete passes in a row a warning is logged. */
const INCOMPLETE_LOGGED = 10;
/** A wall clock that drifts by more than this during a pass was set, ms: the times of that pass prove nothing. */
const CLOCK_SET_MS = 1_000;
/** Passes start later by up to this share, never earlier: so the budget holds and two bots drift apart. */
const JITTER = 0.2;
/** So many unreadable items are remembered; an earlier one that is still listed may be reported again. */
const REPORTED_MAX = 1_000;

export interface PollingOptions {
  backend: string;
  /** Which pauses of the backend the list is about. Default: all. */
  covers?: (pause: Pause) => boolean;
  /** Reads the list once. A rejection is a bug. */
  look: (signal: AbortSignal) => Promise<Pass>;
  /** From the end of one pass to the next, ms. Called after each pass, so that it can follow a budget. */
  intervalMs: () => number;
  intake: Pick<Intake, 'deliver'>;
  clock: Clock;
  log: Log;
}

/**
 * Reads the list repeatedly and delivers what is new. An item is not delivered again until it changes, or was absent from
 * a complete pass (from two in a row, where passes are piecemeal).
 * @returns never rejects; resolves once `signal` aborts
 */
export function createPolling(options: PollingOptions): Required<Backend>['watch'] {
  const { backend, look, intervalMs, intake, clock, log } = options;
  const scope = options.covers === undefined ? {} : { covers: options.covers };

  async function readOnce(signal: AbortSignal): Promise<Pass> {
    try {
      return await look(signal);
    } catch (thrown) {
      log.error({ err: coerceError(thrown) }, 'reading the pending list failed');
      return { type: 'failed', reason: 'The pending list could not be read.', retryAfterMs: null };
    }
  }

  /** @returns whether it was recorded; where it was not, the next pass delivers it again */
  async function deliverWhile(delivery: Delivery, isOurs: () => boolean): Promise<boolean> {
    if (!isOurs()) return false;
    try {
      return (await intake.deliver(delivery)) === 'recorded';
    } catch (thrown) {
      log.error({ delivery: delivery.type, err: coerceError(thrown) }, 'a polled item could not be recorded');
      return false;
    }
  }

  return async function watch(signal, isOurs = () => true) {
    const deliver = (delivery: Delivery) => deliverWhile(delivery, isOurs);
    const items = new DeliveredItems(deliver, clock);
    /** What was delivered last: an unchanged list has the same keys. */
    let listed: { keys: ReadonlySet<string>; list: readonly string[] } | null = null;
    const reports = new UnreadableReports();
    const absence = new Absence();
    let failures = 0;
    let incomplete = 0;
    // Unknown at first: an earlier process may have left a card saying that the backend is unreachable.
    let reachNotified: boolean | null = null;

    async function notifyReach(reachable: boolean, reason: string | null) {
      if (reachNotified === reachable) return;
      if (await deliver({ type: 'reach', backend, reachable, reason, ...scope })) reachNotified = reachable;
    }

    async function take(pass: ReadPass, begunAt: number) {
      await items.take(pass.found);
      for (const { hash, runId, name } of reports.fresh(pass.unreadable ?? [])) {
        const isDelivered = await deliver({ type: 'unfollowed', backend, runId, reason: 'unreadable_item', name });
        if (isDelivered) reports.add(hash);
      }
      const proof = absence.take(pass, begunAt);
      incomplete = proof === 'none' ? incomplete + 1 : 0;
      if (incomplete === INCOMPLETE_LOGGED) {
        log.warn(
          { passes: incomplete },
          'no pass over the pending list was complete: requests decided elsewhere stay open',
        );
      }
      if (proof !== 'none' && proof !== 'not_yet') await deliverListed(proof);
    }

    async function deliverListed({ keys, begunAt, covers }: Proof) {
      const own = options.covers ?? (() => true);
      const all = covers === null ? scope : { covers: (pause: Pause) => own(pause) && covers(pause) };
      const known = listed?.keys === keys ? listed.list : null;
      const list = known ?? [...keys];
      const isDelivered = await deliver({ type: 'listed', backend, keys: list, begunAt, ...all });
      if (!isDelivered || known !== null) return;
      listed = { keys, list };
      items.keep(keys);
    }

    let offset = clock.now() - clock.monotonic();
    /** A pass by the old clock can't be compared with times of the new one. */
    const clockWasSet = () => {
      const before = offset;
      offset = clock.now() - clock.monotonic();
      const wasSet = Math.abs(offset - before) > CLOCK_SET_MS;
      if (wasSet) absence.forget();
      return wasSet;
    };

    while (!signal.aborted) {
      clockWasSet();
      const begunAt = clock.now();
      const result = await readOnce(signal);
      if (signal.aborted) return;
      const pass = result.type === 'read' && clockWasSet() ? { ...result, complete: false } : result;
      const interval = intervalMs() * (1 + JITTER * clock.random());
      let wait = interval;
      if (!isOurs()) {
        // What a frozen process finds in its hands may have been decided meanwhile.
        absence.forget();
      } else if (pass.type === 'failed') {
        failures += 1;
        wait = Math.max(interval, backoff(failures, clock.random()), pass.retryAfterMs ?? 0);
        const isNews = failures === 1 || failures === FAILURES_NOTIFIED;
        log[isNews ? 'warn' : 'debug']({ failures, error: pass.reason }, 'the pending list can’t be read');
        if (failures >= FAILURES_NOTIFIED) await notifyReach(false, pass.reason);
      } else {
        if (failures > 0) log.info({ failures }, 'the pending list can be read again');
        failures = 0;
        await notifyReach(true, null);
        await take(pass, begunAt);
      }
      await clock.sleep(Math.round(wait), signal).catch(() => {});
    }
  };
}

/** What was found and delivered, so that each item is delivered once and not by every pass. */
class DeliveredItems {
  readonly #deliver: (delivery: Delivery) => Promise<boolean>;
  readonly #clock: Pick<Clock, 'hash'>;
  /** By key: the fingerprint of what was delivered. */
  readonly #delivered = new Map<string, string>();
  /** A backend finds the same object where nothing has changed. */
  readonly #fingerprints = new WeakMap<Pause, string>();
  /** What the last pass found, where all of it is delivered. */
  #done: ReadPass['found'] | null = null;

  constructor(deliver: (delivery: Delivery) => Promise<boolean>, clock: Pick<Clock, 'hash'>) {
    this.#deliver = deliver;
    this.#clock = clock;
  }

  async take(found: ReadPass['found']): Promise<void> {
    if (found === this.#done) return;
    const turns = new Turns(TURN_MAX);
    let isDone = true;
    for (const { pause, recurs } of found) {
      const fingerprint = this.#fingerprints.get(pause) ?? (await this.#fingerprintOf(pause, turns));
      if (this.#delivered.get(pause.key) === fingerprint) continue;
      const more = recurs === undefined ? {} : { recurs };
      const delivery = { type: 'announced', pause, via: 'poll', streamOpen: false, inputId: null, ...more } as const;
      if (await this.#deliver(delivery)) this.#delivered.set(pause.key, fingerprint);
      else isDone = false;
    }
    this.#done = isDone ? found : null;
  }

  /** Forgets all others: they are delivered again if they come back. */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.#delivered.keys()) if (!keys.has(key)) this.#delivered.delete(key);
  }

  async #fingerprintOf(pause: Pause, turns: Turns): Promise<string> {
    const text = canonical(pause);
    await turns.take(text.length);
    const fingerprint = this.#clock.hash(text);
    this.#fingerprints.set(pause, fingerprint);
    return fingerprint;
  }
}

/** Which unreadable items were reported, so that each is reported once and not by every pass. */
class UnreadableReports {
  readonly #reported = new Set<string>();

  fresh(unreadable: readonly Unreadable[]): Unreadable[] {
    const first = new Map(unreadable.map((one) => [one.hash, one]));
    return [...first.values()].filter(({ hash }) => !this.#reported.has(hash));
  }

  add(hash: string): void {
    this.#reported.add(hash);
    const [oldest] = this.#reported;
    if (this.#reported.size > REPORTED_MAX && oldest !== undefined) this.#reported.delete(oldest);
  }
}

import type { Pause } from '../../core/approval/approval.ts';
import { backoff } from '../../core/ports/backoff.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Clock, Delivery, Intake, Log } from '../../core/ports/ports.ts';
import { canonical, shallow } from '../../core/text/parameters.ts';

/** One lost packet is no news; three passes in a row are, and people are told. */
const FAILURES_TOLD = 3;
/** A list may move while it is read; one that never shows all of it is worth a word. */
const INCOMPLETE_TOLD = 10;
/** A wall clock that goes wrong by more than this while a list is read was set, ms: the list's times then prove nothing. */
const CLOCK_SET_MS = 1_000;
/** Later than asked by up to this part, never earlier, so that a budget holds and two bots drift apart. */
const JITTER = 0.2;

export interface Found {
  pause: Pause;
  /** The same key may come back as a new question. */
  recurs?: boolean;
}

/** What one look at a backend's pending list showed. */
export type Pass =
  | {
      type: 'read';
      /** Oldest first: cards appear in this order. */
      found: readonly Found[];
      /** Nothing that is pending can be missing from `found`; only then does absence prove anything. */
      complete: boolean;
      /** Read in several requests: something may have moved between them unseen, so one pass alone proves no absence. */
      piecemeal?: boolean;
    }
  | { type: 'failed'; reason: string; retryAfterMs: number | null };

export interface PollingOptions {
  backend: string;
  /** Looks once. Rejects only by mistake. */
  look: (signal: AbortSignal) => Promise<Pass>;
  /** From the end of one pass to the next, ms. Asked after each pass, so that it can follow a budget. */
  intervalMs: () => number;
  intake: Intake;
  clock: Clock;
  log: Log;
}

/**
 * Looks again and again and delivers what is new. What was delivered once is not delivered again until it changes, or
 * has been absent from a complete pass; from two in a row, where they are read piecemeal.
 * @returns never rejects; resolves once `signal` ends
 */
export function createPolling(options: PollingOptions): (signal: AbortSignal) => Promise<void> {
  const { backend, look, intervalMs, intake, clock, log } = options;

  async function lookOnce(signal: AbortSignal): Promise<Pass> {
    try {
      return await look(signal);
    } catch (thrown) {
      log.error({ err: coerceError(thrown) }, 'a look at the pending list went wrong');
      return { type: 'failed', reason: 'Its pending list could not be read.', retryAfterMs: null };
    }
  }

  async function deliver(delivery: Delivery): Promise<boolean> {
    try {
      await intake.deliver(delivery);
      return true;
    } catch (thrown) {
      log.error({ delivery: delivery.type, err: coerceError(thrown) }, 'what was polled could not be recorded');
      return false;
    }
  }

  return async function watch(signal) {
    const delivered = new Map<string, string>();
    let failures = 0;
    let incomplete = 0;
    /** The last complete pass, and what was seen in it and since. */
    let last: { begunAt: number; keys: Set<string> } | null = null;
    // Unknown at first: an earlier process may have left a card saying that the backend can't be reached.
    let reachTold: boolean | null = null;

    async function tellReach(reachable: boolean, reason: string | null) {
      if (reachTold === reachable) return;
      if (await deliver({ type: 'reach', backend, reachable, reason })) reachTold = reachable;
    }

    async function take({ found, complete, piecemeal }: Extract<Pass, { type: 'read' }>, begunAt: number) {
      const keys = new Set(found.map(({ pause }) => pause.key));
      for (const { pause, recurs } of found) {
        // As deep as it will be kept: what is nested deeper would overflow the stack here.
        const print = canonical(shallow(pause));
        if (delivered.get(pause.key) === print) continue;
        const more = recurs === undefined ? {} : { recurs };
        const told = await deliver({
          type: 'announced',
          pause,
          via: 'poll',
          streamOpen: false,
          inputId: null,
          ...more,
        });
        if (told) delivered.set(pause.key, print);
      }
      incomplete = complete ? 0 : incomplete + 1;
      if (incomplete === INCOMPLETE_TOLD) {
        log.warn(
          { passes: incomplete },
          'no look at the pending list was complete: what is decided elsewhere stays open',
        );
      }
      if (!complete) {
        for (const key of keys) last?.keys.add(key);
        return;
      }
      const before = last;
      last = { begunAt, keys };
      if (!piecemeal) await tellListed(keys, begunAt);
      // What two passes prove is true of what was there when the first of them began.
      else if (before !== null) await tellListed(before.keys.union(keys), before.begunAt);
    }

    async function tellListed(keys: ReadonlySet<string>, begunAt: number) {
      const told = await deliver({ type: 'listed', backend, keys: [...keys], begunAt });
      if (told) for (const key of delivered.keys()) if (!keys.has(key)) delivered.delete(key);
    }

    let offset = clock.now() - clock.monotonic();
    /** What was complete by the old time can't be held against the new one. */
    const clockWasSet = () => {
      const before = offset;
      offset = clock.now() - clock.monotonic();
      const wasSet = Math.abs(offset - before) > CLOCK_SET_MS;
      if (wasSet) last = null;
      return wasSet;
    };

    while (!signal.aborted) {
      clockWasSet();
      const begunAt = clock.now();
      const looked = await lookOnce(signal);
      if (signal.aborted) return;
      const pass = looked.type === 'read' && clockWasSet() ? { ...looked, complete: false } : looked;
      const interval = intervalMs() * (1 + JITTER * clock.random());
      let wait = interval;
      if (pass.type === 'failed') {
        failures += 1;
        wait = Math.max(interval, backoff(failures, clock.random()), pass.retryAfterMs ?? 0);
        const loud = failures === 1 || failures === FAILURES_TOLD;
        log[loud ? 'warn' : 'debug']({ failures, error: pass.reason }, 'the pending list can’t be read');
        if (failures >= FAILURES_TOLD) await tellReach(false, pass.reason);
      } else {
        if (failures > 0) log.info({ failures }, 'the pending list can be read again');
        failures = 0;
        await tellReach(true, null);
        await take(pass, begunAt);
      }
      await clock.sleep(Math.round(wait), signal).catch(() => {});
    }
  };
}

import type { Place } from '../../core/approval/approval.ts';
import { backoff } from '../../core/ports/backoff.ts';
import { coerceError, PlatformError } from '../../core/ports/errors.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Clock, Log, Platform } from '../../core/ports/ports.ts';
import { type Alert, renderAlert } from '../../core/view/cards/alert-card.ts';

/** Between two alerts in one place: cards may stand in the same room, and come first. */
const SPACING_MS = 10_000;
/** What waits longer than this many others is old news; the log has it. */
const WAITING_MAX = 20;
/** One post, with the platform's own queueing. */
const POST_MS = 15_000;
/** An alert that surely did not arrive is tried so often. */
const TRIES_MAX = 5;
/** A place that refuses is not asked again for so long: refusals in a row are what platforms ban for. */
const REST_MS = 10 * 60_000;

export interface Notice {
  alert: Alert;
  /** Like it, and not told by themselves. Grows until the notice is taken. */
  more: number;
  tone: 'warning' | 'good';
  at: number;
  key: string;
  /** Drawn by a board: it says what it says. */
  taken: boolean;
}

export interface AlertChannel {
  put(notice: Notice): void;
  /** Posts what is put up, one after the other, until the signal ends. Never rejects. */
  work(): Promise<void>;
}

/** One place where the operator is told. It knows nothing of lanes or jobs, so nothing that it does delays a card. */
export function createAlertChannel(options: {
  place: Place;
  platform: Platform;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  signal: AbortSignal;
}): AlertChannel {
  const { place, platform, clock, metrics, signal } = options;
  const log = options.log.child({ platform: place.platform, room: place.room });
  const waiting: Notice[] = [];
  let restUntil = Number.NEGATIVE_INFINITY;
  let wake = new AbortController();

  function drop(notice: Notice, why: string): void {
    notice.taken = true;
    metrics.count('alerts_unposted', { platform: place.platform });
    log.warn({ alert: notice.alert.kind, subject: notice.alert.subject, why }, 'an alert stands in the log only');
  }

  async function post(notice: Notice): Promise<void> {
    notice.taken = true;
    const card = renderAlert(notice.alert, notice.at, notice.more, notice.tone);
    for (let tries = 1; ; tries += 1) {
      try {
        await platform.post(
          place,
          null,
          card,
          `alert:${notice.key}`,
          AbortSignal.any([signal, AbortSignal.timeout(POST_MS)]),
        );
        return;
      } catch (thrown) {
        const error = coerceError(thrown);
        const kind = error instanceof PlatformError ? error.kind : 'unexpected';
        if (kind === 'unsent' && tries < TRIES_MAX && !signal.aborted) {
          const asked = error instanceof PlatformError ? (error.retryAfterMs ?? 0) : 0;
          await pause(Math.max(asked, backoff(tries, clock.random())));
          continue;
        }
        drop(notice, error.message);
        if (kind === 'refused' || kind === 'gone') restUntil = clock.monotonic() + REST_MS;
        return;
      }
    }
  }

  async function pause(ms: number): Promise<void> {
    await clock.sleep(ms, signal).catch(() => {});
  }

  return {
    put(notice) {
      if (clock.monotonic() < restUntil) return drop(notice, 'this place refused the last alert');
      waiting.push(notice);
      const old = waiting.length > WAITING_MAX ? waiting.shift() : undefined;
      if (old !== undefined) drop(old, 'too many alerts at once');
      wake.abort();
    },
    async work() {
      while (!signal.aborted) {
        wake = new AbortController();
        const notice = waiting.shift();
        if (notice === undefined) {
          // Until the next one is put up; there is nothing to look for meanwhile.
          const either = AbortSignal.any([signal, wake.signal]);
          if (!either.aborted)
            await new Promise((resolve) => either.addEventListener('abort', resolve, { once: true }));
          continue;
        }
        await post(notice);
        await pause(SPACING_MS);
      }
      for (const notice of waiting.splice(0)) drop(notice, 'stopped before it was posted');
    },
  };
}

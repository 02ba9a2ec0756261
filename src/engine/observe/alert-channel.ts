/** Posts alerts in one place. Tested in test/engine/observe/alerts.test.ts. */
import type { Place } from '../../core/approval/parts/slot.ts';
import { backoff } from '../../core/ports/backoff.ts';
import { coerceError, PlatformError } from '../../core/ports/errors.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Clock, Log, Platform } from '../../core/ports/ports.ts';
import { type Alert, renderAlert } from '../../core/view/cards/alert-card.ts';

/** Between two alerts in one place, ms: cards may be posted in the same room, and come first. */
const SPACING_MS = 10_000;
/** With more alerts queued than this, the oldest is dropped; the log has it. */
const MAX_QUEUED = 20;
/** One post, with the platform's own queue. */
const POST_MS = 15_000;
/** Attempts of an alert that certainly did not arrive. */
const MAX_ATTEMPTS = 5;
/** A place that refuses is not called again for so long, ms: platforms ban after many refusals in a row. */
const PAUSE_MS = 10 * 60_000;

export interface Notice {
  alert: Alert;
  /** Similar alerts that were not posted. Grows until the notice is sent. */
  more: number;
  tone: 'warning' | 'good';
  at: number;
  key: string;
  /** Its text is final. */
  isSent: boolean;
}

/** Uses no lanes and no jobs, so that nothing it does delays a card. */
export class AlertChannel {
  readonly #deps;
  readonly #log: Log;
  readonly #queue: Notice[] = [];
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #wake = new AbortController();

  constructor(deps: {
    place: Place;
    platform: Platform;
    clock: Clock;
    log: Log;
    metrics: Metrics;
    signal: AbortSignal;
  }) {
    this.#deps = deps;
    this.#log = deps.log.child({ platform: deps.place.platform, room: deps.place.room });
  }

  enqueue(notice: Notice): void {
    if (this.#deps.clock.monotonic() < this.#pausedUntil) {
      this.#drop(notice, 'this place refused the last alert');
      return;
    }
    this.#queue.push(notice);
    const oldest = this.#queue.length > MAX_QUEUED ? this.#queue.shift() : undefined;
    if (oldest !== undefined) this.#drop(oldest, 'too many alerts at once');
    this.#wake.abort();
  }

  /** Posts one alert after the other until the signal ends. Never rejects. */
  async work(): Promise<void> {
    const { signal } = this.#deps;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const notice = this.#queue.shift();
      if (notice === undefined) {
        const either = AbortSignal.any([signal, this.#wake.signal]);
        if (!either.aborted) await new Promise((resolve) => either.addEventListener('abort', resolve, { once: true }));
        continue;
      }
      await this.#post(notice);
      await this.#sleep(SPACING_MS);
    }
    for (const notice of this.#queue.splice(0)) this.#drop(notice, 'stopped before it was posted');
  }

  async #post(notice: Notice): Promise<void> {
    notice.isSent = true;
    const { clock, signal } = this.#deps;
    const card = renderAlert(notice.alert, notice.at, notice.more, notice.tone);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { place, platform } = this.#deps;
        const limited = AbortSignal.any([signal, AbortSignal.timeout(POST_MS)]);
        await platform.post(place, null, card, `alert:${notice.key}`, limited);
        return;
      } catch (thrown) {
        const error = coerceError(thrown);
        const {
          kind,
          retryAfterMs = null,
          permanent = false,
        }: Partial<PlatformError> = error instanceof PlatformError ? error : {};
        if (kind === 'unsent' && attempt < MAX_ATTEMPTS && !signal.aborted) {
          await this.#sleep(Math.max(retryAfterMs ?? 0, backoff(attempt, clock.random())));
          continue;
        }
        this.#drop(notice, error.message);
        if (permanent) this.#pausedUntil = clock.monotonic() + PAUSE_MS;
        return;
      }
    }
  }

  #drop(notice: Notice, why: string): void {
    const { metrics, place } = this.#deps;
    notice.isSent = true;
    metrics.count('alerts_unposted', { platform: place.platform });
    this.#log.warn({ alert: notice.alert.kind, subject: notice.alert.subject, why }, 'alert not posted');
  }

  async #sleep(ms: number): Promise<void> {
    await this.#deps.clock.sleep(ms, this.#deps.signal).catch(() => {});
  }
}

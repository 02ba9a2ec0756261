/** Alerts for the operator, in the log and in the places of ALERTS. Tested in test/engine/observe/alerts.test.ts. */
import type { Place } from '../../core/approval/parts/slot.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Clock, Log, Platform, SharedIncidents } from '../../core/ports/ports.ts';
import type { Alert, AlertKind } from '../../core/view/cards/alert-card.ts';
import { AlertChannel, type Notice } from './alert-channel.ts';

/** An incident is reported again after this at the earliest, ms, with how often it occurred meanwhile. */
export const QUIET_MS = 15 * 60_000;
/** Between two looks at what is to be reported again, ms. */
const SWEEP_MS = 30_000;
/** Beyond so many incidents the oldest is forgotten, and may be reported twice. */
const MAX_INCIDENTS = 500;
/** While it is not known whether another replica has sent it, it is tried again after this, ms. */
const UNKNOWN_MS = 2 * 60_000;

interface Incident {
  alert: Alert;
  /** When it was last reported, or began, on the monotonic clock. */
  at: number;
  /** The last report. */
  notice: Notice;
  /** Occurrences since then that were not reported. */
  more: number;
  /** Null: it is a single event. Else whether it continues, and whether its beginning was reported. */
  lasting: { active: boolean; reported: boolean } | null;
}

/** No method blocks or throws: what can't be posted is in the log. */
export interface Alerts {
  /** An event. The first of a kind and subject is posted at once; those that follow soon are counted and posted together. */
  raise(alert: Alert): void;
  /** A condition that lasts until `over`; reported once. */
  begin(alert: Alert): void;
  /** The condition has ended; reported where its beginning was. @param what happened, in a sentence */
  over(kind: AlertKind, subject: string, what: string): void;
  /** Starts to post, with what was raised before. */
  start(): void;
  stop(): Promise<void>;
}

export function createAlerts(options: {
  places: readonly Place[];
  platforms: ReadonlyMap<string, Platform>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** Of several replicas: one of them posts. Default: this is the only one. */
  shared?: { incidents: SharedIncidents; me: string } | null;
}): Alerts {
  const { clock, log, metrics, platforms, shared = null } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const channels = options.places.flatMap((place) => {
    const platform = platforms.get(place.platform);
    return platform === undefined ? [] : [new AlertChannel({ place, platform, clock, log, metrics, signal })];
  });
  let working: Promise<unknown> = Promise.resolve();
  /** One question after the other: the end of a condition follows its beginning. */
  let asking: Promise<void> = Promise.resolve();

  function report(alert: Alert, more: number, tone: Notice['tone'], lasts: boolean): Notice {
    const { kind, subject, title, what, advice } = alert;
    const level = tone === 'good' ? 'info' : 'error';
    log[level]({ alert: kind, subject, what, advice, ...(more > 0 && { more }) }, `alert: ${title}`);
    const notice: Notice = { alert, more, tone, at: clock.now(), key: clock.id(), isSent: channels.length === 0 };
    if (shared === null || channels.length === 0) post(notice);
    else asking = asking.then(() => postIfOurs(notice, { ...shared, lasts }));
    return notice;
  }

  function post(notice: Notice): void {
    for (const channel of channels) channel.enqueue(notice);
  }

  /** Never rejects. */
  async function postIfOurs(
    notice: Notice,
    { incidents: all, me, lasts }: { incidents: SharedIncidents; me: string; lasts: boolean },
  ): Promise<void> {
    const { alert, tone } = notice;
    try {
      if (tone === 'good') {
        if (await all.ended(alert, me)) post(notice);
        return;
      }
      const met = await all.met(alert, { by: me, times: 1 + notice.more, lasts }, QUIET_MS);
      if (met.type === 'send') {
        notice.more += met.more;
        post(notice);
        return;
      }
      notice.isSent = true;
      if (met.type === 'quiet') incidents.notTold(alert, QUIET_MS);
    } catch (thrown) {
      // The log has it: more can’t be said while no one knows who says it.
      log.warn(
        { alert: alert.kind, err: coerceError(thrown) },
        'it is not known whether another replica posts this alert',
      );
      notice.isSent = true;
      incidents.notTold(alert, UNKNOWN_MS);
    }
  }

  const incidents = new Incidents({ clock, log, metrics, report });

  async function sweepRegularly(): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(SWEEP_MS, signal).catch(() => {});
      incidents.sweep();
    }
  }

  return {
    raise: (alert) => incidents.raise(alert),
    begin: (alert) => incidents.begin(alert),
    over: (kind, subject, what) => incidents.over(kind, subject, what),
    start() {
      working = Promise.all([sweepRegularly(), ...channels.map((channel) => channel.work())]);
    },
    async stop() {
      stopping.abort();
      await asking;
      await working;
    },
  };
}

/** What was reported lately, so that each incident is reported once per quiet period. */
class Incidents {
  readonly #deps;
  readonly #known = new Map<string, Incident>();

  constructor(deps: {
    clock: Clock;
    log: Log;
    metrics: Metrics;
    report: (alert: Alert, more: number, tone: Notice['tone'], lasts: boolean) => Notice;
  }) {
    this.#deps = deps;
  }

  raise(alert: Alert): void {
    const { log, metrics, report } = this.#deps;
    metrics.count('alerts', { kind: alert.kind });
    const key = keyOf(alert.kind, alert.subject);
    const known = this.#known.get(key);
    if (known === undefined) {
      this.#save(key, alert, report(alert, 0, 'warning', false), null);
      return;
    }
    log.debug({ alert: alert.kind, subject: alert.subject, what: alert.what }, 'alert merged into an earlier one');
    if (!known.notice.isSent) {
      known.notice.more += 1;
      return;
    }
    known.alert = alert;
    known.more += 1;
  }

  begin(alert: Alert): void {
    const { clock, metrics, report } = this.#deps;
    const key = keyOf(alert.kind, alert.subject);
    const known = this.#known.get(key);
    if (known?.lasting?.active) return;
    metrics.count('alerts', { kind: alert.kind });
    // A condition that comes and goes is reported once per quiet period.
    if (known !== undefined && clock.monotonic() - known.at < QUIET_MS) {
      known.alert = alert;
      known.lasting = { active: true, reported: false };
      return;
    }
    this.#save(key, alert, report(alert, 0, 'warning', true), { active: true, reported: true });
  }

  over(kind: AlertKind, subject: string, what: string): void {
    const known = this.#known.get(keyOf(kind, subject));
    if (!known?.lasting?.active) return;
    const { alert, lasting } = known;
    if (lasting.reported)
      this.#deps.report({ ...alert, title: `Resolved: ${alert.title}`, what, advice: '' }, 0, 'good', true);
    known.lasting = { active: false, reported: false };
  }

  /** What was reported here is sent nowhere: one that still lasts is reported again after this time, ms. */
  notTold({ kind, subject }: Alert, afterMs: number): void {
    const known = this.#known.get(keyOf(kind, subject));
    if (known === undefined) return;
    known.at = this.#deps.clock.monotonic() + afterMs - QUIET_MS;
    if (known.lasting?.active) known.lasting = { active: true, reported: false };
  }

  sweep(): void {
    const { clock, report } = this.#deps;
    const now = clock.monotonic();
    for (const [key, { at, alert, more, lasting }] of this.#known) {
      if (now - at < QUIET_MS) continue;
      if (lasting === null && more > 0) this.#save(key, alert, report(alert, more - 1, 'warning', false), null);
      else if (lasting?.active && !lasting.reported)
        this.#save(key, alert, report(alert, 0, 'warning', true), { active: true, reported: true });
      else if (!lasting?.active) this.#known.delete(key);
    }
  }

  #save(key: string, alert: Alert, notice: Notice, lasting: Incident['lasting']): void {
    this.#known.delete(key);
    this.#known.set(key, { alert, at: this.#deps.clock.monotonic(), notice, more: 0, lasting });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_INCIDENTS && oldest !== undefined) this.#known.delete(oldest);
  }
}

function keyOf(kind: AlertKind, subject: string): string {
  return `${kind}\n${subject}`;
}

import type { Place } from '../../core/approval/approval.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Clock, Log, Platform } from '../../core/ports/ports.ts';
import type { Alert, AlertKind } from '../../core/view/cards/alert-card.ts';
import { createAlertChannel, type Notice } from './alert-channel.ts';

/** The same matter is told again after this at the earliest, with how often it came meanwhile. */
export const QUIET_MS = 15 * 60_000;
/** How often it is looked whether something is to be told again. */
const SWEEP_MS = 30_000;
/** More matters than these at once are not told apart any better; the oldest is forgotten, and may be told twice. */
const MATTERS_MAX = 500;

interface Matter {
  alert: Alert;
  /** When it was last told, or began, on the monotonic clock. */
  at: number;
  /** The last one told; still waiting on the boards until it is taken. */
  notice: Notice;
  /** Came since, and were not told. */
  more: number;
  /** Null: it happens and is over. Else whether it goes on, and whether people were told so. */
  lasting: { on: boolean; told: boolean } | null;
}

/**
 * Tells the operator: always in the log, and where `ALERTS` says. Nothing here blocks or throws: what can't be posted
 * stands in the log.
 */
export interface Alerts {
  /** It happened. One of a kind and subject is posted at once, those that follow soon are counted and told together. */
  raise(alert: Alert): void;
  /** It began, and goes on until `over`: told once. */
  begin(alert: Alert): void;
  /** It is over: told where its beginning was. @param what happened, in a sentence */
  over(kind: AlertKind, subject: string, what: string): void;
  /** Posts from now on; what was raised before is posted now. */
  start(): void;
  stop(): Promise<void>;
}

export function createAlerts(options: {
  places: readonly Place[];
  platforms: ReadonlyMap<string, Platform>;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}): Alerts {
  const { clock, log, metrics } = options;
  const stopping = new AbortController();
  const boards = options.places.flatMap((place) => {
    const platform = options.platforms.get(place.platform);
    return platform === undefined
      ? []
      : [createAlertChannel({ place, platform, clock, log, metrics, signal: stopping.signal })];
  });
  const matters = new Map<string, Matter>();
  let working: Promise<unknown> = Promise.resolve();

  function tell(alert: Alert, more: number, tone: Notice['tone']): Notice {
    const { kind, subject, title, what, advice } = alert;
    const level = tone === 'good' ? 'info' : 'error';
    log[level]({ alert: kind, subject, what, advice, ...(more > 0 && { more }) }, `alert: ${title}`);
    // Nobody is waited for where there is no board.
    const notice: Notice = { alert, more, tone, at: clock.now(), key: clock.id(), taken: boards.length === 0 };
    for (const board of boards) board.put(notice);
    return notice;
  }

  function remember(key: string, matter: Matter): void {
    matters.delete(key);
    matters.set(key, matter);
    const [oldest] = matters.keys();
    if (matters.size > MATTERS_MAX && oldest !== undefined) matters.delete(oldest);
  }

  function sweep(): void {
    const now = clock.monotonic();
    for (const [key, matter] of matters) {
      if (now - matter.at < QUIET_MS) continue;
      const { alert, more, lasting } = matter;
      if (lasting === null && more > 0) {
        remember(key, { alert, at: now, notice: tell(alert, more - 1, 'warning'), more: 0, lasting });
      } else if (lasting?.on && !lasting.told) {
        remember(key, {
          alert,
          at: now,
          notice: tell(alert, 0, 'warning'),
          more: 0,
          lasting: { on: true, told: true },
        });
      } else if (!lasting?.on) matters.delete(key);
    }
  }

  async function keepSweeping() {
    while (!stopping.signal.aborted) {
      await clock.sleep(SWEEP_MS, stopping.signal).catch(() => {});
      sweep();
    }
  }

  return {
    raise(alert) {
      metrics.count('alerts', { kind: alert.kind });
      const key = keyOf(alert.kind, alert.subject);
      const known = matters.get(key);
      if (known === undefined) {
        const notice = tell(alert, 0, 'warning');
        remember(key, { alert, at: clock.monotonic(), notice, more: 0, lasting: null });
        return;
      }
      log.debug({ alert: alert.kind, subject: alert.subject, what: alert.what }, 'alert folded into an earlier one');
      if (!known.notice.taken) {
        known.notice.more += 1;
        return;
      }
      known.alert = alert;
      known.more += 1;
    },
    begin(alert) {
      const key = keyOf(alert.kind, alert.subject);
      const known = matters.get(key);
      if (known?.lasting?.on) return;
      metrics.count('alerts', { kind: alert.kind });
      const now = clock.monotonic();
      // What comes and goes is told at its own pace, not at every turn.
      if (known !== undefined && now - known.at < QUIET_MS) {
        known.alert = alert;
        known.lasting = { on: true, told: false };
        return;
      }
      remember(key, { alert, at: now, notice: tell(alert, 0, 'warning'), more: 0, lasting: { on: true, told: true } });
    },
    over(kind, subject, what) {
      const known = matters.get(keyOf(kind, subject));
      if (!known?.lasting?.on) return;
      if (known.lasting.told)
        tell({ ...known.alert, title: `Over: ${known.alert.title}`, what, advice: '' }, 0, 'good');
      known.lasting = { on: false, told: false };
    },
    start() {
      working = Promise.all([keepSweeping(), ...boards.map((board) => board.work())]);
    },
    async stop() {
      stopping.abort();
      await working;
    },
  };
}

function keyOf(kind: AlertKind, subject: string): string {
  return `${kind}\n${subject}`;
}

import { coerceError } from '../../core/ports/errors.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Clock, Log } from '../../core/ports/ports.ts';
import type { Alerts } from './alerts.ts';

/** A check that takes longer has failed: what it asks is no use to anybody at that speed. */
const CHECK_MS = 10_000;
/** A check that was not made for so many of its turns says nothing any more. */
const STALE_TURNS = 4;

export type Finding = { ok: true } | { ok: false; reason: string; advice: string };

export interface Check {
  name: string;
  /** From the end of one look to the next, ms. Probes read what was found last, and cause no look. */
  everyMs: number;
  /** Bad for so long, and the operator is told (ms). Null: it is told by other means. */
  patienceMs: number | null;
  look: (signal: AbortSignal) => Promise<Finding>;
}

export interface CheckReport {
  name: string;
  ok: boolean;
  /** Plain words; null while all is well. */
  reason: string | null;
  advice: string | null;
  /** Since when it is as it is, and when it was looked at last, ms since 1970; null before the first look. */
  since: number | null;
  checkedAt: number | null;
}

export interface Health {
  /** Each check at once, and then at its own pace. */
  start(): void;
  stop(): Promise<void>;
  report(): { ready: boolean; checks: readonly CheckReport[] };
}

interface Known {
  finding: Finding;
  since: number;
  checkedAt: number;
  /** The same moments on the monotonic clock. */
  badSince: number | null;
  seen: number;
}

/** Looks at everything that the bot needs, at a pace of its own, and says how it stands. */
export function createHealth(options: {
  checks: readonly Check[];
  clock: Clock;
  log: Log;
  metrics: Metrics;
  alerts: Pick<Alerts, 'begin' | 'over'>;
}): Health {
  const { checks, clock, log, metrics, alerts } = options;
  const known = new Map<string, Known>();
  const stopping = new AbortController();
  let loops: Promise<unknown> = Promise.resolve();

  async function lookAt(check: Check): Promise<void> {
    const finding = await boundedLook(check);
    if (stopping.signal.aborted) return;
    const { name, patienceMs } = check;
    const before = known.get(name);
    const now = clock.now();
    const monotonic = clock.monotonic();
    const turned = before === undefined || before.finding.ok !== finding.ok;
    const badSince = finding.ok ? null : (before?.badSince ?? monotonic);
    known.set(name, { finding, since: turned ? now : before.since, checkedAt: now, badSince, seen: monotonic });
    metrics.set('check_ok', { check: name }, finding.ok ? 1 : 0);
    if (turned && !finding.ok) log.warn({ check: name, reason: finding.reason }, 'a health check turned bad');
    if (turned && finding.ok && before !== undefined) log.info({ check: name }, 'a health check is well again');
    if (patienceMs === null) return;
    if (finding.ok) {
      alerts.over('check_failing', name, `${label(name)} is well again.`);
      return;
    }
    if (badSince === null || monotonic - badSince < patienceMs) return;
    const { reason, advice } = finding;
    const lasted = patienceMs === 0 ? '' : ` This has lasted for ${minutes(monotonic - badSince)}.`;
    alerts.begin({
      kind: 'check_failing',
      subject: name,
      title: `${label(name)} is not well`,
      what: `${reason}${lasted}`,
      advice,
    });
  }

  async function boundedLook({ look, name }: Check): Promise<Finding> {
    const late = new AbortController();
    const signal = AbortSignal.any([stopping.signal, late.signal]);
    const done = new AbortController();
    const limit = clock.sleep(CHECK_MS, AbortSignal.any([done.signal, stopping.signal])).then((): Finding => {
      const reason = `${label(name)} gave no answer within ${CHECK_MS / 1000} s.`;
      return { ok: false, reason, advice: 'See the log for what it is busy with.' };
    });
    try {
      return await Promise.race([look(signal), limit]);
    } catch (thrown) {
      const error = coerceError(thrown);
      if (!stopping.signal.aborted) log.error({ check: name, err: error }, 'a health check failed to look');
      return { ok: false, reason: error.message, advice: 'See the log.' };
    } finally {
      limit.catch(() => {});
      done.abort();
      // Whatever still runs has nobody who waits for it.
      late.abort();
    }
  }

  async function keepLooking(check: Check): Promise<void> {
    while (!stopping.signal.aborted) {
      await lookAt(check);
      await clock.sleep(check.everyMs, stopping.signal).catch(() => {});
    }
  }

  function reportOf({ name, everyMs }: Check): CheckReport {
    const found = known.get(name);
    if (found === undefined) {
      const reason = 'It was not looked at yet.';
      return { name, ok: false, reason, advice: 'Wait a moment.', since: null, checkedAt: null };
    }
    const { finding, since, checkedAt, seen } = found;
    if (clock.monotonic() - seen > STALE_TURNS * everyMs + CHECK_MS) {
      const reason = `${label(name)} was not looked at for ${minutes(clock.monotonic() - seen)}: this process is stuck.`;
      return { name, ok: false, reason, advice: 'Start it again.', since, checkedAt };
    }
    const words = finding.ok ? { reason: null, advice: null } : { reason: finding.reason, advice: finding.advice };
    return { name, ok: finding.ok, ...words, since, checkedAt };
  }

  return {
    start() {
      loops = Promise.all(checks.map(keepLooking));
    },
    async stop() {
      stopping.abort();
      await loops;
    },
    report() {
      const reports = checks.map(reportOf);
      return { ready: reports.every(({ ok }) => ok), checks: reports };
    },
  };
}

function label(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');
}

function minutes(ms: number): string {
  const whole = Math.round(ms / 60_000);
  if (whole === 0) return `${Math.round(ms / 1000)} s`;
  return whole === 1 ? '1 minute' : `${whole} minutes`;
}

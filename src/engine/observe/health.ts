/** Runs the health checks at their own pace. Tested in test/engine/observe/health.test.ts. */
import { coerceError } from '../../core/ports/errors.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Clock, Log } from '../../core/ports/ports.ts';
import { capitalise } from '../../core/text/humanise.ts';
import type { Alerts } from './alerts.ts';

/** A check that takes longer has failed, ms: what it checks can't be used at that speed. */
const CHECK_MS = 10_000;
/** After so many intervals without a result, the last one is stale. */
const STALE_INTERVALS = 4;

export type Finding = { ok: true } | { ok: false; reason: string; advice: string };

export interface Check {
  name: string;
  /** From the end of one look to the next, ms. Probes read the last result, and cause no look. */
  everyMs: number;
  /** The operator is alerted after so long a failure, ms. Null: never by this check. */
  patienceMs: number | null;
  look: (signal: AbortSignal) => Promise<Finding>;
}

export interface CheckReport {
  name: string;
  ok: boolean;
  /** For people; null while the check passes. */
  reason: string | null;
  advice: string | null;
  /** When its result last changed, and when it last ran, ms since 1970; null before the first look. */
  since: number | null;
  checkedAt: number | null;
}

export interface Health {
  /**
   * Runs each check at once, and then at its own pace. Resolves when each has run once.
   * @param passed names of checks that the start itself has just made, with success
   */
  start(passed?: ReadonlySet<string>): Promise<void>;
  stop(): Promise<void>;
  report(): { ready: boolean; checks: readonly CheckReport[] };
}

interface Result {
  finding: Finding;
  /** ms since 1970. */
  since: number;
  checkedAt: number;
  /** On the monotonic clock. */
  failingSince: number | null;
  seen: number;
}

export interface HealthDeps {
  checks: readonly Check[];
  clock: Clock;
  log: Log;
  metrics: Metrics;
  alerts: Pick<Alerts, 'begin' | 'over'>;
}

export function createHealth(deps: HealthDeps): Health {
  const { checks, clock, log, metrics } = deps;
  const results = new Map<string, Result>();
  const stopping = new AbortController();
  let loops: Promise<unknown> = Promise.resolve();

  async function look(check: Check): Promise<void> {
    record(check, await limitedLook(check, stopping.signal, deps));
  }

  function record(check: Check, finding: Finding): void {
    if (stopping.signal.aborted) return;
    const { name } = check;
    const before = results.get(name);
    const [now, monotonic] = [clock.now(), clock.monotonic()];
    const changed = before === undefined || before.finding.ok !== finding.ok;
    const failingSince = finding.ok ? null : (before?.failingSince ?? monotonic);
    results.set(name, { finding, since: changed ? now : before.since, checkedAt: now, failingSince, seen: monotonic });
    metrics.set('check_ok', { check: name }, finding.ok ? 1 : 0);
    if (changed && !finding.ok) log.warn({ check: name, reason: finding.reason }, 'health check failed');
    if (changed && finding.ok && before !== undefined) log.info({ check: name }, 'health check recovered');
    alertOn(check, finding, failingSince === null ? 0 : monotonic - failingSince, deps);
  }

  async function lookRegularly(check: Check, first: Promise<void>): Promise<void> {
    await first;
    while (!stopping.signal.aborted) {
      await clock.sleep(check.everyMs, stopping.signal).catch(() => {});
      if (!stopping.signal.aborted) await look(check);
    }
  }

  return {
    async start(passed = new Set()) {
      const begun = checks.map((check) => {
        if (!passed.has(check.name)) return { check, first: look(check) };
        record(check, { ok: true });
        return { check, first: Promise.resolve() };
      });
      loops = Promise.all(begun.map(({ check, first }) => lookRegularly(check, first)));
      await Promise.all(begun.map(({ first }) => first));
    },
    async stop() {
      stopping.abort();
      await loops;
    },
    report() {
      const reports = checks.map((check) => reportOf(check, results.get(check.name), clock));
      return { ready: reports.every(({ ok }) => ok), checks: reports };
    },
  };
}

/** A look with a time limit. Never rejects. */
async function limitedLook({ look, name }: Check, stopping: AbortSignal, { clock, log }: HealthDeps): Promise<Finding> {
  const late = new AbortController();
  const signal = AbortSignal.any([stopping, late.signal]);
  const done = new AbortController();
  const limit = clock.sleep(CHECK_MS, AbortSignal.any([done.signal, stopping])).then((): Finding => {
    const reason = `${label(name)} did not answer within ${CHECK_MS / 1000} s.`;
    return { ok: false, reason, advice: 'See the log.' };
  });
  try {
    return await Promise.race([look(signal), limit]);
  } catch (thrown) {
    const error = coerceError(thrown);
    if (!stopping.aborted) log.error({ check: name, err: error }, 'a health check threw an error');
    return { ok: false, reason: error.message, advice: 'See the log.' };
  } finally {
    limit.catch(() => {});
    done.abort();
    // Ends a look that still runs.
    late.abort();
  }
}

function alertOn({ name, patienceMs }: Check, finding: Finding, failingMs: number, { alerts }: HealthDeps): void {
  if (patienceMs === null) return;
  if (finding.ok) {
    alerts.over('check_failing', name, `${label(name)} has recovered.`);
    return;
  }
  if (failingMs < patienceMs) return;
  const { reason, advice } = finding;
  const lasted = patienceMs === 0 ? '' : ` This has lasted for ${minutes(failingMs)}.`;
  const title = `${label(name)} is unhealthy`;
  alerts.begin({ kind: 'check_failing', subject: name, title, what: `${reason}${lasted}`, advice });
}

function reportOf({ name, everyMs }: Check, result: Result | undefined, clock: Clock): CheckReport {
  if (result === undefined) {
    return { name, ok: false, reason: 'Not checked yet.', advice: 'Wait a moment.', since: null, checkedAt: null };
  }
  const { finding, since, checkedAt, seen } = result;
  const age = clock.monotonic() - seen;
  if (age > STALE_INTERVALS * everyMs + CHECK_MS) {
    const reason = `${label(name)} was not checked for ${minutes(age)}: this process is stuck.`;
    return { name, ok: false, reason, advice: 'Restart it.', since, checkedAt };
  }
  const { reason, advice } = finding.ok ? { reason: null, advice: null } : finding;
  return { name, ok: finding.ok, reason, advice, since, checkedAt };
}

function label(name: string): string {
  return capitalise(name.replaceAll('_', ' '));
}

function minutes(ms: number): string {
  const whole = Math.round(ms / 60_000);
  if (whole === 0) return `${Math.round(ms / 1000)} s`;
  return whole === 1 ? '1 minute' : `${whole} minutes`;
}

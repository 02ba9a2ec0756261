/**
 * The doctor of a bot that runs: once after its start, then regularly, and whenever it is asked. Tested in
 * test/doctor/within.test.ts.
 */
import { coerceError } from '../core/ports/errors.ts';
import type { Metrics } from '../core/ports/metrics.ts';
import type { Clock, Log } from '../core/ports/ports.ts';
import { counted } from '../core/text/numbers.ts';
import { exitCodeOf, type Report, reportOf } from './report.ts';
import type { Examined } from './run.ts';

export interface Pace {
  /** After the start, ms. */
  firstMs: number;
  /** From the end of one run to the next, ms. */
  everyMs: number;
}

/**
 * A minute after the start its own calls are over. Then four times a day: rooms, scopes and members are changed by people, a
 * few times a year, and each run costs dozens of calls of the limits that cards share. What stops the bot's work is seen by
 * the health checks within a minute.
 */
export const DOCTOR_PACE: Pace = { firstMs: 60_000, everyMs: 6 * 3_600_000 };
/** From the end of one run to the begin of the next, ms, however often it is asked: a script may ask in a loop. */
const REST_MS = 10_000;

export interface BotDoctor {
  /**
   * Looks now, and resolves with what it found. Those who ask for all meanwhile get the same.
   * @param local only at this machine: it costs no calls, and what it finds is not all, so it is not kept
   */
  run(local: boolean): Promise<Report>;
  /** What it found last; null: it has not looked yet. */
  last(): Report | null;
  start(): void;
  stop(): void;
}

export interface BotDoctorDeps {
  look: (local: boolean) => Promise<readonly Examined[]>;
  release: string | null;
  /** Null: only when it is asked. */
  pace: Pace | null;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

export function createBotDoctor({ look, release, pace, clock, log, metrics }: BotDoctorDeps): BotDoctor {
  const stopping = new AbortController();
  let last: Report | null = null;
  let running: Promise<Report> | null = null;
  let restUntil = Number.NEGATIVE_INFINITY;

  async function reportNow(local: boolean): Promise<Report> {
    const startedAt = clock.monotonic();
    const examined = await look(local);
    const durationMs = Math.round(clock.monotonic() - startedAt);
    return reportOf(examined, { source: 'bot', release, at: new Date(clock.now()).toISOString(), durationMs });
  }

  async function lookNow(): Promise<Report> {
    const rest = restUntil - clock.monotonic();
    if (rest > 0) await clock.sleep(rest, stopping.signal);
    const report = await reportNow(false);
    restUntil = clock.monotonic() + REST_MS;
    note(report, last);
    last = report;
    return report;
  }

  function note(report: Report, before: Report | null): void {
    metrics.set('doctor_findings', { level: 'fault' }, report.faults);
    metrics.set('doctor_findings', { level: 'warning' }, report.warnings);
    const found = textsOf(report);
    if (found.join('\n') === textsOf(before).join('\n')) return;
    if (exitCodeOf(report) === 0) log.info({}, 'the doctor finds nothing any more');
    else
      log.warn(
        { problems: found },
        `the doctor found ${counted(found.length, 'thing')}: countersign doctor says what to do`,
      );
  }

  function run(local: boolean): Promise<Report> {
    if (local) return reportNow(true);
    running ??= lookNow().finally(() => {
      running = null;
    });
    return running;
  }

  async function lookRegularly({ firstMs, everyMs }: Pace): Promise<void> {
    for (let wait = firstMs; !stopping.signal.aborted; wait = everyMs) {
      await clock.sleep(wait, stopping.signal).catch(() => {});
      if (stopping.signal.aborted) return;
      await run(false).catch((thrown: unknown) => {
        if (!stopping.signal.aborted) log.error({ err: coerceError(thrown) }, 'the doctor failed');
      });
    }
  }

  return {
    run,
    last: () => last,
    start() {
      if (pace !== null) void lookRegularly(pace);
    },
    stop: () => stopping.abort(),
  };
}

function textsOf(report: Report | null): string[] {
  return (report?.groups ?? []).flatMap(({ findings }) => findings.map(({ check, what }) => `${check}: ${what}`));
}

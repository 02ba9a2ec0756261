/**
 * Who is on duty, from what was looked up in the background: a press never waits for it, and what is older than a minute
 * proves nothing. Tested in test/engine/background/schedules.test.ts.
 */
import type { Absence } from '../../core/policy/absences/absence.ts';
import type { PolicyDocument } from '../../core/policy/rules/document.ts';
import { type Listed, type OnDuty, peopleOf } from '../../core/policy/schedules/on-duty.ts';
import { turnAt } from '../../core/policy/schedules/rota.ts';
import { type ListedSchedule, ScheduleError, type ScheduleSource } from '../../core/policy/schedules/source.ts';
import { coerceError } from '../../core/ports/errors.ts';
import type { Clock, Log } from '../../core/ports/ports.ts';
import type { Alert, AlertKind } from '../../core/view/cards/alert-card.ts';

/** As of the members of groups (`members.ts`). */
const FRESH_MS = 60_000;
const REFRESH_MS = 25_000;
/** Time limit of one look-up. */
const LOOK_UP_MS = 15_000;

export interface Schedules {
  /** @param name of the schedule in the policy */
  onDuty(name: string): OnDuty;
  /** The schedules may be others now: looks all of them up. */
  refresh(): Promise<void>;
  /** Looks every schedule up once, and then regularly. */
  start(): Promise<void>;
  stop(): void;
}

interface Known {
  listed: readonly Listed[];
  /** On the monotonic clock. */
  at: number;
}

interface Failure {
  message: string;
  /** Not looked up again before, on the monotonic clock. */
  until: number;
}

export interface SchedulesDeps {
  document: () => Pick<PolicyDocument, 'schedules' | 'contacts'>;
  sources: readonly ScheduleSource[];
  alerts: { begin(alert: Alert): void; over(kind: AlertKind, subject: string, what: string): void };
  /** Who is away now. Default: no one. */
  absences?: () => readonly Absence[];
  /** Others are on duty than before, by some schedule, or away. */
  onChange: () => void;
  clock: Clock;
  log: Log;
}

export function createSchedules(deps: SchedulesDeps): Schedules {
  const { document, sources, clock, log } = deps;
  const known = new Map<string, Known>();
  const failures = new Map<string, Failure>();
  const stopped = new AbortController();
  /** Who was on duty at the last look, by schedule. */
  let last: string | null = null;

  function onDuty(name: string): OnDuty {
    const schedule = document().schedules.get(name);
    if (schedule === undefined) return { type: 'unknown', why: `The policy has no schedule ${name}.` };
    if (schedule.kind === 'rota') {
      const { who } = turnAt(schedule, clock.now());
      return { type: 'known', who: who === null ? [] : [who], strangers: [] };
    }
    const found = known.get(keyOf(schedule));
    if (found === undefined || clock.monotonic() - found.at > FRESH_MS)
      return { type: 'unknown', why: `The schedule ${name} could not be looked up.` };
    return { type: 'known', ...peopleOf(found.listed, document().contacts ?? new Map()) };
  }

  async function lookUp(name: string, schedule: ListedSchedule): Promise<void> {
    const key = keyOf(schedule);
    const failure = failures.get(key);
    if (failure !== undefined && clock.monotonic() < failure.until) return;
    try {
      const source = sources.find(({ kind }) => kind === schedule.kind);
      if (source === undefined) throw new ScheduleError(`${tokens[schedule.kind]} is not set.`);
      const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(LOOK_UP_MS)]);
      known.set(key, { listed: await source.onDuty(schedule, signal), at: clock.monotonic() });
      failures.delete(key);
    } catch (thrown) {
      if (stopped.signal.aborted) return;
      const error = coerceError(thrown);
      const waitMs = error instanceof ScheduleError ? (error.retryAfterMs ?? 0) : 0;
      const message = error instanceof ScheduleError ? error.message : 'The look-up failed.';
      failures.set(key, { message, until: clock.monotonic() + waitMs });
      log.warn({ schedule: name, kind: schedule.kind, err: error }, 'a schedule could not be looked up');
    }
  }

  async function refresh(): Promise<void> {
    const all = [...document().schedules];
    await Promise.all(all.map(([name, one]) => (one.kind === 'rota' ? undefined : lookUp(name, one))));
    if (stopped.signal.aborted) return;
    for (const [name, schedule] of all) {
      const failure = schedule.kind === 'rota' ? undefined : failures.get(keyOf(schedule));
      report(name, onDuty(name), failure?.message ?? '', deps.alerts);
    }
    const now = JSON.stringify([deps.absences?.(), all.map(([name]) => [name, onDuty(name)])]);
    const isChanged = last !== null && last !== now;
    last = now;
    if (isChanged) deps.onChange();
  }

  async function refreshRegularly(): Promise<void> {
    while (!stopped.signal.aborted) {
      await clock.sleep(REFRESH_MS, stopped.signal).catch(() => {});
      if (!stopped.signal.aborted) await refresh();
    }
  }

  return {
    onDuty,
    refresh,
    async start() {
      await refresh();
      void refreshRegularly();
    },
    stop() {
      stopped.abort();
      for (const source of sources) source.stop();
    },
  };
}

const tokens: Record<ListedSchedule['kind'], string> = {
  ical: 'The address of the calendar',
  pagerduty: 'PAGERDUTY_TOKEN',
  opsgenie: 'OPSGENIE_TOKEN',
};

/** Two schedules of the policy may be the same one of a service. */
function keyOf(schedule: ListedSchedule): string {
  return JSON.stringify(schedule);
}

const NAMED_MAX = 5;

/** Tells the operator of a schedule by which no one may decide. */
function report(name: string, found: OnDuty, failure: string, { begin, over }: SchedulesDeps['alerts']): void {
  if (found.type === 'unknown') {
    begin({
      kind: 'schedule_failing',
      subject: name,
      title: `The schedule ${name} can’t be looked up`,
      what: `${failure} Until then no one may decide by the schedule ${name}.`.trim(),
      advice: 'Fix the cause above, or name people in its place in the policy.',
    });
    return;
  }
  over('schedule_failing', name, `The schedule ${name} can be looked up again.`);
  if (found.who.length > 0) {
    over('schedule_empty', name, `The schedule ${name} has people on duty again.`);
    return;
  }
  const strangers = found.strangers.slice(0, NAMED_MAX).join(', ');
  begin({
    kind: 'schedule_empty',
    subject: name,
    title: `The schedule ${name} has no one on duty`,
    what:
      strangers === ''
        ? `No one is on duty by the schedule ${name}, so no one may decide by it.`
        : `By the schedule ${name} these are on duty, whom the policy does not know: ${strangers}. No one may decide by it.`,
    advice:
      strangers === ''
        ? 'Put somebody on duty, or name people beside the schedule in the policy.'
        : 'Add their e-mail address or ID under people in the policy: mara: [slack:U0123, email:mara@example.com].',
  });
}

/** Who is on duty by the policy's schedules, each looked up once. Tested in test/doctor/schedules.test.ts. */
import type { PolicyDocument, Schedule } from '../core/policy/rules/document.ts';
import { peopleOf } from '../core/policy/schedules/on-duty.ts';
import { turnAt } from '../core/policy/schedules/rota.ts';
import { ScheduleError, type ScheduleSource } from '../core/policy/schedules/source.ts';
import type { Checkup, Clock, Found } from '../core/ports/ports.ts';
import type { Group } from './run.ts';

/** Of those who are on duty and unknown. */
const NAMED_MAX = 5;

type Named = Pick<PolicyDocument, 'schedules' | 'contacts' | 'source'>;

/** Null: the policy has no schedules. */
export function scheduleGroup(
  sources: readonly ScheduleSource[],
  document: Named,
  clock: Pick<Clock, 'now'>,
): Group | null {
  const checkups = [...document.schedules].map(([name, schedule]): Checkup => {
    const where = `${document.source}, schedule ${name}`;
    return {
      check: 'schedules.on_duty',
      title: `somebody whom the policy knows is on duty by ${name}`,
      look: async (signal) => {
        const found = await foundOf(schedule, { sources, document, clock, signal });
        return found === null ? [] : [{ ...found, where }];
      },
    };
  });
  return checkups.length === 0 ? null : { title: 'Schedules', checkups };
}

async function foundOf(
  schedule: Schedule,
  options: { sources: readonly ScheduleSource[]; document: Named; clock: Pick<Clock, 'now'>; signal: AbortSignal },
): Promise<Found | null> {
  const { sources, document, clock, signal } = options;
  if (schedule.kind === 'rota') {
    if (turnAt(schedule, clock.now()).who !== null) return null;
    const what = `The rota begins on ${schedule.from}: no one is on duty before that day.`;
    return { level: 'warning', what, remedy: 'Set its first day (from) to one in the past, or name people beside it.' };
  }
  try {
    const source = sources.find(({ kind }) => kind === schedule.kind);
    if (source === undefined) throw new ScheduleError(`What ${schedule.kind} schedules are looked up with is not set.`);
    const listed = await source.onDuty(schedule, signal);
    return unknownFound(peopleOf(listed, document.contacts ?? new Map()), schedule.kind);
  } catch (thrown) {
    if (!(thrown instanceof ScheduleError)) throw thrown;
    const what = `${thrown.message} No one may decide by it.`;
    return { level: 'fault', what, remedy: 'Fix the cause, or name people in its place in the policy.' };
  }
}

function unknownFound({ who, strangers }: ReturnType<typeof peopleOf>, kind: string): Found | null {
  if (strangers.length > 0) {
    const names = strangers.slice(0, NAMED_MAX).join(', ');
    const what = `On duty, and not known to the policy: ${names}. They may not decide${who.length === 0 ? ', and no one else is on duty' : ''}.`;
    const remedy =
      'Add their e-mail address or ID under people in the policy: mara: [slack:U0123, email:mara@example.com].';
    return { level: who.length === 0 ? 'fault' : 'warning', what, remedy };
  }
  if (who.length > 0) return null;
  const also = kind === 'pagerduty' ? ' PagerDuty shows a schedule that does not exist in the same way.' : '';
  const remedy = 'Put somebody on duty, check the ID of the schedule, or name people beside it in the policy.';
  return { level: 'warning', what: `No one is on duty now, so no one may decide by it.${also}`, remedy };
}

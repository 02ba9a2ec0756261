/** The job `wake`: what is due by time alone. Tested in test/engine/outbox/wake-job.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import type { Input } from '../../core/approval/inputs.ts';
import { type Place, placeKey } from '../../core/approval/parts/slot.ts';
import { deadlineToShow } from '../../core/approval/steps/time/deadline.ts';
import { escalationsAhead } from '../../core/approval/steps/time/escalation.ts';
import { hasEnded, policyEndOf } from '../../core/approval/steps/time/expiry.ts';
import { remindersAhead } from '../../core/approval/steps/time/reminders.ts';
import { nextWake } from '../../core/approval/steps/time/timer.ts';
import type { Clock, Job, Store } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';

/**
 * Ends a claim whose lease is over and an approval whose asker or policy gave it until now, notes a deadline that has passed,
 * so that the cards show it, turns to further people, and sends reminders.
 * @param directPlaces of whom its reminders go to, where they go to people themselves. Default: into the threads
 * @returns when the next of it is due, ms since 1970; null: nothing is left
 */
export function createWakeJob(options: {
  store: Store;
  apply: Apply;
  clock: Clock;
  directPlaces?: ((approval: Approval) => readonly Place[]) | undefined;
}): (job: Job) => Promise<number | null> {
  const { store, apply, clock, directPlaces } = options;

  /** In the order in which they count. What is not due yet leaves no row in the audit log. */
  const looks: readonly ((state: Approval, now: number) => Input | null)[] = [
    ({ claim }) => (claim === null ? null : { type: 'hold_ended' }),
    (state, now) => (isDue(deadlineToShow(state), now) ? { type: 'deadline_passed' } : null),
    endDue,
    escalationOf,
    (state, now) => (state.phase === 'open' && isDue(remindersAhead(state)[0], now) ? remindedOf(state) : null),
  ];

  function remindedOf(state: Approval): Input {
    const direct = state.requirement?.remindTo === 'direct' ? (directPlaces?.(state) ?? []) : [];
    return { type: 'reminder_due', ...(direct.length > 0 && { direct }) };
  }

  return async ({ subject }) => {
    let state = await store.get(subject);
    for (const look of looks) {
      const input = state === null ? null : look(state, clock.now());
      if (input !== null) state = (await apply(subject, input)).state;
    }
    return nextWake(state, clock.now());
  };
}

function isDue(at: number | null | undefined, now: number): boolean {
  return typeof at === 'number' && at <= now;
}

function endDue(state: Approval, now: number): Input | null {
  if (!hasEnded(state, now)) return null;
  const end = state.phase === 'open' ? policyEndOf(state)?.end : undefined;
  return { type: 'time_ended', ...(end !== undefined && { end }) };
}

function escalationOf(state: Approval, now: number): Input | null {
  const due = state.phase === 'open' ? escalationsAhead(state).filter(({ at }) => at <= now) : [];
  if (due.length === 0) return null;
  const rooms = due.flatMap(({ places }) => places.map(placeKey));
  return { type: 'escalation_due', mention: [...new Set(due.flatMap(({ mention }) => mention))], rooms };
}

/** The job `wake`: what is due by time alone. Tested in test/engine/outbox/wake-job.test.ts. */
import { deadlineToShow } from '../../core/approval/steps/time/deadline.ts';
import { hasEnded } from '../../core/approval/steps/time/expiry.ts';
import { nextWake } from '../../core/approval/steps/time/reminders.ts';
import type { Clock, Job, Store } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';

/**
 * Ends a claim whose lease is over and an approval whose asker gave it until now, notes a deadline that has passed, so that
 * the cards show it, and sends reminders.
 * @returns when the next of it is due, ms since 1970; null: nothing is left
 */
export function createWakeJob(options: {
  store: Store;
  apply: Apply;
  clock: Clock;
}): (job: Job) => Promise<number | null> {
  const { store, apply, clock } = options;
  return async ({ subject }) => {
    let state = await store.get(subject);
    // What is not due yet leaves no row in the audit log.
    if (state !== null && state.claim !== null) state = (await apply(subject, { type: 'hold_ended' })).state;
    const deadline = state === null ? null : deadlineToShow(state);
    if (deadline !== null && deadline <= clock.now()) state = (await apply(subject, { type: 'deadline_passed' })).state;
    if (state !== null && hasEnded(state, clock.now())) state = (await apply(subject, { type: 'time_ended' })).state;
    const [first] = state?.remindAt ?? [];
    if (state?.phase === 'open' && first !== undefined && first <= clock.now())
      state = (await apply(subject, { type: 'reminder_due' })).state;
    return nextWake(state, clock.now());
  };
}

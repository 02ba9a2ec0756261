import { nextWake } from '../../core/approval/steps/reminders.ts';
import type { Clock, Job, Store } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';

/**
 * What falls due by time alone: a hold that is over is ended, so that its cards say so, and who may decide is reminded.
 * @returns when the next of it will be due, ms since 1970; null: nothing is left
 */
export function createTimerJob(options: {
  store: Store;
  apply: Apply;
  clock: Clock;
}): (job: Job) => Promise<number | null> {
  const { store, apply, clock } = options;
  return async ({ subject }) => {
    let state = await store.get(subject);
    // Looked at first: what is not due yet leaves no row in the audit log.
    if (state !== null && state.claim !== null) state = (await apply(subject, { type: 'hold_ended' })).state;
    const [first] = state?.remindAt ?? [];
    if (state?.phase === 'open' && first !== undefined && first <= clock.now())
      state = (await apply(subject, { type: 'reminder_due' })).state;
    return nextWake(state, clock.now());
  };
}

/**
 * The one timer of an approval: it is due at the first of all that time does to it. Tested in
 * test/core/approval/steps/time/timer.test.ts.
 */
import type { Approval } from '../../approval.ts';
import type { Effect, Step } from '../../inputs.ts';
import { deadlineToShow } from './deadline.ts';
import { escalationsAhead } from './escalation.ts';
import { endsAt } from './expiry.ts';
import { remindersAhead } from './reminders.ts';

/** A decision under way may come back undecided: the timer runs again after this, ms. */
const LOOK_AGAIN_MS = 60_000;

/** When the next timer of the approval is due, ms since 1970; null: it has none. */
export function nextWake(state: Approval | null, now: number): number | null {
  if (state === null || state.phase === 'settled') return null;
  const { claim, phase } = state;
  const later = (at: number) => Math.max(at, now + LOOK_AGAIN_MS);
  const end = endsAt(state);
  const whileOpen = [
    ...remindersAhead(state).slice(0, 1),
    ...escalationsAhead(state)
      .map(({ at }) => at)
      .slice(0, 1),
  ];
  const times = [
    claim?.until ?? null,
    deadlineToShow(state),
    end !== null && phase === 'sending' ? later(end) : end,
    ...whileOpen.map((at) => (phase === 'open' ? at : later(at))),
  ].filter((at) => at !== null);
  return times.length === 0 ? null : Math.min(...times);
}

/** What a step made, with the timer where it is due earlier than it was. One that is due too early looks again. */
export function withTimer(before: Approval | null, step: Step, now: number): Step {
  const { state, effects } = step;
  if (state === null || step.ignored !== undefined) return step;
  const [at, known] = [nextWake(state, now), nextWake(before, now)];
  if (at === null || (known !== null && known <= at)) return step;
  const wake: Effect = { type: 'wake', at };
  return { ...step, effects: [...effects, wake] };
}

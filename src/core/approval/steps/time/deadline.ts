/**
 * The backend's deadline. It closes nothing here: the backend refuses, or announces the end. The card says that it has
 * passed, so it is drawn again at that moment. Tested in test/core/approval/steps/time/deadline.test.ts.
 */
import type { Approval } from '../../approval.ts';
import type { Effect, Step } from '../../inputs.ts';
import { asksPerson } from '../../pause/pause.ts';
import { changed, draws, ignore } from '../transitions.ts';

/** When its card is to say so, ms since 1970; null: there is no deadline, or the card says so already. */
export function deadlineToShow({ pause, phase, overdue }: Approval): number | null {
  const isWatched = phase !== 'settled' && asksPerson(pause) && pause.expiry === undefined && overdue !== true;
  return isWatched ? pause.deadline : null;
}

export function deadlinePassed(state: Approval, now: number): Step {
  const at = deadlineToShow(state);
  return at === null || at > now ? ignore(state, 'known') : changed({ ...state, overdue: true });
}

/** What a step made, with what follows from its deadline: it may be a new one, or have passed while this was settled. */
export function withDeadline(step: Step, now: number): Step {
  const { state, effects } = step;
  if (state === null || step.ignored !== undefined || state.phase === 'settled') return step;
  const { overdue: _, ...rest } = state;
  const at = deadlineToShow(rest);
  if (at !== null && at <= now) {
    return state.overdue ? step : { ...step, state: { ...rest, overdue: true }, effects: withDraws(effects, state) };
  }
  return state.overdue ? { ...step, state: rest, effects: withDraws(effects, state) } : step;
}

function withDraws(effects: readonly Effect[], state: Approval): Effect[] {
  const isDrawn = ({ slot }: { slot: string }) =>
    effects.some((effect) => effect.type === 'draw' && effect.slot === slot && effect.digest === undefined);
  const missing = draws(state, 'card').filter((effect) => effect.type === 'draw' && !isDrawn(effect));
  return [...effects, ...missing];
}

/**
 * The end that an asker gives its question. Unlike a backend's deadline, Countersign keeps it: an open question ends then,
 * and so does a decision that has not reached its asker a little later. Tested in test/core/approval/steps/time/expiry.test.ts.
 */
import type { Approval } from '../../approval.ts';
import type { Effect, Step } from '../../inputs.ts';
import type { Pause } from '../../pause/pause.ts';
import { ignore, recordedOutcome, settle } from '../transitions.ts';

/**
 * How long after its end a decision that was made in time may still reach its asker, ms: an asker that lost its connection
 * tries again within this time.
 */
export const DELIVERY_MS = 60_000;

/** What of an approval its end depends on. */
interface Timed {
  phase: Approval['phase'];
  pause: Pick<Pause, 'expiry' | 'deadline'>;
}

/** No press counts from then on, ms since 1970; null: the asker gave no end. */
export function endOf({ expiry, deadline }: Timed['pause']): number | null {
  return expiry === undefined ? null : deadline;
}

/** No decision is delivered from then on, ms since 1970; null: the asker gave no end. */
export function lastDeliveryOf(pause: Timed['pause']): number | null {
  const end = endOf(pause);
  return end === null ? null : end + DELIVERY_MS;
}

/** When the approval ends, as it is now, ms since 1970; null: time does not end it. */
export function endsAt({ phase, pause }: Timed): number | null {
  if (phase === 'settled') return null;
  return phase === 'open' ? endOf(pause) : lastDeliveryOf(pause);
}

/** Also when its timer is late. */
export function hasEnded(state: Timed, now: number): boolean {
  const at = endsAt(state);
  return at !== null && at <= now;
}

/** No one fetches or accepts its decision any more, in whatever phase it is. */
export function isPastDelivery({ pause }: Timed, now: number): boolean {
  const at = lastDeliveryOf(pause);
  return at !== null && at <= now;
}

/** The decision waits until its asker fetches it. */
export function awaitsFetch({ phase, pause }: Timed): boolean {
  return phase === 'decided' && pause.expiry === 'fetched';
}

export function timeEnded(state: Approval, now: number): Step {
  if (!hasEnded(state, now)) return ignore(state, 'known');
  // How the call ends says more.
  if (state.phase === 'sending') return ignore(state, 'too_late');
  return settle(state, state.mayHaveArrived ? 'unconfirmed' : 'expired', state.detail, now);
}

export function withdrawn(state: Approval, now: number): Step {
  if (hasEnded(state, now)) return timeEnded(state, now);
  return state.phase === 'open' ? settle(state, 'withdrawn', null, now) : ignore(state, 'already_decided');
}

export function fetched(state: Approval, now: number): Step {
  if (!awaitsFetch(state) || state.decision === null) return ignore(state, 'known');
  if (hasEnded(state, now)) return timeEnded(state, now);
  return settle(state, recordedOutcome(state, state.decision), null, now);
}

/** What a step made, with the timer of its end. */
export function withEnd(before: Approval | null, step: Step): Step {
  const { state, effects } = step;
  if (state === null || step.ignored !== undefined) return step;
  const at = endsAt(state);
  const known = before === null ? null : endsAt(before);
  // A timer that is due too early looks again.
  if (at === null || (known !== null && known <= at)) return step;
  const wake: Effect = { type: 'wake', at };
  return { ...step, effects: [...effects, wake] };
}

/**
 * Taking over as a lease: whoever takes an approval over has it to themselves until they finish, hand it back, or their
 * time is over. By time alone, so that nothing has to happen for it to end: a wake-up only redraws the cards.
 */
import type { Actor, Approval } from '../approval.ts';
import { type InputOf, refusalOf, type Step } from '../inputs.ts';
import { changed, ignore } from './transitions.ts';

/**
 * A hold that begins so much later than now is one from before the wall clock was set back, ms. Nobody can say how much
 * of it is left, and it must not lock everybody else out for as long as the clock was wrong.
 */
const CLOCK_SET_MS = 60_000;

/** Somebody else has it at the moment. */
export function isHeldFrom(state: Approval, actor: Actor, now: number): boolean {
  return isHeld(state, now) && !isHolder(state, actor);
}

/** They have it at the moment. */
export function isHeldBy(state: Approval, actor: Actor, now: number): boolean {
  return isHeld(state, now) && isHolder(state, actor);
}

function isHeld({ claim, phase }: Approval, now: number): boolean {
  if (phase !== 'open' || claim === null) return false;
  return now < claim.until && claim.since - now < CLOCK_SET_MS;
}

function isHolder({ claim }: Approval, actor: Actor): boolean {
  return claim !== null && claim.actor.platform === actor.platform && claim.actor.id === actor.id;
}

export function held(state: Approval, { actor, fingerprint, until, right }: InputOf<'held'>, now: number): Step {
  if (right !== 'allowed') return ignore(state, refusalOf(right));
  if (state.phase !== 'open') return ignore(state, 'already_decided');
  if (isHeldFrom(state, actor, now)) return ignore(state, 'held');
  if (fingerprint !== state.fingerprint) return { ...changed(state), ignored: 'changed' };
  if (!state.pause.actions.includes('take_over')) return ignore(state, 'not_possible');
  const since = isHeld(state, now) ? (state.claim?.since ?? now) : now;
  return changed({ ...state, claim: { actor, since, until } }, [{ type: 'wake', at: until }]);
}

export function handedBack(state: Approval, { actor }: InputOf<'handed_back'>, now: number): Step {
  if (isHeldFrom(state, actor, now)) return ignore(state, 'held');
  if (!isHeld(state, now)) return ignore(state, state.phase === 'open' ? 'nothing_held' : 'already_decided');
  return changed({ ...state, claim: null });
}

export function holdEnded(state: Approval, now: number): Step {
  return state.claim === null || isHeld(state, now) ? ignore(state, 'known') : changed({ ...state, claim: null });
}

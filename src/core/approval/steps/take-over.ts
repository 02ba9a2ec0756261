/**
 * A take-over claims the approval: only the holder of the claim decides until they finish, release it, or its lease ends.
 * The lease ends by time alone; the timer only redraws the cards.
 */
import type { Actor, Approval } from '../approval.ts';
import { type InputOf, refusalOf, type Step } from '../inputs.ts';
import type { Shown } from '../subject.ts';
import { changed, ignore } from './transitions.ts';

/**
 * A claim that begins this much later than now, ms, was made before the wall clock was set back. How much of it is left is
 * unknown, and it must not block the other reviewers for as long as the clock was wrong.
 */
const CLOCK_SET_MS = 60_000;

/** Another person has claimed it. */
export function isClaimedByOther(state: Shown, actor: Actor, now: number): boolean {
  return isClaimed(state, now) && !isHolder(state, actor);
}

/** This person has claimed it. */
export function isClaimedBy(state: Shown, actor: Actor, now: number): boolean {
  return isClaimed(state, now) && isHolder(state, actor);
}

function isClaimed({ claim, phase }: Shown, now: number): boolean {
  if (phase !== 'open' || claim === null) return false;
  return now < claim.until && claim.since - now < CLOCK_SET_MS;
}

function isHolder({ claim }: Shown, actor: Actor): boolean {
  return claim !== null && claim.actor.platform === actor.platform && claim.actor.id === actor.id;
}

export function claimTaken(state: Approval, { actor, fingerprint, until, right }: InputOf<'held'>, now: number): Step {
  if (right !== 'allowed') return ignore(state, refusalOf(right));
  if (state.phase !== 'open') return ignore(state, 'already_decided');
  if (isClaimedByOther(state, actor, now)) return ignore(state, 'held');
  if (fingerprint !== state.fingerprint) return { ...changed(state), ignored: 'changed' };
  if (!state.pause.actions.includes('take_over')) return ignore(state, 'not_possible');
  const since = isClaimed(state, now) ? (state.claim?.since ?? now) : now;
  return changed({ ...state, claim: { actor, since, until } }, [{ type: 'wake', at: until }]);
}

export function claimReleased(state: Approval, { actor }: InputOf<'handed_back'>, now: number): Step {
  if (isClaimedByOther(state, actor, now)) return ignore(state, 'held');
  if (!isClaimed(state, now)) return ignore(state, state.phase === 'open' ? 'nothing_held' : 'already_decided');
  return changed({ ...state, claim: null });
}

export function claimEnded(state: Approval, now: number): Step {
  return state.claim === null || isClaimed(state, now) ? ignore(state, 'known') : changed({ ...state, claim: null });
}

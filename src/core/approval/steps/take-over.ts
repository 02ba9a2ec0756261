/**
 * A take-over claims the approval: only the holder of the claim decides until they finish, release it, or its lease ends.
 * The lease ends by time alone; the timer only redraws the cards. Each change of a claim is a turn of its group: the cards
 * of decided questions that wait for this one name the holder. Tested in test/core/approval/steps/take-over.test.ts.
 */
import type { Actor, Approval, Claim } from '../approval.ts';
import { type InputOf, refusalOf, type Step } from '../inputs.ts';
import type { Shown } from '../subject.ts';
import { hasEnded } from './time/expiry.ts';
import { changed, ignore, leftGroup } from './transitions.ts';

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

function isClaimed(state: Shown, now: number): boolean {
  return claimIn(state, now) !== null;
}

/** The claim that is in force; null: there is none. */
export function claimIn({ claim, phase }: Shown, now: number): Claim | null {
  if (phase !== 'open' || claim === null) return null;
  return now < claim.until && claim.since - now < CLOCK_SET_MS ? claim : null;
}

/** Of a claim's mark, characters: a time of today takes nine, and a button's id has room for no more than a hash. */
const MARK_MAX = 16;

/** Identifies a claim in a button: *Release* ends the claim that its card named, and not a later one. */
export function claimMark({ since }: Pick<Claim, 'since'>): string {
  return `c${Math.trunc(since).toString(36)}`.slice(0, MARK_MAX);
}

function isHolder({ claim }: Shown, actor: Actor): boolean {
  return claim !== null && claim.actor.platform === actor.platform && claim.actor.id === actor.id;
}

export function claimTaken(state: Approval, input: InputOf<'held'>, now: number): Step {
  const { actor, fingerprint, until, right, press } = input;
  if (right !== 'allowed') return ignore(state, refusalOf(right));
  if (state.phase !== 'open') return ignore(state, 'already_decided');
  if (hasEnded(state, now)) return ignore(state, 'too_late');
  if (isClaimedByOther(state, actor, now)) return ignore(state, 'held');
  if (fingerprint !== state.fingerprint) return { ...changed(state), ignored: 'changed' };
  if (!state.pause.actions.includes('take_over')) return ignore(state, 'not_possible');
  const since = claimIn(state, now)?.since ?? now;
  const claim: Claim = { actor, since, until, ...(press !== undefined && { press }) };
  return changed({ ...state, claim, released: null }, [{ type: 'wake', at: until }, ...leftGroup(state)]);
}

/** Others than the holder end a claim only where a decided question waits for it. */
export function claimReleased(state: Approval, { actor, waited }: InputOf<'handed_back'>, now: number): Step {
  const claim = claimIn(state, now);
  if (claim === null || state.phase !== 'open')
    return ignore(state, state.phase === 'open' ? 'nothing_held' : 'already_decided');
  if (isHolder(state, actor)) return withoutClaim(state);
  if (waited === undefined) return ignore(state, 'held');
  if (waited.right !== 'allowed') return ignore(state, refusalOf(waited.right));
  if (waited.shown !== claimMark(claim)) return ignore(state, 'held');
  return changed({ ...state, claim: null, released: { by: actor, holder: claim.actor } }, leftGroup(state));
}

/** A later press of the same person has a form of its own, and keeps the claim. */
export function formNotShown(state: Approval, { actor, press }: InputOf<'form_not_shown'>, now: number): Step {
  const isTheirs = isClaimedBy(state, actor, now) && state.claim?.press === press;
  return isTheirs ? withoutClaim(state) : ignore(state, 'known');
}

export function claimEnded(state: Approval, now: number): Step {
  return state.claim === null || isClaimed(state, now) ? ignore(state, 'known') : withoutClaim(state);
}

function withoutClaim(state: Approval): Step {
  return changed({ ...state, claim: null }, leftGroup(state));
}

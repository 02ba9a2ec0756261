/**
 * A take-over claims the approval: only the holder of the claim decides until they finish, release it, or its lease ends.
 * A claim begins with a form, and ends when that is closed unsent; a person who is to do the work keeps it for longer.
 * The lease ends by time alone; the timer only redraws the cards. Each change of a claim is a turn of its group: the cards
 * of decided questions that wait for this one name the holder. Tested in test/core/approval/steps/take-over.test.ts.
 */
import type { Approval } from '../approval.ts';
import { type InputOf, refusalOf, type Step } from '../inputs.ts';
import type { Claim } from '../parts/claim.ts';
import type { Actor } from '../parts/decision.ts';
import { isSamePerson } from '../person.ts';
import type { Shown } from '../subject.ts';
import { hasEnded } from './time/expiry.ts';
import { changed, ignore, leftGroup } from './transitions.ts';

/**
 * A claim that begins this much later than now, ms, was made before the wall clock was set back. How much of it is left is
 * unknown, and it must not block the other reviewers for as long as the clock was wrong.
 */
const CLOCK_SET_MS = 60_000;

/** How long a claim lasts while its form is open, ms: Discord never tells that a form was closed. */
export const FORM_CLAIM_MS = 5 * 60_000;
/** Of the time until the deadline a claim takes this part: if its holder goes away, others still have the rest. */
const PART_OF_TIME_LEFT = 1 / 3;
/** Forms that one claim counts. More are not open at once; the oldest one is then taken for closed. */
const FORMS_MAX = 10;

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
  return claim !== null && isSamePerson(claim.actor, actor);
}

/** It was taken to do the work, not for an open form. */
export function isKept({ forms }: Claim): boolean {
  return forms === undefined;
}

/**
 * When a claim of this person ends, ms since 1970. It counts from when they first had it, so that no press makes it longer
 * than a third of the time that was left then. After the deadline, the backend may refuse at any moment: then, only a form
 * is waited for.
 * @param kept it is kept to do the work
 * @param max of any claim, ms
 */
export function claimUntil(state: Shown, actor: Actor, now: number, { kept, max }: { kept: boolean; max: number }) {
  const since = isClaimedBy(state, actor, now) ? (state.claim?.since ?? now) : now;
  const left = timeLeft(state, since);
  const whole = Math.min(max, left === null ? max : left > 0 ? left * PART_OF_TIME_LEFT : FORM_CLAIM_MS);
  const until = Math.floor(since + whole);
  return kept ? until : Math.min(until, now + FORM_CLAIM_MS);
}

/** From then to the deadline, ms; null: there is none. */
function timeLeft({ pause: { deadline } }: Shown, since: number): number | null {
  return deadline === null ? null : deadline - since;
}

export function claimChanged(
  state: Approval,
  input: InputOf<'held' | 'handed_back' | 'form_not_shown' | 'form_closed' | 'hold_ended'>,
  now: number,
): Step {
  switch (input.type) {
    case 'held':
      return claimTaken(state, input, now);
    case 'handed_back':
      return claimReleased(state, input, now);
    case 'form_not_shown':
    case 'form_closed':
      return formGone(state, input, now);
    case 'hold_ended':
      return claimEnded(state, now);
  }
}

function claimTaken(state: Approval, input: InputOf<'held'>, now: number): Step {
  const { actor, fingerprint, right, press } = input;
  if (right !== 'allowed') return ignore(state, refusalOf(right));
  if (state.phase !== 'open') return ignore(state, 'already_decided');
  if (hasEnded(state, now)) return ignore(state, 'too_late');
  if (isClaimedByOther(state, actor, now)) return ignore(state, 'held');
  if (fingerprint !== state.fingerprint) return { ...changed(state), ignored: 'changed' };
  if (!state.pause.actions.includes('take_over')) return ignore(state, 'not_possible');
  const own = claimIn(state, now);
  // The form of *Mark as done* claims nothing: the person who opens it has the claim already.
  if (own !== null && isKept(own) && press !== undefined) return { state, effects: [] };
  const { since = now, forms = [], actor: holder = actor } = own ?? {};
  const limit = Math.min(input.until, claimUntil(state, actor, now, { kept: true, max: Number.POSITIVE_INFINITY }));
  const until = Math.max(limit, own?.until ?? limit);
  const opened =
    press === undefined ? {} : { forms: [...forms.filter((one) => one !== press), press].slice(-FORMS_MAX) };
  const claim: Claim = { actor: holder, since, until, ...opened };
  return changed({ ...state, claim, released: null }, leftGroup(state));
}

/** Others than the holder end a claim only where a decided question waits for it. */
function claimReleased(state: Approval, { actor, waited }: InputOf<'handed_back'>, now: number): Step {
  const claim = claimIn(state, now);
  if (claim === null || state.phase !== 'open')
    return ignore(state, state.phase === 'open' ? 'nothing_held' : 'already_decided');
  if (isHolder(state, actor)) return withoutClaim(state);
  if (waited === undefined) return ignore(state, 'held');
  if (waited.right !== 'allowed') return ignore(state, refusalOf(waited.right));
  if (waited.shown !== claimMark(claim)) return ignore(state, 'held');
  return changed({ ...state, claim: null, released: { by: actor, holder: claim.actor } }, leftGroup(state));
}

/** The form of this press is not open: it could not be shown, or was closed unsent. The claim ends with its last form. */
function formGone(state: Approval, input: InputOf<'form_not_shown' | 'form_closed'>, now: number): Step {
  const { actor, press } = input;
  const { claim } = state;
  const isTheirs = claim !== null && isClaimedBy(state, actor, now) && claim.forms?.includes(press) === true;
  if (!isTheirs || state.phase !== 'open') return ignore(state, 'known');
  const forms = (claim.forms ?? []).filter((one) => one !== press);
  return forms.length === 0 ? withoutClaim(state) : { state: { ...state, claim: { ...claim, forms } }, effects: [] };
}

function claimEnded(state: Approval, now: number): Step {
  return state.claim === null || isClaimed(state, now) ? ignore(state, 'known') : withoutClaim(state);
}

function withoutClaim(state: Approval): Step {
  return changed({ ...state, claim: null }, leftGroup(state));
}

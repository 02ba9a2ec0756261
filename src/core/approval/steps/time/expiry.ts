/**
 * The ends that Countersign keeps, unlike a backend's deadline: the one that an asker gives its question, at which an open
 * question ends, and a little later a decision that has not reached its asker; and the one of the policy, at which an open
 * question is left or rejected. Neither ever approves. Tested in test/core/approval/steps/time/expiry.test.ts and
 * test/core/approval/steps/time/policy-end.test.ts.
 */
import { duration } from '../../../text/numbers.ts';
import type { Approval } from '../../approval.ts';
import type { Effect, Step } from '../../inputs.ts';
import { actorName } from '../../names.ts';
import type { Decision } from '../../parts/decision.ts';
import type { Requirement } from '../../parts/requirement.ts';
import { asksPerson, type Pause } from '../../pause/pause.ts';
import { joined } from '../../signers.ts';
import { changed, decide, EXPIRY, ignore, recordedOutcome, reopened, settle, settleExpired } from '../transitions.ts';

/**
 * How long after its end a decision that was made in time may still reach its asker, ms: an asker that lost its connection
 * tries again within this time.
 */
export const DELIVERY_MS = 60_000;

/** What of an approval its end depends on. */
interface Timed {
  phase: Approval['phase'];
  pause: Pick<Pause, 'expiry' | 'deadline' | 'actions' | 'kind'>;
  requirement?: Approval['requirement'];
}

type Dated = Pick<Pause, 'expiry' | 'deadline'>;

/** No press counts from then on, ms since 1970; null: the asker gave no end. */
export function endOf({ expiry, deadline }: Dated): number | null {
  return expiry === undefined ? null : deadline;
}

/** No decision is delivered from then on, ms since 1970; null: the asker gave no end. */
export function lastDeliveryOf(pause: Dated): number | null {
  const end = endOf(pause);
  return end === null ? null : end + DELIVERY_MS;
}

/** When the approval ends, as it is now, ms since 1970; null: time does not end it. */
export function endsAt({ phase, pause, requirement }: Timed): number | null {
  if (phase === 'settled') return null;
  if (phase !== 'open') return lastDeliveryOf(pause);
  return policyEndOf({ pause, requirement })?.at ?? endOf(pause);
}

/**
 * The end that the policy gives an open question; null: none, or an earlier one of its backend or asker counts. `leave`: the
 * backend is left to its own deadline, also where its wire takes no rejection.
 */
export function policyEndOf({ pause, requirement }: Omit<Timed, 'phase'>): NonNullable<Requirement['expire']> | null {
  const expire = requirement?.expire ?? null;
  if (expire === null || !asksPerson(pause) || pause.actions.length === 0) return null;
  if (pause.deadline !== null && pause.deadline < expire.at) return null;
  return pause.actions.includes('reject') ? expire : { ...expire, end: 'leave' };
}

/** Until when people may decide, as cards say it, ms since 1970: the end of the policy, the asker or the backend; null: none. */
export function endToShow({ pause, requirement }: Omit<Timed, 'phase'>): number | null {
  return policyEndOf({ pause, requirement })?.at ?? pause.deadline;
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
  const policyEnd = state.phase === 'open' ? policyEndOf(state) : null;
  const isAskerGone = (endOf(state.pause) ?? Number.POSITIVE_INFINITY) <= now;
  if (policyEnd !== null && !isAskerGone) {
    return policyEnd.end === 'reject' ? rejectedByPolicy(state, policyEnd.at, now) : leftByPolicy(state, now);
  }
  if (state.mayHaveArrived) return settle(state, 'unconfirmed', state.detail, now);
  return settleExpired(state, state.detail, now);
}

/** Nothing is sent. The signatures so far decide nothing. */
function leftByPolicy(state: Approval, now: number): Step {
  return settleExpired({ ...state, signatures: [] }, { code: 'left' }, now);
}

/** One rejection is sent, as a person's is. The signatures so far decide nothing. */
function rejectedByPolicy(state: Approval, end: number, now: number): Step {
  const signers = joined(state.signatures.map(({ actor }) => actorName(actor)));
  const within = `within ${duration(Math.max(0, end - state.askedAt))}`;
  const text =
    signers === '' ? `Nobody decided ${within}.` : `Not enough people decided ${within}: only ${signers} signed.`;
  const decision: Decision = { action: 'reject', actor: EXPIRY, text, at: now };
  const next: Approval = { ...reopened(state), phase: 'decided', decision, signatures: [] };
  return changed(next, owed(next));
}

/** What is decided is sent, unless its asker fetches it. */
export function owed(state: Approval): Effect[] {
  return state.phase === 'decided' && !awaitsFetch(state) ? [decide(state)] : [];
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

/**
 * The state changes that `step` is made of.
 * Tested in test/core/approval/steps/step.test.ts.
 */
import type { Approval, ApprovalIn, Continuation, Outcome } from '../approval.ts';
import type { Effect, Ignored, Input, Step } from '../inputs.ts';
import type { Actor, Decision } from '../parts/decision.ts';
import { type MessageKind, type Place, type Slot, slotKey } from '../parts/slot.ts';
import type { GivenReason, Reason } from '../reason.ts';
import type { Shown } from '../subject.ts';

export function byApplication(state: Shown): boolean {
  return state.decision?.actor.platform === 'application';
}

/** Who decides where no one did in time: its rejection is shown as `expired`, never as a person's. */
export const EXPIRY: Actor = { platform: 'policy', id: 'expiry', name: 'The policy' };

/** It was decided by its end, not by a person. */
export function isByExpiry({ decision }: Pick<Approval, 'decision'>): boolean {
  return decision !== null && decision.actor.platform === EXPIRY.platform && decision.actor.id === EXPIRY.id;
}

const ownOutcomes: ReadonlySet<Outcome | null> = new Set(['approved', 'rejected', 'taken_over', 'answered']);

/** What `isInForce` depends on. */
type Ended = Pick<Approval, 'outcome' | 'decision'>;

/** The backend has confirmed the decision that was made here. */
export function isInForce({ outcome, decision }: Ended): boolean {
  return ownOutcomes.has(outcome) || (outcome === 'expired' && isByExpiry({ decision }));
}

/** What was asked is known not to be carried out, because it was rejected here: by a person, or as no one decided. */
export function isRejected({ outcome, decision }: Ended): boolean {
  return outcome === 'rejected' || (outcome === 'expired' && isInForce({ outcome, decision }));
}

/**
 * Only signed ingest has said it. Our own stream has not seen it, nor has its backend confirmed a decision of ours, so ingest
 * may change and end it.
 */
export function isOnlyIngested(state: Ended & Pick<Approval, 'via'>): boolean {
  return state.via === 'ingest' && !isInForce(state);
}

/**
 * Whether the card of `other` may stand above this one's in a thread. What signed ingest announced has threads of its own: it
 * must neither join nor hide what our own stream announced.
 */
export function mayStandBelow(state: Pick<Approval, 'via'>, other: Ended & Pick<Approval, 'via'>): boolean {
  return state.via === 'ingest' ? other.via === 'ingest' : !isOnlyIngested(other);
}

/** The application's own call is in doubt, and a second decision is known to be refused: a person may decide. */
export function isLeftToPeople(state: Shown): boolean {
  return state.outcome === 'unconfirmed' && byApplication(state) && state.pause.kind === 'approval';
}

/** What an approval is when it is asked, also when it is asked again. */
const undecided = {
  phase: 'open',
  decision: null,
  claim: null,
  released: null,
  mayHaveArrived: false,
  absent: false,
  waitsFor: 0,
  detail: null,
  outcome: null,
  settledAt: null,
} as const;

type Undecided = ApprovalIn<'open'> & typeof undecided;

/** What differs from one approval to another when it begins. */
type Beginning = Pick<
  Approval,
  'id' | 'pause' | 'via' | 'fingerprint' | 'streamOpen' | 'recurs' | 'askedAt' | 'createdAt' | 'source'
>;

/** @param places of its cards */
export function newApproval(beginning: Beginning, places: readonly Place[]): Undecided {
  return {
    ...undecided,
    ...beginning,
    claimsAhead: [],
    previous: null,
    sharedNames: [],
    signatures: [],
    voided: [],
    confirm: false,
    remindAt: [],
    unreachable: null,
    slots: addSlots({}, 'card', places),
    continuation: null,
  };
}

export function reopened(state: Approval): Undecided {
  return { ...state, ...undecided, claimsAhead: [], signatures: [], voided: [] };
}

/** It ended without a decision that counts: a rejection of the policy that did not arrive in time is none. */
export function settleExpired(state: Approval, detail: GivenReason | null, now: number): Step {
  const step = settle(state, 'expired', detail, now);
  if (step.state?.phase !== 'settled' || !isByExpiry(state)) return step;
  return { ...step, state: { ...step.state, decision: null } };
}

/** The others of its group no longer wait for it. */
export function settle(
  state: Approval,
  outcome: Outcome,
  detail: GivenReason | null,
  now: number,
  absent = state.absent,
): Step {
  const over = { claim: null, released: null, absent, outcome, detail: reasonOf(detail), settledAt: now };
  return changed({ ...state, phase: 'settled', ...over }, leftGroup(state));
}

/** Its group may be complete without it. A group of one needs no job. */
export function leftGroup(state: Approval): Effect[] {
  return state.pause.groupId === state.pause.key ? [] : [decide(state)];
}

/** With the note that tells how the run went on, in every room that has the card. */
export function withContinuation(step: Step, continuation: Continuation): Step {
  if (step.state === null) return step;
  const { slots } = step.state;
  const state = { ...step.state, continuation, slots: addSlots(slots, 'result', cardPlaces(step.state)) };
  return { ...step, state, effects: [...step.effects, ...draws(state, 'result')] };
}

/** The new state, with every copy of its card to be drawn again. */
export function changed(state: Approval, more: readonly Effect[] = []): Step {
  return { state, effects: [...draws(state, 'card'), ...more] };
}

export function ignore(state: Approval | null, ignored: Ignored): Step {
  return { state, effects: [], ignored };
}

export function decide(state: Approval): Effect {
  return { type: 'decide', groupId: state.pause.groupId };
}

export function draws(state: Approval, kind: MessageKind): Effect[] {
  return Object.entries(state.slots).flatMap(([slot, known]) => (known.kind === kind ? [{ type: 'draw', slot }] : []));
}

export function cardPlaces(state: Approval): Place[] {
  return Object.values(state.slots).flatMap(({ kind, place }) => (kind === 'card' ? [place] : []));
}

export function addSlots(
  slots: Record<string, Slot>,
  kind: MessageKind,
  places: readonly Place[],
): Record<string, Slot> {
  const added = places.map((place): [string, Slot] => [
    slotKey(kind, place),
    { kind, place, receipt: null, deletions: 0 },
  ]);
  return { ...Object.fromEntries(added), ...slots };
}

/** How an approval ends whose decision has arrived. */
export function recordedOutcome(state: Approval, decision: Decision): Outcome {
  const { action } = decision;
  if (state.pause.kind === 'run') return 'started';
  if (isByExpiry({ decision })) return 'expired';
  if (action === 'approve') return 'approved';
  if (action === 'reject') return 'rejected';
  return state.pause.kind === 'await' ? 'answered' : 'taken_over';
}

/** Its backend still waits for an answer that can come from here, as far as is known. */
export function stillWaits({ phase, outcome, absent, pause }: Approval): boolean {
  if (pause.kind === 'run') return false;
  return phase !== 'settled' || ((outcome === 'failed' || outcome === 'unconfirmed') && !absent);
}

/** The run behind it is in progress. */
export function isRunActive({ continuation, pause }: Shown): boolean {
  return continuation?.state === 'following' || (pause.kind === 'run' && continuation?.state === 'paused');
}

/** Other inputs have no meaning for a run: it asks nothing, and needs no press. */
const runInputs: ReadonlySet<Input['type']> = new Set([
  'started',
  'renamed',
  'retried',
  'sending',
  'sent',
  'recovered',
  'redrawn',
  'continued',
  'named',
  'posted',
  'content_refused',
  'thread_waits',
  'foreign_press',
]);

/** A note only reports. */
const noteInputs: ReadonlySet<Input['type']> = new Set(['noted', 'recovered', 'posted', 'content_refused']);

export function appliesToKind(kind: Approval['pause']['kind'], { type }: Input): boolean {
  if (kind === 'run') return runInputs.has(type);
  return kind !== 'note' || noteInputs.has(type);
}

/** How long after its deadline a card is still posted, ms: longer than two clocks differ. */
const OVERDUE_MS = 5 * 60_000;

/** It ended before a card was posted. */
export function endedBeforePosting({ outcome, slots }: Approval): boolean {
  const unasked =
    outcome === 'expired' || outcome === 'decided_elsewhere' || outcome === 'cancelled' || outcome === 'withdrawn';
  return unasked && Object.values(slots).every(({ receipt }) => receipt === null);
}

/** Its deadline is long past. What a list shows as pending is posted, whatever its deadline says. */
export function isTooLateToPost({ phase, pause, via }: Approval, { kind }: Pick<Slot, 'kind'>, now: number): boolean {
  const overdue = pause.deadline !== null && pause.deadline + OVERDUE_MS < now;
  return kind === 'card' && phase === 'open' && via !== 'poll' && overdue;
}

export function reasonOf(given: GivenReason): Reason;
export function reasonOf(given: GivenReason | null): Reason | null;
export function reasonOf(given: GivenReason | null): Reason | null {
  return typeof given === 'string' ? { code: 'text', text: given } : given;
}

export function isSameReason(one: Reason | null, other: Reason | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

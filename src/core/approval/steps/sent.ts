/**
 * How a call that carries a decision ended, and what may be said of it. A decision is sent again only if it certainly did not
 * arrive, or if the backend is known to refuse a second one.
 * Tested in test/core/approval/steps/step.test.ts.
 */
import type { Approval } from '../approval.ts';
import type { InputOf, SendResult, Step } from '../inputs.ts';
import type { DecisionKey } from '../parts/decision.ts';
import type { Action } from '../pause/pause.ts';
import type { GivenReason } from '../reason.ts';
import { asStart } from './run.ts';
import { voidAll } from './signing/signatures.ts';
import { awaitsFetch, hasEnded, timeEnded } from './time/expiry.ts';
import {
  byApplication,
  changed,
  decide,
  ignore,
  isInForce,
  isSameReason,
  reasonOf,
  recordedOutcome,
  reopened,
  settle,
  settleExpired,
  withContinuation,
} from './transitions.ts';

export function sending(state: Approval, input: InputOf<'sending'>, now: number): Step {
  const { resendable, by, unsent = false } = input;
  if (state.phase === 'decided') {
    if (hasEnded(state, now)) return timeEnded(state, now);
    const { oneCall: _, callBy: __, ...rest } = state;
    const one = state.mayHaveArrived ? {} : ({ oneCall: true } as const);
    return changed({ ...rest, phase: 'sending', detail: null, ...one, ...(by !== undefined && { callBy: by }) });
  }
  if (state.phase !== 'sending') return ignore(state, 'too_late');
  // The mark's commit was in doubt, so the call was not made.
  if (unsent && state.callBy === by) return sending({ ...state, phase: 'decided' }, { ...input, unsent: false }, now);
  // We stopped between the mark and the answer: that call may have arrived.
  const next = { ...state, mayHaveArrived: true, ...(by !== undefined && { callBy: by }) };
  const { oneCall: _, ...again } = next;
  if (resendable && !hasEnded(state, now)) return changed(again);
  return settle(next, 'unconfirmed', { code: 'interrupted' }, now);
}

/** What a copy owes may have been sent since by the original. */
export function restored(state: Approval, input: InputOf<'restored'>, now: number): Step {
  const { resendable, listed, waits, reason } = input;
  switch (state.phase) {
    case 'open': {
      const detail = reasonOf(reason);
      const isKnown = listed || isSameReason(state.detail, detail);
      if (isKnown && state.signatures.length === 0) return ignore(state, 'known');
      // Each may have been withdrawn in the original.
      return changed({ ...state, ...voidAll(state, 'restored'), ...(!isKnown && { detail }) });
    }
    case 'decided': {
      // It is fetched, not sent: the original can't have sent it.
      if (awaitsFetch(state)) return ignore(state, 'known');
      const { oneCall: _, ...rest } = state;
      const next = { ...rest, mayHaveArrived: true };
      if (waits) return { state: next, effects: [] };
      return resendable ? changed(next, [decide(next)]) : settle(next, 'unconfirmed', reason, now);
    }
    case 'sending':
    case 'settled':
      // A call on its way is in doubt already, as after every start.
      return ignore(state, 'known');
  }
}

export function sent(before: Approval, input: InputOf<'sent'>, now: number): Step {
  const { resendable, last, late = false, endSeen = false } = input;
  const result = before.pause.kind === 'run' ? asStart(input.result) : input.result;
  const isCorrection = late || (input.of !== undefined && result.type === 'recorded');
  const isAwaited = (!late && before.phase === 'sending') || (isCorrection && mayBeCorrected(before, result));
  if (!isAwaited || before.decision === null || !isSameDecision(before.decision, input.of))
    return ignore(before, 'too_late');
  // Another replica has taken over and sends it itself: of an earlier call only its arrival counts.
  const isOfOther = input.by !== undefined && before.phase === 'sending' && before.callBy !== input.by;
  if (isOfOther && result.type !== 'recorded') return ignore(before, 'too_late');
  const { decision } = before;
  const state: Approval = { ...before, phase: 'sending', decision, outcome: null, settledAt: null };
  switch (result.type) {
    case 'recorded': {
      const continuation = continuationOf(state, result);
      return settle({ ...state, continuation }, recordedOutcome(state, decision), null, now);
    }
    case 'already':
      return already(state, result, endSeen, now);
    case 'gone':
      // Of an application's call this says that its ids don't fit; whether our pause is gone, a press finds out.
      if (byApplication(state) && !state.mayHaveArrived) return changed(reopened(state));
      // Nothing is left there to be tried again; what recurs may come back as another question, and only a list tells.
      if (state.mayHaveArrived) return settle(state, 'unconfirmed', result.reason, now, !state.recurs);
      if (isPastDeadline(state, now)) return settleExpired(state, result.reason, now);
      return settle(state, 'decided_elsewhere', result.reason, now);
    case 'refused':
    case 'unsent': {
      if (byApplication(state) && !state.mayHaveArrived) return changed(reopened(state));
      if (result.type === 'unsent' && !last)
        return changed({ ...state, phase: 'decided', detail: reasonOf(result.reason) });
      return settle(state, state.mayHaveArrived ? 'unconfirmed' : 'failed', result.reason, now);
    }
    case 'ambiguous': {
      const next = { ...state, mayHaveArrived: true, continuation: continuationOf(state, result) };
      return resendable && !last && !byApplication(state)
        ? changed({ ...next, phase: 'decided', detail: reasonOf(result.reason) })
        : settle(next, 'unconfirmed', result.reason, now);
    }
  }
}

/** The stream that carries the answer may have reported how the run continues before this is recorded. */
function continuationOf(
  { continuation }: Approval,
  { following = false }: { following?: boolean },
): Approval['continuation'] {
  const isUnknown = continuation === null || continuation.state === 'lost';
  return following && isUnknown ? { state: 'following', text: null } : continuation;
}

/** A process that was frozen can report a call after another decision has taken the place of its own. */
function isSameDecision(decision: DecisionKey, of: DecisionKey = decision): boolean {
  return decision.action === of.action && decision.at === of.at;
}

function mayBeCorrected(state: Approval, { type }: SendResult<GivenReason>): boolean {
  if (type !== 'recorded') return isInForce(state);
  // Between *Try again* and the end of its call, the first call may be seen to have arrived.
  return state.outcome === 'unconfirmed' || isOnItsWay(state);
}

function isOnItsWay({ phase, mayHaveArrived }: Approval): boolean {
  return phase === 'sending' || (phase === 'decided' && mayHaveArrived);
}

/** Then `gone` means expired: it need not have been decided. */
function isPastDeadline({ pause: { deadline } }: Approval, now: number): boolean {
  return deadline !== null && now >= deadline;
}

/** A second decision was refused. The one in force is ours only if an earlier call of ours may have arrived. */
function already(
  state: Approval,
  { verdict, reason, following = false }: Extract<SendResult<GivenReason>, { type: 'already' }>,
  endSeen: boolean,
  now: number,
): Step {
  if (verdict === 'timeout') return settleExpired(state, reason, now);
  if (state.decision === null || !state.mayHaveArrived || verdict === 'other')
    return settle(state, 'decided_elsewhere', reason, now);
  if (verdict === null) return settle(state, 'unconfirmed', reason, now);
  if (verdict !== wireVerdict(state, state.decision.action)) return settle(state, 'decided_elsewhere', reason, now);
  // The answer that was lost carried the rest of the run with it; an inbox item has no run.
  const continuation = state.continuation ?? (following ? { state: 'following' as const, text: null } : null);
  const recorded = settle({ ...state, continuation }, recordedOutcome(state, state.decision), null, now);
  const unseen = continuation === null && state.pause.kind !== 'item' && !endSeen;
  return unseen ? withContinuation(recorded, { state: 'lost', text: null }) : recorded;
}

export function resolved(state: Approval, input: InputOf<'resolved'>, now: number): Step {
  const { verdict, reason, completed = false } = input;
  const onItsWay = isOnItsWay(state);
  const mayBeOurs = onItsWay || state.outcome === 'unconfirmed';
  // Our own call may be what let it run: how that call ends says more.
  if (completed && onItsWay) return ignore(state, 'too_late');
  if (state.phase === 'settled' && !mayBeOurs && state.outcome !== 'failed') return ignore(state, 'known');
  if (verdict === 'timeout') return settleExpired(state, reason, now);
  if (mayBeOurs && state.decision !== null && verdict === wireVerdict(state, state.decision.action)) {
    return settle(state, recordedOutcome(state, state.decision), null, now);
  }
  // It was answered, and the backend does not say how: our call that may have arrived may be that answer.
  if (mayBeOurs && verdict === null) {
    return state.outcome === 'unconfirmed' ? ignore(state, 'known') : settle(state, 'unconfirmed', reason, now);
  }
  return settle(state, 'decided_elsewhere', reason, now);
}

/** What the backend calls a decision: where its wire knows only yes and no, who takes over has said no. */
function wireVerdict({ pause }: Approval, action: Action): Action {
  return pause.kind === 'item' || action === 'approve' ? action : 'reject';
}

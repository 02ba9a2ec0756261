/**
 * The state machine of an approval; its diagram is in `approval.ts`. What each state does with an input is here or in the
 * file beside it that is named after the subject. Tested in test/core/approval/steps/step.test.ts.
 */
import type { Approval, Continuation, SharedName } from '../approval.ts';
import { type Effect, type Input, type InputOf, refusalOf, type Step } from '../inputs.ts';
import type { Decision } from '../parts/decision.ts';
import { withShape } from '../parts/shape.ts';
import { announced } from './announced.ts';
import { approvedWithin, needsConfirmation } from './approved-within.ts';
import { auditedStep, isAudited } from './audited.ts';
import { messageChanged, withNotes } from './messages.ts';
import { personNamed } from './named.ts';
import { noted } from './note.ts';
import { renamed, runContinued, started } from './run.ts';
import { resolved, restored, sending, sent } from './sent.ts';
import { lacksNote, rulesOf } from './signing/rules.ts';
import { signingChanged, withSignature } from './signing/signatures.ts';
import { stood } from './stood.ts';
import { claimChanged, isClaimedByOther } from './take-over.ts';
import { deadlinePassed, withDeadline } from './time/deadline.ts';
import { escalationDue } from './time/escalation.ts';
import { fetched, hasEnded, isPastDelivery, owed, policyEndOf, timeEnded, withdrawn } from './time/expiry.ts';
import { reminderDue } from './time/reminders.ts';
import { nextWake, withTimer } from './time/timer.ts';
import {
  appliesToKind,
  byApplication,
  changed,
  decide,
  draws,
  ignore,
  isInForce,
  isLeftToPeople,
  isOnlyIngested,
  isRunActive,
  isSameReason,
  leftGroup,
  reasonOf,
  reopened,
  settle,
  withContinuation,
} from './transitions.ts';

/**
 * The only place that says what happens next. Pure and total: every state and input has an answer.
 * @param now ms since 1970
 */
export function step(state: Approval | null, input: Input, now: number): Step {
  const next = withNotes(state, withTimer(state, withDeadline(stepOf(state, input, now), now), now));
  return next.state === null || next.state === state ? next : { ...next, state: withShape(next.state) };
}

function stepOf(state: Approval | null, input: Input, now: number): Step {
  if (input.type === 'announced') return announced(state, input, now);
  if (input.type === 'started') return started(state, input, now);
  if (input.type === 'noted') return noted(state, input, now);
  if (state === null) return { state, effects: [], ignored: 'unknown' };
  if (!appliesToKind(state.pause.kind, input)) return ignore(state, 'not_possible');
  if (isOverruled(state, input)) return ignore(state, 'not_ours_to_overwrite');
  if (isAudited(input)) return auditedStep(state, input);
  switch (input.type) {
    case 'names_shared':
      return namesShared(state, input.names);
    case 'stream_ended':
      return streamEnded(state);
    case 'waiting':
      return waiting(state, input);
    case 'pressed':
      return pressed(state, input, now);
    case 'stood':
      return stood(state, input, now);
    case 'unsigned':
    case 'policy_changed':
      return signingChanged(state, input, now);
    case 'retried':
      return retried(state, input, now);
    case 'held':
    case 'handed_back':
    case 'form_not_shown':
    case 'form_closed':
    case 'hold_ended':
      return claimChanged(state, input, now);
    case 'deadline_passed':
      return deadlinePassed(state, now);
    case 'reminder_due':
      return reminderDue(state, now, input.direct);
    case 'escalation_due':
      return escalationDue(state, now);
    case 'claimed':
      return claimed(state, input, now);
    case 'recovered':
      return recovered(state, input, now);
    case 'restored':
      return restored(state, input, now);
    case 'sending':
      return sending(state, input, now);
    case 'withdrawn':
      return withdrawn(state, now);
    case 'fetched':
      return fetched(state, now);
    case 'time_ended':
      return timeEnded(state, now);
    case 'sent':
      return sent(state, input, now);
    case 'resolved':
      return resolved(state, input, now);
    case 'cancelled':
      return cancelled(state, input, now);
    case 'absent':
      return absent(state, input, now);
    case 'unreachable':
      return unreachable(state, reasonOf(input.reason));
    case 'continued':
      return state.pause.kind === 'run' ? runContinued(state, input) : continued(state, input.continuation);
    case 'renamed':
      return renamed(state, input.runId);
    case 'named':
      return personNamed(state, input);
    // What is left: every `MessageInput`.
    default:
      return messageChanged(state, input, now);
  }
}

/** Signed ingest says it, and we have seen the approval ourselves. */
function isOverruled(state: Approval, input: Input): boolean {
  return input.type !== 'announced' && 'via' in input && input.via === 'ingest' && !isOnlyIngested(state);
}

function namesShared(state: Approval, names: readonly SharedName[]): Step {
  const sharedNames = [...new Set([...state.sharedNames, ...names])];
  if (sharedNames.length === state.sharedNames.length) return ignore(state, 'known');
  return state.phase === 'settled' ? ignore(state, 'too_late') : changed({ ...state, sharedNames });
}

/** The cards are drawn again only where they wait for something else than before. */
function waiting(state: Approval, { others, claims = [] }: InputOf<'waiting'>): Step {
  const isKnown = state.waitsFor === others && JSON.stringify(state.claimsAhead) === JSON.stringify(claims);
  if (state.phase !== 'decided' || isKnown) return ignore(state, 'known');
  return changed({ ...state, waitsFor: others, claimsAhead: [...claims] });
}

function streamEnded(state: Approval): Step {
  if (!state.streamOpen) return ignore(state, 'known');
  const next = { ...state, streamOpen: false };
  return next.phase === 'decided' ? changed(next, [decide(next)]) : { state: next, effects: [] };
}

function pressed(state: Approval, input: InputOf<'pressed'>, now: number): Step {
  const rules = rulesOf(state, input.action, input.text) ?? [];
  if (input.signing?.isRequester === true && rules.some(({ notRequester }) => notRequester))
    return ignore(state, 'requester');
  if (input.right !== 'allowed') return ignore(state, refusalOf(input.right));
  if (state.phase !== 'open' && !isLeftToPeople(state)) return ignore(state, 'already_decided');
  if (hasEnded(state, now)) return ignore(state, 'too_late');
  if (isClaimedByOther(state, input.actor, now)) return ignore(state, 'held');
  if (input.fingerprint !== state.fingerprint) return { ...changed(state), ignored: 'changed' };
  if (!state.pause.actions.includes(input.action) || approvesUnshown(state, input))
    return ignore(state, 'not_possible');
  if (input.unread === true) return ignore(state, 'not_read');
  if (needsConfirmation(state, input.action, input.text) && input.confirmed !== true)
    return ignore(state, 'not_confirmed');
  if (lacksNote(state, rules, input.text)) return ignore(state, 'note_missing');
  const signed = withSignature(state, input, now);
  if (signed.type === 'refused') return ignore(state, signed.ignored);
  const { signatures } = signed;
  if (signed.type === 'waits') {
    const next = { ...state, signatures, voided: signed.voided, claim: null, released: null };
    return changed(next, state.claim === null ? [] : leftGroup(state));
  }
  const next: Approval = {
    ...reopened(state),
    phase: 'decided',
    decision: decision(input, now),
    signatures,
    mayHaveArrived: state.mayHaveArrived,
  };
  return changed(next, owed(next));
}

/** What can't be shown can't be approved by an answer in free text either. */
function approvesUnshown({ pause }: Approval, { action, text }: InputOf<'pressed'>): boolean {
  return pause.unshowable !== undefined && approvedWithin(action, text).includes('approve');
}

function retried(state: Approval, input: InputOf<'retried'>, now: number): Step {
  if (input.right !== 'allowed') return ignore(state, refusalOf(input.right));
  if (isPastDelivery(state, now)) return ignore(state, 'too_late');
  const retryable = state.outcome === 'failed' || state.outcome === 'unconfirmed';
  // What has left the list for good must not be sent at what has come in its place.
  const { decision } = state;
  if (!retryable || state.absent || decision === null || byApplication(state)) return ignore(state, 'nothing_to_retry');
  if (input.ifNotArrived === true && state.mayHaveArrived) return ignore(state, 'not_possible');
  const next: Approval = { ...state, phase: 'decided', decision, outcome: null, settledAt: null, detail: null };
  return changed(next, [decide(next)]);
}

function claimed(state: Approval, input: InputOf<'claimed'>, now: number): Step {
  const free = state.phase === 'open' || state.outcome === 'failed' || (byApplication(state) && state.mayHaveArrived);
  if (!free) return ignore(state, byApplication(state) ? 'known' : 'already_decided');
  // What the policy rejects at its end is not approved by anyone after it.
  if (state.phase === 'open' && hasEnded(state, now) && policyEndOf(state)?.end === 'reject')
    return ignore(state, 'too_late');
  const { callBy: _, ...rest } = state;
  const next: Approval = {
    ...rest,
    ...(input.by !== undefined && { callBy: input.by }),
    phase: 'sending',
    claim: null,
    released: null,
    // It is the application's decision, and not that of those who had signed.
    signatures: [],
    voided: [],
    decision: decision(input, now),
    outcome: null,
    settledAt: null,
    detail: null,
  };
  return changed(next, state.claim === null ? [] : leftGroup(next));
}

function cancelled(state: Approval, { reason }: InputOf<'cancelled'>, now: number): Step {
  // Our own call may be what let the run end: the next one asks the backend.
  const mayBeOurs = state.phase === 'decided' && state.mayHaveArrived;
  const isUndecided = state.phase === 'open' || state.phase === 'decided';
  return isUndecided && !mayBeOurs ? settle(state, 'cancelled', reason, now) : ignore(state, 'too_late');
}

function unreachable(state: Approval, reason: Approval['unreachable']): Step {
  const isNew = state.phase === 'open' && !isSameReason(state.unreachable, reason);
  return isNew ? changed({ ...state, unreachable: reason }) : ignore(state, 'known');
}

function absent(state: Approval, { begunAt, reason }: InputOf<'absent'>, now: number): Step {
  // What was announced, or settled, while the list was read proves nothing. A time that is still to come is one from
  // before the wall clock was set back, so from before this list.
  const at = state.settledAt ?? state.createdAt;
  if (at >= begunAt && at <= now) return ignore(state, 'known');
  if (state.phase === 'open' || state.phase === 'decided') {
    // After a call that may have arrived, it may be ours that took it off the list.
    return settle(state, state.mayHaveArrived ? 'unconfirmed' : 'decided_elsewhere', reason, now, true);
  }
  if (state.phase === 'sending' || state.absent) return ignore(state, 'known');
  const undelivered = state.outcome === 'failed' || state.outcome === 'unconfirmed';
  if (!undelivered) return { state: { ...state, absent: true }, effects: [] };
  // Nothing is left to be tried again, and the card says so.
  return changed({ ...state, absent: true, detail: state.detail ?? reasonOf(reason) });
}

function continued(state: Approval, continuation: Continuation): Step {
  const current = state.continuation?.state;
  if (current !== undefined && current !== 'following' && current !== 'paused') return ignore(state, 'known');
  const pending = continuation.state === 'following' || continuation.state === 'paused';
  if (pending) return { state: { ...state, continuation }, effects: [] };
  const ended = withContinuation({ state, effects: [] }, continuation);
  // Its settled card has one line on how the run went.
  return state.phase === 'settled' && isInForce(state)
    ? { ...ended, effects: [...ended.effects, ...draws(state, 'card')] }
    : ended;
}

/**
 * A job that was given up, or was never written, leaves no approval stuck over a restart. With `redraw` its card is drawn
 * again, also one that is posted: it may show something older, and only drawing it tells whether somebody has deleted it.
 */
function recovered(before: Approval, input: InputOf<'recovered'>, now: number): Step {
  const { confirm = before.confirm, redraw = true } = input;
  const state = before.phase === 'open' && confirm !== before.confirm ? { ...before, confirm } : before;
  const over = state.phase === 'settled' && !(state.pause.kind === 'run' && isRunActive(state));
  if (!redraw && state === before) return { state, effects: owed(state) };
  const at = nextWake(state, now);
  const watched: Effect[] = at === null ? [] : [{ type: 'wake', at }];
  return { state, effects: over ? [] : [...draws(state, 'card'), ...owed(state), ...watched] };
}

function decision(input: InputOf<'pressed'> | InputOf<'claimed'>, now: number): Decision {
  const { action, actor, text } = input;
  const sentAs = input.type === 'pressed' ? input.sentAs : undefined;
  return { action, actor, text, ...(sentAs !== undefined && { sentAs }), at: now };
}

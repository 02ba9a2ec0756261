/**
 * The status line of a card. It claims no more than what the backend has confirmed. Pure. Tested in
 * test/core/view/card.test.ts and test/core/approval/steps/run.test.ts.
 */
import { actorWithin, isAutomatic, sentence } from '../../approval/names.ts';
import type { Claim } from '../../approval/parts/claim.ts';
import { isVisitorChat } from '../../approval/pause/pause.ts';
import { signersOf } from '../../approval/signers.ts';
import { awaitsFetch, endToShow } from '../../approval/steps/time/expiry.ts';
import { byApplication, isByExpiry, isInForce, isLeftToPeople, isRejected } from '../../approval/steps/transitions.ts';
import type { Shown } from '../../approval/subject.ts';
import type { Line, Span, Tone } from '../card.ts';
import { pressedText, wantsAnswer } from '../labels.ts';
import { clockTime, deadlineOf, NO_DEADLINE } from '../moments.ts';
import { missingText, reasonClause, reasonText } from '../reasons.ts';
import { isDangerous } from './cautions.ts';
import { isEachNamed, namesOf, signedText, voidedText } from './signing/lines.ts';
import { isDenied } from './signing/rule-line.ts';
import { waitsText } from './waits-text.ts';

export function statusOf(approval: Shown, backend: string): { tone: Tone; line: Line } {
  if (approval.pause.kind === 'run') return runStatus(approval, backend);
  const { decision } = approval;
  const detail = detailText(approval, backend);
  if (isByExpiry(approval)) return expiryStatus(approval, backend, detail);
  const who: Span[] = decision === null ? ['Someone'] : namesOf(signersOf(approval), false);
  const did = decision === null ? 'decided' : pressedText(decision, approval.pause);
  switch (approval.phase) {
    case 'open':
      if (approval.claim !== null) return heldStatus(approval, approval.claim, backend);
      if (approval.pause.actions.length === 0) {
        const { missing } = approval.pause;
        const where = missing === undefined ? 'your application' : backend;
        const why = missing === undefined ? '' : ` ${missingText(missing, backend)}`;
        const line = [
          { strong: `Answer this in ${where};` },
          ' Countersign can’t.',
          ...timeLeft(approval, backend),
          why,
        ];
        return { tone: 'open', line };
      }
      return {
        tone: isDangerous(approval) ? 'danger' : 'open',
        line: [
          ...openText(approval),
          ...voidedText(approval),
          ...(endToShow(approval) === null && !approval.overdue ? [` ${NO_DEADLINE}`] : timeLeft(approval, backend)),
          isEachNamed(approval) ? '' : detail,
          approval.detail?.code === 'restored' ? ' It may already be decided.' : '',
          reachText(approval, backend),
          ...releasedText(approval),
        ],
      };
    case 'decided':
    case 'sending':
      return {
        tone: 'pending',
        line: [
          ...who.map(bold),
          { strong: ` ${did}.` },
          ...pendingText(approval, backend),
          overdueText(approval, backend),
        ],
      };
    case 'settled':
      return settledStatus(approval, backend, who, did, detail);
  }
}

/** What it needs, and how far that is. */
function openText(approval: Shown): Span[] {
  const signed = signedText(approval);
  if (signed.length > 0) return signed;
  if (isDenied(approval)) return [{ strong: 'No one may decide this.' }];
  return [{ strong: wantsAnswer(approval.pause) ? 'Needs an answer.' : 'Needs a decision.' }];
}

/** Who has claimed it, and until when. */
function heldStatus(approval: Shown, { actor, until }: Claim, backend: string): { tone: Tone; line: Line } {
  const line: Span[] = [
    { strong: 'Claimed by ' },
    { person: actor, strong: true },
    ' until ',
    clockTime(until, approval.askedAt),
    '. Only they can decide until then.',
    ...(approval.signatures.length === 0 ? [] : [' ', ...signedText(approval)]),
    ...voidedText(approval),
    ...timeLeft(approval, backend),
    approval.unreachable === null
      ? ''
      : ` ${backend} is unreachable (${reasonClause(approval.unreachable, backend)}). A decision will be sent when ${backend} is back.`,
  ];
  return { tone: 'claimed', line };
}

/** How long it can be decided; live where the platform can show that. */
function timeLeft(approval: Shown, backend: string): Span[] {
  const deadline = endToShow(approval);
  const late = overdueText(approval, backend);
  if (deadline === null) return [late];
  if (approval.overdue) return [late, ' Deadline: ', { at: deadline, style: 'relative' }, '.'];
  return [' Expires ', deadlineOf(deadline, approval.askedAt), '.'];
}

/** It closes nothing: the backend refuses, or announces the end. */
function overdueText({ overdue }: Shown, backend: string): string {
  return overdue ? ` ${backend}’s deadline has passed: it may refuse the answer.` : '';
}

/** A press is still recorded; it is sent when the backend is reachable again. */
function reachText({ unreachable }: Shown, backend: string): string {
  if (unreachable === null) return '';
  return ` ${backend} is unreachable (${reasonClause(unreachable, backend)}). You can still decide; it will be sent when ${backend} is back.`;
}

function pendingText(approval: Shown, backend: string): Span[] {
  if (awaitsFetch(approval)) return [' Waiting for its asker to receive the decision.'];
  if (approval.phase === 'sending') return [` Sending to ${backend}…`];
  if (approval.detail !== null) {
    const why = reasonClause(approval.detail, backend);
    return approval.mayHaveArrived
      ? [` We don’t know whether ${backend} received it (${why}). Retrying automatically.`]
      : [` Not delivered yet (${why}). Retrying automatically.`];
  }
  if (approval.waitsFor > 0) return waitsText(approval);
  if (approval.streamOpen) return [' Will be sent once the run has asked all its questions.'];
  return [` Sending to ${backend}…`];
}

/** The holder of an ended claim reads here who ended it. */
function releasedText({ released }: Shown): Span[] {
  if (released === null) return [];
  return [' ', { person: released.by }, ' ended the claim of ', { person: released.holder }, '.'];
}

/** No one decided in time, and the policy rejects it: that is the state, and not a person's decision. */
function expiryStatus(approval: Shown, backend: string, detail: string): { tone: Tone; line: Line } {
  const { phase, decision, outcome, settledAt, askedAt } = approval;
  const why = { strong: `Expired. ${decision?.text ?? 'Nobody decided in time.'}` };
  if (phase !== 'settled')
    return { tone: 'pending', line: [why, ` A rejection is sent.`, ...pendingText(approval, backend)] };
  const at: Span[] = settledAt === null ? [] : [' · ', clockTime(settledAt, askedAt)];
  const say = (tone: Tone, text: string) => ({ tone, line: [why, ` ${text}`, ...at, ...runEndAfter(at, approval)] });
  switch (outcome) {
    case 'expired':
      return say('neutral', `${backend} got a rejection.`);
    case 'decided_elsewhere':
      return say('neutral', `It was decided directly in ${backend} before.${detail}`);
    case 'cancelled':
      return say('neutral', `The run ended before.${detail}`);
    case 'unconfirmed':
      return say('warning', `We don’t know whether ${backend} received the rejection.${detail}`);
    default:
      return say('warning', `${backend} did not accept the rejection.${detail}`);
  }
}

function runEndAfter(at: readonly Span[], approval: Shown): Span[] {
  const ending = runEndText(approval);
  return at.length > 0 && ending.length > 0 ? ['.', ...ending] : ending;
}

/** How the run went on after the decision, once it has ended; its note in the thread has the rest. */
function runEndText(approval: Shown): Span[] {
  const { continuation, pause } = approval;
  if (continuation === null || !isInForce(approval)) return [];
  const isChat = isVisitorChat(pause);
  const what = isChat ? 'Chat' : 'Run';
  switch (continuation.state) {
    case 'completed':
      if (isRejected(approval)) return [` ${WENT_ON}`];
      return [isChat ? ' Chat: answered, see thread.' : ' Run: complete, see thread.'];
    case 'failed':
      return [' ', { strong: `${what}: failed, see thread.` }];
    case 'lost':
      return [' ', { strong: `${what}: lost track of it, see thread.` }];
    default:
      return [];
  }
}

/** Of a run that ended well without what was rejected. */
export const WENT_ON = 'The agent went on without it.';

function settledStatus(approval: Shown, backend: string, who: Span[], did: string, detail: string) {
  // A decision in time that its asker did not receive before the end.
  const why = approval.pause.expiry === undefined ? ' here, but too late' : ', but nobody received it in time';
  const late: Span[] = tooLate(approval) ? [' ', ...who, ` ${did}${why}.`] : [];
  const at: Span[] = approval.settledAt === null ? [] : [' · ', clockTime(approval.settledAt, approval.askedAt)];
  const end = runEndAfter(at, approval);
  const say = (tone: Tone, strong: string, ...rest: Span[]): { tone: Tone; line: Line } => ({
    tone,
    line: [{ strong }, ...rest, ...at, ...end],
  });
  const { decision } = approval;
  const decider = decision !== null && isAutomatic(decision.actor) ? [actorWithin(decision.actor)] : who;
  const { use, of } = decision?.standing ?? {};
  const used: Span[] = use === undefined ? [] : [{ strong: `, ${use} of ${of}` }];
  const by = (tone: Tone, verb: string) => say(tone, `${verb} by `, ...decider.map(bold), ...used, { strong: '.' });
  const signed: Span[] = decision === null ? hadSignedText(approval) : [];
  switch (approval.outcome) {
    case 'approved':
      return by('good', 'Approved');
    case 'rejected':
      return by('rejected', 'Rejected');
    case 'taken_over':
      return by('neutral', 'Taken over');
    case 'answered':
      return by('good', 'Answered');
    case 'expired':
      return late.length === 0
        ? say('neutral', 'Expired without a decision.', detail, ...signed)
        : say('neutral', 'Expired.', detail, ...late);
    case 'decided_elsewhere':
      return say('neutral', `Decided elsewhere (directly in ${backend}).`, detail, ...late, ...signed);
    case 'withdrawn':
      return say('neutral', 'Withdrawn:', ' nobody waits for it any more.', ...signed);
    case 'cancelled':
      return say('neutral', 'Cancelled.', detail, ...late, ...signed);
    case 'unconfirmed':
      return say(
        'warning',
        'Unconfirmed.',
        ' ',
        ...who,
        ` ${did}. We don’t know whether ${backend} received it.${detail}`,
        // It may have arrived, and could be carried out twice.
        approval.absent || byApplication(approval) ? '' : ` Check in ${backend} before you try again.`,
        ...(isLeftToPeople(approval) && approval.signatures.length > 0 ? [' ', ...signedText(approval)] : []),
      );
    default:
      return say('warning', 'Not delivered.', ' ', ...who, ` ${did}, but ${backend} did not accept it.${detail}`);
  }
}

/** Some had signed, and it ended before there were enough. */
function hadSignedText({ signatures }: Shown): Span[] {
  const people = signatures.map(({ actor }) => actor);
  return people.length === 0 ? [] : [' Signed before by ', ...namesOf(people, false), '.'];
}

function bold(who: Span): Span {
  if (typeof who === 'string') return { strong: who };
  return 'person' in who ? { ...who, strong: true } : who;
}

/** A decision was made here, but another outcome counts. */
export function tooLate(approval: Shown): boolean {
  const { decision, outcome } = approval;
  if (isByExpiry(approval)) return false;
  return decision !== null && (outcome === 'expired' || outcome === 'decided_elsewhere' || outcome === 'cancelled');
}

function detailText({ detail, absent, outcome }: Shown, backend: string): string {
  const reason = detail === null ? '' : ` ${reasonText(detail, backend)}`;
  const undelivered = outcome === 'failed' || outcome === 'unconfirmed';
  // Then there is no *Try again*.
  const gone =
    undelivered && absent && detail?.code !== 'unlisted' ? ` ${reasonText({ code: 'unlisted' }, backend)}` : '';
  return `${reason}${gone}`;
}

export function runStatus(run: Shown, backend: string): { tone: Tone; line: Line } {
  const detail = detailText(run, backend);
  const say = (tone: Tone, strong: string, ...rest: Span[]) => ({ tone, line: [{ strong }, ...rest] });
  switch (run.phase) {
    case 'open':
    case 'decided':
      return run.detail === null
        ? say('pending', 'Starting…')
        : say('pending', 'Not started yet', ` (${reasonClause(run.detail, backend)}). Retrying automatically.`);
    case 'sending':
      return say('pending', 'Starting…');
    case 'settled':
      break;
  }
  if (run.outcome === 'started') return goingOn(run, backend);
  if (run.outcome === 'unconfirmed') {
    const careful = `Check in ${backend} before you try again: it could run twice.`;
    return say('warning', 'Unconfirmed.', ` We don’t know whether it was started.${detail} ${careful}`);
  }
  return say('bad', 'Could not be started.', detail);
}

function goingOn({ continuation }: Shown, backend: string): { tone: Tone; line: Line } {
  const say = (tone: Tone, strong: string, rest = '') => ({ tone, line: [{ strong }, rest] });
  switch (continuation?.state) {
    case undefined:
      return say('neutral', 'Started.', ` ${backend} does not report its progress here.`);
    case 'following':
      return say('pending', 'Running.');
    case 'paused':
      return continuation.text === null
        ? say('open', 'Paused.')
        : say('open', 'Needs a decision:', ` ${sentence(continuation.text)}`);
    case 'completed':
      return say('good', 'Finished.');
    case 'failed':
      return say('bad', 'Failed.', ' The run ended with an error.');
    case 'lost':
      return say(
        'warning',
        'Lost track of this run.',
        ` The connection to ${backend} broke. Check its outcome in ${backend}.`,
      );
  }
}

/**
 * The status line of a card. It claims no more than what the backend has confirmed. Pure. Tested in
 * test/core/view/cards/status/line.test.ts and test/core/view/card.test.ts.
 */
import type { Claim } from '../../../approval/parts/claim.ts';
import { signersOf } from '../../../approval/signers.ts';
import { awaitsFetch, endToShow } from '../../../approval/steps/time/expiry.ts';
import { isByExpiry } from '../../../approval/steps/transitions.ts';
import type { Shown } from '../../../approval/subject.ts';
import type { Stop } from '../../../policy/operators/stop.ts';
import { duration } from '../../../text/numbers.ts';
import type { Span } from '../../card.ts';
import { pressedText, wantsAnswer } from '../../labels.ts';
import { tidyLine } from '../../line-text.ts';
import { clockTime, deadlineOf, NO_DEADLINE } from '../../moments.ts';
import { isHeldBack, onceStarted, whileStopped } from '../../operators/stopped.ts';
import { whoText } from '../../policy/who.ts';
import { missingText, reasonClause } from '../../reasons.ts';
import { isDangerous } from '../cautions.ts';
import { isEachNamed, namesOf, signedText, voidedText } from '../signing/lines.ts';
import { isDenied, peopleText } from '../signing/rule-line.ts';
import { waitsText } from '../waits-text.ts';
import { expiryStatus } from './expired.ts';
import { bold, detailText, type Status } from './parts.ts';
import { runStatus } from './run.ts';
import { settledStatus } from './settled.ts';

/** What a status says that is not in its approval. */
interface Surroundings {
  /** An operator has stopped everything. Default: it runs. */
  stop?: Stop | null | undefined;
  /** None of those whom its rule names can decide it now. Default: someone can. */
  isOutOfReach?: boolean;
}

export function statusOf(
  approval: Shown,
  backend: string,
  { stop = null, isOutOfReach = false }: Surroundings = {},
): Status {
  const isStopped = stop !== null && isHeldBack(approval);
  const status = statusAs(approval, backend, { isStopped, isOutOfReach });
  const { tone, line } = isStopped ? whileStopped(status, approval, stop) : status;
  return { tone, line: tidyLine(line) };
}

function statusAs(
  approval: Shown,
  backend: string,
  { isStopped, isOutOfReach }: { isStopped: boolean; isOutOfReach: boolean },
): Status {
  if (approval.pause.kind === 'run') return runStatus(approval, backend, isStopped);
  const { decision } = approval;
  const detail = detailText(approval, backend);
  const pending = () => (isStopped ? [onceStarted('It is sent')] : pendingText(approval, backend));
  if (isByExpiry(approval)) return expiryStatus(approval, backend, { detail, pending: pending() });
  const who: Span[] = decision === null ? ['Someone'] : namesOf(signersOf(approval), false);
  const did = decision === null ? 'decided' : pressedText(decision, approval.pause);
  switch (approval.phase) {
    case 'open':
      return openStatus(approval, backend, { detail, isOutOfReach });
    case 'decided':
    case 'sending':
      return {
        tone: 'pending',
        line: [...who.map(bold), { strong: ` ${did}.` }, ...pending(), overdueText(approval, backend)],
      };
    case 'settled':
      return settledStatus(approval, backend, who, did, detail);
  }
}

function openStatus(
  approval: Shown,
  backend: string,
  { detail, isOutOfReach }: { detail: string; isOutOfReach: boolean },
): Status {
  if (approval.claim !== null) return heldStatus(approval, approval.claim, backend);
  if (approval.pause.actions.length === 0) return elsewhereStatus(approval, backend);
  const isDecidable = !isDenied(approval);
  return {
    tone: !isDecidable || isOutOfReach ? 'warning' : isDangerous(approval) ? 'danger' : 'open',
    line: [
      ...(isOutOfReach && isDecidable ? [{ strong: 'No one can decide this now.' }, ' '] : []),
      ...openText(approval),
      ...voidedText(approval),
      ...(isDecidable ? takesText(approval) : []),
      ...(isDecidable ? escalatedText(approval) : []),
      ...(endToShow(approval) === null && !approval.overdue ? [` ${NO_DEADLINE}`] : timeLeft(approval, backend)),
      isEachNamed(approval) ? '' : detail,
      approval.detail?.code === 'restored' ? ' It may already be decided.' : '',
      isDecidable ? reachText(approval, backend) : '',
      ...releasedText(approval),
    ],
  };
}

/** No one can answer it here. */
function elsewhereStatus(approval: Shown, backend: string): Status {
  const { missing } = approval.pause;
  const where = missing === undefined ? 'your application' : backend;
  const why = missing === undefined ? '' : ` ${missingText(missing, backend)}`;
  const line = [{ strong: `Answer this in ${where};` }, ' Countersign can’t.', ...timeLeft(approval, backend), why];
  return { tone: 'open', line };
}

/** What it needs, and how far that is. */
function openText(approval: Shown): Span[] {
  if (isDenied(approval)) return [{ strong: 'No one may decide this.' }];
  const signed = signedText(approval);
  if (signed.length > 0) return signed;
  return [{ strong: wantsAnswer(approval.pause) ? 'Needs an answer.' : 'Needs a decision.' }];
}

/** Before the first signature; from then on the count says it. */
function takesText(approval: Shown): string[] {
  const text = approval.signatures.length > 0 ? null : peopleText(approval);
  return text === null ? [] : [` ${text}`];
}

/** Who is called in addition, for those who see it first in another room. */
function escalatedText({ requirement, askedAt }: Shown): string[] {
  const last = requirement?.escalated.at(-1);
  if (last === undefined) return [];
  const people = whoText(last.mention);
  const whom = people === '' ? '' : ` to ${people}`;
  return [` Escalated${whom} after ${duration(Math.max(0, last.at - askedAt))}.`];
}

/** Who has claimed it, and until when. */
function heldStatus(approval: Shown, { actor, until }: Claim, backend: string): Status {
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

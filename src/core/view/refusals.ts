/** Private answers to presses and commands that change nothing. Pure. Tested in test/core/view/refusals.test.ts. */
import type { Outcome } from '../approval/approval.ts';
import type { Ignored } from '../approval/inputs.ts';
import { actorName, isAutomatic, platformName } from '../approval/names.ts';
import type { Claim } from '../approval/parts/claim.ts';
import { type Action, isVisitorChat } from '../approval/pause/pause.ts';
import { joined } from '../approval/signers.ts';
import { isByExpiry } from '../approval/steps/transitions.ts';
import type { Shown, Subject } from '../approval/subject.ts';
import { duration } from '../text/numbers.ts';
import { LAST_MOMENT } from '../text/time/parse.ts';
import type { Deciders } from './card.ts';
import { whoCanText } from './cards/deciders.ts';
import { labelOf, pressedText } from './labels.ts';

/** Answers of the adapters, where a press or a command never came to a decision. */
export const NOT_RECORDED = 'Nothing was recorded. Please press again.';
/** The database does not answer: the press may be recorded. */
export const IN_DOUBT = 'Countersign can’t say whether this was recorded. Look at the card before you press again.';
export const OUT_OF_DATE = 'This button is out of date. Use /approvals.';
export const FOREIGN_CARD = 'This card belongs to another workspace. Nothing was recorded.';
export const FORM_NOT_OPENED = 'The form did not open. Please press again.';
export const FORM_AGAIN = 'Please press the button on the card again.';
export const NOT_DONE = 'Nothing was recorded or started. Please try again.';
/** The same of a command. */
export const COMMAND_IN_DOUBT =
  'Countersign can’t say whether this was recorded or started. Look at what it was to change before you try again.';
/** Typed where the bot has no cards. */
export const FOREIGN_COMMAND = 'This command works only where Countersign posts its cards.';

/** Answers to *Show*. */
export const REVEAL_OFF = 'Masked values can’t be opened here: REVEAL is off.';
export const NOTHING_MASKED = 'There is no such masked value. Open Details again.';

/** To a look at what is posted where they are not, or may not be. */
export const NOT_READABLE =
  'You can’t read a channel with this request, or that could not be checked. Open it on its card, or try again in a minute.';

/** Answers to presses on a digest. */
export const NONE_PENDING = 'None of these needs a decision any more.';
export const CHOOSE_AGAIN =
  'These have changed since the form was opened. Choose them one by one, or open the form again.';
export const CHOOSE_SOME = 'Choose one or more.';
export const NOTHING_TO_SPLIT = 'Nothing left to split.';
export const NEEDS_OWN_MESSAGE = 'It needs its own message: press Split up.';
export const DANGEROUS_ONE_BY_ONE = 'These are dangerous and are approved one at a time: press Split up.';

/**
 * @param approval as it is now; null where none is known
 * @param roles of the person; null where the platform does not tell them, as in a direct message
 * @param deciders who may decide it, as this person reads it; default: not known
 * @param now ms since 1970; null: not known
 * @param unverified the entries of the policy that could not be looked up; default: not known
 */
export function refusalText(
  ignored: Ignored,
  approval: Shown | null,
  roles: readonly string[] | null = [],
  deciders?: Deciders,
  now: number | null = null,
  unverified: readonly string[] = [],
): string {
  switch (ignored) {
    case 'not_allowed':
      return notAllowedText(approval, deciders);
    case 'unverified':
      return roles === null
        ? 'Countersign can’t see your roles in a direct message. Decide on the card in its channel, or use /approvals there.'
        : `Your permission could not be checked${failed(unverified)}. Please try again in a minute.`;
    case 'already_decided':
      return approval === null ? 'Too late: this no longer waits for a decision.' : decidedText(approval);
    case 'held':
      return heldText(approval?.claim ?? null, now);
    case 'nothing_held':
      return 'This is not claimed.';
    case 'changed':
      return 'The request has changed. Nothing was sent. Read the updated card, then decide.';
    case 'not_possible':
      return approval?.pause.unshowable === undefined
        ? 'This request can’t be decided that way.'
        : 'Not all of this request can be shown here, so it can’t be approved here.';
    case 'not_confirmed':
      return 'This is dangerous and was not confirmed. Press the button again and confirm it in the form.';
    case 'not_read':
      return 'The card does not show all of this. Press Details, read it, then approve.';
    case 'signed':
      return 'You have signed this already. It waits for others.';
    case 'not_signed':
      return 'You have no signature here to withdraw.';
    case 'signers_unverified':
      return 'Whether those who signed before may still decide could not be checked. Nothing was recorded. Please try again in a minute.';
    case 'requester':
      return 'You asked for this, so others decide it.';
    case 'note_missing':
      return 'This needs a reason or a note. Press the button again and write one.';
    case 'stopped':
      return 'Countersign was stopped when this was pressed. Nothing was recorded. Please press again.';
    case 'nothing_to_retry':
      return 'Nothing to resend.';
    case 'too_late':
      return EXPIRED;
    default:
      return 'Countersign doesn’t know this request (restored from a backup?).';
  }
}

/** `: slack:group:S0456 could not be looked up` */
function failed(unverified: readonly string[]): string {
  return unverified.length === 0 ? '' : `: ${unverified.join(' and ')} could not be looked up`;
}

function notAllowedText(approval: Shown | null, deciders: Deciders | undefined): string {
  const text =
    approval?.pause.kind === 'run'
      ? 'You can’t start this run.'
      : 'You can’t decide this request: you are not one of its reviewers.';
  return deciders === undefined ? text : `${text} ${whoCanText(deciders)}`;
}

/** The pressed button is for others, and some of the rest are not. @param open what this person may press */
export function wrongButtonText(pressed: Action, open: readonly Action[], pause: Subject, deciders?: Deciders): string {
  const who = deciders === undefined ? '' : ` ${whoCanText(deciders)}`;
  const labels = joined(open.map((action) => labelOf(action, pause)));
  return `You can’t press ${labelOf(pressed, pause)} on this request.${who} You can press ${labels}.`;
}

/** The time left and the end of the claim: this text is plain, so that it can't show the reader's own zone. */
function heldText(claim: Claim | null, now: number | null): string {
  if (claim === null) return 'Someone else has claimed this.';
  const { actor, since, until } = claim;
  const end = Math.abs(until) <= LAST_MOMENT ? `, until ${new Date(until).toISOString().slice(11, 16)} UTC` : '';
  const left = duration(Math.max(0, until - (now ?? since)));
  return `${actorName(actor)} has claimed this in ${platformName(actor.platform)}, for up to ${left}${end}.`;
}

const EXPIRED = 'Too late: this request has expired.';

function decidedText(approval: Shown): string {
  const { decision, outcome, pause } = approval;
  if (outcome === 'expired' || isByExpiry(approval)) return EXPIRED;
  if (outcome === 'withdrawn') return 'Too late: this was withdrawn. Nobody waits for it any more.';
  if (outcome === 'cancelled') return `Too late: the ${isVisitorChat(pause) ? 'chat' : 'run'} has ended.`;
  if (outcome === 'decided_elsewhere' || decision === null) return 'Too late: this was decided elsewhere.';
  const { actor } = decision;
  const where = isAutomatic(actor) ? '' : ` in ${platformName(actor.platform)}`;
  const fact = outcome === null ? undefined : facts[outcome];
  if (fact !== undefined) return `${actorName(actor)} already ${fact}${where}.`;
  const arrival =
    outcome === 'failed'
      ? 'It was not delivered'
      : outcome === 'unconfirmed'
        ? 'It is not known whether it arrived'
        : 'It is not confirmed yet';
  return `${actorName(actor)} already ${pressedText(decision, approval.pause)}${where}. ${arrival}: see the card.`;
}

/** What the backend has confirmed. */
const facts: Partial<Record<Outcome, string>> = {
  approved: 'approved this',
  rejected: 'rejected this',
  taken_over: 'took this over',
  answered: 'answered this',
};

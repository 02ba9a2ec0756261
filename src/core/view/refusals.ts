/** What a person is told in private when a press changes nothing. */
import type { Action, Approval, Holder } from '../approval/approval.ts';
import type { Ignored } from '../approval/inputs.ts';
import { actorName, platformName } from '../approval/names.ts';
import { byApplication } from '../approval/steps/transitions.ts';
import { duration } from '../text/text.ts';

/** Answers of the adapters, where a press or a command never came to a decision. */
export const NOT_RECORDED = 'Nothing was recorded. Please press again.';
export const OUT_OF_DATE = 'This button is out of date. Use /approvals.';
export const FOREIGN_CARD = 'This card belongs to another workspace. Nothing was recorded.';
export const FORM_NOT_OPENED = 'The form did not open. Please press again.';
export const FORM_AGAIN = 'Please press the button on the card again.';
export const NOT_STARTED = 'Nothing was started. Please try again.';
/** Typed where the bot has no cards. */
export const FOREIGN_COMMAND = 'This command works only where Countersign posts its cards.';

const done: Record<Action, string> = { approve: 'approved', reject: 'rejected', take_over: 'taken over' };

/** @param approval as it stands, null where none is known */
export function refusalText(ignored: Ignored, approval: Approval | null): string {
  switch (ignored) {
    case 'not_allowed':
      return approval?.pause.kind === 'run'
        ? 'You may not start this run, so nothing was changed.'
        : 'You are not a reviewer for this request, so nothing was changed.';
    case 'unverified':
      return approval?.pause.kind === 'run'
        ? 'Countersign could not verify just now that you may start this run, so nothing was changed. Please press again in a minute.'
        : 'Countersign could not verify just now that you are a reviewer, so nothing was changed. Please press again in a minute.';
    case 'already_decided':
      return approval === null ? 'This was already decided.' : decidedText(approval);
    case 'held':
      return heldText(approval?.holder ?? null);
    case 'nothing_held':
      return 'This is not taken over any more, so there is nothing to hand back.';
    case 'changed':
      return 'The request changed after this card was shown. Nothing was sent. Read the redrawn card, then decide.';
    case 'not_possible':
      return 'This request can’t be decided that way. Nothing was changed.';
    case 'not_confirmed':
      return 'This is marked as dangerous, and was not confirmed. Nothing was approved. Press Approve again, and confirm it in the form.';
    case 'nothing_to_retry':
      return 'There is nothing left to send again here.';
    default:
      return 'Countersign has no record of this request any more. Nothing was changed.';
  }
}

/** For a press in a direct message, where only a role could have let somebody in. */
export const ROLES_UNSEEN =
  'In a direct message Countersign can’t see your roles, so it could not verify that you are a reviewer. Nothing was changed. Please decide on the card in the server’s channel, or from /approvals there.';

function heldText(holder: Holder | null): string {
  if (holder === null) return 'Somebody else has taken this over. Your press changed nothing.';
  const { actor, since, until } = holder;
  const who = `${actorName(actor)} in ${platformName(actor.platform)}`;
  return `${who} has taken this over, for ${duration(until - since)} at the most. Your press changed nothing.`;
}

function decidedText(approval: Approval): string {
  const { decision, outcome } = approval;
  if (outcome === 'expired') return 'Too late: this request has expired.';
  if (outcome === 'cancelled') return 'Too late: the run that asked for this has ended.';
  if (outcome === 'decided_elsewhere' || decision === null) return 'Too late: this was already decided elsewhere.';
  const by = byApplication(approval)
    ? 'the application itself'
    : `${actorName(decision.actor)} in ${platformName(decision.actor.platform)}`;
  const delivered = outcome === 'failed' || outcome === 'unconfirmed' ? ' It was not delivered: see the card.' : '';
  return `Already ${done[decision.action]} by ${by}. Your press changed nothing.${delivered}`;
}

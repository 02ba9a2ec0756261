/** The buttons of a card. Pure. Tested in test/core/view/card.test.ts. */
import type { Claim } from '../../approval/parts/claim.ts';
import type { Action } from '../../approval/pause/pause.ts';
import { byApplication, isLeftToPeople } from '../../approval/steps/transitions.ts';
import type { Shown } from '../../approval/subject.ts';
import { encodeButtonId } from '../button-id.ts';
import type { Button } from '../card.ts';
import { canBeKept } from '../forms/take-over-form.ts';
import { labelOf, wantsAnswer } from '../labels.ts';
import { allowedActions } from './signing/rule-line.ts';
import { releaseButtons, releaseId } from './waits-text.ts';

const styles: Record<Action, Button['style']> = { approve: 'primary', reject: 'danger', take_over: 'plain' };

/** @param readsFirst what the card does not show is read before it is approved */
export function buttonsOf(approval: Shown, readsFirst = false): Button[] {
  const { id: approvalId, fingerprint, pause, phase, outcome, decision } = approval;
  const details: Button = {
    id: encodeButtonId({ approvalId, action: 'details', fingerprint: '0' }),
    action: 'details',
    label: 'Details',
    style: 'plain',
  };
  const withdraw = withdrawButton(approval);
  if (phase === 'open' && approval.claim !== null)
    return [...holderButtons(approval, approval.claim), details, ...withdraw];
  if (phase === 'open' || isLeftToPeople(approval)) {
    const deciding = allowedActions(approval).map((action): Button => {
      const label = labelOf(action, pause);
      // Where a question is asked, its answer is the main button.
      const wanted = action === 'take_over' && wantsAnswer(pause) ? 'primary' : styles[action];
      // What is dangerous, or not all on the card, must not look like the default.
      const style = action === 'approve' && (approval.confirm || readsFirst) ? 'plain' : wanted;
      return { id: encodeButtonId({ approvalId, action, fingerprint }), action, label, style };
    });
    return [...deciding, details, ...withdraw];
  }
  if (phase === 'decided' && approval.waitsFor > 0 && approval.detail === null)
    return [...releaseButtons(approval), details];
  const undelivered = outcome === 'failed' || outcome === 'unconfirmed';
  if (!undelivered || approval.absent || decision === null || byApplication(approval)) return [details];
  const id = encodeButtonId({ approvalId, action: 'retry', fingerprint });
  return [{ id, action: 'retry', label: 'Try again', style: 'plain' }, details];
}

/** A card is the same for everyone who sees it; those who have not signed read so. */
function withdrawButton({ id: approvalId, signatures }: Shown): Button[] {
  if (signatures.length === 0) return [];
  const id = encodeButtonId({ approvalId, action: 'unsign', fingerprint: '0' });
  return [{ id, action: 'unsign', label: 'Withdraw my signature', style: 'plain' }];
}

/** Of a claimed card: what its holder can do. Others who press them read who that is, and until when. */
function holderButtons(approval: Shown, claim: Claim): Button[] {
  const { id: approvalId, fingerprint, pause } = approval;
  const buttons = allowedActions(approval).map((action): Button => {
    if (action !== 'take_over') {
      const style = action === 'approve' ? 'plain' : styles[action];
      return { id: encodeButtonId({ approvalId, action, fingerprint }), action, label: labelOf(action, pause), style };
    }
    const isDone = canBeKept(pause);
    const id = encodeButtonId({ approvalId, action, fingerprint, ...(isDone && { done: true }) });
    return { id, action, label: isDone ? 'Mark as done' : labelOf(action, pause), style: 'primary' };
  });
  const rank = ({ action }: Button) => (action === 'take_over' ? 0 : 1);
  const release: Button = { id: releaseId(approvalId, claim), action: 'hand_back', label: 'Release', style: 'plain' };
  return [...buttons.sort((one, other) => rank(one) - rank(other)), release];
}

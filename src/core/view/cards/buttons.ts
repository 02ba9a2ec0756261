/** The buttons of a card. Pure. Tested in test/core/view/card.test.ts. */
import type { Action } from '../../approval/pause/pause.ts';
import { byApplication, isLeftToPeople } from '../../approval/steps/transitions.ts';
import type { Shown } from '../../approval/subject.ts';
import { encodeButtonId } from '../button-id.ts';
import type { Button } from '../card.ts';
import { labelOf, wantsAnswer } from './status.ts';
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
  if (phase === 'open' && approval.claim !== null) {
    const finish = pause.kind === 'await' ? 'Answer' : 'Mark as done';
    return [
      {
        id: encodeButtonId({ approvalId, action: 'take_over', fingerprint }),
        action: 'take_over',
        label: finish,
        style: 'primary',
      },
      {
        id: releaseId(approvalId, approval.claim),
        action: 'hand_back',
        label: 'Release',
        style: 'plain',
      },
      details,
    ];
  }
  if (phase === 'open' || isLeftToPeople(approval)) {
    const deciding = pause.actions.map((action): Button => {
      const label = labelOf(action, pause);
      // Where a question is asked, its answer is the main button.
      const wanted = action === 'take_over' && wantsAnswer(pause) ? 'primary' : styles[action];
      // What is dangerous, or not all on the card, must not look like the default.
      const style = action === 'approve' && (approval.confirm || readsFirst) ? 'plain' : wanted;
      return { id: encodeButtonId({ approvalId, action, fingerprint }), action, label, style };
    });
    return [...deciding, details];
  }
  if (phase === 'decided' && approval.waitsFor > 0 && approval.detail === null)
    return [...releaseButtons(approval), details];
  const undelivered = outcome === 'failed' || outcome === 'unconfirmed';
  if (!undelivered || approval.absent || decision === null || byApplication(approval)) return [details];
  const id = encodeButtonId({ approvalId, action: 'retry', fingerprint });
  return [{ id, action: 'retry', label: 'Try again', style: 'plain' }, details];
}

import { digestOf } from '../../core/approval/digest.ts';
import { detailsOf } from '../../core/view/cards/details.ts';
import { digestDetails } from '../../core/view/cards/digest-details.ts';
import { refusalText } from '../../core/view/refusals.ts';
import type { PressDeps, PressHandler } from './contract.ts';

/** *Details* of one approval or of a digest. Anyone who sees the card may read all of it; nothing is committed. */
export function createDetails({ store, backendTitle }: PressDeps): PressHandler {
  return async ({ buttonId: { approvalId, fingerprint } }) => {
    const page = /^\d{1,4}$/.test(fingerprint) ? Number(fingerprint) : 0;
    const approval = await store.get(approvalId);
    if (approval !== null) {
      const details = detailsOf(approval, await store.audit(approvalId), backendTitle(approval.pause.backend));
      return { answer: { type: 'details', view: { approvalId, details, page } }, outcome: 'details' };
    }
    const digest = digestOf(approvalId, await store.digestMembers(approvalId));
    if (digest === null) return { answer: { type: 'refused', text: refusalText('unknown', null) }, outcome: 'unknown' };
    const details = digestDetails(digest, backendTitle(digest.members[0]?.pause.backend ?? ''));
    return { answer: { type: 'details', view: { approvalId, details, page } }, outcome: 'details' };
  };
}

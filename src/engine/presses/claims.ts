/** Claims: only the person who pressed *Take over* can decide for a while. Tested in test/stories/deciding/take-over.test.ts. */
import { refusalText } from '../../core/view/refusals.ts';
import { whyIgnored } from '../apply.ts';
import type { Claims, PressDeps } from './contract.ts';

/** Long enough to do the work and describe it; a forgotten claim ends within the hour. */
const DEFAULT_CLAIM_MS = 30 * 60_000;

export function createClaims({ apply, clock }: PressDeps, claimMs = DEFAULT_CLAIM_MS): Claims {
  return {
    async take({ id, actor, buttonId }, approval, right) {
      // An application's own unconfirmed call is left to people without a claim.
      if (approval.phase !== 'open') return null;
      const { deadline } = approval.pause;
      const now = clock.now();
      const latest = now + claimMs;
      const until = deadline !== null && deadline > now ? Math.min(latest, deadline) : latest;
      const input = { type: 'held', actor, fingerprint: buttonId.fingerprint, until, right } as const;
      return whyIgnored(await apply(approval.id, input, id), input, clock.now());
    },

    async release({ buttonId, actor, id, roles }) {
      const changed = await apply(buttonId.approvalId, { type: 'handed_back', actor }, id);
      const ignored = changed.duplicate ? null : changed.ignored;
      if (ignored === null) return { answer: { type: 'accepted' }, outcome: 'accepted' };
      return { answer: { type: 'refused', text: refusalText(ignored, changed.state, roles) }, outcome: ignored };
    },
  };
}

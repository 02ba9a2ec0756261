/** What several kinds of status lines have in common. Pure. Tested in test/core/view/card.test.ts. */
import { isVisitorChat } from '../../../approval/pause/pause.ts';
import { isInForce, isRejected } from '../../../approval/steps/transitions.ts';
import type { Shown } from '../../../approval/subject.ts';
import type { Line, Span, Tone } from '../../card.ts';
import { reasonText } from '../../reasons.ts';

export interface Status {
  tone: Tone;
  line: Line;
}

/** Why it is as it is, with a blank before it; empty where nothing is known. */
export function detailText({ detail, absent, outcome }: Shown, backend: string): string {
  const reason = detail === null ? '' : ` ${reasonText(detail, backend)}`;
  const undelivered = outcome === 'failed' || outcome === 'unconfirmed';
  // Then there is no *Try again*.
  const gone =
    undelivered && absent && detail?.code !== 'unlisted' ? ` ${reasonText({ code: 'unlisted' }, backend)}` : '';
  return `${reason}${gone}`;
}

export function bold(who: Span): Span {
  if (typeof who === 'string') return { strong: who };
  return 'person' in who ? { ...who, strong: true } : who;
}

/** How the run went on, behind the time at which it was settled. */
export function runEndAfter(at: readonly Span[], approval: Shown): Span[] {
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

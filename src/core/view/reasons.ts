/** Why something is as it is, as a sentence. Pure. Tested in test/core/view/reasons.test.ts. */
import { displayName, sentence } from '../approval/names.ts';
import type { Reason } from '../approval/reason.ts';
import type { Subject } from '../approval/subject.ts';

/** Of a text that a backend gave, characters. */
const TEXT_MAX = 300;

/** @param backend its display name */
export function reasonText(reason: Reason, backend: string): string {
  switch (reason.code) {
    case 'text':
      return sentence(displayName(reason.text, TEXT_MAX));
    case 'request_changed':
      return 'The request changed after a button was pressed; that press no longer counts.';
    case 'interrupted':
      return 'Countersign stopped while sending.';
    case 'application_interrupted':
      return 'Countersign stopped while the application’s own decision passed through.';
    case 'not_forwarded':
      return 'The application’s call was not forwarded.';
    case 'restored':
      return `Countersign was restored from ${sourceOf(reason.madeAt)}, and does not know what happened since.`;
    case 'unlisted':
      return `It is no longer on ${backend}’s list.`;
    case 'run_ended':
      return 'The run ended before a decision was sent.';
    case 'left':
      return `${backend} was sent nothing, and may still wait.`;
    case 'no_answer':
      return `${backend} does not answer.`;
    case 'unfollowed':
      return 'It has no card.';
  }
}

/** Why a card has no buttons, as a sentence. */
export function missingText(missing: NonNullable<Subject['missing']>, backend: string): string {
  const whats = {
    run: 'which run this belongs to',
    approval_id: 'which approval this is',
    tool: 'which tool this is about',
  };
  return `${backend} did not say ${whats[missing]}.`;
}

/** The same as it reads in brackets: without the full stop at its end. */
export function reasonClause(reason: Reason, backend: string): string {
  return reason.code === 'no_answer' ? 'no answer' : reasonText(reason, backend).replace(/\.$/, '');
}

function sourceOf(madeAt: number | null): string {
  const at = madeAt === null ? null : new Date(madeAt);
  if (at === null || Number.isNaN(at.getTime())) return 'a copy of its database';
  return `a backup of ${at.toISOString().slice(0, -8).replace('T', ' ')} UTC`;
}

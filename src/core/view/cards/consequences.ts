/**
 * What follows a decision, and what follows where no one decides: drawn on open cards and never stored. Pure. Tested in
 * test/core/view/cards/consequences.test.ts.
 */
import { NAME_MAX } from '../../approval/names.ts';
import { type Action, asksPerson } from '../../approval/pause/pause.ts';
import { policyEndOf } from '../../approval/steps/time/expiry.ts';
import type { Shown, Subject } from '../../approval/subject.ts';
import { maskText } from '../../mask/text.ts';
import { clip } from '../../text/clip.ts';
import { revealLine } from '../../text/visible/reveal.ts';
import type { Clause, Consequences, Line, Span } from '../card.ts';
import { canBeKept } from '../forms/take-over-form.ts';
import { labelOf } from '../labels.ts';
import { tidyLine } from '../line-text.ts';
import { clockTime } from '../moments.ts';
import { allowedActions } from './signing/rule-line.ts';

/** A label as it reads after "If". */
const participles: ReadonlyMap<string, string> = new Map([
  ['Approve', 'approved'],
  ['Reject', 'rejected'],
  ['Take over', 'taken over'],
  ['Answer', 'answered'],
  ['Decline', 'declined'],
  ['Accept', 'accepted'],
  ['Done', 'done'],
]);
const defaults: Record<Action, string> = { approve: 'approved', reject: 'rejected', take_over: 'taken over' };

/** `If approved, refund_order runs with these parameters.` `If nobody decides by 8:46 it is not carried out.` */
export function consequenceLines(approval: Shown, consequences: Consequences | undefined): Line[] {
  const { phase, pause } = approval;
  if (consequences === undefined || phase !== 'open' || !asksPerson(pause) || pause.actions.length === 0) return [];
  const decisions = allowedActions(approval).flatMap((action): Line[] => {
    const clause = consequences[action];
    return clause === undefined ? [] : [consequenceLine(participleOf(action, approval), clause)];
  });
  return [...decisions, ...silenceOf(approval, consequences.silence)];
}

/** @param condition what comes after "If" @param by its time, and what leads to it */
export function consequenceLine(condition: string, clause: Clause, by: Line = [', ']): Line {
  return tidyLine(['If ', { strong: condition }, ...by, ...clause, '.']);
}

function silenceOf(approval: Shown, silence: Clause | null): Line[] {
  const { pause, overdue, askedAt } = approval;
  // The line of times says what the policy does then.
  if (silence === null || policyEndOf(approval)?.end === 'reject') return [];
  const { deadline } = pause;
  const verb = pause.kind === 'await' && !pause.actions.includes('approve') ? 'answers' : 'decides';
  if (deadline === null) return [consequenceLine(`nobody ${verb}`, silence)];
  // The status line says already that the deadline has passed.
  if (overdue) return [];
  return [consequenceLine(`nobody ${verb}`, silence, [' by ', clockTime(deadline, askedAt), ' '])];
}

function participleOf(action: Action, { pause, claim }: Shown): string {
  if (action === 'take_over' && claim !== null && canBeKept(pause)) return 'marked as done';
  return participles.get(labelOf(action, pause)) ?? defaults[action];
}

/** The tool's name within a sentence of ours. */
export function toolCode({ tool }: Pick<Subject, 'tool'>): Span {
  return { code: clip(revealLine(maskText(tool).value), NAME_MAX) };
}

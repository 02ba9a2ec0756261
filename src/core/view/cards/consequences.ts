/**
 * What follows a decision, and what follows where no one decides: drawn on open cards and never stored. Pure. Tested in
 * test/core/view/cards/consequences.test.ts.
 */
import { NAME_MAX } from '../../approval/names.ts';
import { type Action, asksPerson } from '../../approval/pause/pause.ts';
import type { Shown, Subject } from '../../approval/subject.ts';
import { maskText } from '../../mask/text.ts';
import { clip } from '../../text/clip.ts';
import { revealLine } from '../../text/visible/reveal.ts';
import type { Clause, Consequences, Line, Span } from '../card.ts';
import { canBeKept } from '../forms/take-over-form.ts';
import { labelOf } from '../labels.ts';

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

/** A deadline so far from the question needs its date, ms. */
const DATED_MS = 12 * 60 * 60_000;

/** `If approved, refund_order runs with these parameters. If nobody decides by 8:46 it is not carried out.` Null: nothing. */
export function consequencesLine(approval: Shown, consequences: Consequences | undefined): Line | null {
  const { phase, pause } = approval;
  if (consequences === undefined || phase !== 'open' || !asksPerson(pause) || pause.actions.length === 0) return null;
  const decisions = pause.actions.flatMap((action): Line[] => {
    const clause = consequences[action];
    return clause === undefined ? [] : [[`If ${participleOf(action, approval)}, `, ...clause, '.']];
  });
  const sentences = [...decisions, ...silenceOf(approval, consequences.silence)];
  if (sentences.length === 0) return null;
  return merged(sentences.flatMap((sentence, index) => (index === 0 ? sentence : [' ', ...sentence])));
}

function silenceOf({ pause, overdue, askedAt }: Shown, silence: Clause | null): Line[] {
  if (silence === null) return [];
  const { deadline } = pause;
  const verb = pause.kind === 'await' && !pause.actions.includes('approve') ? 'answers' : 'decides';
  if (deadline === null) return [[`If nobody ${verb}, `, ...silence, '.']];
  // The status line says already that the deadline has passed.
  if (overdue) return [];
  const style = deadline - askedAt > DATED_MS ? 'exact' : 'time';
  return [[`If nobody ${verb} by `, { at: deadline, style }, ' ', ...silence, '.']];
}

function participleOf(action: Action, { pause, claim }: Shown): string {
  if (action === 'take_over' && claim !== null && canBeKept(pause)) return 'marked as done';
  return participles.get(labelOf(action, pause)) ?? defaults[action];
}

/** The tool's name within a sentence of ours. */
export function toolCode({ tool }: Pick<Subject, 'tool'>): Span {
  return { code: clip(revealLine(maskText(tool).value), NAME_MAX) };
}

/** Neighbouring texts are one span: platforms limit their number. */
function merged(line: Line): Line {
  const spans: Span[] = [];
  for (const span of line) {
    const last = spans.at(-1);
    if (typeof span === 'string' && typeof last === 'string') spans[spans.length - 1] = last + span;
    else spans.push(span);
  }
  return spans;
}

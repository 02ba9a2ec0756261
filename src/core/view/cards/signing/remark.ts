/** What people wrote to a decision. Pure. Tested in test/core/view/cards/signing/lines.test.ts. */
import { actorName, displayName } from '../../../approval/names.ts';
import type { Decision } from '../../../approval/parts/decision.ts';
import type { Action } from '../../../approval/pause/pause.ts';
import { isSignedBySeveral } from '../../../approval/signers.ts';
import type { Shown, Subject } from '../../../approval/subject.ts';
import { maskText } from '../../../mask/text.ts';
import { quoted } from '../../../text/visible/quoted.ts';
import type { Card } from '../../card.ts';
import { answerShown } from '../../forms/answer-form.ts';

const REMARK_MAX = 800;
/** Of one of several, characters. */
const EACH_MAX = 240;

type Written = Pick<Decision, 'action' | 'actor' | 'text'>;

/** Null where no one wrote anything. */
export function remarkOf(approval: Shown): Card['remark'] {
  const { decision, signatures, pause, phase } = approval;
  if (decision !== null && !isSignedBySeveral(approval))
    return decision.text === null ? null : only(decision, labelOf(decision.action, pause), pause);
  const written = signatures.filter(({ text }) => text !== null);
  const [first] = written;
  if (first === undefined) return null;
  // All of them signed the same words.
  if (decision !== null && decision.action === 'take_over') return only(decision, labelOf('take_over', pause), pause);
  const isAnswer = pause.kind === 'await' && written.every(({ action }) => action === 'take_over');
  if (isAnswer && isSameText(written)) return only(first, `Answer proposed by ${actorName(first.actor)}`, pause);
  if (written.length === 1) return only(first, `${labelOf(first.action, pause)} by ${actorName(first.actor)}`, pause);
  return {
    label: phase === 'open' && isAnswer ? 'Proposed answers' : 'Notes',
    text: eachWritten(written, pause, EACH_MAX),
  };
}

/** What each of several wrote, one on a line: nothing in it can look like the line of another. @param max characters */
export function eachWritten(written: readonly Written[], pause: Subject, max: number): string {
  return written
    .map((one) => `${actorName(one.actor)}: ${quoted(maskText(writtenText(one, pause)).value, max)}`)
    .join('\n');
}

/** An answer as its form has it, where it was one. */
export function writtenText({ action, text }: Pick<Written, 'action' | 'text'>, pause: Subject): string {
  return action === 'take_over' ? answerShown(pause, text ?? '') : (text ?? '');
}

function only(written: Written, label: string, pause: Subject): Card['remark'] {
  return { label, text: displayName(writtenText(written, pause), REMARK_MAX) };
}

function isSameText(written: readonly Written[]): boolean {
  return written.every(({ text }) => text === written[0]?.text);
}

function labelOf(action: Action, { kind }: Subject): string {
  if (kind === 'run') return 'Request';
  const takenOver = kind === 'await' ? 'Answer' : 'What they did';
  return { approve: 'Note', reject: 'Reason', take_over: takenOver }[action];
}

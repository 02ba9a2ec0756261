/** The form for the answer to an await. Pure. Tested in test/core/view/forms/answer-form.test.ts. */
import type { Subject } from '../../approval/subject.ts';
import { answerText } from '../../form/as-text.ts';
import { type AnswerForm, type Field, type Option, textForm } from '../../form/form.ts';
import { offeredIn } from '../../form/offered.ts';
import { WRITTEN_HINT } from '../../form/output.ts';
import { isNumber } from '../../text/json.ts';
import { thousands } from '../../text/numbers.ts';
import { quotedUnlessPlain } from '../../text/visible/quoted.ts';

const LABEL = 'Your answer';
/** Of the name of a parameter in a hint, characters. */
const NAME_MAX = 24;

/** By the question itself, by a list that is among its parameters, or else one text. */
export function answerFormOf(pause: Subject): AnswerForm {
  const { prompt } = pause;
  if (prompt?.form) return prompt.form;
  const offered = prompt === undefined ? offeredIn(pause) : null;
  if (offered === null) {
    const free = textForm({ label: LABEL, hint: prompt?.hint ?? WRITTEN_HINT, required: true });
    return { ...free, shape: 'output' };
  }
  const { name, options, masked } = offered;
  const hidden = masked === 0 ? '' : ` Not offered: ${thousands(masked)} with a masked text.`;
  const hint = `From ${quotedUnlessPlain(name, NAME_MAX)}; its value is sent, ${typeOf(options)}.${hidden}`;
  const other = { key: 'text', label: 'Something else', long: true, join: false, hint: WRITTEN_HINT };
  const about = { key: 'choice', path: [], label: LABEL, hint, required: true };
  const field: Field = { kind: 'choice', ...about, many: false, options, min: null, max: null, other, initial: [] };
  return { shape: 'output', fields: [field] };
}

/** The type of what is sent, which its digits do not show. */
function typeOf(options: readonly Option[]): string {
  if (options.every(({ value }) => typeof value === 'string')) return 'as text';
  if (options.every(({ value }) => isNumber(value))) return 'as a number';
  return 'as it is in the list';
}

/** An answer as it is read on cards: by the form that it was given in, where it has one. */
export function answerShown(pause: Subject, text: string): string {
  return (pause.kind === 'await' ? answerText(answerFormOf(pause), text) : null) ?? text;
}

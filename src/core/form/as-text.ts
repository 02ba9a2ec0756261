/**
 * Forms and answers as lines on a card: every choice is read before a form opens. Tested in
 * test/core/view/forms/answer-form.test.ts, test/core/form/form.test.ts and test/backends/runtype/pause/questions.test.ts.
 */
import { parseExact } from '../text/exact/parse.ts';
import { isNumber, isRecord, numberText } from '../text/json.ts';
import { type AnswerForm, type Field, type Option, type Scalar, scalarText } from './form.ts';

/** What a form asks for, a line a field and a line an option. Every text in it is fit to be shown already. */
export function formText({ fields }: Pick<AnswerForm, 'fields'>): string {
  return fields.map((field) => [heading(field), ...options(field)].join('\n')).join('\n');
}

function heading(field: Field): string {
  const optional = field.required ? '' : ' (optional)';
  return `• ${field.label}${optional}${field.hint === '' ? '' : `: ${field.hint}`}`;
}

function options(field: Field): string[] {
  if (field.kind !== 'choice') return [];
  return field.options.map(({ label, note }, index) => `   ${index + 1}. ${label}${note === '' ? '' : ` [${note}]`}`);
}

/** An answer to it, a line a field; null where the text is none. */
export function answerText({ fields, shape }: AnswerForm, text: string): string | null {
  if (shape === 'output') return optionText(fields[0], text);
  if (shape !== 'object') return null;
  let answer: unknown;
  try {
    answer = parseExact(text);
  } catch {
    return null;
  }
  const lines = fields.flatMap((field) => {
    const value = at(answer, field.path);
    return value === undefined ? [] : [`${field.label}: ${words(field, value)}`];
  });
  return lines.length === 0 ? null : lines.join('\n');
}

/** An option that was chosen, with what was sent for it. */
function optionText(field: Field | undefined, text: string): string | null {
  if (field?.kind !== 'choice') return null;
  const option = field.options.find(({ value }) => scalarText(value) === text);
  return option === undefined ? null : nameOf(option);
}

function nameOf({ label, note }: Option): string {
  return `${label}${note === '' ? '' : ` [${note}]`}`;
}

function at(answer: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (part, name) => (isRecord(part) && Object.hasOwn(part, name) ? part[name] : undefined),
    answer,
  );
}

function words(field: Field, value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => words(field, one)).join(', ');
  if (typeof value === 'boolean' && field.kind === 'yes_no') return value ? 'yes' : 'no';
  const option = field.kind === 'choice' ? field.options.find((one) => isSame(one.value, value)) : undefined;
  if (option !== undefined) return nameOf(option);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The answer has the number as its option spells it. */
function isSame(option: Scalar, value: unknown): boolean {
  return option === value || (isNumber(option) && isNumber(value) && numberText(option) === numberText(value));
}

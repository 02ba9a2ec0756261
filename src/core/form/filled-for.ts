/** The way back from an answer to its filled-in form. Tested in test/core/form/filled-for.test.ts. */
import { parseExact } from '../text/exact/parse.ts';
import { isNumber, isRecord, numberText, toJson } from '../text/json.ts';
import { checkForm } from './check.ts';
import { type AnswerForm, type Field, type Filled, nameOfOption, OWN_NAME, type Scalar, scalarText } from './form.ts';
import type { SentAs } from './output.ts';

/**
 * What a person would fill in to give this very answer: a second person signs it by sending the form as it opens.
 * @returns null where the form, filled in so, would give anything else
 */
export function filledFor(form: AnswerForm, text: string, sentAs?: SentAs): Filled | null {
  const filled = Object.assign({}, ...form.fields.map((field) => filledIn(field, valueIn(form, field, text))));
  const checked = checkForm(form, filled);
  return checked.ok && checked.text === text && checked.sentAs === sentAs ? filled : null;
}

/** Undefined: the answer has none for this field. */
function valueIn({ shape }: AnswerForm, { path }: Field, text: string): unknown {
  if (shape !== 'object') return text;
  try {
    return path.reduce<unknown>(
      (part, name) => (isRecord(part) && Object.hasOwn(part, name) ? part[name] : undefined),
      parseExact(text),
    );
  } catch {
    return undefined;
  }
}

function filledIn(field: Field, value: unknown): Filled {
  if (value === undefined) return {};
  if (field.kind === 'yes_no') return { [field.key]: [value === true ? 'yes' : 'no'] };
  if (field.kind !== 'choice') return { [field.key]: writtenFor(value) };
  const values = Array.isArray(value) ? value : [value];
  const names = values.flatMap((one) => {
    const index = field.options.findIndex((option) => scalarText(option.value) === scalarText(one as Scalar));
    const option = field.options[index];
    return option === undefined ? [] : [nameOfOption(option, index)];
  });
  if (names.length === values.length || field.other === null) return { [field.key]: names };
  return { [field.key]: [OWN_NAME], [field.other.key]: writtenFor(value) };
}

function writtenFor(value: unknown): string {
  if (typeof value === 'string') return value;
  return isNumber(value) ? numberText(value) : toJson(value);
}

/**
 * A form as Discord modals of up to five components, so a longer form has pages. Pure; within Discord’s limits for any
 * form. Tested in test/platforms/forms.test.ts.
 */
import {
  type Field,
  type FieldOf,
  type Filled,
  isWritten,
  keysOf,
  nameOfOption,
  otherHint,
  ownOption,
  writtenHint,
} from '../../../core/form/form.ts';
import { clip, clipOption } from '../../../core/text/clip.ts';
import { reveal } from '../../../core/text/visible/reveal.ts';
import { encodeButtonId } from '../../../core/view/button-id.ts';
import type { Form } from '../../../core/view/forms/decision-form.ts';
import { ANSWER_MAX, limits } from '../api/size-limits.ts';
import { bold, codeBlock, escapeMarkdown, fit } from './markdown.ts';
import type { Json } from './message.ts';

const componentType = Object.freeze({ select: 3, input: 4, text: 10, label: 18 });
const style = Object.freeze({ line: 1, paragraph: 2 });

/** The JSON of a modal with one page of the form. @param wanted page, from 0; beyond the last is the last */
export function renderPage(form: Form, wanted: number): Json {
  const pages = pagesOf(form);
  const at = Math.min(Math.max(wanted, 0), pages.length - 1);
  const fields = pages[at] ?? [];
  const inputs = fields.flatMap((field) => renderField(field, form.filled));
  const content = inputs.length < limits.modalComponents ? textAbove(form, fields, at) : '';
  const text = content.trim() === '' ? [] : [{ type: componentType.text, content }];
  const title = pages.length > 1 ? ` (${at + 1} of ${pages.length})` : '';
  return {
    custom_id: encodeButtonId({ ...form.buttonId, page: { at, of: pages.length } }),
    title: `${clip(form.title === '' ? 'Countersign' : form.title, limits.modalTitle - title.length)}${title}`,
    components: [...text, ...inputs],
  };
}

/** The page with this field, from 0. */
export function pageWith(form: Form, key: string): number {
  const at = pagesOf(form).findIndex((fields) => fields.some((field) => field.key === key));
  return Math.max(at, 0);
}

export function pageCount(form: Form): number {
  return pagesOf(form).length;
}

/**
 * A page has five inputs, or four and a text: on the first one what is asked, on any the long labels and hints. Every call
 * gives the same pages.
 */
function pagesOf(form: Form): Field[][] {
  const pages: Field[][] = [[]];
  let hasText = textAbove(form, [], 0).trim() !== '';
  let taken = hasText ? 1 : 0;
  for (const field of form.fields) {
    const needsText = !fitsInput(field);
    const inputs = keysOf(field).length;
    const size = inputs + (needsText && !hasText ? 1 : 0);
    if (taken + size > limits.modalComponents) {
      pages.push([]);
      hasText = needsText;
      taken = inputs + (needsText ? 1 : 0);
    } else {
      hasText ||= needsText;
      taken += size;
    }
    pages.at(-1)?.push(field);
  }
  return pages;
}

function fitsInput({ label, hint }: Field): boolean {
  return label.length <= limits.label && hint.length <= limits.labelDescription;
}

/** What the form is about, and the labels and hints that do not fit at their inputs. */
function textAbove({ about, context = [] }: Form, fields: readonly Field[], at: number): string {
  const asked = (at === 0 ? context : []).map(({ label, text }) => `${bold(label)}\n${codeBlock(text)}`).join('\n');
  const long = fields.filter((field) => !fitsInput(field));
  const lines = [
    ...(at === 0 ? [reveal(about)] : []),
    ...long.map(({ label, hint }) => `• ${label}${hint === '' ? '' : `: ${hint}`}`),
  ];
  const room = limits.textDisplay - (asked === '' ? 0 : asked.length + 1);
  const above = fit(lines.filter((line) => line.trim() !== '').join('\n'), room, escapeMarkdown);
  return [above, asked].filter((part) => part !== '').join('\n');
}

function renderField(field: Field, filled: Filled): Json[] {
  const given = filled[field.key];
  if (field.kind !== 'choice') return [labelled(field.label, field.hint, inputOf(field, given))];
  const chosen = labelled(field.label, field.hint, choice(field, given));
  if (field.other === null) return [chosen];
  const { key, label, long } = field.other;
  if (isWritten(field, limits.selectOptions) && !field.many) {
    const input = textInput(key, filled[key], { long, required: field.required, hint: '' });
    return [labelled(field.label, writtenHint(field), input)];
  }
  const other = textInput(key, filled[key], { long, required: false, hint: '' });
  return [chosen, labelled(label, otherHint(field, field.label), other)];
}

function labelled(label: string, hint: string, component: Json): Json {
  const description = clip(hint, limits.labelDescription);
  return {
    type: componentType.label,
    label: clip(label.trim() === '' ? 'Answer' : label, limits.label),
    ...(description.trim() === '' ? {} : { description }),
    component,
  };
}

function inputOf(field: Exclude<Field, { kind: 'choice' }>, given: Filled[string] | undefined): Json {
  const { key, required } = field;
  switch (field.kind) {
    case 'text':
      return textInput(key, given, { long: field.long, required, hint: '', max: field.max });
    case 'json':
      return textInput(key, given, { long: true, required, hint: '' });
    case 'number':
      return textInput(key, given, { long: false, required, hint: field.integer ? 'A whole number' : 'A number' });
    case 'date':
      return textInput(key, given, { long: false, required, hint: 'Like 2026-09-02' });
    case 'moment':
      return textInput(key, given, {
        long: false,
        required,
        hint: 'Like 2026-09-02 14:30 (UTC), or 2026-09-02 14:30+02:00',
      });
    case 'yes_no': {
      const options = [
        { label: 'Yes', value: 'yes' },
        { label: 'No', value: 'no' },
      ];
      return select(key, required, options, given, 1, 1);
    }
  }
}

function choice(field: FieldOf<'choice'>, given: Filled[string] | undefined): Json {
  const { key, required, options, many, min, max } = field;
  if (isWritten(field, limits.selectOptions)) {
    const hint = many
      ? 'One or more options as listed on the card, each on its own line'
      : 'One option as listed on the card';
    return textInput(key, given, { long: many, required, hint });
  }
  const rendered = options.map((option, index) => ({
    label: clipOption(option.label, index, limits.optionLabel),
    value: nameOfOption(option, index),
    ...(option.note === '' ? {} : { description: clipOption(option.note, index, limits.optionLabel) }),
  }));
  const own = ownOption(field);
  if (own !== null) rendered.push({ label: own.label, value: own.name });
  const least = many && own === null ? Math.min(Math.max(min ?? 1, 1), options.length) : 1;
  const most = many ? Math.min(Math.max(max ?? options.length, least), options.length) + (own === null ? 0 : 1) : 1;
  return select(key, required, rendered, given, Math.min(least, most), most);
}

function select(
  key: string,
  required: boolean,
  options: readonly { label: string; value: string }[],
  given: Filled[string] | undefined,
  least: number,
  most: number,
): Json {
  const names = given === undefined || typeof given === 'string' ? [] : given.slice(0, most);
  return {
    type: componentType.select,
    custom_id: key,
    required,
    // An optional menu may be left empty.
    min_values: required ? least : 0,
    max_values: most,
    options: options.map((option) => (names.includes(option.value) ? { ...option, default: true } : option)),
  };
}

function textInput(
  key: string,
  given: Filled[string] | undefined,
  { long, required, hint, max = null }: { long: boolean; required: boolean; hint: string; max?: number | null },
): Json {
  const maxLength = Math.min(max === null || max < 1 ? ANSWER_MAX : max, ANSWER_MAX);
  const value = typeof given === 'string' ? given : '';
  return {
    type: componentType.input,
    custom_id: key,
    style: long ? style.paragraph : style.line,
    required,
    max_length: maxLength,
    ...(hint === '' ? {} : { placeholder: clip(hint, limits.placeholder) }),
    ...(value === '' || value.length > maxLength ? {} : { value }),
  };
}

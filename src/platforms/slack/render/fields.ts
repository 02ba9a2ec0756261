/**
 * A form’s fields as inputs of a modal, and the values of submitted inputs. Pure; within Slack’s limits for any form.
 * Tested in test/platforms/forms.test.ts.
 */
import type { types } from '@slack/bolt';
import { z } from 'zod';
import { isDate, momentOf } from '../../../core/form/dates.ts';
import {
  type Field,
  type FieldOf,
  type Filled,
  isWritten,
  nameOfOption,
  otherHint,
  ownOption,
  writtenHint,
} from '../../../core/form/form.ts';
import { clip, clipOption } from '../../../core/text/clip.ts';
import { isNumberText } from '../../../core/text/exact/parse.ts';
import { numberText, type RawNumber } from '../../../core/text/json.ts';
import { limits } from '../api/size-limits.ts';
import { plainText } from './blocks.ts';

/** An input has the same id as its block, because Slack shows errors by block. */
export function renderField(field: Field, filled: Filled): types.InputBlock[] {
  const rendered = inputBlock(field.key, field, elementOf(field, filled[field.key]));
  if (field.kind !== 'choice' || field.other === null) return [rendered];
  const { key, label, long } = field.other;
  const other = textInput(key, textOf(filled[key]), long, null);
  if (isWritten(field, limits.menuOptions) && !field.many)
    return [inputBlock(key, { ...field, hint: writtenHint(field) }, other)];
  return [rendered, inputBlock(key, { label, hint: otherHint(field), required: false }, other)];
}

function optionsOf(field: FieldOf<'choice'>): types.PlainTextOption[] {
  const own = ownOption(field);
  return [
    ...field.options.map((one, index) => option(one.label, one.note, nameOfOption(one, index), index)),
    ...(own === null ? [] : [option(own.label, '', own.name)]),
  ];
}

type FieldLabel = Pick<Field, 'label' | 'hint' | 'required'>;

function inputBlock(
  key: string,
  { label, hint, required }: FieldLabel,
  element: types.InputBlock['element'],
): types.InputBlock {
  return {
    type: 'input',
    block_id: key,
    optional: !required,
    label: plainText(clip(label === '' ? 'Answer' : label, limits.inputLabel)),
    ...(hint === '' ? {} : { hint: plainText(clip(hint, limits.inputHint)) }),
    element,
  };
}

function elementOf(field: Field, given: Filled[string] | undefined): types.InputBlock['element'] {
  const { key: action_id } = field;
  const text = textOf(given);
  switch (field.kind) {
    case 'text':
      return textInput(action_id, text, field.long, field.max);
    case 'json':
      return textInput(action_id, text, true, null);
    case 'number':
      // Slack’s own input holds no more digits than a double, and no exponent.
      if (isNumberText(text) && !isNumeral(text)) return textInput(action_id, text, false, null);
      return {
        type: 'number_input',
        action_id,
        is_decimal_allowed: !field.integer,
        ...(isNumeral(text) ? { initial_value: text } : {}),
        ...bound('min_value', field.min),
        ...bound('max_value', field.max),
      };
    case 'yes_no':
      return menu(action_id, field.required, [option('Yes', '', 'yes'), option('No', '', 'no')], namesOf(given));
    case 'choice':
      return choice(field, given);
    case 'date':
      return { type: 'datepicker', action_id, ...(isDate(text) ? { initial_date: text } : {}) };
    case 'moment': {
      const at = momentOf(text);
      // Slack’s picker starts in 2001.
      const seconds = at === null ? 0 : Math.floor(at / 1000);
      const fits = seconds >= limits.firstMoment && seconds <= limits.lastMoment;
      return { type: 'datetimepicker', action_id, ...(fits ? { initial_date_time: seconds } : {}) };
    }
  }
}

function textInput(action_id: string, text: string, long: boolean, max: number | null): types.PlainTextInput {
  const maxLength = Math.min(max === null || max < 1 ? limits.inputText : max, limits.inputText);
  return {
    type: 'plain_text_input',
    action_id,
    multiline: long,
    max_length: maxLength,
    ...(text === '' || text.length > maxLength ? {} : { initial_value: text }),
  };
}

function choice(field: FieldOf<'choice'>, given: Filled[string] | undefined): types.InputBlock['element'] {
  const { key: action_id, many, required, other, max } = field;
  // Several are typed one per line.
  if (isWritten(field, limits.menuOptions)) return textInput(action_id, textOf(given), many, null);
  const rendered = optionsOf(field);
  if (!many) return menu(action_id, required && other === null, rendered, namesOf(given));
  const chosen = rendered.filter(({ value }) => namesOf(given).includes(value ?? ''));
  const initial = chosen.length === 0 ? {} : { initial_options: chosen };
  if (rendered.length <= limits.buttonOptions) return { type: 'checkboxes', action_id, options: rendered, ...initial };
  // The option for what is written beside it is not one of them.
  const most = max === null || ownOption(field) === null ? max : max + 1;
  const limit = most === null || most < 1 || chosen.length > most ? {} : { max_selected_items: most };
  return { type: 'multi_static_select', action_id, options: rendered, ...initial, ...limit };
}

/** Radio buttons can’t be cleared, so they are only for a required choice. */
function menu(
  action_id: string,
  required: boolean,
  options: types.PlainTextOption[],
  names: readonly string[],
): types.RadioButtons | types.StaticSelect {
  const initial = options.find(({ value }) => names.includes(value ?? ''));
  const common = { action_id, options, ...(initial === undefined ? {} : { initial_option: initial }) };
  return required && options.length <= limits.buttonOptions
    ? { type: 'radio_buttons', ...common }
    : { type: 'static_select', ...common };
}

function option(label: string, note: string, value: string, index = 0): types.PlainTextOption {
  const text = plainText(clipOption(label, index, limits.optionText));
  const description = note === '' ? {} : { description: plainText(clipOption(note, index, limits.optionText)) };
  return { text, value, ...description };
}

function bound(
  name: 'min_value' | 'max_value',
  value: number | RawNumber | null,
): Partial<Record<typeof name, string>> {
  const text = value === null ? '' : numberText(value);
  return isNumeral(text) ? { [name]: text } : {};
}

/** The format of Slack’s numbers: no exponent. */
function isNumeral(text: string): boolean {
  return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text);
}

function textOf(given: Filled[string] | undefined): string {
  return typeof given === 'string' ? given : '';
}

function namesOf(given: Filled[string] | undefined): readonly string[] {
  return given === undefined || typeof given === 'string' ? [] : given;
}

const chosenSchema = z.object({ value: z.string() });
const stateSchema = z.object({
  type: z.string().optional(),
  value: z.string().nullish(),
  selected_option: chosenSchema.nullish(),
  selected_options: z.array(chosenSchema).nullish(),
  selected_date: z.string().nullish(),
  selected_date_time: z.number().nullish(),
});

/** The values of a view’s inputs by key. Inputs that are not ours are ignored. */
export function readFields(values: Record<string, Record<string, unknown>>): Filled {
  const entries = Object.entries(values).flatMap(([key, actions]): [string, string | string[]][] => {
    const state = stateSchema.safeParse(Object.hasOwn(actions, key) ? actions[key] : undefined);
    return state.success ? [[key, readState(state.data)]] : [];
  });
  return Object.fromEntries(entries);
}

function readState(state: z.infer<typeof stateSchema>): string | string[] {
  const { value, selected_option: one, selected_options: several, selected_date: date, selected_date_time: at } = state;
  if (several) return several.map((chosen) => chosen.value);
  if (one) return [one.value];
  if (typeof at === 'number' && Math.abs(at) <= limits.lastMoment) return new Date(at * 1000).toISOString();
  return date ?? value ?? '';
}

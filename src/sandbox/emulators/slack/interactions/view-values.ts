import { countCharacters, isObject } from '../checks/block-kit/rules.ts';
import { interactiveElements } from '../checks/blocks.ts';
import type { Json } from '../types.ts';

/** Block id → action id → the input: several choices are separated by commas, a time is in seconds since 1970. */
export type Typed = Record<string, Record<string, string>>;

interface Field {
  blockId: string;
  actionId: string;
  block: Json;
  element: Json;
}

/** The keys of an element's value in the payload and of its initial value in the block. */
const SINGLE: Record<string, [value: string, initial: string]> = {
  plain_text_input: ['value', 'initial_value'],
  email_text_input: ['value', 'initial_value'],
  url_text_input: ['value', 'initial_value'],
  number_input: ['value', 'initial_value'],
  users_select: ['selected_user', 'initial_user'],
  conversations_select: ['selected_conversation', 'initial_conversation'],
  channels_select: ['selected_channel', 'initial_channel'],
  datepicker: ['selected_date', 'initial_date'],
  timepicker: ['selected_time', 'initial_time'],
};

const ONE_OPTION = ['static_select', 'radio_buttons', 'external_select'];
const MANY_OPTIONS = ['checkboxes', 'multi_static_select', 'multi_external_select'];

/** `state.values` of a message or view whose blocks went through `fillIds`. @throws Error for an unknown choice */
export function stateValues(blocks: Json[], typed: Typed): Record<string, Record<string, Json>> {
  const values: Record<string, Record<string, Json>> = {};
  for (const field of fieldsOf(blocks)) {
    const value = fieldValue(field, typed[field.blockId]?.[field.actionId]);
    values[field.blockId] = { ...values[field.blockId], [field.actionId]: value };
  }
  return values;
}

/**
 * Checks a form as Slack's client does before it submits it.
 * @throws Error that names the field that is missing, too short, too long or unknown
 */
export function checkFilled(blocks: Json[], typed: Typed): void {
  const fields = fieldsOf(blocks);
  for (const [blockId, actions] of Object.entries(typed)) {
    for (const actionId of Object.keys(actions)) {
      if (fields.some((field) => field.blockId === blockId && field.actionId === actionId)) continue;
      const known = fields.map((field) => `${field.blockId}/${field.actionId}`).join(', ') || 'none';
      throw new Error(`The view has no field ${blockId}/${actionId} (known: ${known}).`);
    }
  }
  for (const field of fields.filter(({ block }) => block['type'] === 'input')) {
    checkField(field, fieldValue(field, typed[field.blockId]?.[field.actionId]));
  }
}

function checkField({ block, element, blockId }: Field, value: Json): void {
  const label = isObject(block['label']) ? String(block['label']['text']) : blockId;
  const filled = Object.entries(value).find(([key]) => key !== 'type')?.[1];
  const empty =
    filled === null || filled === undefined || filled === '' || (Array.isArray(filled) && filled.length === 0);
  if (empty) {
    if (block['optional'] === true) return;
    throw new Error(`The field "${label}" is required.`);
  }
  if (Array.isArray(filled) && filled.length > Number(element['max_selected_items'] ?? Number.POSITIVE_INFINITY)) {
    throw new Error(`The field "${label}" takes at most ${element['max_selected_items']} choices.`);
  }
  if (typeof filled !== 'string') return;
  if (element['type'] === 'number_input') {
    checkNumber(element, label, filled);
    return;
  }
  const length = countCharacters(filled);
  const { min_length: min, max_length: max } = element;
  if (typeof min === 'number' && length < min)
    throw new Error(`The field "${label}" takes at least ${min} characters.`);
  if (typeof max === 'number' && length > max) throw new Error(`The field "${label}" takes at most ${max} characters.`);
}

function checkNumber(element: Json, label: string, filled: string): void {
  const value = Number(filled);
  const whole = element['is_decimal_allowed'] !== true;
  if (filled.trim() === '' || !Number.isFinite(value) || (whole && !Number.isInteger(value))) {
    throw new Error(`The field "${label}" takes a ${whole ? 'whole ' : ''}number.`);
  }
  const { min_value: min, max_value: max } = element;
  if (typeof min === 'string' && value < Number(min)) throw new Error(`The field "${label}" takes ${min} or more.`);
  if (typeof max === 'string' && value > Number(max)) throw new Error(`The field "${label}" takes ${max} or less.`);
}

/** Every element with a value, in order. Buttons and overflow menus have none. */
function fieldsOf(blocks: Json[]): Field[] {
  return blocks.flatMap((block) =>
    interactiveElements(block)
      .filter(({ element }) => !['button', 'overflow'].includes(String(element['type'])))
      .map(({ element }) => ({
        blockId: String(block['block_id']),
        actionId: String(element['action_id']),
        block,
        element,
      })),
  );
}

function fieldValue({ element, blockId, actionId }: Field, typed: string | undefined): Json {
  const type = String(element['type']);
  const single = SINGLE[type];
  if (single) {
    const [key, initial] = single;
    return { type, [key]: typed === undefined ? (element[initial] ?? null) : typed || null };
  }
  const pick = (value: string) => optionOf(element, value, `${blockId}/${actionId}`);
  if (ONE_OPTION.includes(type)) {
    return { type, selected_option: typed ? pick(typed) : typed === '' ? null : (element['initial_option'] ?? null) };
  }
  if (type === 'datetimepicker') {
    const chosen = typed === undefined ? (element['initial_date_time'] ?? null) : typed === '' ? null : Number(typed);
    if (Number.isNaN(chosen)) throw new Error(`The field ${blockId}/${actionId} takes seconds since 1970.`);
    return { type, selected_date_time: chosen };
  }
  if (MANY_OPTIONS.includes(type)) {
    const initial = element['initial_options'] ?? [];
    return { type, selected_options: typed === undefined ? initial : typed.split(',').filter(Boolean).map(pick) };
  }
  return { type, value: typed ?? null };
}

function optionOf(element: Json, value: string, field: string): Json {
  const groups = Array.isArray(element['option_groups']) ? element['option_groups'].filter(isObject) : [];
  const options = [element, ...groups].flatMap(({ options: some }) =>
    Array.isArray(some) ? some.filter(isObject) : [],
  );
  const option = options.find((one) => one['value'] === value);
  if (!option) throw new Error(`The field ${field} has no option "${value}".`);
  return option;
}

import type { FormError } from '../rest/refusal.ts';
import type { Json } from '../types.ts';
import { asNumber, isJson, jsonList } from '../wire/json.ts';

/** `type` of a message's and a modal's components. */
export const ComponentType = {
  row: 1,
  button: 2,
  stringSelect: 3,
  textInput: 4,
  mentionableSelect: 7,
  channelSelect: 8,
  textDisplay: 10,
  label: 18,
} as const;

const LINK_STYLE = 5;
const PREMIUM_STYLE = 6;

export interface PlacedComponent {
  path: PropertyKey[];
  component: Json;
}

/** Every component in document order, including those nested in rows, sections, containers and labels. */
export function allComponents(list: unknown, path: PropertyKey[] = ['components']): PlacedComponent[] {
  return jsonList(list).flatMap((component, index) => {
    const here = [...path, index];
    const inner = ['accessory', 'component'].flatMap((key) => {
      const only = component[key];
      if (!isJson(only)) return [];
      return [{ path: [...here, key], component: only }];
    });
    return [{ path: here, component }, ...allComponents(component['components'], [...here, 'components']), ...inner];
  });
}

/** The components as Discord returns them: each has an `id`, by default its position in the message. */
export function numberComponents(list: readonly Json[]): Json[] {
  const copy = structuredClone([...list]);
  for (const [index, { component }] of allComponents(copy).entries()) component['id'] ??= index + 1;
  return copy;
}

export function findByCustomId(list: readonly Json[], customId: string): Json | undefined {
  return allComponents(list).find(({ component }) => component['custom_id'] === customId)?.component;
}

/** Discord's rules for a message's components that its published schema does not contain. */
export function checkComponents(list: unknown): FormError[] {
  const all = allComponents(list);
  return [
    ...duplicateCustomIds(all),
    ...all.flatMap(checkButton),
    ...all.flatMap(checkSelect),
    ...all.flatMap(checkRow),
  ];
}

export function duplicateCustomIds(all: readonly PlacedComponent[]): FormError[] {
  const seen = new Set<unknown>();
  return all.flatMap(({ path, component }) => {
    const id = component['custom_id'];
    if (id === undefined || id === null) return [];
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    const message = 'Component custom id cannot be duplicated';
    return [{ path: [...path, 'custom_id'], code: 'COMPONENT_CUSTOM_ID_DUPLICATED', message }];
  });
}

function checkButton({ path, component }: PlacedComponent): FormError[] {
  if (component['type'] !== ComponentType.button) return [];
  const style = asNumber(component['style']);
  if (style === PREMIUM_STYLE) return [];
  const errors: FormError[] = [];
  const url = component['url'];
  const customId = component['custom_id'];
  const present = (value: unknown) => value !== undefined && value !== null;
  if (present(url) && present(customId)) {
    const message = 'A custom id and url cannot both be specified';
    errors.push({ path, code: 'BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE', message });
  } else if (style === LINK_STYLE && !present(url)) {
    errors.push({ path, code: 'BUTTON_COMPONENT_URL_REQUIRED', message: 'A url is required' });
  } else if (style !== LINK_STYLE && !present(customId)) {
    errors.push({ path, code: 'BUTTON_COMPONENT_CUSTOM_ID_REQUIRED', message: 'A custom id is required' });
  }
  if (!String(component['label'] ?? '').trim() && !isJson(component['emoji'])) {
    errors.push({ path: [...path, 'label'], code: 'BASE_TYPE_REQUIRED', message: 'This field is required' });
  }
  return [...errors, ...checkUrl(url, [...path, 'url']), ...checkEmoji(component['emoji'], [...path, 'emoji'])];
}

function checkEmoji(emoji: unknown, path: PropertyKey[]): FormError[] {
  if (!isJson(emoji) || emoji['id']) return [];
  if (/\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u.test(String(emoji['name'] ?? ''))) return [];
  return [{ path: [...path, 'name'], code: 'BUTTON_COMPONENT_INVALID_EMOJI', message: 'Invalid emoji' }];
}

export function checkUrl(url: unknown, path: PropertyKey[]): FormError[] {
  if (typeof url !== 'string' || !URL.canParse(url)) return [];
  const scheme = new URL(url).protocol.slice(0, -1);
  if (['http', 'https', 'discord', 'attachment'].includes(scheme)) return [];
  const message = `Scheme "${scheme}" is not supported. Scheme must be one of ('http', 'https', 'discord').`;
  return [{ path, code: 'URL_TYPE_INVALID_SCHEME', message }];
}

export function checkSelect({ path, component }: PlacedComponent): FormError[] {
  if (component['type'] !== ComponentType.stringSelect) return [];
  const seen = new Set<unknown>();
  const options = jsonList(component['options']);
  return [
    ...checkAmounts(component, options, path),
    ...options.flatMap((option, index) => {
      const repeated = seen.has(option['value']);
      seen.add(option['value']);
      if (!repeated) return [];
      const message = 'The specified option value is already used';
      return [{ path: [...path, 'options', index], code: 'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED', message }];
    }),
  ];
}

/** A menu needs at least `max_values` options and preselects at most that many. */
function checkAmounts(component: Json, options: readonly Json[], path: PropertyKey[]): FormError[] {
  const wrong = (key: string, message: string) => ({ path: [...path, key], code: 'BASE_TYPE_BAD_LENGTH', message });
  const max = component['max_values'] === undefined ? 1 : asNumber(component['max_values']);
  const min = component['min_values'] === undefined ? 1 : asNumber(component['min_values']);
  const preset = options.filter((option) => option['default'] === true).length;
  return [
    ...(max > options.length ? [wrong('max_values', `Must be between 1 and ${options.length} in length.`)] : []),
    ...(min > max ? [wrong('min_values', `Must be ${max} or fewer in length.`)] : []),
    ...(preset > max ? [wrong('options', `Must be ${max} or fewer in length.`)] : []),
  ];
}

/** A select menu takes the whole row. */
function checkRow({ path, component }: PlacedComponent): FormError[] {
  const inner = jsonList(component['components']);
  if (component['type'] !== ComponentType.row || inner.length < 2) return [];
  const wide = inner.findIndex((child) => child['type'] !== ComponentType.button);
  if (wide < 0) return [];
  const message = 'The specified component exceeds the maximum width';
  return [{ path: [...path, 'components', wide], code: 'COMPONENT_LAYOUT_WIDTH_EXCEEDED', message }];
}

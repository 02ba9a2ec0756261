import { allComponents, ComponentType } from '../checks/components.ts';
import type { Json } from '../types.ts';
import { asNumber, asText, isJson, jsonList } from '../wire/json.ts';

/**
 * Fills in a modal as a person does and returns what Discord sends: the bot's layout with values.
 * @throws Error if Discord's client would not send it: an unknown field, an empty required field, a text that is too
 * short or too long, or a choice that is not offered.
 */
export function fillModal(data: Json, values: Record<string, string>): Json {
  const fields = allComponents(data['components']).filter(({ component }) => 'custom_id' in component);
  const known = fields.map(({ component }) => asText(component['custom_id']));
  for (const key of Object.keys(values)) {
    if (!known.includes(key)) throw new Error(`The modal has no field "${key}", only ${known.join(', ')}`);
  }
  const components = jsonList(data['components']).map((component) => mirror(component, values));
  const sent: Json = { custom_id: data['custom_id'], components };
  let id = 0;
  for (const { component } of allComponents(components)) {
    id += 1;
    component['id'] ??= id;
  }
  return sent;
}

function mirror(component: Json, values: Record<string, string>): Json {
  const shape = { type: component['type'], ...('id' in component ? { id: component['id'] } : {}) };
  if (component['type'] === ComponentType.row) {
    return { ...shape, components: jsonList(component['components']).map((one) => mirror(one, values)) };
  }
  if (component['type'] === ComponentType.label && isJson(component['component'])) {
    return { ...shape, component: mirror(component['component'], values) };
  }
  if (!('custom_id' in component)) return shape;
  const name = asText(component['custom_id']);
  if (component['type'] === ComponentType.textInput) {
    return { ...shape, custom_id: name, value: typed(component, name, values[name] ?? asText(component['value'])) };
  }
  return { ...shape, custom_id: name, values: chosen(component, name, values[name]) };
}

function typed(input: Json, name: string, text: string): string {
  const required = input['required'] !== false;
  if (text === '' && !required) return text;
  if (text === '') throw new Error(`The field "${name}" must be filled in`);
  const min = asNumber(input['min_length']);
  const max = input['max_length'] === undefined ? 4000 : asNumber(input['max_length']);
  if (text.length < min) throw new Error(`The field "${name}" takes at least ${min} characters, not ${text.length}`);
  if (text.length > max) throw new Error(`The field "${name}" takes at most ${max} characters, not ${text.length}`);
  return text;
}

/** Several choices are separated by commas; without a choice the bot's defaults apply. */
function chosen(select: Json, name: string, given: string | undefined): string[] {
  const options = jsonList(select['options']);
  const max = select['max_values'] === undefined ? 1 : asNumber(select['max_values']);
  const preset = options.filter((option) => option['default'] === true).map((option) => asText(option['value']));
  const values =
    given === undefined ? preset : max > 1 ? given.split(',').filter(Boolean) : given === '' ? [] : [given];
  if (values.length === 0) {
    if (select['required'] === false) return [];
    throw new Error(`The field "${name}" needs a choice`);
  }
  const offered = options.map((option) => option['value']);
  const strange = values.find((value) => select['type'] === ComponentType.stringSelect && !offered.includes(value));
  if (strange !== undefined) throw new Error(`"${name}" does not offer "${strange}"`);
  const min = select['min_values'] === undefined ? 1 : asNumber(select['min_values']);
  if (values.length < min || values.length > max) {
    throw new Error(`"${name}" takes ${min} to ${max} choices, not ${values.length}`);
  }
  return values;
}

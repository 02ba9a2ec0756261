import type { FormError } from '../rest/refusal.ts';
import type { Json } from '../types.ts';
import { asNumber, asText, isJson, jsonList } from '../wire/json.ts';
import { allComponents, ComponentType, checkSelect, duplicateCustomIds, type PlacedComponent } from './components.ts';

const MAX_COMPONENTS = 5;

/** Discord's rules for a modal that its published schema does not contain. */
export function checkModal(data: Json): FormError[] {
  const top = jsonList(data['components']);
  const all = allComponents(top);
  const tooMany: FormError[] =
    top.length > MAX_COMPONENTS
      ? [
          {
            path: ['components'],
            code: 'BASE_TYPE_BAD_LENGTH',
            message: `Must be between 1 and ${MAX_COMPONENTS} in length.`,
          },
        ]
      : [];
  return [
    ...tooMany,
    ...duplicateCustomIds(all),
    ...all.flatMap(checkSelect),
    ...all.flatMap(checkRow),
    ...all.flatMap(checkInput),
  ];
}

/** In a row, a text input is alone and has its own label; inside a label component it must not have one. */
function checkRow({ path, component }: PlacedComponent): FormError[] {
  const required = { code: 'BASE_TYPE_REQUIRED', message: 'This field is required' };
  if (component['type'] === ComponentType.row) {
    const inner = jsonList(component['components']);
    const unlabelled = inner.flatMap((input, index) =>
      asText(input['label']).trim() ? [] : [{ path: [...path, 'components', index, 'label'], ...required }],
    );
    if (inner.length < 2) return unlabelled;
    const message = 'The specified component exceeds the maximum width';
    return [...unlabelled, { path: [...path, 'components', 1], code: 'COMPONENT_LAYOUT_WIDTH_EXCEEDED', message }];
  }
  if (component['type'] === ComponentType.label && isJson(component['component']) && component['component']['label']) {
    const message = 'A text input inside a label has no label of its own';
    return [{ path: [...path, 'component', 'label'], code: 'BASE_TYPE_INVALID', message }];
  }
  return [];
}

function checkInput({ path, component }: PlacedComponent): FormError[] {
  if (component['type'] !== ComponentType.textInput) return [];
  const errors: FormError[] = [];
  const max = component['max_length'] === undefined ? Number.POSITIVE_INFINITY : asNumber(component['max_length']);
  if (asNumber(component['min_length']) > max) {
    const message = `int value should be less than or equal to ${max}.`;
    errors.push({ path: [...path, 'min_length'], code: 'NUMBER_TYPE_MAX', message });
  }
  if (asText(component['value']).length > max) {
    errors.push({
      path: [...path, 'value'],
      code: 'BASE_TYPE_MAX_LENGTH',
      message: `Must be ${max} or fewer in length.`,
    });
  }
  return errors;
}

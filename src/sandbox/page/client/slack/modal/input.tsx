import { list, num, obj, str } from '../../lib/json.ts';
import type { Json } from '../../lib/protocol.ts';
import { SlackText } from '../text.tsx';
import { Control } from './control.tsx';

/** Identifies a field across updates of its view. */
export function inputKey(block: Json): string {
  return `${str(block['block_id'])}/${str(obj(block['element'])['action_id'])}`;
}

export function initialValue(block: Json): string {
  const element = obj(block['element']);
  const one =
    str(element['initial_value']) || str(obj(element['initial_option'])['value']) || str(element['initial_date']);
  const at = num(element['initial_date_time']);
  const several = list(element['initial_options']).map((option) => str(option['value']));
  return one || (at === null ? several.join(',') : String(at));
}

/** Slack's client-side validation error; null if there is none. */
export function problemWith(block: Json, value: string): string | null {
  if (value === '') return block['optional'] === true ? null : 'Please complete this required field.';
  const element = obj(block['element']);
  if (element['type'] !== 'number_input') return null;
  if (element['is_decimal_allowed'] !== true && !/^-?\d+$/.test(value)) return 'Please enter a whole number.';
  const { min_value: min, max_value: max } = element;
  if (str(min) !== '' && Number(value) < Number(min)) return `Please enter ${str(min)} or more.`;
  return str(max) !== '' && Number(value) > Number(max) ? `Please enter ${str(max)} or less.` : null;
}

interface SlackInputProps {
  block: Json;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

/** A field of a modal: label, control, error and hint. */
export function SlackInput({ block, value, error, onChange }: SlackInputProps) {
  const id = `s-${inputKey(block)}`;
  const invalid = error !== undefined;
  return (
    <div className="s-field" data-block-id={str(block['block_id'])}>
      <label htmlFor={id}>
        <SlackText text={block['label']} />
        {block['optional'] === true && <span className="s-optional"> (optional)</span>}
      </label>
      <Control element={obj(block['element'])} id={id} value={value} invalid={invalid} onChange={onChange} />
      {invalid && (
        <p className="s-field-error" role="alert" id={`${id}-error`}>
          {error}
        </p>
      )}
      {block['hint'] !== undefined && (
        <p className="s-hint">
          <SlackText text={block['hint']} />
        </p>
      )}
    </div>
  );
}

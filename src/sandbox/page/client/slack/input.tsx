import { keyed, list, num, obj, str } from '../json.ts';
import type { Json } from '../protocol.ts';
import { Unknown } from '../text/undrawn.tsx';
import { SlackText } from './text.tsx';

/** What names a field across updates of its view. */
export function inputKey(block: Json): string {
  return `${str(block['block_id'])}/${str(obj(block['element'])['action_id'])}`;
}

export function initialValue(block: Json): string {
  const element = obj(block['element']);
  return str(element['initial_value']) || str(obj(element['initial_option'])['value']);
}

interface SlackInputProps {
  block: Json;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

/** A field of a modal: label, control, hint, and what is wrong with it. */
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
        <p className="s-field-error" role="alert">
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

interface ControlProps {
  element: Json;
  id: string;
  value: string;
  invalid: boolean;
  onChange: (value: string) => void;
}

function Control({ element, id, value, invalid, onChange }: ControlProps) {
  const actionId = str(element['action_id']);
  const common = { id, value, 'data-action-id': actionId, 'aria-invalid': invalid };
  const placeholder = str(obj(element['placeholder'])['text']);
  const maxLength = num(element['max_length']) ?? undefined;
  switch (element['type']) {
    case 'plain_text_input':
      return element['multiline'] === true ? (
        <textarea
          {...common}
          rows={4}
          placeholder={placeholder}
          maxLength={maxLength}
          onChange={(event) => onChange(event.target.value)}
        />
      ) : (
        <input
          {...common}
          type="text"
          placeholder={placeholder}
          maxLength={maxLength}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case 'number_input':
    case 'email_text_input':
    case 'url_text_input':
      return (
        <input {...common} type="text" placeholder={placeholder} onChange={(event) => onChange(event.target.value)} />
      );
    case 'static_select':
      return (
        <select {...common} onChange={(event) => onChange(event.target.value)}>
          <option value="">{placeholder || 'Choose an option'}</option>
          {keyed(element['options']).map(({ key, item }) => (
            <option key={key} value={str(item['value'])}>
              {str(obj(item['text'])['text'])}
            </option>
          ))}
        </select>
      );
    case 'radio_buttons':
      return (
        <div role="radiogroup" id={id}>
          {list(element['options']).map((option) => (
            <label key={str(option['value'])} className="s-radio">
              <input
                type="radio"
                name={id}
                value={str(option['value'])}
                checked={value === str(option['value'])}
                data-action-id={actionId}
                onChange={() => onChange(str(option['value']))}
              />
              <SlackText text={option['text']} />
            </label>
          ))}
        </div>
      );
    default:
      return <Unknown what="field" json={element} />;
  }
}

import { keyed, list, num, obj, str } from '../../lib/json.ts';
import type { Json } from '../../lib/protocol.ts';
import { Unknown } from '../../text/placeholders.tsx';
import { SlackText } from '../text.tsx';

export interface ControlProps {
  element: Json;
  id: string;
  /** Several choices are separated by commas; a time is in seconds since 1970. */
  value: string;
  invalid: boolean;
  onChange: (value: string) => void;
}

/** The input of a field, as Slack draws it. */
export function Control({ element, id, value, invalid, onChange }: ControlProps) {
  const common = {
    id,
    value,
    'data-action-id': str(element['action_id']),
    'aria-invalid': invalid,
    ...described(id, invalid),
  };
  const placeholder = str(obj(element['placeholder'])['text']);
  const maxLength = num(element['max_length']) ?? undefined;
  const text = { ...common, placeholder, maxLength };
  const typed = (event: { target: { value: string } }) => onChange(event.target.value);
  switch (element['type']) {
    case 'plain_text_input':
      if (element['multiline'] === true) return <textarea {...text} rows={4} onChange={typed} />;
      return <input {...text} type="text" onChange={typed} />;
    case 'email_text_input':
    case 'url_text_input':
      return <input {...text} type="text" onChange={typed} />;
    case 'number_input': {
      const step = element['is_decimal_allowed'] === true ? 'any' : 1;
      const limits = { min: str(element['min_value']), max: str(element['max_value']), step };
      return <input {...common} {...limits} type="number" placeholder={placeholder} onChange={typed} />;
    }
    case 'datepicker':
      return <input {...common} type="date" onChange={typed} />;
    case 'datetimepicker':
      return (
        <input
          {...common}
          type="datetime-local"
          value={localOf(value)}
          onChange={(event) => onChange(secondsOf(event.target.value))}
        />
      );
    case 'static_select':
      return (
        <select {...common} onChange={typed}>
          <option value="">{placeholder || 'Choose an option'}</option>
          {keyed(element['options']).map(({ key, item }) => (
            <option key={key} value={str(item['value'])}>
              {[str(obj(item['text'])['text']), str(obj(item['description'])['text'])].filter(Boolean).join(' · ')}
            </option>
          ))}
        </select>
      );
    case 'radio_buttons':
      return <Options {...{ element, id, value, invalid, onChange }} many={false} />;
    case 'checkboxes':
    case 'multi_static_select':
      return <Options {...{ element, id, value, invalid, onChange }} many />;
    default:
      return <Unknown what="field" json={element} />;
  }
}

/** The error below the field is read with it. */
function described(id: string, invalid: boolean) {
  return invalid ? { 'aria-describedby': `${id}-error` } : {};
}

/** All options at a glance, each with its description. */
function Options({ element, id, value, invalid, many, onChange }: ControlProps & { many: boolean }) {
  const chosen = value.split(',').filter(Boolean);
  const options = list(element['options']);
  const pick = (name: string, on: boolean) => {
    if (!many) return onChange(name);
    // In the order in which they are offered, as Slack sends them.
    const names = options.map((option) => str(option['value']));
    onChange(names.filter((one) => (one === name ? on : chosen.includes(one))).join(','));
  };
  return (
    <div role={many ? 'group' : 'radiogroup'} id={id}>
      {options.map((option) => (
        <label key={str(option['value'])} className="s-radio">
          <input
            type={many ? 'checkbox' : 'radio'}
            name={id}
            value={str(option['value'])}
            checked={chosen.includes(str(option['value']))}
            aria-invalid={invalid}
            {...described(id, invalid)}
            data-action-id={str(element['action_id'])}
            onChange={(event) => pick(str(option['value']), event.target.checked)}
          />
          <span>
            <SlackText text={option['text']} />
            {option['description'] !== undefined && (
              <small>
                <SlackText text={option['description']} />
              </small>
            )}
          </span>
        </label>
      ))}
    </div>
  );
}

function secondsOf(local: string): string {
  const at = new Date(local).getTime();
  return Number.isNaN(at) ? '' : String(Math.floor(at / 1000));
}

/** In local time, as the browser's input expects. */
function localOf(seconds: string): string {
  if (seconds === '') return '';
  const at = Number(seconds) * 1000;
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

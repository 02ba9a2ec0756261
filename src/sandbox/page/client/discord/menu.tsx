import { list, num, str } from '../lib/json.ts';
import type { Json } from '../lib/protocol.ts';

interface MenuProps {
  id: string;
  input: Json;
  value: string;
  /** The id of its error; null if it has none. */
  errorId: string | null;
  onChange: (value: string) => void;
}

/** A single choice as a menu; a multiple choice as a list of checkboxes, which Discord shows as a menu, too. */
export function Menu({ id, input, value, errorId, onChange }: MenuProps) {
  const options = list(input['options']);
  const customId = str(input['custom_id']);
  const invalid = errorId === null ? {} : { 'aria-invalid': true, 'aria-describedby': errorId };
  if ((num(input['max_values']) ?? 1) === 1) {
    return (
      <select
        id={id}
        value={value}
        data-custom-id={customId}
        {...invalid}
        onChange={(event) => onChange(event.target.value)}
      >
        <option value="">{str(input['placeholder']) || 'Make a selection'}</option>
        {options.map((option) => (
          <option key={str(option['value'])} value={str(option['value'])}>
            {[str(option['label']), str(option['description'])].filter(Boolean).join(' · ')}
          </option>
        ))}
      </select>
    );
  }
  const chosen = value.split(',').filter(Boolean);
  const pick = (name: string, on: boolean) => {
    const names = options.map((option) => str(option['value']));
    onChange(names.filter((one) => (one === name ? on : chosen.includes(one))).join(','));
  };
  return (
    <fieldset id={id} className="d-options" data-custom-id={customId}>
      {options.map((option) => (
        <label key={str(option['value'])}>
          <input
            type="checkbox"
            value={str(option['value'])}
            checked={chosen.includes(str(option['value']))}
            {...invalid}
            onChange={(event) => pick(str(option['value']), event.target.checked)}
          />
          <span>
            {str(option['label'])}
            {str(option['description']) !== '' && <small>{str(option['description'])}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

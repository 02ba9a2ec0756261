import { type FormEvent, useState } from 'react';
import { post } from '../lib/api.ts';
import { keyed, list, num, obj, str } from '../lib/json.ts';
import type { DiscordModal, Json, Persona } from '../lib/protocol.ts';
import { useDialog, useFocusOnError } from '../lib/use-dialog.ts';
import { usePress } from '../lib/use-press.ts';
import { Unknown } from '../text/placeholders.tsx';
import { Rich } from '../text/rich.tsx';
import { parseDiscord } from './markdown.ts';
import { Menu } from './menu.tsx';

const Kind = { row: 1, select: 3, input: 4, text: 10, label: 18 } as const;
const PARAGRAPH = 2;

/** A field of the form, from a row or from a label component. */
interface Field {
  label: string;
  description: string;
  input: Json;
}

function fieldOf(component: Json): Field | null {
  if (component['type'] === Kind.label) {
    return {
      label: str(component['label']),
      description: str(component['description']),
      input: obj(component['component']),
    };
  }
  const input = component['type'] === Kind.row ? list(component['components'])[0] : undefined;
  return input ? { label: str(input['label']), description: '', input } : null;
}

/** A form over the room; Discord can't change an open form, so the input stays until it is closed. */
export function DiscordModalView({ open, person }: { open: DiscordModal; person: Persona }) {
  const { data } = open;
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [missing, setMissing] = useState<readonly string[]>([]);
  const { pending, failed, send } = usePress();
  const close = () => {
    void post('/discord/close', { userId: person.discordId, modalId: open.id });
  };
  const dialog = useDialog(close);
  useFocusOnError(dialog, missing);
  const fields = list(data['components']).flatMap((component) => fieldOf(component) ?? []);
  const typedIn = (input: Json) => typed[str(input['custom_id'])] ?? presetOf(input);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = fields.filter(({ input }) => problem(input, typedIn(input)) !== null);
    setMissing(wrong.map(({ input }) => str(input['custom_id'])));
    if (wrong.length > 0) return;
    const values = Object.fromEntries(fields.map(({ input }) => [str(input['custom_id']), typedIn(input)]));
    void send('submit', '/discord/submit', { userId: person.discordId, modalId: open.id, values });
  };

  return (
    <div className="overlay">
      <form
        ref={dialog}
        className="d-modal"
        role="dialog"
        aria-modal="true"
        aria-label={str(data['title'])}
        data-id={open.id}
        onSubmit={submit}
        noValidate
      >
        <header>
          <h2>{str(data['title'])}</h2>
          <button type="button" className="d-close" aria-label="Close" onClick={close}>
            ✕
          </button>
        </header>
        <div className="d-modal-body">
          {keyed(data['components']).map(({ key, item }) => {
            const field = fieldOf(item);
            if (!field) return <Plain key={key} component={item} />;
            const id = str(field.input['custom_id']);
            return (
              <FieldView
                key={key}
                field={field}
                value={typedIn(field.input)}
                error={missing.includes(id) ? problem(field.input, typedIn(field.input)) : null}
                onChange={(value) => setTyped({ ...typed, [id]: value })}
              />
            );
          })}
          {failed && (
            <p className="d-failed" role="alert" data-testid="press-failed">
              ⚠ Something went wrong. Try again.
            </p>
          )}
        </div>
        <footer>
          <button type="button" className="d-button d-button-secondary" onClick={close}>
            Cancel
          </button>
          <button
            type="submit"
            className="d-button d-button-primary"
            aria-busy={pending !== null}
            disabled={pending !== null}
          >
            Submit
          </button>
        </footer>
      </form>
    </div>
  );
}

/** What the bot has filled in; several choices are separated by commas. */
function presetOf(input: Json): string {
  if (input['type'] !== Kind.select) return str(input['value']);
  const preset = list(input['options']).filter((option) => option['default'] === true);
  return preset.map((option) => str(option['value'])).join(',');
}

function problem(input: Json, value: string): string | null {
  if (value === '') return input['required'] === false ? null : 'This field is required';
  if (input['type'] === Kind.select) {
    const count = value.split(',').length;
    const [min, max] = [num(input['min_values']) ?? 1, num(input['max_values']) ?? 1];
    return count < min || count > max ? `Choose ${min} to ${max}.` : null;
  }
  const least = num(input['min_length']) ?? 0;
  return value.length < least ? `Must be at least ${least} characters.` : null;
}

interface FieldProps {
  field: Field;
  value: string;
  error: string | null;
  onChange: (value: string) => void;
}

function FieldView({ field: { label, description, input }, value, error, onChange }: FieldProps) {
  const id = `d-${str(input['custom_id'])}`;
  const errorId = error === null ? null : `${id}-error`;
  const common = {
    id,
    value,
    'data-custom-id': str(input['custom_id']),
    'aria-invalid': error !== null,
    'aria-describedby': errorId ?? undefined,
    placeholder: str(input['placeholder']),
    maxLength: num(input['max_length']) ?? 4000,
  };
  return (
    <div className="d-form-field">
      <label htmlFor={id}>
        {label}
        {input['required'] !== false && (
          <span className="d-required" aria-hidden="true">
            {' '}
            *
          </span>
        )}
      </label>
      {description !== '' && <p className="d-description">{description}</p>}
      {input['type'] === Kind.select ? (
        <Menu id={id} input={input} value={value} errorId={errorId} onChange={onChange} />
      ) : input['style'] === PARAGRAPH ? (
        <textarea {...common} rows={4} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <input {...common} type="text" onChange={(event) => onChange(event.target.value)} />
      )}
      {errorId !== null && (
        <p className="d-field-error" role="alert" id={errorId}>
          {error}
        </p>
      )}
    </div>
  );
}

function Plain({ component }: { component: Json }) {
  if (component['type'] !== Kind.text) return <Unknown what="component" json={component} />;
  return (
    <div className="d-text">
      <Rich nodes={parseDiscord(str(component['content']))} />
    </div>
  );
}

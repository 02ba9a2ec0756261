/**
 * Redacts what the operator declares secret, before anything is stored: no card, thread, log, backup or export holds it.
 * What only looks like a secret is stored, and masked when it is drawn: `core/mask`.
 */

import type { Field } from '../../form/form.ts';
import { MASK } from '../../mask/mask.ts';
import { withNames } from '../../mask/value.ts';
import { isBranch, isNumber, numberText, shallow } from '../../text/json.ts';
import type { Pause, Prompt } from './pause.ts';

export interface Secrets {
  /** Names of keys whose values are secret at any depth; compared without case, dashes, underscores and dots. */
  keys: readonly string[];
  /** Texts that are secret wherever they are. Each takes linear time: agents choose the texts. */
  patterns: readonly { [Symbol.replace](text: string, by: string): string }[];
}

export interface Redactor {
  pause(pause: Pause): Pause;
  text(text: string): string;
}

/** A redactor whose secrets can change while it is used. */
export interface CurrentRedactor extends Redactor {
  /** From now on these are masked. What was masked before stays so. */
  replace(secrets: Secrets): void;
}

/** @param secrets default: nothing is masked */
export function createCurrentRedactor(secrets: Secrets = { keys: [], patterns: [] }): CurrentRedactor {
  let newest = createRedactor(secrets);
  return {
    replace(next) {
      newest = createRedactor(next);
    },
    pause: (pause) => newest.pause(pause),
    text: (text) => newest.text(text),
  };
}

export function createRedactor({ keys, patterns }: Secrets): Redactor {
  if (keys.length === 0 && patterns.length === 0) return { pause: (pause) => pause, text: (text) => text };
  const names = new Set(keys.map(plain));

  const text = (given: string) => patterns.reduce((result, pattern) => result.replace(pattern, MASK), given);

  const value = (item: unknown, key: string | null): unknown => {
    if (Array.isArray(item)) return item.map((inner) => value(inner, key));
    if (isBranch(item)) {
      // What is secret is so with all that is in it.
      const inside = (name: string) => (key !== null && names.has(plain(key)) ? key : name);
      return withNames(Object.entries(item).map(([name, inner]) => [text(name), value(inner, inside(name))]));
    }
    if ((typeof item !== 'string' && !isNumber(item)) || item === '') return item;
    if (key !== null && names.has(plain(key))) return MASK;
    if (typeof item === 'string') return text(item);
    // A number that a pattern finds is a secret that happens to have digits only.
    const found = text(numberText(item));
    return found === numberText(item) ? item : found;
  };

  /** Redacts what people read of a question. The values that are sent as an answer stay, or it could not be given. */
  const asks = (given: Prompt): Prompt => ({
    ...given,
    title: text(given.title),
    text: text(given.text),
    form: given.form === null ? null : { ...given.form, fields: given.form.fields.map(field) },
  });
  const field = (given: Field): Field => {
    const shown = { ...given, label: text(given.label), hint: text(given.hint) };
    if (shown.kind === 'text' && shown.initial !== null) {
      return { ...shown, initial: text(shown.initial) === shown.initial ? shown.initial : null };
    }
    if (shown.kind !== 'choice') return shown;
    const options = shown.options.map((one) => ({ ...one, label: text(one.label), note: text(one.note) }));
    return { ...shown, options };
  };

  const nullable = (given: string | null) => (given === null ? null : text(given));

  return {
    text,
    pause: (pause) => ({
      ...pause,
      description: nullable(pause.description),
      asker: nullable(pause.asker),
      reason: nullable(pause.reason),
      ...(pause.contact !== undefined && { contact: { ...pause.contact, name: text(pause.contact.name) } }),
      ...(pause.labels !== undefined && { labels: pause.labels.map(text) }),
      ...(pause.repeated !== undefined && { repeated: pause.repeated.map(text) }),
      parameters: value(shallow(pause.parameters), null) as Pause['parameters'],
      ...(pause.prompt !== undefined && { prompt: asks(pause.prompt) }),
    }),
  };
}

function plain(key: string): string {
  return key.toLowerCase().replace(/[-_.]/g, '');
}

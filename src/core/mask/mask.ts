/** What hides a secret, and what it says of it; `value.ts` and `text.ts` find the secrets. Tested in test/core/mask/text.test.ts. */
import { counted } from '../text/numbers.ts';

export const MASK = '••••••';

/**
 * Why it is hidden: it looks like a secret, it has the name of one, it is the number of a payment card or an account, it
 * was hidden before it was stored, or it follows the last secret that has a mask of its own.
 */
export type MaskKind = 'shape' | 'name' | 'card' | 'iban' | 'redacted' | 'rest';

/**
 * So many secrets of a text or a value have a mask each; all that follows the last is one mask more. Each takes time to
 * find and to show: a text that is full of them would delay all presses.
 */
export const SECRETS_MAX = 1_000;

export interface Mask {
  /** The place of what it hides: the same in the same value, and short. */
  id: string;
  /** The keys that lead to it, as they are shown; empty in a text. */
  path: readonly string[];
  /** The name it has: its key, or the word before it in its text; empty where it has none. */
  key: string;
  /** How many it hides, UTF-16 units. */
  characters: number;
  lines: number;
  kind: MaskKind;
}

export interface Masked<T> {
  value: T;
  /** In reading order. */
  masks: readonly Mask[];
}

/** Masks to leave open, by their `id`. */
export interface Revealed {
  revealed?: ReadonlySet<string>;
}

/** Hides more than a name or a number: it has to be opened before it can be approved. */
const UNSEEN_FROM = 128;

export function isUnseenMask({ characters, lines, kind }: Mask): boolean {
  return kind === 'rest' || (kind !== 'redacted' && (characters > UNSEEN_FROM || lines > 1));
}

/** A part of a text that is a secret. */
export interface Span {
  start: number;
  end: number;
  kind: MaskKind;
  key: string;
}

/** Once there are too many, adds one span for all that follows. @returns whether it was added */
export function endsInRest(spans: Span[], text: string, start: number): boolean {
  if (spans.length < SECRETS_MAX) return false;
  spans.push({ start, end: text.length, kind: 'rest', key: '' });
  return true;
}

/** `•••••• 41 characters`; of a card or an account the last four. Nothing that an agent writes reads the same. */
export function maskNote(
  { kind, characters, lines }: Pick<Mask, 'kind' | 'characters' | 'lines'>,
  hidden: string,
): string {
  if (kind === 'redacted') return `${MASK} redacted`;
  if (kind === 'card' || kind === 'iban') return `${MASK} ${hidden.replace(/[^\dA-Za-z]/g, '').slice(-4)}`;
  const size = `${MASK} ${counted(characters, 'character')}`;
  return lines > 1 ? `${size}, ${counted(lines, 'line')}` : size;
}

const note = /•{6}(?: redacted| \d[\d,]* characters?(?:, \d[\d,]* lines?)?| [\dA-Za-z]{1,4}(?![\dA-Za-z]))?/g;

/** With `*` in place of each mask: for a look at what others wrote, which must not take our own words for theirs. */
export function withoutNotes(masked: string): string {
  return masked.includes(MASK) ? masked.replace(note, '*') : masked;
}

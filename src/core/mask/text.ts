/** A text with its secrets masked. Tested in test/core/mask/text.test.ts and test/fuzz/views/secrets.test.ts. */

import { commandsIn } from './commands.ts';
import { clausesIn } from './context/clauses.ts';
import { credentialsIn } from './credentials.ts';
import { labelsIn } from './labels.ts';
import { type Mask, type Masked, type MaskKind, maskNote, type Revealed, SECRETS_MAX, type Span } from './mask.ts';
import { cardsIn, ibansIn } from './payment.ts';
import { keysIn } from './pem.ts';
import { idOf, type Place, pathOf, top } from './place.ts';
import { shapesIn } from './shapes.ts';
import { hasMoreWords } from './token.ts';

/** A text on its own. What is masked depends on that text alone. */
export function maskText(text: string, { revealed }: Revealed = {}): Masked<string> {
  return maskSpans(text, spansIn(text), top, revealed);
}

/** Too short for anything that is masked, and for most keys and values. */
const SHORT = 5;

/**
 * The secrets in a text, in reading order; what overlaps is one.
 * @param at where it is: its key may say that it is a card
 */
export function spansIn(text: string, at = top): Span[] {
  if (text.length < SHORT && !text.includes('•')) return [];
  if (at !== top || text.length > NAME_MAX) return found(text, at);
  if (plain.has(text)) return [];
  const spans = found(text, at);
  if (plain.size >= PLAIN_MAX) plain.clear();
  if (spans.length === 0) plain.add(text);
  return spans;
}

/** The names of tools, of parameters and of those who ask come with each request. */
const NAME_MAX = 64;
const PLAIN_MAX = 2_000;
/** Names in which there is nothing to mask. */
const plain = new Set<string>();

function found(text: string, at: Place): Span[] {
  const spans = [
    ...redactedIn(text),
    ...keysIn(text),
    ...shapesIn(text),
    ...labelsIn(text),
    ...clausesIn(text),
    ...credentialsIn(text),
    ...commandsIn(text),
    ...cardsIn(text, at),
    ...ibansIn(text),
  ];
  const merged: Span[] = [];
  for (const span of spans) span.end = withoutWord(text, span);
  for (const span of spans.sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) merged.push({ ...span });
    else if (span.end > last.end) Object.assign(last, { end: span.end, kind: span.kind === 'rest' ? 'rest' : 'shape' });
    else last.key ||= span.start === last.start && span.end === last.end ? span.key : '';
  }
  const rest = merged[SECRETS_MAX];
  if (rest !== undefined)
    merged.splice(SECRETS_MAX, merged.length, { ...rest, end: text.length, kind: 'rest', key: '' });
  return merged;
}

const lastWord = /\.[A-Za-z_@#?-]{1,24}$/;

/** The first word of a sentence that was joined to a token by a point is not a part of it. */
function withoutWord(text: string, { start, end }: Span): number {
  const [word = ''] = lastWord.exec(text.slice(Math.max(start, end - 30), end)) ?? [];
  return word !== '' && end - word.length > start && hasMoreWords(text, end) ? end - word.length : end;
}

/**
 * What was hidden before it was stored. An agent can write the same dots, so it is shown as redacted: an agent can't
 * write a text that reads like a mask of ours.
 */
function redactedIn(text: string): Span[] {
  if (!text.includes('•')) return [];
  return [...text.matchAll(/•{3,}/g)].map(({ index, 0: { length } }) => ({
    start: index,
    end: index + length,
    kind: 'redacted',
    key: '',
  }));
}

export function maskSpans(
  text: string,
  spans: readonly Span[],
  place: Place,
  revealed: ReadonlySet<string> | undefined,
): Masked<string> {
  if (spans.length === 0) return { value: text, masks: [] };
  const masks: Mask[] = [];
  const path = pathOf(place);
  const placeId = idOf(place);
  let value = '';
  let from = 0;
  for (const { start, end, kind, key } of spans) {
    const id = `${placeId}:${start}-${end}`;
    if (revealed?.has(id)) continue;
    const hidden = text.slice(start, end);
    const name = key || (path.at(-1) ?? wordBefore(text, from, start));
    const size = { characters: hidden.length, lines: linesOf(kind, hidden) };
    masks.push({ id, path, key: name, kind, ...size });
    value += text.slice(from, start) + maskNote({ kind, ...size }, hidden);
    from = end;
  }
  return { value: value + text.slice(from), masks };
}

/** Of a key: with real line breaks, escaped ones, or blanks in their place. */
function linesOf(kind: MaskKind, text: string): number {
  if (kind === 'rest') return text.split('\n').length;
  if (kind !== 'shape') return 1;
  return /[\s\\]/.test(text) ? text.split(/[ \t]*(?:\r\n?|\n|(?:\\+r)?\\+n)[ \t]*| /).length : 1;
}

const WORD_MAX = 40;

/** @param from where the last mask ended: what it hides is not a name */
function wordBefore(text: string, from: number, start: number): string {
  const before = text.slice(Math.max(from, start - WORD_MAX), start);
  return /([\p{L}_][\p{L}\d_-]*)[\s:="'(]*$/u.exec(before)?.[1] ?? '';
}

/** Bounds what is stored and drawn of a pause. Tested in test/core/approval/pause/limit-pause.test.ts. */
import { clipEnds, clipMiddle } from '../../text/clip.ts';
import { DEEPEST, hasMoreValues, isBranch, isDeeper, shallow } from '../../text/json.ts';
import { counted } from '../../text/numbers.ts';
import { subjectOf, subjectText } from '../subject.ts';
import type { Pause, Prompt, Unshowable } from './pause.ts';

/** Bytes of JSON that a person can be shown; of more, only a summary is kept, and it can't be approved here. */
export const SHOWN_MAX_BYTES = 256 * 1024;

/** Values: no person reads more, and each has to be masked and laid out. */
export const VALUES_MAX = 5_000;

/** Of a summary, characters. */
const NAME_MAX = 80;
const VALUE_MAX = 160;
/** Of the size of a value. */
const SIZE_MAX = 30;
const PARAMETERS_MAX = 4_000;
const TEXT_MAX = 1_000;
const TITLE_MAX = 200;
/** Labels, names of hidden parameters. */
const NAMES_MAX = 20;

/**
 * The pause as it is stored. What can't be shown whole is summarised and can't be approved here; it then carries a hash
 * of everything that was sent, so that a change anywhere is noticed.
 * @param hash as in `Clock`
 */
export function limitPause(pause: Pause, hash: (text: string) => string): Pause {
  const unshowable = pause.unshowable ?? unshowableOf(pause, hash);
  if (unshowable === null) return pause;
  const actions = pause.actions.filter((action) => action !== 'approve');
  if (unshowable.why === 'depth') {
    return { ...pause, parameters: shallow(pause.parameters) as Pause['parameters'], actions, unshowable };
  }
  return {
    ...pause,
    tool: clipEnds(pause.tool, TITLE_MAX),
    description: brief(pause.description),
    asker: title(pause.asker),
    ...(pause.askerId !== undefined && { askerId: title(pause.askerId) }),
    ...(pause.contact !== undefined && { contact: contactOf(pause.contact) }),
    ...(pause.address !== undefined && { address: summary(pause.address) }),
    reason: brief(pause.reason),
    ...(pause.labels !== undefined && { labels: names(pause.labels) }),
    parameters: summary(pause.parameters),
    ...(pause.prompt !== undefined && { prompt: promptOf(pause.prompt) }),
    hidden: names(pause.hidden),
    ...(pause.repeated !== undefined && { repeated: names(pause.repeated) }),
    actions,
    unshowable,
  };
}

/** Null for what can be shown. */
function unshowableOf(pause: Pause, hash: (text: string) => string): Unshowable | null {
  const isDeep = isDeeper(pause.parameters, DEEPEST);
  const areMany = hasMoreValues(isDeep ? shallow(pause.parameters) : pause.parameters, VALUES_MAX);
  if (!isDeep && !areMany && byteLength(JSON.stringify(subjectOf(pause))) <= SHOWN_MAX_BYTES) return null;
  const content = subjectText(pause);
  const bytes = byteLength(content);
  return { why: areMany || bytes > SHOWN_MAX_BYTES ? 'size' : 'depth', bytes, hash: hash(content) };
}

function byteLength(text: string): number {
  // Three bytes are the most that one UTF-16 unit takes.
  return text.length * 3 <= SHOWN_MAX_BYTES ? text.length : new TextEncoder().encode(text).length;
}

/** What helps to recognise it: names with short values first, the others with their size. */
function summary(parameters: Pause['parameters']): Pause['parameters'] {
  const entries = Object.entries(parameters);
  const shown = new Map<string, unknown>();
  let room = PARAMETERS_MAX;
  for (const [name, value] of [...entries.filter(isShort), ...entries.filter((entry) => !isShort(entry))]) {
    const short = isShort([name, value]) ? value : described(value);
    room -= NAME_MAX + JSON.stringify(short).length;
    if (room < 0) break;
    shown.set(unique(clipEnds(name, NAME_MAX), shown), short);
  }
  const more = entries.length - shown.size;
  if (more > 0) shown.set('…', `${counted(more, 'more parameter')}`);
  return Object.fromEntries(shown);
}

function isShort([, value]: [name: string, value: unknown]): boolean {
  if (typeof value === 'string') return value.length <= VALUE_MAX;
  return !isBranch(value) && JSON.stringify(value ?? null).length <= VALUE_MAX;
}

function described(value: unknown): string {
  if (Array.isArray(value)) return counted(value.length, 'item');
  if (isBranch(value)) return counted(Object.keys(value).length, 'field');
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `${clipEnds(text, VALUE_MAX - SIZE_MAX)} (${counted(text.length, 'character')})`;
}

function unique(name: string, taken: ReadonlyMap<string, unknown>): string {
  let found = name;
  for (let number = 2; taken.has(found); number += 1) found = `${name} (${number})`;
  return found;
}

function brief(text: string | null): string | null {
  return text === null ? null : clipMiddle(text, TEXT_MAX).text;
}

function title(text: string | null): string | null {
  return text === null ? null : clipEnds(text, TITLE_MAX);
}

function contactOf({ name, id }: NonNullable<Pause['contact']>): Pause['contact'] {
  return { name: clipEnds(name, TITLE_MAX), id: clipEnds(id, TITLE_MAX) };
}

function names(all: readonly string[]): string[] {
  return all.slice(0, NAMES_MAX).map((name) => clipEnds(name, NAME_MAX));
}

/** The fields of its form are bounded already. */
function promptOf(prompt: Prompt): Prompt {
  const { title, text, caution, hint } = prompt;
  return {
    ...prompt,
    title: clipEnds(title, TITLE_MAX),
    text: clipMiddle(text, TEXT_MAX).text,
    ...(hint !== undefined && { hint: clipEnds(hint, TITLE_MAX) }),
    ...(caution !== undefined && { caution: clipEnds(caution, TITLE_MAX) }),
  };
}

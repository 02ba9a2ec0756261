/**
 * What a card says of its request, masked, visible and fitted, and what it leaves out. The card, *Details* and the check
 * before *Approve* all read this one result. Pure. Tested in test/core/view/content/unseen.test.ts.
 */
import { NAME_MAX } from '../../approval/names.ts';
import type { Shown, Subject } from '../../approval/subject.ts';
import { type Mask, type Masked, withoutNotes } from '../../mask/mask.ts';
import { maskText } from '../../mask/text.ts';
import { maskParameters } from '../../mask/value.ts';
import type { Clipped } from '../../text/clip.ts';
import { parametersText } from '../../text/parameters.ts';
import { type LookAlike, lookAlikesIn } from '../../text/visible/look-alikes.ts';
import { reveal, revealLine } from '../../text/visible/reveal.ts';
import { type Kept, once } from '../once.ts';
import { callbackOf } from './callback.ts';
import { changedPaths } from './changes.ts';
import { fitParameters, parametersBrief } from './outline.ts';
import { fitText, quotedLength, type Room } from './room.ts';

/** Fits a Slack section and a Discord embed together with everything else on the card. */
export const BODY_MAX = 2_400;
/** What is taller than a screen hides its own buttons; *Details* has the rest. */
export const BODY_LINES = 40;
export const TITLE_MAX = 120;
/** Of what others wrote, as `quotedLength` counts, and lines: no text pushes the parameters out of sight. */
const REASON_ROOM: Room = { max: 480, maxLines: 10 };
const DESCRIPTION_ROOM: Room = { max: 300, maxLines: 8 };
/** An item's description is the question itself. */
const QUESTION_ROOM: Room = { max: 980, maxLines: 20 };
/** Of the line that says who asks for what, the quotes and the body; the rest of a message is for our own words. */
const TEXTS_MAX = 2_900;
/** Of that line: its longest words beside the names, and all of it. */
const ASKER_WORDS = 80;
const ASKER_MAX = 560;
/** Of the line above a quote: its longest words beside the asker's name, and all of it. */
const AUTHOR_WORDS = 60;
const AUTHOR_MAX = 160;

export interface Content {
  /** What the body is: `Parameters`, `Question` or `Contents`. */
  label: string;
  body: Clipped;
  description: Clipped | null;
  reason: Clipped | null;
  /** Of all of it. */
  masks: readonly Mask[];
  /** The names of parameters that the backend keeps from people. */
  hidden: readonly string[];
  /** How many characters of names, titles and the address of the answer are cut. */
  cutNames: number;
  /** Words and hosts in any of it that are not what they look like. */
  lookAlikes: readonly LookAlike[];
}

const contents: Kept<Content> = new WeakMap();
const briefs: Kept<Clipped> = new WeakMap();

export function contentOf({ pause, previous }: Shown): Content {
  const before = previous?.fingerprint ?? (previous === null ? '' : 'older');
  return once(contents, pause, before, () => drawn(pause, previous));
}

function drawn(pause: Subject, previous: Shown['previous']): Content {
  const masks: Mask[] = [];
  const texts: string[] = [];
  const fitted: Fit = (text, room, lengthOf) => {
    const masked = maskText(text);
    masks.push(...masked.masks);
    texts.push(masked.value);
    return fitText(reveal(masked.value).trim(), room, lengthOf);
  };
  const [tool, title, asker, contact] = [
    nameOf(pause.tool),
    nameOf(pause.prompt?.title, TITLE_MAX),
    nameOf(pause.asker),
    nameOf(pause.contact?.name),
  ];
  // Whether the IDs are shown depends on other requests: there is room for them.
  const ids = [nameOf(pause.askerId), nameOf(pause.contact?.id)];
  const askerLength = [asker, contact, tool, ...ids].reduce(
    (sum, { line }) => sum + quotedLength(line.slice(0, NAME_MAX)),
    ASKER_WORDS,
  );
  const author = Math.min(AUTHOR_MAX, AUTHOR_WORDS + quotedLength(asker.line));
  let free = TEXTS_MAX - Math.min(ASKER_MAX, askerLength);
  const quoted = (text: string | null, room: Room): Clipped | null => {
    if (text === null) return null;
    const shown = fitted(text, room, quotedLength);
    free -= author + quotedLength(shown.text);
    return shown;
  };
  const isQuestion = pause.kind === 'item' && pause.reason === null;
  const description = quoted(pause.description, isQuestion ? QUESTION_ROOM : DESCRIPTION_ROOM);
  const reason = quoted(pause.reason, REASON_ROOM);
  const room = { max: Math.min(BODY_MAX, free), maxLines: BODY_LINES };
  const body = bodyOf(pause, previous, { room, fitted, masks, texts });
  const names = [tool, title, asker, contact];
  for (const { masked } of names) {
    masks.push(...masked.masks);
    texts.push(masked.value);
  }
  const callback = callbackOf(pause);
  masks.push(...(callback?.masks ?? []));
  const cutNames = names.reduce(
    (sum, { line, max }) => sum + Math.max(0, line.length - max),
    Math.max(0, askerLength - ASKER_MAX) + (callback?.hidden ?? 0),
  );
  const hidden = pause.hidden.filter((name) => Object.hasOwn(pause.parameters, name));
  return { ...body, description, reason, masks, hidden, cutNames, lookAlikes: lookAlikesIn(texts.map(withoutNotes)) };
}

/** A name, masked and on one line, of which a card shows up to `max` characters. */
interface Name {
  masked: Masked<string>;
  line: string;
  max: number;
}

function nameOf(text: string | null | undefined, max = NAME_MAX): Name {
  const masked = maskText(text ?? '');
  return { masked, line: revealLine(masked.value), max };
}

type Fit = (text: string, room: Room, lengthOf?: (text: string) => number) => Clipped;

function bodyOf(
  pause: Subject,
  previous: Shown['previous'],
  { room, fitted, masks, texts }: { room: Room; fitted: Fit; masks: Mask[]; texts: string[] },
): Pick<Content, 'label' | 'body'> {
  if (pause.prompt !== undefined) return { label: 'Question', body: fitted(pause.prompt.text, room) };
  const masked = maskParameters(pause);
  masks.push(...masked.masks);
  for (const text of textsIn(masked.value)) texts.push(text);
  const changed = () => (previous === null ? new Set<string>() : changedPaths(previous, pause));
  return { label: bodyLabel(pause), body: fitParameters(masked.value, room, changed) };
}

export function bodyLabel({ kind }: Pick<Subject, 'kind'>): string {
  return kind === 'item' ? 'Contents' : 'Parameters';
}

/** The names and the texts in a value, at any depth. */
function textsIn(value: unknown): string[] {
  const found: string[] = [];
  const rest = [value];
  while (rest.length > 0) {
    const one = rest.pop();
    if (typeof one === 'string') found.push(one);
    if (typeof one !== 'object' || one === null) continue;
    const items = Array.isArray(one) ? [...one] : Object.entries(one).flat();
    for (const item of items.reverse()) rest.push(item);
  }
  return found;
}

/** The parameters, whole: for *Details*. */
export function wholeParameters(pause: Subject): { text: string; masks: readonly Mask[] } {
  const { value, masks } = maskParameters(pause);
  return { text: reveal(parametersText(value)), masks };
}

/** The question of an item, which is its description: masked. Empty for a pause of another kind. */
export function questionOf({ kind, description }: Pick<Subject, 'kind' | 'description'>): string {
  return kind === 'item' && description !== null ? maskText(description).value : '';
}

/** What is asked for, on one line: the most important values first, where there is not room for all. */
export function briefOf({ pause }: Pick<Shown, 'pause'>, max: number): Clipped {
  return once(briefs, pause, String(max), () => drawnBriefly(pause, max));
}

function drawnBriefly(pause: Subject, max: number): Clipped {
  if (pause.prompt === undefined) return parametersBrief(maskParameters(pause).value, max);
  const line = revealLine(maskText(pause.prompt.text).value);
  return { text: fitText(line, { max }).text.replaceAll('\n', ' '), hidden: Math.max(0, line.length - max) };
}

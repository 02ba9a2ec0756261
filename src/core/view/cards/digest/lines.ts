/**
 * The lines of a digest, and which of them say everything that a card of its own would say. A digest decides only these.
 * Pure. Tested in test/core/view/cards/digest/lines.test.ts.
 */
import { type Digest, isInDigest } from '../../../approval/digest.ts';
import type { Shown } from '../../../approval/subject.ts';
import { maskText } from '../../../mask/text.ts';
import { clipEnds } from '../../../text/clip.ts';
import { revealLine } from '../../../text/visible/reveal.ts';
import { callbackOf } from '../../content/callback.ts';
import { BODY_MAX } from '../../content/content.ts';
import { isWhole } from '../../content/seen.ts';
import { noteOf } from './states.ts';
import { aboveLines, type DigestTexts, textsOf } from './texts.ts';

/** Of what is above the lines, characters each: the values that all have in common, and the names of the others. */
export const ABOVE_MAX = 240;
/** Of one line with its reason, characters: what is longer reads better on a card of its own. */
const LINE_MAX = 300;
/** Before the agent's reason, on a line of its own: whatever it says, it can't pass for a value. */
export const REASON_MARK = '    ↳ ';
/** `⚠️ 20. ` and ` · see Details` */
const NUMBER_LENGTH = 7;
const NOTE_LENGTH = 14;

/** How many characters each request has: its line, and its reason below. */
export function roomOf({ each, ...texts }: DigestTexts): number {
  const taken = aboveLines(texts).reduce((sum, text) => sum + Math.min(text.length, ABOVE_MAX) + 1, 0);
  return Math.min(LINE_MAX, Math.floor((BODY_MAX - taken) / Math.max(1, each.length)) - 1);
}

/** The same for all: then it is shown once, above them. */
export function sharedOf<K extends 'description' | 'reason'>(members: readonly Shown[], field: K): boolean {
  return new Set(members.map(({ pause }) => pause[field])).size <= 1;
}

/** What the agent writes, for its own line; empty where there is nothing, or all say the same. */
export function reasonLine({ pause }: Shown, isShared: boolean): string {
  const text = isShared ? '' : revealLine(maskText(pause.reason ?? '').value);
  return text === '' ? '' : `${REASON_MARK}${text}`;
}

interface Lines {
  text: string;
  /** How many lines say less than there is. */
  cut: number;
}

/** How the lines are drawn. */
interface Drawn {
  /** Of one request, characters. */
  max: number;
  /** All have the same reason, so no line has its own. */
  sharesReason: boolean;
  /** Before the number. Default: nothing. */
  signOf?: (member: Shown) => string;
  /** Default: all. */
  only?: ReadonlySet<string>;
}

/** What all have in common, and a line for each with its number, as on the card. */
export function linesOf({ id, members }: Pick<Digest<Shown>, 'id' | 'members'>, drawn: Drawn): Lines {
  const { signOf, only } = drawn;
  const texts = textsOf({ members });
  const heads = members.map((member, index) => {
    const number = `${index + 1}. `.padEnd(String(members.length).length + 2);
    return signOf === undefined ? number : `${signOf(member)} ${number}`;
  });
  // A sign is as wide as two characters.
  const indent = ' '.repeat((heads[0]?.length ?? 0) + (signOf === undefined ? 0 : 1));
  const above = aboveLines(texts, indent).map((line) => ({
    text: clipEnds(line, ABOVE_MAX + indent.length),
    cut: line.trimStart().length > ABOVE_MAX,
  }));
  const lines = members.flatMap((member, index) => {
    if (only?.has(member.id) === false) return [];
    return [lineOf(member, { head: heads[index] ?? '', values: texts.each[index] ?? '', digestId: id }, drawn)];
  });
  const all = [...above, ...lines];
  return { text: all.map(({ text }) => text).join('\n'), cut: all.filter(({ cut }) => cut).length };
}

function lineOf(
  member: Shown,
  { head, values, digestId }: { head: string; values: string; digestId: string },
  { max, sharesReason }: Drawn,
): { text: string; cut: boolean } {
  const note = noteOf(member, digestId);
  // That it waits its sign says, as the title's does, and the count of them: the word would only wrap every line.
  const tail = note === '' ? '' : ` · ${note}`;
  // Those that are decided need no reason any more.
  const reason = member.phase === 'open' && isInDigest(member, digestId) ? reasonLine(member, sharesReason) : '';
  const free = max - head.length - tail.length;
  const room = reason === '' ? free : Math.max(Math.floor(free / 2), free - reason.length - 1);
  const below =
    reason === '' ? '' : `\n${clipEnds(reason, max - Math.min(values.length, room) - head.length - tail.length - 1)}`;
  const cut = values.length > room || (reason !== '' && below.length < reason.length + 1);
  return { text: `${head}${clipEnds(values, room)}${tail}${below}`, cut };
}

/** Of each, whether its line says everything. @param members of one digest, or of one that is about to be made */
export function completeLines(members: readonly Shown[]): boolean[] {
  const texts = textsOf({ members });
  const room = roomOf(texts);
  const isCut = aboveLines(texts).some(({ length }) => length > ABOVE_MAX);
  const [description, reason] = [sharedOf(members, 'description'), sharedOf(members, 'reason')];
  return members.map((member, index) => {
    const { pause, previous } = member;
    // A change is shown on a card of its own.
    if (isCut || previous !== null || !isWhole(member)) return false;
    // A line has no room for where the answer goes.
    if (callbackOf(pause) !== null) return false;
    // The question of an item is on its line.
    if (!description && pause.kind !== 'item' && pause.description !== null) return false;
    const below = reasonLine(member, reason);
    const length = (texts.each[index]?.length ?? 0) + NUMBER_LENGTH + NOTE_LENGTH;
    return length + (below === '' ? 0 : below.length + 1) <= room;
  });
}

/** The ids of the open members that the digest can't decide: they are not claimed, and their lines are not complete. */
export function incompleteIn({ id, members }: { id: string; members: readonly Shown[] }): ReadonlySet<string> {
  const complete = completeLines(members);
  const open = members.filter(
    (member, index) => !complete[index] && member.phase === 'open' && member.claim === null && isInDigest(member, id),
  );
  return new Set(open.map((member) => member.id));
}

/**
 * As many of these as make complete lines together, the longest left out first.
 * @param staying in the digest already, whose lines stay as complete as they are
 */
export function completeTogether<A extends Shown>(staying: readonly A[], candidates: readonly A[]): A[] {
  const before = completeLines(staying);
  // What its own card can't show whole, no line can: its texts may be long, so they are not laid out here.
  let chosen = candidates.filter((one) => isWhole(one) && callbackOf(one.pause) === null);
  while (chosen.length > 0) {
    const all = [...staying, ...chosen];
    const complete = completeLines(all);
    const isHarmed = staying.some((_, index) => before[index] && !complete[index]);
    const wrong = chosen.filter((_, index) => !complete[staying.length + index]);
    if (wrong.length === 0) return isHarmed ? completeTogether(staying, chosen.slice(0, -1)) : chosen;
    const { each } = textsOf({ members: all });
    const lengthOf = (one: A) => (each[all.indexOf(one)]?.length ?? 0) + (one.pause.reason?.length ?? 0);
    const [longest] = [...wrong].sort((a, b) => lengthOf(b) - lengthOf(a));
    chosen = chosen.filter((one) => one !== longest);
  }
  return [];
}

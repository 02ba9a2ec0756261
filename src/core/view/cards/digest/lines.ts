/**
 * The lines of a digest, and which of them say everything that a card of its own would say. A digest decides only these.
 * Pure. Tested in test/core/view/cards/digest/lines.test.ts.
 */
import { isInDigest } from '../../../approval/digest.ts';
import type { Shown } from '../../../approval/subject.ts';
import { maskText } from '../../../mask/text.ts';
import { revealLine } from '../../../text/visible/reveal.ts';
import { callbackOf } from '../../content/callback.ts';
import { BODY_MAX } from '../../content/content.ts';
import { isWhole } from '../../content/seen.ts';
import { type DigestTexts, textsOf } from './texts.ts';

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
export function roomOf({ above, each }: DigestTexts): number {
  const taken = above.reduce((sum, text) => sum + Math.min(text.length, ABOVE_MAX) + 1, 0);
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

/** Of each, whether its line says everything. @param members of one digest, or of one that is about to be made */
export function completeLines(members: readonly Shown[]): boolean[] {
  const texts = textsOf({ members });
  const room = roomOf(texts);
  const isCut = texts.above.some(({ length }) => length > ABOVE_MAX);
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

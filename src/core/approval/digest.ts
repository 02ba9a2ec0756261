/**
 * Many at once: similar approvals that share one message in a room, a digest to those who read it. What there is to say
 * of one is read from its members, each of which says in its slot that it belongs to it.
 * Tested in test/engine/outbox/group-into-digest.test.ts and test/fuzz/views/digests.test.ts.
 */
import type { Approval } from './approval.ts';
import type { DigestMark, Receipt, Slot } from './parts/slot.ts';
import { asksPerson } from './pause/pause.ts';
import { byApplication, isLeftToPeople } from './steps/transitions.ts';
import type { Shown, Subject } from './subject.ts';

/**
 * Discord's menus show 25 options, and a card's body holds 2,400 characters: with so many members each line of it still
 * has room to say what it is about.
 */
export const MEMBERS_MAX = 20;
/**
 * How long after its first post other approvals may join, ms. Joining is an edit, which sends no notification: only the end
 * of the same burst joins.
 */
export const JOIN_MS = 60_000;

/**
 * What the members of one digest have in common; null: it is never shown together with others.
 * @param via what signed ingest announced is never shown together with what our own stream did; default: our stream
 */
export function topicOf(
  { backend, kind, tool, asker, askerId, contact, actions, prompt }: Subject,
  via?: Approval['via'],
): string | null {
  // A question has a form of its own, and what can't be approved and rejected can't be decided several at a time.
  if (!asksPerson({ kind }) || prompt !== undefined || !actions.includes('approve') || !actions.includes('reject'))
    return null;
  const topic = [backend, kind, tool, asker, askerId ?? null, contact?.id ?? null, [...actions].sort()];
  return JSON.stringify(via === 'ingest' ? [...topic, via] : topic);
}

/** Its card may be shown as a line among others. */
export function canJoinDigest({ phase, pause, claim, signatures, previous, confirm }: Shown): boolean {
  // A claim, a signature, a change, a danger or a key that is given twice is shown on a card of its own.
  const isUntouched = claim === null && signatures.length === 0 && previous === null;
  const isPlain = isUntouched && !confirm && pause.repeated === undefined;
  return phase === 'open' && isPlain && topicOf(pause) !== null;
}

/** The same people decide both, by the same rule: one message says who that is, and one form asks what it asks. */
export function isUnderSameRule(one: Pick<Shown, 'requirement'>, other: Pick<Shown, 'requirement'>): boolean {
  return ruleKey(one) === ruleKey(other);
}

/** Of one rule in one version of the policy. */
export function ruleKey({ requirement }: Pick<Shown, 'requirement'>): string {
  return requirement === undefined ? '' : JSON.stringify([requirement.rule, requirement.version]);
}

/** Something can still be done about it, so that a card of its own is of use. */
export function canLeaveDigest(approval: Shown): boolean {
  const { phase, outcome, absent, decision } = approval;
  // What an application's doubtful call has left to people has its buttons on a card of its own only.
  if (phase === 'open' || isLeftToPeople(approval)) return true;
  const undelivered = outcome === 'failed' || outcome === 'unconfirmed';
  return undelivered && !absent && decision !== null && !byApplication(approval);
}

/** The message that several approvals share, as their slots tell it. */
export interface Digest<A extends Shown = Approval> {
  id: string;
  at: number;
  runId: string | null;
  slotName: string;
  /** As if it were one card's. */
  slot: Slot;
  /** In the order in which they came; a line's number is its place in here. */
  members: readonly A[];
}

/**
 * @param members all that ever belonged to it, in the order in which they came
 * @returns null where it has no members
 */
export function digestOf(id: string, members: readonly Approval[]): Digest | null {
  const marks = members.flatMap((member) => markIn(member, id) ?? []);
  const [first] = marks;
  if (first === undefined) return null;
  const staying = marks.filter(({ mark }) => mark.left === undefined).map(({ slot }) => slot);
  // A crash may have come between one member's record and the next; what was posted last counts.
  const deletions = staying.reduce((most, slot) => Math.max(most, slot.deletions), 0);
  const latest = staying.filter((slot) => slot.deletions === deletions);
  const receipts =
    staying.length > 0 ? latest.map(({ receipt }) => receipt) : marks.map(({ mark }) => leftBehind(mark));
  const receipt = receipts.find((one) => one !== null) ?? null;
  const { at, runId } = first.mark;
  const waits = staying.reduce((sum, one) => sum + (one.waits ?? 0), 0);
  const inThread = latest.find((one) => one.receipt !== null)?.inThread;
  const slot: Slot = {
    kind: 'card',
    place: first.slot.place,
    receipt,
    deletions,
    ...(waits > 0 && { waits }),
    ...(inThread !== undefined && { inThread }),
  };
  return { id, at, runId, slotName: first.slotName, slot, members };
}

/** What an approval says of this digest. */
export function markIn({ slots }: Shown, id: string): { slotName: string; slot: Slot; mark: DigestMark } | undefined {
  const found = Object.entries(slots).find(([, { digest }]) => digest?.id === id);
  const mark = found?.[1].digest;
  return found === undefined || mark === undefined ? undefined : { slotName: found[0], slot: found[1], mark };
}

/** It is a line of this digest, not on a card of its own. */
export function isInDigest(member: Shown, id: string): boolean {
  const found = markIn(member, id);
  return found !== undefined && found.mark.left === undefined;
}

/** It can be decided in a bulk decision now. */
export function canBeDecided(member: Shown, id: string): boolean {
  return isInDigest(member, id) && member.phase === 'open' && member.claim === null;
}

/** The digest whose message is this card's; null: it has its own. */
export function digestIdOf({ digest }: Pick<Slot, 'digest'>): string | null {
  return digest === undefined || digest.left !== undefined ? null : digest.id;
}

function leftBehind({ left }: DigestMark): Receipt | null {
  return left?.receipt ?? null;
}

/** Groups similar new cards into one message. Tested in test/engine/outbox/group-into-digest.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import {
  canJoinDigest,
  type Digest,
  digestIdOf,
  digestOf,
  isUnderSameRule,
  JOIN_MS,
  MEMBERS_MAX,
  topicOf,
} from '../../core/approval/digest.ts';
import { type DigestMark, slotKey } from '../../core/approval/parts/slot.ts';
import { isTooLateToPost, mayStandBelow } from '../../core/approval/steps/transitions.ts';
import type { Policy } from '../../core/policy/rules/policy.ts';
import type { Clock, Log, Platform, Store } from '../../core/ports/ports.ts';
import { completeTogether } from '../../core/view/cards/digest/lines.ts';
import { isWhole } from '../../core/view/content/seen.ts';
import type { Apply } from '../apply.ts';

/** Approvals that are read of each kind; the others are considered when they are drawn themselves. */
const MAX_READ = 3 * MEMBERS_MAX;

/**
 * Called before a new card is posted. Runs in the room's one lane for new messages, so that no other card is being posted
 * meanwhile. Each member is one input of its own, all applied in one turn and so in one commit; if only some of them are
 * recorded, the others are still to be posted as cards.
 * @returns whether this card is in a digest now: then there is nothing to post for it alone
 */
export type GroupIntoDigest = (approval: Approval, slotName: string) => Promise<boolean>;

interface GroupingDeps {
  store: Store;
  apply: Apply;
  /** Says how many similar cards make a digest. */
  policy: Pick<Policy, 'document'>;
  platforms: ReadonlyMap<string, Pick<Platform, 'foldsThreads'>>;
  clock: Clock;
  log: Log;
}

export function createDigestGrouping(deps: GroupingDeps): GroupIntoDigest {
  const { store, policy, platforms, clock } = deps;

  return async (approval, slotName) => {
    const { digestFrom: from } = policy.document;
    const topic = from === null ? null : topicOf(approval.pause, approval.via);
    if (from === null || topic === null || !hasOwnCard(approval, slotName) || !isWhole(approval)) return false;
    const { unattempted, inDigest } = await store.similar(topic, slotName, MAX_READ);
    const place = approval.slots[slotName]?.place;
    // Where a room shows nothing of its threads, several requests at once belong in the room.
    const folds = platforms.get(place?.platform ?? '')?.foldsThreads === true;
    const threadRunOf = folds ? async () => null : threadRunsIn(slotName, store);
    const runId = await threadRunOf(approval);
    const now = clock.now();
    const others = unattempted.filter(
      (one) => one.id !== approval.id && isUnderSameRule(one, approval) && !isTooLateToPost(one, { kind: 'card' }, now),
    );
    const candidates = [approval, ...others.filter((one) => hasOwnCard(one, slotName))];
    const digest = await findJoinable(
      inDigest.filter((one) => isUnderSameRule(one, approval)),
      slotName,
      runId,
      deps,
    );
    if (digest === null && candidates.length < from) return false;
    const free = MEMBERS_MAX - (digest?.members.length ?? 0);
    const alike: Approval[] = [];
    for (const one of candidates) {
      if (alike.length === free) break;
      if (one.id === approval.id || (await threadRunOf(one)) === runId) alike.push(one);
    }
    // What a line can't say whole has a card of its own.
    const members = completeTogether(digest?.members ?? [], alike);
    if (!members.includes(approval) || (digest === null && members.length < from)) return false;
    return join(members, slotName, digest, runId, deps);
  };
}

/** @param digest null: the members begin a new one */
async function join(
  members: readonly Approval[],
  slotName: string,
  digest: Digest | null,
  runId: string | null,
  { apply, clock, log }: GroupingDeps,
): Promise<boolean> {
  const [first] = members;
  if (first === undefined) return false;
  const mark: DigestMark =
    digest === null
      ? { id: clock.hash(`bundle\n${first.id}\n${slotName}`), at: clock.now(), runId }
      : { id: digest.id, at: digest.at, runId: digest.runId };
  const { receipt = null, deletions = 0, inThread } = digest?.slot ?? {};
  const where = inThread === undefined ? {} : { inThread };
  const input = { type: 'gathered', slot: slotName, digest: mark, receipt, deletions, ...where } as const;
  const changed = await Promise.all(members.map(({ id }) => apply(id, input)));
  log.info(
    { digest: mark.id, slot: slotName, members: members.length, joined: digest !== null },
    'cards grouped into digest',
  );
  const slot = changed[0]?.state?.slots[slotName];
  return slot !== undefined && digestIdOf(slot) === mark.id;
}

/** The latest digest that still accepts members and has room for one. */
async function findJoinable(
  inDigest: readonly Approval[],
  slotName: string,
  runId: string | null,
  { store, clock }: GroupingDeps,
): Promise<Digest | null> {
  const now = clock.now();
  const ids = new Set(inDigest.flatMap(({ slots: { [slotName]: slot } }) => (slot && digestIdOf(slot)) ?? []));
  for (const id of ids) {
    const digest = digestOf(id, await store.digestMembers(id));
    if (digest === null || digest.runId !== runId || digest.members.length >= MEMBERS_MAX) continue;
    // A time in the future was recorded before the wall clock was set back.
    if (digest.at <= now && now - digest.at < JOIN_MS) return digest;
  }
  return null;
}

/**
 * Returns the run in whose thread a card belongs, because that run has a card of its own here; null: in the room. Each run
 * is read once: a burst is often of one run, and reading it for each of its cards would delay presses.
 */
function threadRunsIn(slotName: string, store: Store): (approval: Approval) => Promise<string | null> {
  const runs = new Map<string, Promise<readonly Approval[]>>();
  return async (approval) => {
    const { id } = approval;
    const { backend, runId } = approval.pause;
    const key = JSON.stringify([backend, runId]);
    const members = runs.get(key) ?? store.list({ backend, runId });
    runs.set(key, members);
    const isRoot = (other: Approval) => {
      const slot = other.slots[slotName];
      const isCard = slot !== undefined && slot.receipt !== null && digestIdOf(slot) === null;
      return other.id !== id && isCard && mayStandBelow(approval, other);
    };
    return (await members).some(isRoot) ? runId : null;
  };
}

/** It is a card that was never posted and may still be grouped. */
function hasOwnCard(approval: Approval, slotName: string): boolean {
  const slot = approval.slots[slotName];
  const { deletions = 0, receipt = null, digest } = slot ?? {};
  const isCard = slot !== undefined && slotName === slotKey('card', slot.place);
  return isCard && receipt === null && digest === undefined && deletions === 0 && canJoinDigest(approval);
}

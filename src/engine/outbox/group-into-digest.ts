import { type Approval, type DigestMark, slotKey } from '../../core/approval/approval.ts';
import {
  type Digest,
  digestIdOf,
  digestOf,
  isGatherable,
  JOIN_MS,
  MEMBERS_MAX,
  topicOf,
} from '../../core/approval/digest.ts';
import { isOverdue } from '../../core/approval/visibility.ts';
import type { Clock, Log, Store } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';

/** Of each kind that is looked through; those beyond it have their turn when they are drawn themselves. */
const LOOKED_THROUGH = 3 * MEMBERS_MAX;

/**
 * Looks around before a new card is posted: where so many similar ones wait beside it, they share one message. Runs in the
 * room's one lane for new messages, so that none of the others is being posted meanwhile.
 *
 * Each member is one change of its own, all of them asked for in one turn and so in one commit. Should only some of them
 * be recorded, the others still have their own cards before them.
 * @returns whether its card has been gathered: then there is nothing to post for it alone
 */
export type GroupIntoDigest = (approval: Approval, slotName: string) => Promise<boolean>;

/** @param options.from how many similar cards must wait, this one among them; null: each has its own */
export function createDigestGrouping(options: {
  store: Store;
  apply: Apply;
  from: number | null;
  clock: Clock;
  log: Log;
}): GroupIntoDigest {
  const { store, apply, from, clock, log } = options;

  return async function gather(approval, slotName) {
    const topic = from === null ? null : topicOf(approval.pause);
    if (from === null || topic === null || !isAlone(approval, slotName)) return false;
    const { unattempted, inDigest } = await store.similar(topic, slotName, LOOKED_THROUGH);
    const runWithCard = lookForRuns(slotName);
    const run = await runWithCard(approval);
    const now = clock.now();
    const others = unattempted.filter((one) => one.id !== approval.id && !isOverdue(one, { kind: 'card' }, now));
    const waiting = [approval, ...others.filter((one) => isAlone(one, slotName))];
    const open = await joinable(inDigest, slotName, run);
    if (open === null && waiting.length < from) return false;
    const room = MEMBERS_MAX - (open?.members.length ?? 0);
    const members: Approval[] = [];
    for (const one of waiting) {
      if (members.length === room) break;
      if (one.id === approval.id || (await runWithCard(one)) === run) members.push(one);
    }
    if (open === null && members.length < from) return false;
    return share(members, slotName, open, run);
  };

  async function share(members: readonly Approval[], slotName: string, open: Digest | null, run: string | null) {
    const [first] = members;
    if (first === undefined) return false;
    const begun: DigestMark = { id: clock.hash(`bundle\n${first.id}\n${slotName}`), at: clock.now(), runId: run };
    const digest = open === null ? begun : { id: open.id, at: open.at, runId: open.runId };
    const { receipt = null, deletions = 0 } = open?.slot ?? {};
    const input = { type: 'gathered', slot: slotName, digest, receipt, deletions } as const;
    const changed = await Promise.all(members.map(({ id }) => apply(id, input)));
    log.info({ digest: digest.id, slot: slotName, members: members.length, joined: open !== null }, 'cards gathered');
    const mine = changed[0]?.state?.slots[slotName];
    return mine !== undefined && digestIdOf(mine) === digest.id;
  }

  /** The latest that still takes others, and has room for one. */
  async function joinable(inDigest: readonly Approval[], slotName: string, run: string | null): Promise<Digest | null> {
    const now = clock.now();
    const ids = new Set(inDigest.flatMap(({ slots: { [slotName]: slot } }) => (slot && digestIdOf(slot)) ?? []));
    for (const id of ids) {
      const digest = digestOf(id, await store.digestMembers(id));
      if (digest === null || digest.runId !== run || digest.members.length >= MEMBERS_MAX) continue;
      // A time that is still to come is one from before the wall clock was set back.
      if (digest.at <= now && now - digest.at < JOIN_MS) return digest;
    }
    return null;
  }

  /**
   * The run in whose thread a card belongs, because that run has a card of its own here; null: in the room. Each run is
   * read once: a burst is often one run's, and to read all of it for each of its cards would keep presses waiting.
   */
  function lookForRuns(slotName: string): (approval: Approval) => Promise<string | null> {
    const runs = new Map<string, Promise<readonly Approval[]>>();
    return async function runWithCard({ id, pause: { backend, runId } }) {
      const key = JSON.stringify([backend, runId]);
      const members = runs.get(key) ?? store.list({ backend, runId });
      runs.set(key, members);
      const isRoot = ({ id: other, slots: { [slotName]: slot } }: Approval) =>
        other !== id && slot !== undefined && slot.receipt !== null && digestIdOf(slot) === null;
      return (await members).some(isRoot) ? runId : null;
    };
  }
}

function isAlone(approval: Approval, slotName: string): boolean {
  const slot = approval.slots[slotName];
  const { deletions = 0, receipt = null, digest } = slot ?? {};
  const isCard = slot !== undefined && slotName === slotKey('card', slot.place);
  return isCard && receipt === null && digest === undefined && deletions === 0 && isGatherable(approval);
}

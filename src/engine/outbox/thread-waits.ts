/**
 * What waits in the thread of a card, as the card says it. Tested in test/engine/outbox/thread-waits.test.ts and
 * test/stories/rooms/seen.test.ts.
 */
import type { Approval } from '../../core/approval/approval.ts';
import { type Place, slotKey } from '../../core/approval/parts/slot.ts';
import { isOnlyIngested } from '../../core/approval/steps/transitions.ts';
import type { Store } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';

/** Two rooms may report at the same moment, the one with older news last: so each looks again after it has written. */
const MAX_LOOKS = 3;

/** Records on the first cards of a run how many decisions wait in their threads. Writes nothing where nothing changed. */
export async function reportThreadWaits(
  store: Store,
  apply: Apply,
  { backend, runId }: Approval['pause'],
  place: Place,
): Promise<void> {
  const slot = slotKey('card', place);
  for (let look = 1; look <= MAX_LOOKS; look += 1) {
    const members = await store.list({ backend, runId });
    const counts = countWaiting(members, slot);
    const outdated = members.filter(
      ({ id, slots }) => slots[slot] !== undefined && (slots[slot]?.waits ?? 0) !== (counts.get(id) ?? 0),
    );
    if (outdated.length === 0) return;
    await Promise.all(outdated.map(({ id }) => apply(id, { type: 'thread_waits', slot, count: counts.get(id) ?? 0 })));
  }
}

/** By the id of the card whose thread it is. @param members of one run, oldest first */
export function countWaiting(members: readonly Approval[], slotName: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  // What signed ingest announced has threads of its own.
  for (const isIngested of [false, true]) {
    let root: string | null = null;
    for (const member of members) {
      const { id, phase, pause, slots, via } = member;
      const slot = slots[slotName];
      if (slot === undefined || slot.receipt === null || pause.kind === 'note') continue;
      const isHere = (via === 'ingest') === isIngested;
      if (!isHere && (isIngested || isOnlyIngested(member))) continue;
      if (root === null || slot.resurfaced === true) root = id;
      else if (isHere && phase === 'open' && slot.inThread !== undefined) counts.set(root, (counts.get(root) ?? 0) + 1);
    }
  }
  return counts;
}

/** Whom a new card calls, beyond whoever looks into its room anyway. */
import type { Approval, Slot } from '../../approval/approval.ts';
import { directTo } from '../../policy/direct-messages.ts';
import type { Reviewer } from '../../policy/reviewers.ts';
import type { Ping } from '../card.ts';

/** Fits Discord's 2,000 characters and Slack's message beside everything else; whoever calls more calls a group. */
export const PINGS_MAX = 20;

/**
 * A question that can be answered calls them once, and so does each reminder of it that is nobody's in particular. Nothing
 * else does: not what has happened since, not a result, and not the card that stands in for one that somebody has deleted.
 */
export function pingsOf({ phase, claim }: Approval, slot: Slot, people: readonly Reviewer[]): readonly Ping[] {
  if (slot.kind === 'result' || phase !== 'open' || slot.deletions > 0) return [];
  if (slot.kind === 'reminder' && claim !== null) return [];
  // A direct message calls its person by itself.
  if (directTo(slot.place) !== null) return [];
  return people.filter(({ platform }) => platform === slot.place.platform).map(({ kind, id }) => ({ kind, id }));
}

/** What the drawing of messages needs. */
import type { Approval } from '../../core/approval/approval.ts';
import type { Place } from '../../core/approval/parts/slot.ts';
import type { Stop } from '../../core/policy/operators/stop.ts';
import type { Reviewer } from '../../core/policy/reviewers.ts';
import type { Clock, Log, Platform, Store } from '../../core/ports/ports.ts';
import type { Consequences, Deciders, GrantOnCard } from '../../core/view/card.ts';
import type { Apply } from '../apply.ts';
import type { GroupIntoDigest } from './group-into-digest.ts';

export interface DrawDeps {
  store: Store;
  apply: Apply;
  platforms: ReadonlyMap<string, Platform>;
  backendTitle: (backend: string) => string;
  /** What a card does not show is read before it is approved. Default: yes. */
  readFirst?: boolean | undefined;
  /** What each decision leads to, as its backend says. Default: cards do not say. */
  consequences?: (approval: Approval) => Consequences | undefined;
  /** Who may decide, as it is read on a platform. Default: cards do not say. */
  deciders?: (approval: Approval, platform: string) => Deciders | undefined;
  /** An operator's stop, which cards show. Default: it runs. */
  stopped?: () => Stop | null;
  /** The standing answer that was, or can be, given from a settled card. Default: cards do not say. */
  grantOn?: (approval: Approval) => Promise<GrantOnCard | null>;
  /** Who is mentioned on a new message. Default: no one. */
  mentions?: (approval: Approval, slotName: string) => readonly Reviewer[];
  /** Default: each approval has a message of its own. */
  groupIntoDigest?: GroupIntoDigest;
  /** A new message was posted for this place; `isAstray` as in `Posted`. Default: nothing follows. */
  onPlaced?: (place: Place, isAstray: boolean) => void;
  /** A run that has been silent in a room for so long gets its next card in the room itself, ms; null: in its thread. */
  resurfaceAfterMs?: number | null | undefined;
  clock: Clock;
  log: Log;
}

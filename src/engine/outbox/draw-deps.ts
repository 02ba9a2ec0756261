/** What the drawing of messages needs. */
import type { Reviewer } from '../../core/policy/reviewers.ts';
import type { Clock, Log, Platform, Store } from '../../core/ports/ports.ts';
import type { Apply } from '../apply.ts';
import type { GroupIntoDigest } from './group-into-digest.ts';

export interface DrawDeps {
  store: Store;
  apply: Apply;
  platforms: ReadonlyMap<string, Platform>;
  backendTitle: (backend: string) => string;
  /** What a card does not show is read before it is approved. Default: yes. */
  readFirst?: boolean | undefined;
  /** Who is mentioned on a new card. Default: no one. */
  pings?: readonly Reviewer[];
  /** Default: each approval has a message of its own. */
  groupIntoDigest?: GroupIntoDigest;
  /** A run that has been silent in a room for so long gets its next card in the room itself, ms; null: in its thread. */
  resurfaceAfterMs?: number | null | undefined;
  clock: Clock;
  log: Log;
}

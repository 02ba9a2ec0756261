/** What an adapter's settings may depend on besides its own. */
import type { PlatformIds } from '../policy/reviewers.ts';
import type { RunTarget } from '../policy/run-targets.ts';

export interface SharedSettings {
  /** Where the server listens. */
  host: string;
  /** Who gets each card by direct message. */
  directMessages: readonly { platform: string }[];
  /** The IDs of every platform, configured or not. */
  ids: readonly PlatformIds[];
  /** What can be started from chat. */
  runs: readonly RunTarget[];
}

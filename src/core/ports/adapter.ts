/** What an adapter's settings may depend on besides its own. */
import type { RunTarget } from '../policy/run-targets.ts';

export interface SharedSettings {
  /** Where the server listens. */
  host: string;
  /** Who gets each card by direct message. */
  directMessages: readonly { platform: string }[];
  /** What can be started from chat. */
  runs: readonly RunTarget[];
}

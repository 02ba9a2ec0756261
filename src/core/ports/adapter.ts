/** What an adapter's settings may depend on besides its own. */
import type { PlatformIds } from '../policy/reviewers.ts';
import type { RunTarget } from '../policy/run-targets.ts';

/** The proxies of outgoing connections, as Node and curl read them. Not an interface: Node takes it as an environment. */
export type ProxyEnv = {
  /** An http or https address, for connections without TLS. */
  HTTP_PROXY?: string;
  /** For connections with TLS, which pass through it by CONNECT. */
  HTTPS_PROXY?: string;
  /** Hosts that are connected to directly, separated by commas. */
  NO_PROXY?: string;
};

export interface SharedSettings {
  /** Why callers may be on another machine, whatever the address of their connection; null: no setting says so. */
  exposedBy: string | null;
  /** Who gets each card by direct message. */
  directMessages: readonly { platform: string }[];
  /** The IDs of every platform, configured or not. */
  ids: readonly PlatformIds[];
  /** What can be started from chat. */
  runs: readonly RunTarget[];
}

/** The inbox as a backend. Tested in test/backends/inbox/decide.test.ts and test/backends/inbox/http/routes.test.ts. */
import { Webhook } from 'standardwebhooks';
import { SetupError } from '../../core/ports/errors.ts';
import type { Backend, Clock, Log } from '../../core/ports/ports.ts';
import { type Resolve, systemResolve } from './callback/address.ts';
import { createTargetCheck } from './callback/hosts.ts';
import { type CallbackTimeouts, createPostCallback } from './callback/post.ts';
import { createDecide } from './decide.ts';
import { createRoutes, type RoutesOptions } from './http/routes.ts';
import { INBOX, inboxWire } from './item.ts';

export interface InboxOptions extends Pick<RoutesOptions, 'askTokens' | 'resolvers' | 'intake' | 'store' | 'onPress'> {
  /** The only hosts that callbacks go to, with a port where it is not 443; empty: callbacks are off. */
  callbackHosts: readonly string[];
  /** `whsec_…`, or the new and the old one separated by a space; null where there are no hosts. */
  callbackSecret: string | null;
  clock: Clock;
  log: Log;
  resolve?: Resolve;
  /** For tests: also http and loopback addresses. */
  allowLoopback?: boolean;
  callbackTimeouts?: Partial<CallbackTimeouts>;
}

/** All of them together are far below the lease of a job. */
const TIMEOUTS: CallbackTimeouts = { resolveMs: 5_000, connectMs: 10_000, headersMs: 15_000, bodyMs: 5_000 };

/**
 * Countersign's own inbox: scripts ask over HTTP, and read the outcome or get it as a callback by Standard Webhooks
 * (https://www.standardwebhooks.com).
 * @throws SetupError that names the bad setting
 */
export function createInbox(options: InboxOptions): Backend {
  const { callbackHosts, callbackSecret, clock, allowLoopback = false, resolve = systemResolve } = options;
  const log = options.log.child({ backend: INBOX });
  if (callbackHosts.length > 0 && callbackSecret === null) {
    throw new SetupError('CALLBACK_HOSTS is set, and callbacks are signed: set CALLBACK_SECRET (whsec_…), too.');
  }
  const checkCallback = createTargetCheck({ hosts: callbackHosts, allowHttp: allowLoopback });
  const post = createPostCallback({ resolve, allowLoopback, timeouts: { ...TIMEOUTS, ...options.callbackTimeouts } });
  const stopping = new AbortController();
  const signers = signersOf(callbackSecret);
  return {
    name: INBOX,
    title: 'Countersign',
    // A receiver recognises a repeated message by its ID.
    resendable: () => true,
    callsBack: ({ pause }) => (inboxWire(pause)?.callbackUrl ?? null) !== null,
    decide: createDecide({ checkCallback, post, signers, stopping: stopping.signal, clock, log }),
    http: [createRoutes({ ...options, checkCallback, log })],
    async stop() {
      stopping.abort();
    },
  };
}

function signersOf(secrets: string | null): Webhook[] {
  try {
    return (secrets ?? '')
      .split(/[\s,]+/)
      .filter(Boolean)
      .map((secret) => new Webhook(secret));
  } catch {
    throw new SetupError('CALLBACK_SECRET is not a valid Standard Webhooks secret (whsec_ and base64).');
  }
}

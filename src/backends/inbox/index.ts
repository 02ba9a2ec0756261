/** The inbox as a backend. Tested in test/backends/inbox/decide.test.ts and test/backends/inbox/http/routes.test.ts. */
import type { BufferBudget } from '../../core/ports/buffer-budget.ts';
import { type Metrics, noMetrics } from '../../core/ports/metrics.ts';
import type { Backend, Clock, Log } from '../../core/ports/ports.ts';
import { type Resolve, systemResolve } from '../shared/http/addresses.ts';
import { type AskerSetting, createAskers } from './askers.ts';
import { type CallbackTimeouts, createPostCallback } from './callback/post.ts';
import { inboxCheckups } from './checkups.ts';
import { consequencesOf } from './consequences.ts';
import { createDecide } from './decide.ts';
import { createRoutes, type RoutesOptions } from './http/routes.ts';
import { INBOX, inboxWire } from './item.ts';

export { inboxPart } from './http/openapi/part.ts';

export interface InboxOptions extends Pick<RoutesOptions, 'resolvers' | 'intake' | 'store' | 'onPress' | 'guard'> {
  /** Empty: the inbox is disabled. */
  askers: readonly AskerSetting[];
  /** For bodies and answers. Default: a budget of its own. */
  buffers?: BufferBudget;
  /** Spans are recorded: the trace of an ask is kept with it. Default: no. */
  traced?: boolean;
  /** Default: nothing is measured. */
  metrics?: Pick<Metrics, 'observe'>;
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
  const { clock, allowLoopback = false, resolve = systemResolve } = options;
  const log = options.log.child({ backend: INBOX });
  const askers = createAskers(options.askers, { clock, allowHttp: allowLoopback });
  const measuring = { backend: INBOX, clock, metrics: options.metrics ?? noMetrics };
  const timeouts = { ...TIMEOUTS, ...options.callbackTimeouts };
  const post = createPostCallback({ resolve, allowLoopback, timeouts, measuring });
  const stopping = new AbortController();
  return {
    name: INBOX,
    title: 'Countersign',
    // A receiver recognises a repeated message by its ID.
    resendable: () => true,
    callsBack: ({ pause }) => (inboxWire(pause)?.callbackUrl ?? null) !== null,
    checkups: () => inboxCheckups({ askers: options.askers, resolve, allowLoopback }),
    consequences: consequencesOf,
    decide: createDecide({ askers, post, stopping: stopping.signal, clock, log }),
    http: [createRoutes({ ...options, askers, log })],
    async stop() {
      stopping.abort();
    },
  };
}

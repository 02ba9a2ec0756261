import type { Backend, Clock, Intake, Log } from '../../core/ports/ports.ts';
import { createJsonClient, JSON_TIMEOUTS } from '../shared/json-client.ts';
import type { Pass } from '../shared/pass.ts';
import { createPolling } from '../shared/polling.ts';
import { createTransport, type Timeouts } from '../shared/transport.ts';
import { createHookPulseClient } from './client.ts';
import { createHookPulseDecide } from './decide.ts';
import { RateBudget } from './rate-budget.ts';
import { BACKEND, outline, pauseOf, TITLE } from './wire.ts';

/** Half for polling, half for decisions and for other users of the key. */
const DEFAULT_BUDGET_SHARE = 0.5;

export interface HookPulseOptions {
  /** An origin: `https://api.hookpulse.io`. */
  url: string;
  apiKey: string;
  brandUuid: string;
  /** Minimum, ms; the budget may require more. */
  pollMs: number;
  /** The share of the hourly requests that polling may use, from 0 to 1; default one half. */
  budgetShare?: number;
  intake: Intake;
  clock: Clock;
  log: Log;
  timeouts?: Partial<Timeouts>;
}

/** The human approvals of HookPulse's workflows: polled, page by page, within a share of the hourly requests. */
export function createHookPulse(options: HookPulseOptions): Backend {
  const { apiKey, brandUuid, pollMs, intake, clock } = options;
  const log = options.log.child({ backend: BACKEND });
  const timeouts: Timeouts = { ...JSON_TIMEOUTS, ...options.timeouts };
  const transport = createTransport(options.url, timeouts);
  const callJson = createJsonClient(transport, timeouts, outline);
  const budget = new RateBudget(options.budgetShare ?? DEFAULT_BUDGET_SHARE);
  const client = createHookPulseClient({ callJson, apiKey, brandUuid, budget, clock });
  const stopping = new AbortController();
  const watches = new Set<Promise<void>>();
  let requestsLast = 1;

  async function look(signal: AbortSignal): Promise<Pass> {
    const listing = await client.list(signal);
    requestsLast = listing.requests;
    if (listing.type === 'failed') {
      return { type: 'failed', reason: listing.result.reason, retryAfterMs: listing.retryAfterMs };
    }
    const { steps, complete, requests } = listing;
    if (!complete) log.debug({ requests }, 'the list was not read completely');
    // A workflow with a loop may return to a step: another request under the same key.
    const found = steps.toReversed().map((step) => ({ pause: pauseOf(step), recurs: true }));
    return { type: 'read', found, complete, piecemeal: requests > 1 };
  }

  const intervalMs = () => Math.max(pollMs, budget.intervalMs(requestsLast, clock.now()));
  const poll = createPolling({ backend: BACKEND, look, intervalMs, intake, clock, log });

  return {
    name: BACKEND,
    title: TITLE,
    // The answer to a second decision is not documented, and it might decide the plan's next step.
    resendable: () => false,
    decide: createHookPulseDecide({ client, intake, clock, log }),
    watch(signal) {
      const watch = poll(AbortSignal.any([signal, stopping.signal])).finally(() => watches.delete(watch));
      watches.add(watch);
      return watch;
    },
    async stop() {
      stopping.abort();
      await Promise.all(watches);
      transport.close();
    },
  };
}

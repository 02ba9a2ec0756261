import type { Pause } from '../../core/approval/pause/pause.ts';
import type { ProxyEnv } from '../../core/ports/adapter.ts';
import type { BufferBudget } from '../../core/ports/buffer-budget.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Backend, Clock, Intake, Log } from '../../core/ports/ports.ts';
import { toJson } from '../../core/text/json.ts';
import type { JsonTimeouts } from '../shared/json-client.ts';
import type { Pass } from '../shared/pass.ts';
import { createPolling } from '../shared/polling.ts';
import { sonzaiCheckups } from './checkups.ts';
import { openSonzai } from './client.ts';
import { consequencesOf } from './consequences.ts';
import { createSonzaiDecide } from './decide.ts';
import { readPending } from './pending-list.ts';
import type { TokenProvider, TokenSource } from './token.ts';
import { BACKEND, type Item, nameOfUnreadable, pauseOf, TITLE } from './wire.ts';

export interface SonzaiOptions {
  /** An origin: `https://api.sonz.ai`. */
  url: string;
  /** Of a dashboard user: project keys are not accepted for approvals. Null: nothing is read or decided. */
  token: TokenSource | TokenProvider | null;
  pollMs: number;
  intake: Intake;
  /** Default: connections are direct. */
  proxy?: ProxyEnv | null;
  /** Counts answers while they are read. Default: not counted. */
  buffers?: BufferBudget;
  /** Default: nothing is measured. */
  metrics?: Pick<Metrics, 'observe'>;
  clock: Clock;
  log: Log;
  timeouts?: Partial<JsonTimeouts>;
}

/** The approvals inbox of Sonzai. It is polled: Sonzai announces neither new items nor decisions. */
export function createSonzai(options: SonzaiOptions): Backend {
  const { pollMs, intake, clock } = options;
  const log = options.log.child({ backend: BACKEND });
  const client = openSonzai(options);
  const stopping = new AbortController();
  const watches = new Set<Promise<void>>();
  let hiddenLast = 0;

  /** Reports, once for each change, how many items can't be decided because the list does not contain them. */
  async function reportHidden(hidden: number) {
    if (hidden === hiddenLast) return;
    hiddenLast = hidden;
    await intake.deliver({ type: 'list_hidden', backend: BACKEND, hidden });
    if (hidden > 0)
      log.warn({ hidden }, 'more items are pending than the lists contain; they appear as others are decided');
    else log.info({}, 'the lists contain every pending item again');
  }

  /** An item that has not changed has the same pause. */
  const pauses = new WeakMap<Item, Pause>();
  const pauseIn = (item: Item): Pause => {
    const pause = pauses.get(item) ?? pauseOf(item);
    pauses.set(item, pause);
    return pause;
  };

  async function look(signal: AbortSignal): Promise<Pass> {
    const listing = await readPending(client, signal);
    if (listing.type === 'failed') {
      return { type: 'failed', reason: listing.result.reason, retryAfterMs: listing.retryAfterMs };
    }
    await reportHidden(listing.hidden);
    return {
      type: 'read',
      found: listing.pending.map((item) => ({ pause: pauseIn(item) })),
      complete: listing.complete,
      piecemeal: listing.requests > 1,
      unreadable: listing.unreadable.map((raw) => ({
        hash: clock.hash(toJson(raw)),
        runId: null,
        name: nameOfUnreadable(raw),
      })),
    };
  }

  const poll = createPolling({ backend: BACKEND, look, intervalMs: () => pollMs, intake, clock, log });

  return {
    name: BACKEND,
    title: TITLE,
    // A resolved item is refused with 409 (inferred from the API's other calls), and a repeated call reads the list first.
    resendable: () => true,
    checkups: () => sonzaiCheckups({ ...options, client, hasProxy: (options.proxy ?? null) !== null }),
    consequences: consequencesOf,
    decide: createSonzaiDecide({ client, intake, clock, log }),
    watch(signal, isOurs) {
      const watch = poll(AbortSignal.any([signal, stopping.signal]), isOurs).finally(() => watches.delete(watch));
      watches.add(watch);
      return watch;
    },
    async stop() {
      stopping.abort();
      client.release();
      await Promise.all(watches);
      client.close();
    },
  };
}

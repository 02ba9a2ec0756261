import type { Backend, Clock, Intake, Log } from '../core/ports.ts';
import { explain, wordsIn } from './answers.ts';
import { createJsonClient, isRecord, JSON_TIMEOUTS } from './json-client.ts';
import { createPolling, type Pass } from './polling.ts';
import { createSonzaiClient } from './sonzai-client.ts';
import { createDecide } from './sonzai-decide.ts';
import type { TokenProvider } from './sonzai-token.ts';
import { BACKEND, pauseOf, TITLE } from './sonzai-wire.ts';
import { createTransport, type Timeouts } from './transport.ts';

export interface SonzaiOptions {
  /** An origin: `https://api.sonz.ai`. */
  url: string;
  /** Of a dashboard's user; project keys are not taken for approvals. Null: nothing is read and nothing decided. */
  token: TokenProvider | null;
  pollMs: number;
  intake: Intake;
  clock: Clock;
  log: Log;
  timeouts?: Partial<Timeouts>;
}

/** What an agent or a script asks for; every field is needed, and no other is taken. */
export interface SonzaiDraft {
  agent_id: string;
  agent_name: string;
  user_id: string;
  contact_name: string;
  channel: string;
  type: string;
  context: string;
  payload: unknown;
  tags: readonly string[] | null;
  /** From 0 to 1. */
  confidence: number;
}

export type CreateAnswer = { type: 'created'; approvalId: string } | { type: 'failed'; words: string };

export interface Sonzai extends Backend {
  /** Puts an item into the inbox. Never rejects. */
  create(draft: SonzaiDraft, signal: AbortSignal): Promise<CreateAnswer>;
}

/**
 * The approvals inbox of Sonzai. It is polled: nothing there tells of a new item by itself, and nothing tells later how
 * one was decided.
 */
export function createSonzai(options: SonzaiOptions): Sonzai {
  const { token, pollMs, intake, clock } = options;
  const log = options.log.child({ backend: BACKEND });
  const timeouts: Timeouts = { ...JSON_TIMEOUTS, ...options.timeouts };
  const transport = createTransport(options.url, timeouts);
  const callJson = createJsonClient(transport, timeouts);
  const client = createSonzaiClient({ callJson, host: transport.host, token, clock });
  const stopping = new AbortController();
  const watches = new Set<Promise<void>>();
  let hiddenLast = 0;

  /** Said once per change: nobody can press what nobody sees. */
  async function tellHidden(hidden: number) {
    if (hidden === hiddenLast) return;
    hiddenLast = hidden;
    await intake.deliver({ type: 'list_hidden', backend: BACKEND, hidden });
    if (hidden > 0)
      log.warn({ hidden }, 'more items are pending than the list shows; they appear as others are decided');
    else log.info({}, 'the list shows every pending item again');
  }

  async function look(signal: AbortSignal): Promise<Pass> {
    const listing = await client.list(signal);
    if (listing.type === 'failed') {
      return { type: 'failed', words: listing.result.words, retryAfterMs: listing.retryAfterMs };
    }
    await tellHidden(listing.hidden);
    return {
      type: 'read',
      found: listing.pending.map((item) => ({ pause: pauseOf(item) })),
      complete: listing.complete,
    };
  }

  const poll = createPolling({ backend: BACKEND, look, intervalMs: () => pollMs, intake, clock, log });

  return {
    name: BACKEND,
    title: TITLE,
    // A resolved item is refused with 409 (inferred from the same API's other claims), and doubt is settled by a list first.
    resendable: () => true,
    decide: createDecide({ client, clock, log }),
    watch(signal) {
      const watch = poll(AbortSignal.any([signal, stopping.signal])).finally(() => watches.delete(watch));
      watches.add(watch);
      return watch;
    },
    async create(draft, signal) {
      const called = await client.call({ method: 'POST', path: '/api/v1/approvals', body: draft, signal });
      if (called.type === 'failed') return { type: 'failed', words: called.result.words };
      const { status, body, text } = called.answer;
      const id = isRecord(body) ? body['approval_id'] : null;
      if (status >= 200 && status < 300 && typeof id === 'string') return { type: 'created', approvalId: id };
      return { type: 'failed', words: explain(status, wordsIn(body, text), client.naming).words };
    },
    async stop() {
      stopping.abort();
      token?.close();
      await Promise.all(watches);
      transport.close();
    },
  };
}

import type { Clock, Log } from '../../../core/ports/ports.ts';
import { isEventStream, watchIdle } from '../../shared/response.ts';
import { type Incoming, type Timeouts, type Transport, TransportError } from '../../shared/transport.ts';
import type { Replay } from '../pause/run-facts.ts';

/** As Runtype's own widget does it: so often, and so long in between. Whatever new comes begins the count anew. */
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 8_000];

/**
 * What pauses together is announced together. A server that goes on with the answer behind a pause has nothing to say
 * there, and what has paused must not wait for it. ms
 */
const PARKED_MS = 5_000;

/** The reading of a stream that broke off, for whoever goes on with it. */
export interface Broken {
  /** The row of the last whole frame. */
  after(): string;
  /** Another stream begins. */
  begin(): void;
  feed(bytes: Uint8Array): void;
  end(): void;
  /** Whether the run's end, or a pause, was read. */
  concluded(): boolean;
}

/** Reads the rest of a run from where its stream broke off; resolves when it has, or can't. */
export type Reconnect = (run: Replay & { executionId: string }, broken: Broken) => Promise<void>;

export interface ReconnectOptions {
  transport: Transport;
  /** Ours; without one nothing is joined again. */
  apiKey: string | null;
  clock: Clock;
  log: Log;
  timeouts: Timeouts;
  stopping: AbortSignal;
  /** Reads an answer's body to its end. */
  pump: (body: Incoming['body'], feed: (bytes: Uint8Array) => void) => Promise<'ended' | 'cut'>;
}

/**
 * Only runs of saved agents in a conversation are kept at Runtype, row by row; every other run that breaks off is lost.
 */
export function createReconnect(options: ReconnectOptions): Reconnect {
  const { transport, apiKey, clock, log, timeouts, stopping, pump } = options;

  async function ask(path: string, key: string): Promise<Incoming | 'later' | 'never'> {
    const rawHeaders = ['Authorization', `Bearer ${key}`, 'Accept', 'text/event-stream', 'Accept-Encoding', 'identity'];
    const { headersMs } = timeouts;
    let answer: Incoming;
    try {
      const call = { method: 'GET', path, rawHeaders, body: null, fresh: true, headersMs, signal: stopping };
      answer = await transport.send(call);
    } catch (thrown) {
      if (thrown instanceof TransportError) return 'later';
      throw thrown;
    }
    if (answer.status === 200 && isEventStream(answer.headers)) return answer;
    answer.body.destroy();
    return answer.status === 429 || answer.status >= 500 ? 'later' : 'never';
  }

  return async function reconnect({ agentId, conversationId, executionId }, broken) {
    if (apiKey === null) return;
    const route = `/v1/agents/${encodeURIComponent(agentId)}/executions/${encodeURIComponent(executionId)}/events`;
    for (let tries = 0; tries < WAITS_MS.length; tries += 1) {
      await clock.sleep(WAITS_MS[tries] ?? 0, stopping);
      const after = broken.after();
      const query = new URLSearchParams({ conversationId, after });
      const answer = await ask(`${route}?${query}`, apiKey);
      if (answer === 'never') return;
      if (answer === 'later') continue;
      log.info({ run: executionId, after }, 'a stream that broke off is joined again');
      broken.begin();
      const { body } = answer;
      let parked: ReturnType<typeof watchIdle> | null = null;
      await pump(body, (bytes) => {
        broken.feed(bytes);
        if (broken.concluded()) parked ??= watchIdle(body, PARKED_MS);
        parked?.alive();
      });
      (parked as ReturnType<typeof watchIdle> | null)?.stop();
      broken.end();
      if (broken.concluded()) return;
      if (broken.after() !== after) tries = -1;
    }
  };
}

import type { Clock, Log } from '../../../core/ports/ports.ts';
import { TransportError } from '../../shared/http/failures.ts';
import { isEventStream, watchIdle } from '../../shared/response.ts';
import type { Incoming, Timeouts, Transport } from '../../shared/transport.ts';
import type { Replay } from '../pause/run-facts.ts';
import { plainAnswer } from '../wire/content-coding.ts';
import { runPath } from '../wire/execution-record.ts';

/** The delays between attempts, as in Runtype's own widget, ms. A new frame restarts the count. */
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 8_000];

/**
 * Pauses that belong together are announced together. A server that leaves the answer open after a pause sends nothing
 * more, and the pause must not wait for it, ms.
 */
const PARKED_MS = 5_000;

const NOT_FOUND = 404;

/** A session whose stream broke. */
export interface BrokenStream {
  /** The row of the last whole frame. */
  after(): string;
  /** Another stream begins. */
  begin(): void;
  feed(bytes: Uint8Array): void;
  /** Resolves once it is known whether the run waits for other pauses than this stream announced. */
  end(how: 'ended' | 'cut'): Promise<void>;
  /** Whether the run's end was read, or it is paused. */
  isConcluded(): boolean;
  /** It was started without a stream, and Runtype may not know it yet. */
  mayBeginLater(): boolean;
}

/** Reads the rest of a run from where its stream broke. Resolves once it has, or can't. */
export type Reconnect = (run: Replay & { executionId: string }, broken: BrokenStream) => Promise<void>;

export interface ReconnectOptions {
  transport: Transport;
  /** Our key; null: never reconnects. */
  apiKey: string | null;
  clock: Clock;
  log: Log;
  timeouts: Timeouts;
  stopping: AbortSignal;
  /** Reads an answer's body to its end. */
  pump: (body: Incoming['body'], feed: (bytes: Uint8Array) => void) => Promise<'ended' | 'cut'>;
}

/** Runtype keeps only runs of saved agents in a conversation, row by row; the rest of any other run is lost. */
export function createReconnect(options: ReconnectOptions): Reconnect {
  const { transport, apiKey, clock, log, timeouts, stopping, pump } = options;

  async function request(path: string, key: string): Promise<Incoming | 'later' | 'unknown' | 'never'> {
    const rawHeaders = ['Authorization', `Bearer ${key}`, 'Accept', 'text/event-stream', 'Accept-Encoding', 'identity'];
    const { headersMs } = timeouts;
    let answer: Incoming;
    try {
      const call = { method: 'GET', path, rawHeaders, body: null, fresh: true, headersMs, signal: stopping };
      answer = plainAnswer(await transport.send(call));
    } catch (thrown) {
      if (thrown instanceof TransportError) return 'later';
      throw thrown;
    }
    if (answer.status === 200 && isEventStream(answer.headers)) return answer;
    answer.body.destroy();
    if (answer.status === NOT_FOUND) return 'unknown';
    return answer.status === 429 || answer.status >= 500 ? 'later' : 'never';
  }

  return async function reconnect({ agentId, conversationId, executionId }, broken) {
    if (apiKey === null) return;
    const route = `${runPath({ agentId, executionId })}/events`;
    for (let tries = 0; tries < WAITS_MS.length; tries += 1) {
      await clock.sleep(WAITS_MS[tries] ?? 0, stopping);
      const after = broken.after();
      const query = new URLSearchParams({ conversationId, after });
      const answer = await request(`${route}?${query}`, apiKey);
      if (answer === 'never' || (answer === 'unknown' && !broken.mayBeginLater())) return;
      if (answer === 'later' || answer === 'unknown') continue;
      log.info({ run: executionId, after }, 'reconnected to a stream that broke');
      broken.begin();
      const { body } = answer;
      let parked: ReturnType<typeof watchIdle> | null = null;
      const how = await pump(body, (bytes) => {
        broken.feed(bytes);
        if (broken.isConcluded()) parked ??= watchIdle(body, PARKED_MS);
        parked?.alive();
      });
      (parked as ReturnType<typeof watchIdle> | null)?.stop();
      await broken.end(how);
      if (broken.isConcluded()) return;
      if (broken.after() !== after) tries = -1;
    }
  };
}

import { setMaxListeners } from 'node:events';
import { coerceError } from '../../../core/ports/errors.ts';
import type { Clock, Delivery, Intake, Log } from '../../../core/ports/ports.ts';
import { retryUntilRecorded } from '../../../core/ports/retry-until-recorded.ts';
import { parseExact } from '../../../core/text/json.ts';
import { watchIdle } from '../../shared/response.ts';
import type { Incoming, Timeouts, Transport } from '../../shared/transport.ts';
import type { RunFactsCache } from '../pause/run-facts.ts';
import type { ContinuationHub } from './continuation-hub.ts';
import type { RunContext } from './reader.ts';
import { createReconnect } from './reconnect.ts';
import { openSession, type SessionHooks, type StreamSession } from './session.ts';

/** A run's whole answer in one piece; what is longer is not read. */
export const JSON_MAX_BYTES = 4 * 1024 * 1024;
/** How long a stop waits for what was read to be committed. */
const STOP_WAIT_MS = 2_000;

/** Everything that is being read right now. */
export interface StreamSessions {
  open(about: RunContext, hooks?: SessionHooks): StreamSession;
  /** Reads a continuation to its end: pulled, so that what isn't committed yet holds the stream back. Never rejects. */
  follow(answer: Incoming, about: RunContext): Promise<void>;
  /**
   * Goes on with a run from behind this row, as an earlier process read it.
   * @param quiet it stood at a pause, so that nothing is lost where nothing is to be read
   */
  continueFrom(about: RunContext, row: string, quiet: boolean): Promise<void>;
  /** Resolves once everything read so far, on any stream, is committed. */
  drained(): Promise<void>;
  /** Aborted when this is stopped. */
  readonly stopping: AbortSignal;
  /** Cuts what is still read, and waits a little for its last words to be committed. */
  stop(): Promise<void>;
}

export function createSessions(options: {
  intake: Intake;
  memory: RunFactsCache;
  hub: ContinuationHub;
  transport: Transport;
  apiKey: string | null;
  forPeople: (tool: string) => boolean;
  clock: Clock;
  log: Log;
  timeouts: Timeouts;
}): StreamSessions {
  const { intake, clock, log, timeouts } = options;
  const stopping = new AbortController();
  // One listener per open stream is no leak.
  setMaxListeners(0, stopping.signal);
  const active = new Set<StreamSession>();
  const reconnect = createReconnect({ ...options, stopping: stopping.signal, pump });

  async function deliver(delivery: Delivery): Promise<boolean> {
    try {
      await retryUntilRecorded(clock, log, () => intake.deliver(delivery), stopping.signal);
      return true;
    } catch (thrown) {
      const err = coerceError(thrown);
      log.error({ err, delivery: delivery.type, ...namesOf(delivery) }, 'what a stream told was not recorded');
      return false;
    }
  }

  function open(about: RunContext, hooks: SessionHooks = {}): StreamSession {
    const reading = openSession({ ...options, reconnect, deliver, stopping: stopping.signal }, about, hooks);
    active.add(reading);
    const forget = () => void active.delete(reading);
    reading.done.then(forget, forget);
    return reading;
  }

  /** Reads a body to its end, as fast as `feed` goes. Never rejects. */
  async function pump(body: Incoming['body'], feed: (bytes: Uint8Array) => void | Promise<void>) {
    const cut = () => body.destroy(new Error('stopping'));
    const idle = watchIdle(body, timeouts.idleMs);
    stopping.signal.addEventListener('abort', cut);
    if (stopping.signal.aborted) cut();
    try {
      for await (const bytes of body as AsyncIterable<Uint8Array>) {
        await feed(bytes);
        idle.alive();
      }
      return 'ended';
    } catch {
      return 'cut';
    } finally {
      idle.stop();
      stopping.signal.removeEventListener('abort', cut);
    }
  }

  return {
    open,
    async follow({ body }, about) {
      const reading = open(about);
      const how = await pump(body, async (bytes) => {
        reading.feed(bytes);
        await reading.drained();
      });
      reading.finish(how);
      await reading.done;
    },
    continueFrom(about, row, quiet) {
      const reading = open(about);
      reading.continueFrom(row, quiet);
      return reading.done;
    },
    drained: async () => void (await Promise.all([...active].map((reading) => reading.drained()))),
    stopping: stopping.signal,
    async stop() {
      stopping.abort();
      const done = Promise.all([...active].map((reading) => reading.done));
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, STOP_WAIT_MS);
      });
      await Promise.race([done, late]);
      clearTimeout(timer);
    },
  };
}

/** Undefined for what is no JSON. */
export function parseJson(bytes: Uint8Array | null): unknown {
  if (bytes === null || bytes.length === 0) return undefined;
  try {
    return parseExact(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function namesOf(delivery: Delivery): { run?: string; tool?: string } {
  if (delivery.type === 'announced') return { run: delivery.pause.runId, tool: delivery.pause.tool };
  return 'runId' in delivery ? { run: delivery.runId } : {};
}

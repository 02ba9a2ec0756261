/** Tested in test/backends/runtype/stream/sessions.test.ts and test/backends/runtype/stream/reconnect.test.ts. */
import { setMaxListeners } from 'node:events';
import type { BufferBudget } from '../../../core/ports/buffer-budget.ts';
import { coerceError } from '../../../core/ports/errors.ts';
import type { Clock, Delivery, Intake, Log } from '../../../core/ports/ports.ts';
import { retryUntilRecorded } from '../../../core/ports/retry-until-recorded.ts';
import { watchIdle } from '../../shared/response.ts';
import type { Incoming, Timeouts, Transport } from '../../shared/transport.ts';
import { createExecutionRecords, type ExecutionRecords } from '../execution-records.ts';
import type { RunFactsCache } from '../pause/run-facts.ts';
import type { AnswerWatch } from './answer-watch.ts';
import type { SessionHooks } from './checkpoint.ts';
import type { ContinuationHub } from './continuation-hub.ts';
import type { KeptBody } from './kept-body.ts';
import { openSession, type StreamSession } from './open-session.ts';
import type { ChatApprovals } from './reader/pause-tracker.ts';
import type { RunContext } from './reader/reader.ts';
import { createReconnect } from './reconnect.ts';

/** A run's whole answer in one piece; a longer one is not read. */
export const JSON_MAX_BYTES = 4 * 1024 * 1024;
/** How long a stop waits for what was read to be committed, ms. */
const STOP_WAIT_MS = 2_000;

/** All streams that are being read. */
export interface StreamSessions {
  open(context: RunContext, hooks?: SessionHooks): StreamSession;
  /** Reads a continuation to its end, no faster than it is committed. Never rejects. */
  follow(body: KeptBody, context: RunContext, watch: AnswerWatch): Promise<void>;
  /**
   * Reads a run on after this row, up to which an earlier process read it.
   * @param wasPaused no stream broke, so nothing is lost if there is nothing to read
   * @param isNew it was started without a stream, and Runtype may not know it yet
   */
  continueFrom(context: RunContext, row: string, wasPaused: boolean, isNew?: boolean): Promise<void>;
  /** Reads on after the pause whose answer was lost, where Runtype keeps the run; else the rest of it is lost. Never rejects. */
  readOn(context: RunContext, row: string | null): Promise<void>;
  /** Records what was learned outside of a stream. @returns whether it was recorded; never rejects */
  deliver(delivery: Delivery): Promise<boolean>;
  /** Resolves once everything read so far, on any stream, is committed. */
  drained(): Promise<void>;
  readonly records: ExecutionRecords;
  /** Aborted when this is stopped. */
  readonly stopping: AbortSignal;
  /** Cuts what is still read, and waits up to two seconds for its deliveries to be committed. */
  stop(): Promise<void>;
}

export function createSessions(options: {
  intake: Intake;
  runFacts: RunFactsCache;
  hub: ContinuationHub;
  transport: Transport;
  apiKey: string | null;
  forPeople: (tool: string) => boolean;
  ingestedFacts?: RunFactsCache;
  chats?: ChatApprovals;
  /** For what is kept of incomplete frames. Default: not counted. */
  room?: BufferBudget;
  clock: Clock;
  log: Log;
  timeouts: Timeouts;
}): StreamSessions {
  const { intake, clock, log, timeouts } = options;
  const stopping = new AbortController();
  // One listener for each open stream is not a leak.
  setMaxListeners(0, stopping.signal);
  const active = new Set<StreamSession>();
  const records = createExecutionRecords(options);
  const reconnect = createReconnect({ ...options, stopping: stopping.signal, pump });

  async function deliver(delivery: Delivery): Promise<boolean> {
    try {
      const delivered = await retryUntilRecorded(clock, log, () => intake.deliver(delivery), stopping.signal);
      return delivered === 'recorded';
    } catch (thrown) {
      const err = coerceError(thrown);
      log.error({ err, delivery: delivery.type, ...namesOf(delivery) }, 'an event of a stream was not recorded');
      return false;
    }
  }

  function open(context: RunContext, hooks: SessionHooks = {}): StreamSession {
    const isReadByAnother = (runId: string, own: StreamSession) =>
      [...active].some((session) => session !== own && session.reads(runId));
    const more = { reconnect, records, deliver, isReadByAnother, stopping: stopping.signal };
    const session = openSession({ ...options, ...more }, context, hooks);
    active.add(session);
    const forget = () => void active.delete(session);
    session.done.then(forget, forget);
    return session;
  }

  /** Reads a body to its end. Never rejects. */
  async function pump(body: Incoming['body'], feed: (bytes: Uint8Array) => void) {
    const cut = () => body.destroy(new Error('stopping'));
    const idle = watchIdle(body, timeouts.idleMs);
    stopping.signal.addEventListener('abort', cut);
    if (stopping.signal.aborted) cut();
    try {
      for await (const bytes of body as AsyncIterable<Uint8Array>) {
        feed(bytes);
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
    deliver,
    async follow(body, context, watch) {
      const session = open(context, { watch });
      const cut = () => body.destroy();
      stopping.signal.addEventListener('abort', cut);
      if (stopping.signal.aborted) cut();
      let next = await body.take();
      while (typeof next !== 'string') {
        session.feed(next);
        await session.drained();
        next = await body.take();
      }
      stopping.signal.removeEventListener('abort', cut);
      session.finish(next);
      await session.done;
    },
    readOn(context, row) {
      const session = open(context);
      if (row === null) session.finish('cut');
      else session.continueFrom(row, false);
      return session.done;
    },
    continueFrom(context, row, wasPaused, isNew) {
      const session = open(context);
      session.continueFrom(row, wasPaused, isNew);
      return session.done;
    },
    drained: async () => void (await Promise.all([...active].map((session) => session.drained()))),
    records,
    stopping: stopping.signal,
    async stop() {
      stopping.abort();
      const done = Promise.all([...active].map((session) => session.done));
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, STOP_WAIT_MS);
      });
      await Promise.race([done, late]);
      clearTimeout(timer);
    },
  };
}

function namesOf(delivery: Delivery): { run?: string; tool?: string } {
  if (delivery.type === 'announced') return { run: delivery.pause.runId, tool: delivery.pause.tool };
  return 'runId' in delivery && delivery.runId !== null ? { run: delivery.runId } : {};
}

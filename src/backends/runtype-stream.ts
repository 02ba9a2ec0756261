import { backoff } from '../core/backoff.ts';
import { coerceError, StoreError } from '../core/errors.ts';
import type { Clock, Delivery, Intake, Log } from '../core/ports.ts';
import { watchIdle } from './incoming.ts';
import { eventsOf } from './runtype-body.ts';
import type { RunMemory } from './runtype-memory.ts';
import { type ReaderOptions, RunReader } from './runtype-reader.ts';
import { createSseDecoder } from './sse.ts';
import type { Incoming, Timeouts } from './transport.ts';

/** A pause can't be asked for again, so a store that was full for a moment gets some more chances to keep it. */
const DELIVERY_TRIES = 6;
/** A run's whole answer in one piece; what is longer is not read. */
export const JSON_MAX_BYTES = 4 * 1024 * 1024;
/** How long a stop waits for what was read to be committed. */
const STOP_WAIT_MS = 2_000;

export type About = Pick<ReaderOptions, 'run' | 'clientTools'>;

/** A stream that is being read. Its deliveries are committed one after the other, behind the reading. */
export interface Reading {
  /** Takes bytes and returns at once; never throws. */
  feed(bytes: Uint8Array): void;
  /** Takes a run's whole answer, of a call that asked for no stream. */
  body(json: unknown): void;
  /** Does this in turn, before what is read from now on is delivered. */
  first(work: () => Promise<void>): void;
  finish(how: 'ended' | 'cut'): void;
  /** The same, without a word about the run. */
  leave(): void;
  /** Resolves once everything so far is committed, or was given up with a line in the log. */
  drained(): Promise<void>;
}

/** Everything that is being read right now. */
export interface Readings {
  open(about: About): Reading;
  /** Reads a continuation to its end: pulled, so that what isn't committed yet holds the stream back. Never rejects. */
  follow(answer: Incoming, about: About): Promise<void>;
  /** Resolves once everything read so far, on any stream, is committed. */
  drained(): Promise<void>;
  /** Aborted when this is stopped. */
  readonly stopping: AbortSignal;
  /** Cuts what is still read, and waits a little for its last words to be committed. */
  stop(): Promise<void>;
}

export function createReadings(options: {
  intake: Intake;
  memory: RunMemory;
  clock: Clock;
  log: Log;
  timeouts: Timeouts;
}): Readings {
  const { intake, memory, clock, log, timeouts } = options;
  const stopping = new AbortController();
  const active = new Set<Reading>();
  const following = new Set<Promise<void>>();

  async function deliver(delivery: Delivery): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await intake.deliver(delivery);
      } catch (thrown) {
        const err = coerceError(thrown);
        const again = thrown instanceof StoreError && tries < DELIVERY_TRIES && !stopping.signal.aborted;
        log.error({ err, delivery: delivery.type, ...namesOf(delivery), again }, 'what a stream told was not recorded');
        if (!again) return;
        await clock.sleep(backoff(tries, clock.random()), stopping.signal).catch(() => {});
      }
    }
  }

  function open(about: About): Reading {
    const reader = new RunReader({ memory, clock, log, via: 'stream', ...about });
    let lane: Promise<void> = Promise.resolve();
    const then = (work: () => Promise<void>) => {
      lane = lane
        .then(work)
        .catch((thrown: unknown) => log.error({ err: coerceError(thrown) }, 'reading along failed'));
    };
    /** What can't be read must not take along what comes after it, nor whoever reads the same bytes. */
    const read = (look: () => Delivery[]) => {
      try {
        for (const delivery of look()) then(() => deliver(delivery));
      } catch (thrown) {
        log.error({ err: coerceError(thrown) }, 'an event that can’t be read is left out');
      }
    };
    const decoder = createSseDecoder({
      onMessage: (message) => read(() => reader.message(message)),
      onOversize: () => log.warn({}, 'an event too long to be read is left out'),
    });
    const reading: Reading = {
      feed: (bytes) => decoder.push(bytes),
      body: (json) => {
        for (const event of eventsOf(json)) read(() => reader.event(event));
      },
      first: then,
      finish: (how) => {
        decoder.end();
        read(() => reader.end(how));
        reading.leave();
      },
      leave: () => then(async () => void active.delete(reading)),
      drained: () => lane,
    };
    active.add(reading);
    return reading;
  }

  async function follow({ body }: Incoming, about: About): Promise<void> {
    const reading = open(about);
    const cut = () => body.destroy(new Error('stopping'));
    const idle = watchIdle(body, timeouts.idleMs);
    stopping.signal.addEventListener('abort', cut);
    if (stopping.signal.aborted) cut();
    try {
      for await (const bytes of body as AsyncIterable<Uint8Array>) {
        reading.feed(bytes);
        await reading.drained();
        idle.alive();
      }
      reading.finish('ended');
    } catch {
      reading.finish('cut');
    } finally {
      idle.stop();
      stopping.signal.removeEventListener('abort', cut);
    }
    await reading.drained();
  }

  return {
    open,
    follow: (answer, about) => {
      const done = follow(answer, about).finally(() => following.delete(done));
      following.add(done);
      return done;
    },
    drained: async () => void (await Promise.all([...active].map((reading) => reading.drained()))),
    stopping: stopping.signal,
    async stop() {
      stopping.abort();
      const done = Promise.all([...following, ...[...active].map((reading) => reading.drained())]);
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
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function namesOf(delivery: Delivery): { run?: string; tool?: string } {
  if (delivery.type === 'announced') return { run: delivery.pause.runId, tool: delivery.pause.tool };
  return 'runId' in delivery ? { run: delivery.runId } : {};
}

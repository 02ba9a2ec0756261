/** Tested in test/backends/runtype/stream/continuation.test.ts and test/faults/backend/streams.test.ts. */
import { coerceError } from '../../../core/ports/errors.ts';
import type { Clock, Delivery, Log } from '../../../core/ports/ports.ts';
import { BACKEND } from '../pause/pause.ts';
import type { RunFactsCache } from '../pause/run-facts.ts';
import { type Frame, FrameSplitter } from '../wire/frames.ts';
import { eventsOf } from '../wire/json-body.ts';
import { checkpointOf, StreamPosition } from './checkpoint.ts';
import type { ContinuationHub, Publication, StreamEnd } from './continuation-hub.ts';
import { type RunContext, RunReader } from './reader.ts';
import type { Reconnect } from './reconnect.ts';

/** A stream that is being read. Its deliveries are committed in order, in the background. */
export interface StreamSession {
  /** Takes bytes and returns immediately. Never throws. */
  feed(bytes: Uint8Array): void;
  /** Takes a run's whole answer, of a call that requested no stream. */
  body(json: unknown): void;
  /** Does this work in order with the deliveries: before any that is read from now on. */
  enqueue(work: () => Promise<void>): void;
  /** Its stream is over. Where the run is not, and Runtype keeps it, the session reconnects. */
  finish(how: 'ended' | 'cut'): void;
  /**
   * An earlier process read the run up to this row: reads on after it.
   * @param wasPaused no stream broke, so nothing is lost if there is nothing to read
   */
  continueFrom(row: string, wasPaused: boolean): void;
  /** Ends the session without a statement about the run. */
  leave(): void;
  /** Resolves once everything read so far is committed, or failed with a line in the log. */
  drained(): Promise<void>;
  /** Resolves once the session has ended and is drained. */
  readonly done: Promise<void>;
  /** Whether the run is paused and people will answer all of it. True only once that is committed. */
  pausedForPeople(): Promise<boolean>;
  /** The last `seq` of the stream; null where it carries none. */
  lastSeq(): number | null;
}

export interface SessionOptions {
  runFacts: RunFactsCache;
  clock: Clock;
  log: Log;
  hub: ContinuationHub;
  forPeople: (tool: string) => boolean;
  reconnect: Reconnect;
  /** Aborted when reading stops. */
  stopping: AbortSignal;
  /** @returns whether it was recorded; never rejects */
  deliver(delivery: Delivery): Promise<boolean>;
}

export interface SessionHooks {
  /** The key of the application whose call this is; absent: our own call. */
  by?: string | null;
  /** The hash of that key, where the call may start a run. */
  opener?: string | null;
  /** A pause of this run is about to be delivered. @returns whether its response may be held there */
  onPause?: (executionId: string, key: string) => boolean;
  /** Runtype accepted this call, in an answer in one piece that need not name its run. */
  onAccepted?: () => void;
}

export function openSession(options: SessionOptions, context: RunContext, hooks: SessionHooks): StreamSession {
  return new Session(options, context, hooks);
}

class Session implements StreamSession {
  readonly #options: SessionOptions;
  readonly #hooks: SessionHooks;
  readonly #reader: RunReader;
  readonly #publication: Publication | null;
  readonly #splitter: FrameSplitter;
  readonly #position = new StreamPosition();
  readonly #end = Promise.withResolvers<void>();
  #commits: Promise<void> = Promise.resolve();
  /** The run whose checkpoint is stored. */
  #checkpointed: string | null = null;
  #isStream = false;
  #hasRead = false;
  #isRecorded = true;
  #mayBeHeld = true;

  constructor(options: SessionOptions, context: RunContext, hooks: SessionHooks) {
    this.#options = options;
    this.#hooks = hooks;
    const { opener = null, by } = hooks;
    this.#reader = new RunReader({ ...options, via: 'stream', opener, ...context });
    this.#publication = context.run === undefined ? null : options.hub.open(context.run.id, by);
    this.#splitter = new FrameSplitter({
      onOversize: () => {
        options.log.warn({}, 'an event that is too long was skipped');
        // A held response can't receive the whole continuation any more.
        this.#publication?.end({ type: 'broken', how: 'cut' });
      },
    });
  }

  get done(): Promise<void> {
    return this.#end.promise;
  }

  feed(bytes: Uint8Array): void {
    this.#isStream = true;
    this.#attempt(() => {
      for (const frame of this.#splitter.push(bytes)) this.#takeFrame(frame);
    });
  }

  body(json: unknown): void {
    this.#publication?.whole(json);
    for (const event of eventsOf(json)) this.#deliver(() => this.#reader.event(event));
  }

  enqueue(work: () => Promise<void>): void {
    this.#commits = this.#commits
      .then(work)
      .catch((thrown: unknown) => this.#options.log.error({ err: coerceError(thrown) }, 'reading a stream failed'));
  }

  continueFrom(row: string, wasPaused: boolean): void {
    this.#position.startAt(row);
    this.#isStream = true;
    // Nothing new may arrive at all, and then its row is still this one.
    if (!wasPaused) this.#saveCheckpoint();
    this.#conclude('cut', wasPaused);
  }

  finish(how: 'ended' | 'cut'): void {
    this.#endStream();
    this.#conclude(how, false);
  }

  leave(): void {
    this.#close('cut');
  }

  drained(): Promise<void> {
    return this.#commits;
  }

  async pausedForPeople(): Promise<boolean> {
    await this.#commits;
    const { hasEnded, isPaused, isAnswerable } = this.#reader;
    return !hasEnded && isPaused && isAnswerable && this.#isRecorded && this.#mayBeHeld;
  }

  lastSeq(): number | null {
    return this.#position.lastSeq();
  }

  /** An event that can't be read must not affect the ones after it, nor the response that is relayed. */
  #attempt(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.#options.log.error({ err: coerceError(thrown) }, 'an event that can’t be read was skipped');
    }
  }

  #takeFrame(frame: Frame): void {
    if (!this.#takeEvent(frame)) return;
    this.#publication?.frame(frame);
    this.#position.passed(frame);
  }

  /** @returns false for a frame that the server repeats */
  #takeEvent(frame: Frame): boolean {
    if (!this.#position.isNew(frame)) return false;
    if (frame.data === null) return true;
    this.#hasRead = true;
    this.#position.begin(frame, frame.data);
    this.#deliver(() => this.#reader.read(frame));
    return true;
  }

  /** A frame without its blank line is read: its pause must not be lost. It is neither passed on nor counted as a row. */
  #endStream(): void {
    for (const frame of this.#splitter.end()) this.#takeEvent(frame);
  }

  #deliver(look: () => Delivery[]): void {
    this.#attempt(() => {
      const deliveries = look();
      this.#saveCheckpoint();
      for (const delivery of deliveries) {
        this.#announce(delivery);
        this.enqueue(async () => {
          const isRecorded = await this.#options.deliver(delivery);
          if (delivery.type === 'announced') this.#isRecorded &&= isRecorded;
        });
      }
    });
  }

  /** Informs held responses, before the delivery is committed: from then on the pause may be decided. */
  #announce(delivery: Delivery): void {
    const { by, onPause } = this.#hooks;
    const { hub } = this.#options;
    if (delivery.type === 'announced') {
      const { runId, key } = delivery.pause;
      this.#publication?.pausesAs(runId, key);
      if (onPause?.(runId, key) === false) this.#mayBeHeld = false;
    }
    if (by === undefined) return;
    if (delivery.type === 'resolved') hub.onPauseResolvedElsewhere(delivery.key, by);
    if (delivery.type === 'run_ended' && delivery.state !== 'lost') hub.onRunEndedElsewhere(delivery.runId, by);
  }

  /** Before anything of the run is delivered, so that a crash in between loses no pause. */
  #saveCheckpoint(): void {
    const { executionId: runId, replay } = this.#reader;
    if (runId === null || runId === this.#checkpointed || replay === null) return;
    this.#checkpointed = runId;
    const { runFacts, deliver } = this.#options;
    const resume = checkpointOf(runFacts.of(runId), replay, this.#position.start);
    this.enqueue(async () => void (await deliver({ type: 'run_open', backend: BACKEND, runId, resume })));
  }

  /** Reconnects where the run is not over and Runtype keeps it, and ends the session. */
  #conclude(how: 'ended' | 'cut', wasPaused: boolean): void {
    const reader = this.#reader;
    const { replay, executionId } = reader;
    const conclude = () => {
      const isKnown = reader.hasEnded || reader.isPaused;
      // A run that can be read again is left to the next process.
      const { stopping } = this.#options;
      const isLeft = (wasPaused && !this.#hasRead) || (this.#checkpointed !== null && stopping.aborted);
      if (isKnown || !isLeft) this.#deliver(() => reader.end(how));
      this.#close(how);
    };
    if (reader.hasEnded || reader.isPaused || !this.#isStream || replay === null || executionId === null) {
      conclude();
      return;
    }
    const broken = {
      after: () => this.#position.row,
      begin: () => {
        this.#position.repeat();
        reader.readAgain();
        this.#splitter.reset();
      },
      feed: (bytes: Uint8Array) => this.feed(bytes),
      end: () => this.#endStream(),
      isConcluded: () => reader.hasEnded || reader.isPaused,
    };
    this.#options.reconnect({ ...replay, executionId }, broken).then(conclude, conclude);
  }

  #close(how: 'ended' | 'cut'): void {
    this.enqueue(async () => this.#publication?.end(this.#streamEnd(how)));
    this.enqueue(async () => this.#end.resolve());
  }

  #streamEnd(how: 'ended' | 'cut'): StreamEnd {
    const { hasEnded, isPaused, isAnswerable } = this.#reader;
    if (hasEnded) return { type: 'over' };
    return isPaused ? { type: 'paused', held: this.#isRecorded && isAnswerable } : { type: 'broken', how };
  }
}

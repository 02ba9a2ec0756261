/** Tested in test/backends/runtype/stream/sessions.test.ts and test/faults/backend/streams.test.ts. */
import { setImmediate } from 'node:timers/promises';
import type { BufferBudget } from '../../../core/ports/buffer-budget.ts';
import { coerceError } from '../../../core/ports/errors.ts';
import type { Clock, Delivery, Intake } from '../../../core/ports/ports.ts';
import type { ExecutionRecords } from '../execution-records.ts';
import { BACKEND, isAwaitKey } from '../pause/pause.ts';
import type { RunFactsCache } from '../pause/run-facts.ts';
import { isSkipped } from '../wire/event-types.ts';
import { agentRunOf } from '../wire/execution-record.ts';
import type { Frame } from '../wire/frames/frame.ts';
import { FrameSplitter } from '../wire/frames/frame-splitter.ts';
import { type FrameListener, Skimmer } from '../wire/frames/skim.ts';
import { eventsOf } from '../wire/json-body.ts';
import { isTextPiece } from '../wire/output-text.ts';
import { AnswerWatch, type Read } from './answer-watch.ts';
import { type DeliveryOptions, DeliveryQueue, type SessionHooks, StreamPosition } from './checkpoint.ts';
import type { Publication, StreamEnd } from './continuation-hub.ts';
import type { ChatApprovals } from './reader/pause-tracker.ts';
import { type RunContext, RunReader } from './reader/reader.ts';
import type { RunState } from './reader/run-outcome.ts';
import type { Reconnect } from './reconnect.ts';

/** Characters of a frame after which other work comes first. */
const LONG_FRAME = 64 * 1024;

/** A stream that is being read. Its deliveries are committed in order, in the background. */
export interface StreamSession {
  /** Takes bytes and returns immediately. Never throws. */
  feed(bytes: Uint8Array): void;
  /**
   * Takes a run's whole answer, of a call that requested no stream.
   * @param whole the same, exact, where `json` is only an outline
   */
  body(json: unknown, whole?: () => unknown): void;
  /** Does this work in order with the deliveries: before any that is read from now on. */
  enqueue(work: () => Promise<void>): void;
  /** Its stream is over. Where the run is not, and Runtype keeps it, the session reconnects. */
  finish(how: 'ended' | 'cut'): void;
  /**
   * An earlier process read the run up to this row: reads on after it.
   * @param wasPaused no stream broke, so nothing is lost if there is nothing to read
   * @param isNew it was started without a stream, and Runtype may not know it yet
   */
  continueFrom(row: string, wasPaused: boolean, isNew?: boolean): void;
  /** Ends the session without a statement about the run. */
  leave(): void;
  /** Resolves once everything read so far is committed, or failed with a line in the log. */
  drained(): Promise<void>;
  /** Resolves once the session has ended and is drained. */
  readonly done: Promise<void>;
  /** Whether the run is paused and people will answer all of it. True only once that is committed. */
  pausedForPeople(): Promise<boolean>;
  /** Whether it reads this run. */
  reads(runId: string): boolean;
  /** The last `seq` of the stream; null where it carries none. */
  lastSeq(): number | null;
}

export interface SessionOptions extends DeliveryOptions {
  intake: Pick<Intake, 'waiting'>;
  /** Whether another session reads this run. */
  isReadByAnother(runId: string, session: StreamSession): boolean;
  clock: Clock;
  forPeople: (tool: string) => boolean;
  ingestedFacts?: RunFactsCache;
  chats?: ChatApprovals;
  reconnect: Reconnect;
  records: ExecutionRecords;
  /** For what is kept of incomplete frames. */
  room?: BufferBudget;
  /** Aborted when reading stops. */
  stopping: AbortSignal;
}

export function openSession(options: SessionOptions, context: RunContext, hooks: SessionHooks): StreamSession {
  return new Session(options, context, hooks);
}

class Session implements StreamSession {
  readonly #options: SessionOptions;
  readonly #reader: RunReader;
  readonly #publication: Publication | null;
  readonly #deliveries: DeliveryQueue;
  readonly #splitter: FrameSplitter;
  readonly #skimmer = new Skimmer((type) => isSkipped(type) || isTextPiece(type));
  readonly #position = new StreamPosition();
  readonly done: Promise<void>;
  readonly #end: () => void;
  readonly #answers: readonly string[];
  #beside: FrameListener | null;
  readonly #isAlongside: boolean;
  readonly #watch: AnswerWatch | null;
  readonly #isIngested: boolean;
  /** The answer refused the call, which says nothing about the run. */
  #isRefused = false;
  /** What is known about a run whose stream ended with neither a pause nor an end. */
  #besides: 'paused' | 'unanswerable' | 'elsewhere' | null = null;
  /** Its decisions are sent from here, for the application has to answer, too. */
  #isKept = false;
  #isStream = false;
  /** It was started without a stream. */
  #isNew = false;
  #hasRead = false;

  constructor(options: SessionOptions, context: RunContext, hooks: SessionHooks) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.#end = resolve;
    const { opener = null, by, alongside = false, beside = null } = hooks;
    const { decides, doubts, run } = context;
    const answers = context.answers ?? decides?.pauses.map(({ key }) => key);
    this.#answers = answers ?? [];
    this.#beside = beside;
    this.#isAlongside = alongside;
    this.#isIngested = context.ingested ?? false;
    this.#watch = hooks.watch ?? (decides ? new AnswerWatch(decides, doubts) : null);
    this.#reader = new RunReader({ ...options, via: 'stream', opener, ...context });
    if (alongside) this.#reader.readAgain();
    this.#publication = run === undefined ? null : options.hub.open(run.id, by, answers);
    // What an application leaves out of its answer is announced again.
    if (run !== undefined && by !== undefined && this.#answers.some(isAwaitKey)) {
      options.runFacts.find(run.id)?.left.clear();
      options.hub.applicationAnswers(run.id);
    }
    this.#deliveries = new DeliveryQueue(options, hooks, this.#publication);
    this.#splitter = new FrameSplitter({
      room: options.room,
      onOversize: () => {
        options.log.warn({}, 'an event exceeds the size limit: only an outline of it is read');
        // A held response can't receive the whole continuation any more.
        this.#publication?.end({ type: 'broken', how: 'cut' });
      },
    });
  }

  feed(bytes: Uint8Array): void {
    this.#isStream = true;
    try {
      this.#splitter.each(bytes, this.#takeFrame, this.#pass);
    } catch (thrown) {
      this.#skip(thrown);
    }
  }

  body(json: unknown, whole = () => json): void {
    this.#publication?.whole(whole);
    for (const event of eventsOf(json)) this.#deliver(() => this.#reader.event(event));
  }

  enqueue(work: () => Promise<void>): void {
    this.#deliveries.enqueue(work);
  }

  continueFrom(row: string, wasPaused: boolean, isNew = false): void {
    this.#position.startAt(row);
    this.#isStream = true;
    this.#isNew = isNew;
    // Nothing new may arrive at all, and then its row is still this one.
    if (!wasPaused) this.#deliveries.saveCheckpoint(this.#reader.run, this.#position.start);
    this.#conclude('cut', wasPaused);
  }

  finish(how: 'ended' | 'cut'): void {
    this.#endStream();
    this.#hear(how);
    if (!this.#isRefused && (how === 'cut' || this.#state !== 'running')) {
      this.#conclude(how, false);
      return;
    }
    this.#deliveries.enqueue(async () => {
      await this.#lookBesides();
      this.#conclude(how, false);
    });
  }

  leave(): void {
    this.#splitter.reset();
    this.#close('cut');
  }

  drained(): Promise<void> {
    return this.#deliveries.drained();
  }

  async pausedForPeople(): Promise<boolean> {
    await this.drained();
    const { isRecorded, mayBeHeld } = this.#deliveries;
    return this.#state === 'paused' && isRecorded && mayBeHeld;
  }

  reads(runId: string): boolean {
    return this.#reader.run.names.includes(runId);
  }

  lastSeq(): number | null {
    return this.#position.lastSeq();
  }

  /** Reports what contradicts the result of the call that was recorded. */
  #hear(read: Read): void {
    for (const [key, result] of this.#watch?.corrections(read) ?? []) {
      this.#deliveries.add({ type: 'answered', backend: BACKEND, key, result });
    }
  }

  get #state(): RunState {
    const { state } = this.#reader;
    if (state !== 'running') return state;
    return this.#besides === 'elsewhere' ? 'paused' : (this.#besides ?? 'running');
  }

  /**
   * Its stream ended, and said neither that the run is over nor what it waits for: it may wait for pauses that an earlier
   * stream announced, and another stream may go on with it.
   */
  async #lookBesides(): Promise<void> {
    const { run } = this.#reader;
    const { intake, log, isReadByAnother } = this.#options;
    for (const runId of run.names) {
      const waiting = await intake.waiting(BACKEND, runId, this.#isIngested).catch((thrown: unknown) => {
        log.error({ err: coerceError(thrown), run: runId }, 'the open pauses of a run could not be read');
        return [];
      });
      const others = waiting.filter((key) => !this.#answers.includes(key));
      for (const key of others) this.#deliveries.pauses(runId, key);
      if (others.length > 0) this.#besides = 'paused';
    }
    if (this.#isRefused && this.#besides === null) {
      this.#besides = 'elsewhere';
      for (const runId of run.names) this.#options.hub.settled(runId);
    }
    if (run.isLeft) this.#besides = 'unanswerable';
    else if (run.isOver || run.names.some((runId) => isReadByAnother(runId, this))) this.#besides ??= 'elsewhere';
  }

  /** An event that can't be read must not affect the ones after it, nor the response that is relayed. */
  #skip(thrown: unknown): void {
    this.#options.log.error({ err: coerceError(thrown) }, 'an event that can’t be read was skipped');
  }

  readonly #takeFrame = (frame: Frame): void => {
    this.#beside?.frame(frame);
    if (!this.#takeEvent(frame)) return;
    this.#publication?.frame(frame);
    this.#position.passed(frame.id);
  };

  /** Passes frames of which nothing is read but their number and their text, where nothing else needs them one by one. */
  readonly #pass = (bytes: Buffer, from: number): number => {
    const isNeeded = this.#publication?.isReceived === true || this.#watch?.isClear === false;
    if (isNeeded || !this.#hasRead || this.#position.isRepeated) return from;
    let at = from;
    for (let run = this.#skimmer.run(bytes, at); run !== null; run = this.#skimmer.run(bytes, at)) {
      this.#beside?.run(bytes, run);
      this.#position.passed(run.id);
      this.#reader.pass(bytes, run);
      at = run.end;
    }
    this.#position.passedAll(bytes, from, at);
    return at;
  };

  /** @returns false for a frame that the server repeats, and for one that refuses the call */
  #takeEvent(frame: Frame): boolean {
    if (!this.#position.isNew(frame)) return false;
    // A name without data may be that of a pause.
    if (!frame.hasData && frame.event === null) return true;
    this.#hasRead = true;
    this.#position.begin(frame);
    // What a long pause takes to be stored is not added to what it took to be read.
    if (frame.raw.length > LONG_FRAME) this.#deliveries.enqueue(() => setImmediate());
    const isRefusal = this.#watch?.frame(frame) === true;
    this.#hear('open');
    this.#isRefused ||= isRefusal;
    if (!isRefusal) this.#deliver(() => this.#reader.read(frame));
    return !isRefusal;
  }

  /** A frame without its blank line is read: its pause must not be lost. It is neither passed on nor counted as a row. */
  #endStream(): void {
    for (const frame of this.#splitter.end()) {
      this.#beside?.frame(frame);
      this.#takeEvent(frame);
    }
    // What is read of the run from here on was not passed on.
    this.#beside = null;
  }

  #deliver(look: () => Delivery[]): void {
    try {
      const deliveries = look();
      this.#deliveries.saveCheckpoint(this.#reader.run, this.#position.start);
      for (const delivery of deliveries) this.#deliveries.add(delivery);
      this.#keepLeft();
    } catch (thrown) {
      this.#skip(thrown);
      const { executionId: runId, facts } = this.#reader.run;
      this.#deliveries.add({ type: 'unfollowed', backend: BACKEND, runId, reason: 'unreadable', name: facts.name });
    }
  }

  /** Before its response ends: from then on another replica could send what is decided. */
  #keepLeft(): void {
    const { executionId, isLeft, asksPeople } = this.#reader.run;
    if (this.#isKept || executionId === null || !isLeft || !asksPeople) return;
    this.#isKept = true;
    const kept = this.#options.hub.keepLeft(executionId);
    this.#deliveries.enqueue(() => kept);
  }

  /** Reconnects where the run is not over and Runtype keeps it, and ends the session. */
  #conclude(how: 'ended' | 'cut', wasPaused: boolean): void {
    const reader = this.#reader;
    const { executionId, facts } = reader.run;
    const conclude = () => {
      // A run that can be read again is left to the next process.
      const { stopping } = this.#options;
      const isLeft = (wasPaused && !this.#hasRead) || (stopping.aborted && this.#deliveries.hasCheckpoint);
      const end = () => {
        const isKnown = this.#state !== 'running';
        if (this.#besides === 'elsewhere') this.#deliver(() => reader.leave());
        else if (isKnown || !isLeft) this.#deliver(() => reader.end(how, this.#state));
        this.#close(how);
      };
      const isOpen = this.#state === 'running' || (this.#watch?.doubtful.length ?? 0) > 0;
      if (!isOpen || isLeft || stopping.aborted || this.#besides === 'elsewhere') end();
      else this.#deliveries.enqueue(() => this.#readRecords(how).then(end));
    };
    if (this.#isAlongside && this.#state === 'running') {
      this.#close(how);
      return;
    }
    if (this.#state !== 'running' || !this.#isStream || facts.replay === null || executionId === null) {
      conclude();
      return;
    }
    let wasReplayed = false;
    const look = async () => {
      if (this.#state === 'running') await this.#lookBesides();
    };
    const broken = {
      after: () => this.#position.row,
      begin: () => {
        this.#position.repeat();
        reader.readAgain();
        this.#splitter.reset();
      },
      feed: (bytes: Uint8Array) => this.feed(bytes),
      end: async (ended: 'ended' | 'cut') => {
        this.#endStream();
        await this.#deliveries.drained();
        wasReplayed ||= ended === 'ended';
        if (ended === 'ended' && this.#hasRead) await look();
      },
      isConcluded: () => this.#state !== 'running',
      mayBeginLater: () => this.#isNew && !this.#hasRead,
    };
    const reading = this.#options.reconnect({ ...facts.replay, executionId }, broken);
    reading.then(() => (wasReplayed ? look() : undefined)).then(conclude, conclude);
  }

  /** What the streams of the run left open: how the awaits of a lost answer ended, and the run. */
  async #readRecords(how: 'ended' | 'cut'): Promise<void> {
    const { records, stopping } = this.#options;
    const { executionId, facts } = this.#reader.run;
    const run = agentRunOf(executionId, facts);
    if (run === null) return;
    // A held response can't receive the rest, whatever the records say.
    if (this.#state === 'running') this.#publication?.end({ type: 'broken', how });
    const calls = this.#watch?.doubtful.map(async ({ key, toolCallId }) => {
      if (toolCallId == null) return;
      if ((await records.callEndOf(run, toolCallId, stopping)) !== null) this.#watch?.completed(key);
    });
    await Promise.all(calls ?? []);
    this.#hear(how);
    if (this.#state !== 'running') return;
    const end = await records.endOf(run, stopping);
    if (end !== null) this.#reader.recorded(end);
  }

  #close(how: 'ended' | 'cut'): void {
    this.#deliveries.enqueue(async () => {
      const ends: Record<RunState, StreamEnd> = {
        ended: { type: 'over' },
        paused: { type: 'paused', held: this.#deliveries.isRecorded },
        unanswerable: { type: 'paused', held: false },
        running: { type: 'broken', how },
      };
      try {
        this.#publication?.end(ends[this.#state]);
      } finally {
        this.#end();
      }
    });
  }
}

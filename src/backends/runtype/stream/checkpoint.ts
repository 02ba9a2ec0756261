/**
 * The queue that delivers a stream's events in order, how far the stream was read, and the checkpoint that is stored of
 * it. Tested in test/faults/backend/streams.test.ts.
 */
import { z } from 'zod';
import { coerceError } from '../../../core/ports/errors.ts';
import type { Delivery, Log } from '../../../core/ports/ports.ts';
import { isRecord, toJson } from '../../../core/text/json.ts';
import { storedObject } from '../../../core/text/stored-object.ts';
import { storedOpener } from '../pause/opener.ts';
import { BACKEND } from '../pause/pause.ts';
import { noteUncarded, type Replay, type RunFacts, type RunFactsCache, storedTools } from '../pause/run-facts.ts';
import type { Frame } from '../wire/frames/frame.ts';
import { type FrameListener, lastData } from '../wire/frames/skim.ts';
import type { AnswerWatch } from './answer-watch.ts';
import type { ContinuationHub, Publication } from './continuation-hub.ts';
import type { RunIdentity } from './reader/run-identity.ts';

/** Of the frames that may carry the last `seq`: the very last ones may be artifacts, which have none. */
const NUMBERED_KEPT = 8;

/** From where, and with what it knows of a run, a new process reads it on. */
export const checkpointSchema = storedObject({
  agentId: z.string(),
  conversationId: z.string(),
  row: z.string(),
  name: z.string().nullable(),
  /** Absent in those of earlier versions. */
  id: z.string().nullable().default(null),
  clientTools: z.array(z.string()),
  opener: storedOpener,
  /** Absent in those of earlier versions. */
  requester: z.string().nullable().default(null),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

export function checkpointOf(facts: RunFacts, replay: Replay, row: string): Checkpoint {
  const { name, id, opener, requester } = facts;
  const { agentId, conversationId, later } = replay;
  return { ...later, agentId, conversationId, row, name, id, clientTools: storedTools(facts), opener, requester };
}

/** How far the stream of a run was read: by the rows of a run that Runtype keeps, and by `seq`. */
export class StreamPosition {
  #row = '0';
  /** The row before the first frame; null until one was read. */
  #start: string | null = null;
  /** Rows up to this one were read: a server may send them again. */
  #readTo = Number.NaN;
  /** The data of the last frames that may carry a `seq`, as latin1. */
  #numbered: string[] = [];

  /** The row of the last whole frame. */
  get row(): string {
    return this.#row;
  }

  /** The row from which a new process reads this stream. */
  get start(): string {
    return this.#start ?? this.#row;
  }

  startAt(row: string): void {
    this.#row = row;
    this.#start = row;
  }

  /** Another stream of the run begins, which may repeat frames. */
  repeat(): void {
    this.#readTo = Number(this.#row);
  }

  /** Whether the stream may repeat frames. */
  get isRepeated(): boolean {
    return !Number.isNaN(this.#readTo);
  }

  isNew({ id }: Frame): boolean {
    return !(Number(id ?? Number.NaN) <= this.#readTo);
  }

  /** A frame with data is about to be read. */
  begin(frame: Frame): void {
    this.#start ??= rowBefore(frame.id);
    this.#number(frame.large === null ? frame.dataLatin1 : seqOnly(frame.brief()));
  }

  /** A whole frame was read. */
  passed(id: string | null): void {
    this.#row = id ?? this.#row;
  }

  /** Whole frames were passed, one after the other, whose data may carry a `seq`. */
  passedAll(bytes: Buffer, from: number, end: number): void {
    for (const data of lastData(bytes, from, end, NUMBERED_KEPT)) this.#number(data);
  }

  #number(data: string): void {
    if (!data.includes('"seq"')) return;
    this.#numbered.push(data);
    if (this.#numbered.length > 2 * NUMBERED_KEPT) this.#numbered = this.#numbered.slice(-NUMBERED_KEPT);
  }

  /** The last `seq` of the stream; null where it carries none. Nothing else is kept of the frames that it was read from. */
  lastSeq(): number | null {
    for (const data of this.#numbered.toReversed()) {
      const seq = seqIn(data);
      if (seq === null) continue;
      this.#numbered = [data];
      return seq;
    }
    return null;
  }
}

function seqOnly(event: unknown): string {
  return toJson({ seq: isRecord(event) ? event['seq'] : undefined });
}

function seqIn(data: string): number | null {
  try {
    const event: unknown = JSON.parse(data);
    return isRecord(event) && typeof event['seq'] === 'number' ? event['seq'] : null;
  } catch {
    return null;
  }
}

/** Null where the row has no number. */
function rowBefore(id: string | null): string | null {
  return id !== null && /^\d{1,15}$/.test(id) ? String(Math.max(0, Number(id) - 1)) : null;
}

export interface SessionHooks {
  /** The key of the application whose call this is; absent: our own call. */
  by?: string | null;
  /** The caller, where the call may start a run, or continues one that the caller has opened. */
  opener?: string | null;
  /** A pause of this run is about to be delivered. @returns whether its response may be held there */
  onPause?: (executionId: string, key: string) => boolean;
  /** It shows again what another call reads: where it ends says nothing about its run. Default: no. */
  alongside?: boolean;
  /** What the first frames of the answer to our own call said, which were read before. */
  watch?: AnswerWatch;
  /** Gets the frames of this stream, too. */
  beside?: FrameListener | null;
  /** Runtype accepted this call, in an answer in one piece that need not name its run. */
  onAccepted?: () => void;
}

export interface DeliveryOptions {
  runFacts: RunFactsCache;
  hub: ContinuationHub;
  log: Log;
  /** @returns whether it was recorded; never rejects */
  deliver(delivery: Delivery): Promise<boolean>;
}

/** Commits the deliveries of one stream in order, in the background. */
export class DeliveryQueue {
  readonly #options: DeliveryOptions;
  readonly #hooks: SessionHooks;
  readonly #publication: Publication | null;
  #work: Promise<void> = Promise.resolve();
  /** The run whose checkpoint is stored. */
  #checkpointed: string | null = null;
  #isRecorded = true;
  #mayBeHeld = true;

  constructor(options: DeliveryOptions, hooks: SessionHooks, publication: Publication | null) {
    this.#options = options;
    this.#hooks = hooks;
    this.#publication = publication;
  }

  /** Whether every pause so far was recorded. */
  get isRecorded(): boolean {
    return this.#isRecorded;
  }

  /** Whether the response may be held at every pause so far. */
  get mayBeHeld(): boolean {
    return this.#mayBeHeld;
  }

  get hasCheckpoint(): boolean {
    return this.#checkpointed !== null;
  }

  /** Does this work in order with the deliveries. */
  enqueue(work: () => Promise<void>): void {
    this.#work = this.#work
      .then(work)
      .catch((thrown: unknown) => this.#options.log.error({ err: coerceError(thrown) }, 'reading a stream failed'));
  }

  /** Resolves once all of it is done, with what was added meanwhile. */
  async drained(): Promise<void> {
    let work: Promise<void>;
    do {
      work = this.#work;
      await work;
    } while (work !== this.#work);
  }

  add(delivery: Delivery): void {
    this.#announce(delivery);
    this.enqueue(async () => {
      const { hub, deliver } = this.#options;
      if (delivery.type === 'announced') await hub.keepHeld(delivery.pause.runId);
      const isRecorded = await deliver(delivery);
      if (isRecorded) this.#tellOthers(delivery);
      if (delivery.type !== 'announced') return;
      this.#isRecorded &&= isRecorded;
      const { runId, key } = delivery.pause;
      const facts = this.#options.runFacts.of(runId);
      if (isRecorded) facts.uncarded.delete(key);
      else noteUncarded(facts, key);
    });
  }

  /**
   * Stores where a new process reads the run on. Called before anything of the run is delivered, so that a crash in
   * between loses no pause.
   */
  saveCheckpoint({ executionId: runId, facts: { replay }, isKept }: RunIdentity, row: string): void {
    if (runId === null || !isKept || runId === this.#checkpointed || replay === null) return;
    this.#checkpointed = runId;
    const { runFacts, deliver } = this.#options;
    const resume = checkpointOf(runFacts.of(runId), replay, row);
    this.enqueue(
      async () => void (await deliver({ type: 'run_open', backend: BACKEND, runId, resume, opener: resume.opener })),
    );
  }

  /** Held responses wait at this pause. */
  pauses(runId: string, key: string): void {
    this.#publication?.pausesAs(runId, key);
    if (this.#hooks.onPause?.(runId, key) === false) this.#mayBeHeld = false;
  }

  /** Informs the responses that other replicas hold. */
  #tellOthers(delivery: Delivery): void {
    const { by } = this.#hooks;
    const { hub } = this.#options;
    if (by === undefined) return;
    if (delivery.type === 'resolved') hub.tell({ runId: null, key: delivery.key }, by);
    if (delivery.type === 'run_ended' && delivery.state !== 'lost') hub.tell({ runId: delivery.runId, key: null }, by);
  }

  /** Informs held responses, before the delivery is committed: from then on the pause may be decided. */
  #announce(delivery: Delivery): void {
    const { by } = this.#hooks;
    const { hub } = this.#options;
    if (delivery.type === 'announced') this.pauses(delivery.pause.runId, delivery.pause.key);
    if (by === undefined) return;
    if (delivery.type === 'resolved') hub.onPauseResolvedElsewhere(delivery.key, by);
    if (delivery.type === 'run_ended' && delivery.state !== 'lost') hub.onRunEndedElsewhere(delivery.runId, by);
  }
}

/** Tested in test/backends/runtype/stream/sessions.test.ts and test/faults/backend/streams.test.ts. */
import { coerceError } from '../../../core/ports/errors.ts';
import type { Delivery, Log } from '../../../core/ports/ports.ts';
import { BACKEND } from '../pause/pause.ts';
import type { Replay, RunFactsCache } from '../pause/run-facts.ts';
import { checkpointOf } from './checkpoint.ts';
import type { ContinuationHub, Publication } from './continuation-hub.ts';

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

  drained(): Promise<void> {
    return this.#work;
  }

  add(delivery: Delivery): void {
    this.#announce(delivery);
    this.enqueue(async () => {
      const isRecorded = await this.#options.deliver(delivery);
      if (delivery.type === 'announced') this.#isRecorded &&= isRecorded;
    });
  }

  /**
   * Stores where a new process reads the run on. Called before anything of the run is delivered, so that a crash in
   * between loses no pause.
   */
  saveCheckpoint(runId: string | null, replay: Replay | null, row: string): void {
    if (runId === null || runId === this.#checkpointed || replay === null) return;
    this.#checkpointed = runId;
    const { runFacts, deliver } = this.#options;
    const resume = checkpointOf(runFacts.of(runId), replay, row);
    this.enqueue(async () => void (await deliver({ type: 'run_open', backend: BACKEND, runId, resume })));
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
}

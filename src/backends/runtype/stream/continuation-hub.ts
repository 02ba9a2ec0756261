import type { RunWord } from '../../../core/ports/store/fleet.ts';
import type { Frame } from '../wire/frames/frame.ts';

/** How a stream of a run ended, once all its deliveries are committed. */
export type StreamEnd =
  /** `held`: every pause has a card, so people will answer it. */
  | { type: 'paused'; held: boolean }
  | { type: 'over' }
  /** Neither a pause nor an end: the rest of the run was not seen. */
  | { type: 'broken'; how: 'ended' | 'cut' };

/** Receives one continuation. */
export interface ContinuationSink {
  frame(frame: Frame): void;
  /** The continuation in one piece, from a call that requested no stream. */
  whole(json: unknown): void;
  end(end: StreamEnd): void;
}

/** A held response, which waits for the continuation of its run. */
export interface Subscriber {
  /** The key of the call that is held: a next call with it receives the continuation itself. */
  readonly key: string | null;
  /** A continuation begins. */
  begin(): ContinuationSink;
  /** The application continues the run with a call of its own. */
  superseded(): void;
  /** The pause is over, and its continuation will not be seen here. */
  settled(): void;
}

/** A continuation while it is read. */
export interface Publication extends Omit<ContinuationSink, 'whole'> {
  /** Whether a response waits for it. */
  readonly isReceived: boolean;
  /** The continuation in one piece. @param read parses it; called only where a response waits for it */
  whole(read: () => unknown): void;
  /** It pauses under this id: old servers change it at a pause. */
  pausesAs(executionId: string, key: string): void;
}

/** Runs whose application has still to answer, as its own calls are never over where it does not return; the oldest go first. */
const LEFT_MAX = 5_000;

/** Where there are other replicas. */
export interface HubAmongReplicas {
  /** This replica alone sends the decisions of the run: its continuation is read where the response is held. */
  keep(executionId: string): Promise<void>;
  letGo(executionId: string): void;
  tell(word: RunWord): void;
  /** Of the key of an application, as the others know it. */
  hashOf(key: string): string;
}

/**
 * Connects the continuations of runs with the responses that wait for them. In memory: a response does not outlive the
 * process, and what it waits for is stored elsewhere.
 */
export class ContinuationHub {
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  readonly #runs = new Map<Subscriber, Set<string>>();
  /** A subscriber that left does not return, even if a stream announces another pause of its run. */
  readonly #left = new WeakSet<Subscriber>();
  /** Keys of the pauses at which responses are held, by run. */
  readonly #pauses = new Map<string, Set<string>>();
  /** Runs with decisions of ours under way, and how many. */
  readonly #deciding = new Map<string, number>();
  /** Runs that wait for people and for their application, too: only the replica that read it knows that. */
  readonly #awaitApplication = new Set<string>();
  readonly #replicas: HubAmongReplicas | null;

  /** @param replicas null: there are no others */
  constructor(replicas: HubAmongReplicas | null = null) {
    this.#replicas = replicas;
  }

  /** Before a pause of a run is recorded: its decision is to be sent from here where a response waits for it. */
  async keepHeld(executionId: string): Promise<void> {
    if (this.#replicas === null || !this.#subscribers.has(executionId)) return;
    await this.#keep(executionId);
  }

  /**
   * A run that waits for people waits for its application, too. What Runtype answers to a decision does not repeat that, so
   * the decision is sent from here, also where no response is held.
   */
  async keepLeft(executionId: string): Promise<void> {
    if (this.#replicas === null) return;
    this.#awaitApplication.delete(executionId);
    for (const oldest of this.#awaitApplication) {
      if (this.#awaitApplication.size < LEFT_MAX) break;
      this.applicationAnswers(oldest);
    }
    this.#awaitApplication.add(executionId);
    await this.#keep(executionId);
  }

  async #keep(executionId: string): Promise<void> {
    await this.#replicas?.keep(executionId);
    // No one waits any more.
    if (!this.#subscribers.has(executionId) && !this.#awaitApplication.has(executionId))
      this.#replicas?.letGo(executionId);
  }

  /** Its application has answered, or the run is over: from now on what it waits for is read with it. */
  applicationAnswers(executionId: string): void {
    if (this.#awaitApplication.delete(executionId) && !this.#subscribers.has(executionId))
      this.#replicas?.letGo(executionId);
  }

  /** What a stream here says to those that hold responses elsewhere. @param by as in `open` */
  tell(word: Omit<RunWord, 'type' | 'by'>, by: string | null | undefined): void {
    if (this.#replicas === null) return;
    const hash = by == null ? by : this.#replicas.hashOf(by);
    this.#replicas.tell({ type: 'run', ...word, ...(hash !== undefined && { by: hash }) });
  }

  /** What a stream elsewhere says. */
  onTold({ runId, key, by, goesOn }: RunWord): void {
    const { hashOf = (known: string) => known } = this.#replicas ?? {};
    const isOwn = (own: string | null) => by !== undefined && by === (own === null ? null : hashOf(own));
    if (key !== null) this.#onPauseResolved(key, isOwn);
    else if (runId !== null && goesOn === true) {
      this.applicationAnswers(runId);
      for (const subscriber of [...this.#of(runId)]) if (isOwn(subscriber.key)) subscriber.superseded();
    } else if (runId !== null) this.#onRunEnded(runId, isOwn);
  }

  /** The runs that it waits for. */
  runsOf(subscriber: Subscriber): readonly string[] {
    return [...(this.#runs.get(subscriber) ?? [])];
  }

  /** Before a pause is announced: its answer may arrive immediately. */
  join(executionId: string, subscriber: Subscriber, key?: string): void {
    if (this.#left.has(subscriber)) return;
    if (key !== undefined) this.#pauses.set(executionId, (this.#pauses.get(executionId) ?? new Set()).add(key));
    this.#subscribers.set(executionId, this.#of(executionId).add(subscriber));
    this.#runs.set(subscriber, (this.#runs.get(subscriber) ?? new Set()).add(executionId));
  }

  leave(subscriber: Subscriber): void {
    this.#left.add(subscriber);
    for (const executionId of this.#runs.get(subscriber) ?? []) {
      const all = this.#of(executionId);
      all.delete(subscriber);
      if (all.size > 0) continue;
      this.#subscribers.delete(executionId);
      this.#pauses.delete(executionId);
      if (!this.#awaitApplication.has(executionId)) this.#replicas?.letGo(executionId);
    }
    this.#runs.delete(subscriber);
  }

  /**
   * A continuation of this run is read.
   * @param by the key of the application whose call it is; undefined: our own call
   * @param answers the keys of the pauses that the call answers; undefined: all of the run
   */
  open(executionId: string, by?: string | null, answers?: readonly string[]): Publication {
    const receivers: Subscriber[] = [];
    for (const subscriber of [...this.#of(executionId)]) {
      // A subscriber never receives the continuation of another application's call.
      if (by === undefined) receivers.push(subscriber);
      else if (by === subscriber.key) subscriber.superseded();
    }
    if (by !== undefined) this.tell({ runId: executionId, key: null, goesOn: true }, by);
    if (by === undefined) {
      if (answers === undefined) this.#pauses.delete(executionId);
      else for (const key of answers) this.#pauses.get(executionId)?.delete(key);
    }
    const sinks = receivers.map((subscriber) => subscriber.begin());
    let hasEnded = false;
    return {
      isReceived: sinks.length > 0,
      frame: (frame) => {
        if (!hasEnded) for (const sink of sinks) sink.frame(frame);
      },
      whole: (read) => {
        if (sinks.length === 0) return;
        const json = read();
        for (const sink of sinks) sink.whole(json);
      },
      end: (end) => {
        if (hasEnded) return;
        hasEnded = true;
        if (end.type === 'over') this.applicationAnswers(executionId);
        for (const sink of sinks) sink.end(end);
      },
      pausesAs: (id, key) => {
        for (const subscriber of receivers) this.join(id, subscriber, key);
      },
    };
  }

  /** No continuation will come: the pause was decided elsewhere, or Runtype no longer knows it. */
  settled(executionId: string): void {
    for (const subscriber of [...this.#of(executionId)]) subscriber.settled();
  }

  /** Whether a response of another key waits for this run. */
  isHeldByAnother(executionId: string, key: string | null): boolean {
    return [...this.#of(executionId)].some((subscriber) => subscriber.key !== key);
  }

  /** A decision of ours is sent: until the returned function is called, news from elsewhere does not end the wait. */
  deciding(executionId: string): () => void {
    this.#deciding.set(executionId, (this.#deciding.get(executionId) ?? 0) + 1);
    return () => {
      const left = (this.#deciding.get(executionId) ?? 1) - 1;
      if (left > 0) this.#deciding.set(executionId, left);
      else this.#deciding.delete(executionId);
    };
  }

  isDeciding(executionId: string): boolean {
    return this.#deciding.has(executionId);
  }

  /**
   * A pause is over, as another stream than its continuation says.
   * @param by the key of the call whose stream says so; undefined: a webhook delivery
   */
  onPauseResolvedElsewhere(key: string, by?: string | null): void {
    this.#onPauseResolved(key, (own) => by !== undefined && by === own);
  }

  /** The same for a whole run. */
  onRunEndedElsewhere(executionId: string, by?: string | null): void {
    this.#onRunEnded(executionId, (own) => by !== undefined && by === own);
  }

  #onPauseResolved(key: string, isOwn: (key: string | null) => boolean): void {
    for (const [executionId, keys] of this.#pauses) {
      if (keys.delete(key) && keys.size === 0) this.#onRunEnded(executionId, isOwn);
    }
  }

  #onRunEnded(executionId: string, isOwn: (key: string | null) => boolean): void {
    if (this.isDeciding(executionId)) return;
    for (const subscriber of [...this.#of(executionId)]) if (!isOwn(subscriber.key)) subscriber.settled();
  }

  /** How many runs have subscribers. */
  get size(): number {
    return this.#subscribers.size;
  }

  #of(executionId: string): Set<Subscriber> {
    return this.#subscribers.get(executionId) ?? new Set();
  }
}

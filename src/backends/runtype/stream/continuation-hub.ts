/**
 * Where the continuations of runs meet the responses that wait for them. In memory: a response does not outlive the
 * process, and what it waits for is stored elsewhere.
 */
import type { Frame } from '../wire/frames.ts';

/** How a stream of a run ended, once all it told is committed. */
export type StreamEnd =
  /** `held`: every pause of it has a card, so people will answer it. */
  | { type: 'paused'; held: boolean }
  | { type: 'over' }
  /** Neither a pause nor an end: the rest of the run was not seen. */
  | { type: 'broken'; how: 'ended' | 'cut' };

/** Takes one continuation. */
export interface ContinuationSink {
  frame(frame: Frame): void;
  /** The continuation in one piece, from a call that asked for no stream. */
  whole(json: unknown): void;
  end(end: StreamEnd): void;
}

/** Somebody who waits for how a run goes on. */
export interface Subscriber {
  /** Whose call is held, by its key: its own next call gets the continuation itself. */
  readonly key: string | null;
  /** A continuation begins. */
  begin(): ContinuationSink;
  /** The application continues the run by a call of its own. */
  superseded(): void;
  /** The pause is over, and its continuation will not be seen here. */
  settled(): void;
}

/** A continuation as it is read. */
export interface Publication extends ContinuationSink {
  /** Whether anybody hears it. */
  readonly heard: boolean;
  /** It pauses under this id: servers of old change it at a pause. */
  pausesAs(executionId: string, key: string): void;
}

export class ContinuationHub {
  readonly #waiting = new Map<string, Set<Subscriber>>();
  readonly #runs = new Map<Subscriber, Set<string>>();
  /** Who left does not come back, whatever a stream still tells. */
  readonly #left = new WeakSet<Subscriber>();
  /** Keys of the pauses that are waited for, by run. */
  readonly #pauses = new Map<string, Set<string>>();
  /** Runs that a decision of ours is on its way to. */
  readonly #deciding = new Map<string, number>();

  /** Before a pause is announced: its answer may come at once. */
  join(executionId: string, waiting: Subscriber, key?: string): void {
    if (this.#left.has(waiting)) return;
    if (key !== undefined) this.#pauses.set(executionId, (this.#pauses.get(executionId) ?? new Set()).add(key));
    this.#waiting.set(executionId, this.#of(executionId).add(waiting));
    this.#runs.set(waiting, (this.#runs.get(waiting) ?? new Set()).add(executionId));
  }

  leave(waiting: Subscriber): void {
    this.#left.add(waiting);
    for (const executionId of this.#runs.get(waiting) ?? []) {
      const all = this.#of(executionId);
      all.delete(waiting);
      if (all.size > 0) continue;
      this.#waiting.delete(executionId);
      this.#pauses.delete(executionId);
    }
    this.#runs.delete(waiting);
  }

  /**
   * A continuation of this run is being read.
   * @param by the key of the application whose call it is; undefined: our own call
   */
  open(executionId: string, by?: string | null): Publication {
    const hearers: Subscriber[] = [];
    for (const waiting of [...this.#of(executionId)]) {
      // Another application's call is never told to it: only its own, and ours.
      if (by === undefined) hearers.push(waiting);
      else if (by === waiting.key) waiting.superseded();
    }
    if (by === undefined) this.#pauses.delete(executionId);
    const inboxes = hearers.map((waiting) => waiting.begin());
    let ended = false;
    return {
      heard: inboxes.length > 0,
      frame: (frame) => {
        if (!ended) for (const inbox of inboxes) inbox.frame(frame);
      },
      whole: (json) => {
        for (const inbox of inboxes) inbox.whole(json);
      },
      end: (end) => {
        if (ended) return;
        ended = true;
        for (const inbox of inboxes) inbox.end(end);
      },
      pausesAs: (id, key) => {
        for (const waiting of hearers) this.join(id, waiting, key);
      },
    };
  }

  /** No continuation will come: it was decided elsewhere, or is gone. */
  settled(executionId: string): void {
    for (const waiting of [...this.#of(executionId)]) waiting.settled();
  }

  /** Whether somebody else's response waits for this run. */
  takenBy(executionId: string, key: string | null): boolean {
    return [...this.#of(executionId)].some((waiting) => waiting.key !== key);
  }

  /** A decision of ours is sent: until this is done, what others tell of the run does not end the wait. */
  deciding(executionId: string): () => void {
    this.#deciding.set(executionId, (this.#deciding.get(executionId) ?? 0) + 1);
    return () => {
      const left = (this.#deciding.get(executionId) ?? 1) - 1;
      if (left > 0) this.#deciding.set(executionId, left);
      else this.#deciding.delete(executionId);
    };
  }

  /**
   * A pause is over, as somebody tells who is not its continuation.
   * @param by whose call told it; undefined: a delivery
   */
  resolvedElsewhere(key: string, by?: string | null): void {
    for (const [executionId, keys] of this.#pauses) {
      if (keys.delete(key) && keys.size === 0) this.overElsewhere(executionId, by);
    }
  }

  /** The same of a whole run. */
  overElsewhere(executionId: string, by?: string | null): void {
    if (this.#deciding.has(executionId)) return;
    for (const waiting of [...this.#of(executionId)]) {
      if (by === undefined || by !== waiting.key) waiting.settled();
    }
  }

  /** Runs that are waited for. */
  get size(): number {
    return this.#waiting.size;
  }

  #of(executionId: string): Set<Subscriber> {
    return this.#waiting.get(executionId) ?? new Set();
  }
}

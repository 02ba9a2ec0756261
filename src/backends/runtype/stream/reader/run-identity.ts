/** Tested in test/backends/runtype/stream/reader/reader.test.ts and test/backends/runtype/stream/reconnect.test.ts. */
import type { Delivery } from '../../../../core/ports/ports.ts';
import { BACKEND, bareName } from '../../pause/pause.ts';
import {
  emptyFacts,
  learn,
  type Replay,
  type RunFacts,
  type RunFactsCache,
  type SharedFacts,
} from '../../pause/run-facts.ts';

/** What is known about the run of a stream before the stream is read. */
export interface RunIdentityOptions {
  runFacts: RunFactsCache;
  /** The run, where it is known before its first frame, with what its earlier streams said about it. */
  run?: { id: string; facts: SharedFacts };
  /** What we call a run of our own until its first frame contains its id. */
  provisionalRunId?: string;
  /** The hash of the key whose call this stream answers, where that call may have started the run. */
  opener?: string | null;
  /** Tools of the application, from its request. */
  clientTools?: Iterable<string>;
  /** Where the run can be read again, from its request. */
  replay?: Replay | null;
  /** Whether it belongs to a website visitor's chat. */
  website?: boolean;
}

/** The ids of the run that a stream belongs to, and what is known about it. */
export class RunIdentity {
  readonly facts: RunFacts = emptyFacts();
  readonly #cache: RunFactsCache;
  readonly #provisionalId: string | null;
  /** One, except for the servers that change it at the first pause. */
  readonly #ids = new Set<string>();
  #executionId: string | null = null;

  constructor({ runFacts, provisionalRunId, clientTools = [], replay, opener, run, website }: RunIdentityOptions) {
    this.#cache = runFacts;
    this.#provisionalId = provisionalRunId ?? null;
    this.facts.clientTools = new Set([...clientTools].map(bareName));
    this.facts.replay = replay ?? null;
    this.facts.opener = opener ?? null;
    this.facts.website = website ?? false;
    if (run === undefined) return;
    learn(this.facts, run.facts);
    this.#use(run.id);
  }

  get executionId(): string | null {
    return this.#executionId;
  }

  /** What a pause that names no run is kept under. */
  idWithout(newId: () => string): string {
    const [known = this.#provisionalId ?? newId()] = this.#ids;
    if (known !== this.#provisionalId) this.#ids.add(known);
    return known;
  }

  get names(): string[] {
    return this.#ids.size === 0 && this.#provisionalId !== null ? [this.#provisionalId] : [...this.#ids];
  }

  /** The run has this id now: what was stored under the id before must be found under this one. */
  rename(to: string): Delivery[] {
    const from = this.#executionId ?? this.#provisionalId;
    this.#use(to);
    return from === null || from === to ? [] : [{ type: 'run_renamed', backend: BACKEND, from, to }];
  }

  learn(news: RunFacts): void {
    learn(this.facts, news);
    if (this.#executionId !== null) learn(this.#cache.of(this.#executionId), news);
  }

  /** Whether the run is over, as far as any of its streams said. */
  get isOver(): boolean {
    return this.#executionId !== null && this.#cache.of(this.#executionId).isOver;
  }

  set isOver(isOver: boolean) {
    if (this.#executionId !== null) this.#cache.of(this.#executionId).isOver = isOver;
  }

  /** Whether it has a pause that its application must answer itself. */
  get isLeft(): boolean {
    return this.#executionId !== null && this.#cache.of(this.#executionId).left.size > 0;
  }

  #use(executionId: string): void {
    if (executionId === this.#executionId) return;
    this.#executionId = executionId;
    this.#ids.add(executionId);
    const cached = this.#cache.of(executionId);
    this.facts.opener = cached.opener ?? this.facts.opener;
    learn(this.facts, { ...cached, name: this.facts.name ?? cached.name, id: this.facts.id ?? cached.id });
    learn(cached, this.facts);
  }
}

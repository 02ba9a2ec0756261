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
  /**
   * The run, where it is known before its first frame, with what its earlier streams said about it. `byCaller`: only a
   * caller names it, so nothing is kept under this ID until the stream shows that it exists. Default: no.
   */
  run?: { id: string; facts: SharedFacts; byCaller?: boolean };
  /** What we call a run of our own until its first frame contains its id. */
  provisionalRunId?: string;
  /** The caller whose call this stream answers, where that call may have started the run, or its caller has before. */
  opener?: string | null;
  /** Whom the call of this stream names as the one who asked for the run. Default: no one. */
  requester?: string | null;
  /** The trace context of the call of this stream. Default: none. */
  trace?: string | null;
  /** Tools of the application, from its request. */
  clientTools?: Iterable<string>;
  /** Where the run can be read again, from its request. */
  replay?: Replay | null;
  /** Whether it belongs to a website visitor's chat. */
  website?: boolean;
  /** Which website. Default: not known. */
  site?: string | null;
  /** What is known better of a run than what its events say here. Default: nothing. */
  known?: (executionId: string) => RunFacts | undefined;
  /** Only signed ingest has said what `run` holds: other streams of the run do not learn it. Default: no. */
  ingested?: boolean;
}

/** The ids of the run that a stream belongs to, and what is known about it. */
export class RunIdentity {
  readonly facts: RunFacts = emptyFacts();
  readonly #cache: RunFactsCache;
  readonly #provisionalId: string | null;
  readonly #known: (executionId: string) => RunFacts | undefined;
  readonly #isIngested: boolean;
  /** One, except for the servers that change it at the first pause. */
  readonly #ids = new Set<string>();
  #executionId: string | null = null;
  #isKept = false;

  constructor(options: RunIdentityOptions) {
    const { runFacts, provisionalRunId, clientTools = [], replay, opener, requester, run, website, site } = options;
    this.#cache = runFacts;
    this.#known = options.known ?? (() => undefined);
    this.#isIngested = options.ingested ?? false;
    this.#provisionalId = provisionalRunId ?? null;
    this.facts.clientTools = new Set([...clientTools].map(bareName));
    this.facts.replay = replay ?? null;
    this.facts.opener = opener ?? null;
    this.facts.requester = requester ?? null;
    this.facts.trace = options.trace ?? null;
    this.facts.website = website ?? false;
    this.facts.site = site ?? null;
    if (run === undefined) return;
    this.facts.requester = run.facts.requester ?? this.facts.requester;
    learn(this.facts, run.facts);
    this.#use(run.id);
    if (run.byCaller !== true) this.keep();
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
    this.keep();
    return from === null || from === to ? [] : [{ type: 'run_renamed', backend: BACKEND, from, to }];
  }

  /** The run exists: from now on its facts are kept for its later streams. */
  keep(): void {
    if (this.#executionId === null) return;
    if (!this.#isKept) learn(this.#cache.of(this.#executionId), this.facts);
    this.#isKept = true;
    const kept = this.#kept;
    if (kept !== undefined && !this.#isIngested) kept.isSeen = true;
  }

  /** Whether more than a caller's word names it. */
  get isKept(): boolean {
    return this.#isKept;
  }

  learn(news: RunFacts): void {
    learn(this.facts, news);
    const kept = this.#kept;
    if (kept !== undefined) learn(kept, news);
    if (this.#executionId !== null) this.#correct(this.#executionId);
  }

  /** This call is over: no later stream asks people about it. */
  forgetHidden(toolCallId: string): void {
    for (const facts of [this.facts, this.#kept]) facts?.hidden.delete(toolCallId);
  }

  /** Whether the run is over, as far as any of its streams said. */
  get isOver(): boolean {
    return this.#kept?.isOver === true;
  }

  set isOver(isOver: boolean) {
    const kept = this.#kept;
    if (kept !== undefined) kept.isOver = isOver;
  }

  /** Whether it has a pause that its application must answer itself. */
  get isLeft(): boolean {
    return (this.#kept?.left.size ?? 0) > 0;
  }

  /** Whether a call of it waits for people. */
  get asksPeople(): boolean {
    return (this.#kept?.calls.size ?? 0) > 0;
  }

  get #kept(): RunFacts | undefined {
    return this.#executionId === null ? undefined : this.#cache.find(this.#executionId);
  }

  #use(executionId: string): void {
    if (executionId === this.#executionId) return;
    this.#executionId = executionId;
    this.#ids.add(executionId);
    const cached = this.#cache.find(executionId);
    this.#isKept = cached !== undefined;
    if (cached === undefined) {
      this.#correct(executionId);
      return;
    }
    if (this.#isIngested) {
      learn(this.facts, cached);
      return;
    }
    // A run that was known before this stream keeps its opener, also where no opener is known.
    this.facts.opener = cached.opener;
    // A later call can't name another person.
    this.facts.requester = cached.requester ?? this.facts.requester;
    learn(this.facts, { ...cached, name: this.facts.name ?? cached.name, id: this.facts.id ?? cached.id });
    learn(cached, this.facts);
    this.#correct(executionId);
  }

  #correct(executionId: string): void {
    const known = this.#known(executionId);
    if (known !== undefined) learn(this.facts, known);
  }
}

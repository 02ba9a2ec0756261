import type { Approval } from '../../../core/approval/approval.ts';
import type { Clock, Delivery, Log } from '../../../core/ports/ports.ts';
import { toJson } from '../../../core/text/json.ts';
import { BACKEND, bareName, type FrameContext, resolvedOf } from '../pause/pause.ts';
import {
  emptyFacts,
  learn,
  type Replay,
  type RunFacts,
  type RunFactsCache,
  type SharedFacts,
} from '../pause/run-facts.ts';
import { normalise, type RunEvent, typeOf } from '../wire/events.ts';
import type { Frame } from '../wire/frames.ts';
import { bounded, isTextEvent, OutputText } from '../wire/output-text.ts';
import { isSkipped, leadingType } from '../wire/schema.ts';
import { PauseTracker } from './pause-tracker.ts';

export interface ReaderOptions {
  runFacts: RunFactsCache;
  clock: Clock;
  log: Log;
  via: Approval['via'];
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
  /** Which tools' outputs people give; default: all. */
  forPeople?: (tool: string) => boolean;
  /** The group of the awaits of one run in this stream. */
  groupOf?: (executionId: string) => string;
}

/** What is known about a run before its stream is read. */
export type RunContext = Pick<ReaderOptions, 'run' | 'provisionalRunId' | 'clientTools' | 'replay' | 'groupOf'>;

/** Reads one stream of a run: turns its frames, in order, into deliveries. Does no I/O and never throws. */
export class RunReader {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #identity: RunIdentity;
  readonly #pauses: PauseTracker;
  readonly #output = new OutputText();
  /** The row of the frame that is read. */
  #row: string | null = null;
  #stepError: string | null = null;
  #end: { ok: boolean; text: string | null } | null = null;
  #unreadable = 0;

  constructor(options: ReaderOptions) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#identity = new RunIdentity(options);
    this.#pauses = new PauseTracker(options);
  }

  /** Reads a frame. Its id is the number of its row in the run, where Runtype keeps the run. */
  read(frame: Frame): Delivery[] {
    const { event, data } = frame;
    if (data === null) return [];
    this.#row = frame.id;
    const type = event === null || event === 'message' ? leadingType(data) : event;
    const answered = type === null ? [] : this.#pauses.answeredBy(type, frame, this.executionId);
    return [...answered, ...this.#readData(type, data, frame)];
  }

  /** Reads an event as parsed from its JSON. */
  event(json: unknown): Delivery[] {
    const type = typeOf(json);
    if (type !== null && isTextEvent(type)) {
      this.#output.add(type, toJson(json));
      return [];
    }
    const event = normalise(json);
    const renamed = event.executionId === null ? [] : this.#identity.rename(event.executionId);
    return [...renamed, ...this.#interpret(event)];
  }

  /** From now on the stream repeats what was read before. */
  readAgain(): void {
    this.#pauses.readAgain();
  }

  /** The stream is over. `cut`: its connection broke. */
  end(how: 'ended' | 'cut'): Delivery[] {
    const { names } = this.#identity;
    if (names.length === 0 && how === 'cut') this.#log.warn({ how }, 'a stream broke before it named its run');
    return [...this.#pauses.endGroups(), ...names.map((runId) => this.#endOf(runId, how))];
  }

  /** How the run ended, where a closing frame said so. */
  ending(): Delivery[] {
    return this.#end === null ? [] : this.#identity.names.map((runId) => this.#endOf(runId, 'ended'));
  }

  /** Whether a closing frame was read. */
  get hasEnded(): boolean {
    return this.#end !== null;
  }

  get isPaused(): boolean {
    return this.#pauses.hasOpen;
  }

  /** Whether people can answer every pause that was announced from here. */
  get isAnswerable(): boolean {
    return this.#pauses.isAnswerable;
  }

  get executionId(): string | null {
    return this.#identity.executionId;
  }

  get replay(): Replay | null {
    return this.#identity.facts.replay;
  }

  #readData(type: string | null, data: string, frame: Frame): Delivery[] {
    if (type !== null && isSkipped(type)) return [];
    if (type !== null && isTextEvent(type)) {
      this.#output.add(type, data);
      return [];
    }
    const sentinel = data.trim();
    if (sentinel === '' || sentinel === '[DONE]') return [];
    const json = frame.json();
    if (json !== undefined) return this.event(json);
    this.#unreadable += 1;
    if (this.#unreadable === 1) {
      this.#log.warn({ event: type, characters: data.length }, 'an event that is not JSON was skipped');
    }
    return [];
  }

  #interpret(event: RunEvent): Delivery[] {
    switch (event.type) {
      case 'started':
        this.#identity.learn({ ...emptyFacts(), name: event.name });
        return [];
      case 'hidden':
        this.#identity.learn({ ...emptyFacts(), hidden: new Map([[event.toolCallId, event.names]]) });
        return [];
      case 'approval':
        return this.#pauses.approval(event, this.#context());
      case 'await':
        return this.#pauses.await(event, this.#context(), this.#identity.facts.clientTools);
      case 'resolved': {
        const delivery = resolvedOf(event);
        this.#pauses.resolved(delivery.key);
        return [delivery];
      }
      case 'step':
        this.#output.step(event.text);
        this.#stepError = event.error ?? this.#stepError;
        return [];
      case 'ended':
        this.#end = event;
        return [];
      case 'unsupported':
        this.#pauses.addUnanswerable(event.what);
        this.#log.warn({ run: this.executionId, what: event.what }, 'a pause can’t be answered from here');
        return [];
      case 'malformed':
        this.#log.warn({ run: this.executionId, what: event.what }, 'an event that can’t be read was skipped');
        return [];
      case 'server_wait':
      case 'ignored':
        return [];
    }
  }

  #context(): FrameContext | null {
    const { executionId, facts } = this.#identity;
    return executionId === null ? null : { executionId, facts, row: this.#row, now: this.#clock.now() };
  }

  #endOf(runId: string, how: 'ended' | 'cut'): Delivery {
    const run = { backend: BACKEND, runId };
    const output = this.#output.value();
    if (this.#end !== null) {
      const { ok, text } = this.#end;
      const result = text ?? (ok ? output : (this.#stepError ?? output));
      return { type: 'run_ended', ...run, state: ok ? 'completed' : 'failed', text: result && bounded(result) };
    }
    if (this.isPaused) return { type: 'run_paused', ...run };
    this.#log.warn({ run: runId, how }, 'the stream ended before its run did');
    return { type: 'run_ended', ...run, state: 'lost', text: output };
  }
}

/** The ids of the run that a stream belongs to, and what is known about it. */
class RunIdentity {
  readonly facts: RunFacts = emptyFacts();
  readonly #cache: RunFactsCache;
  readonly #provisionalId: string | null;
  /** One, except for the servers that change it at the first pause. */
  readonly #ids = new Set<string>();
  #executionId: string | null = null;

  constructor({ runFacts, provisionalRunId, clientTools = [], replay, opener, run }: ReaderOptions) {
    this.#cache = runFacts;
    this.#provisionalId = provisionalRunId ?? null;
    this.facts.clientTools = new Set([...clientTools].map(bareName));
    this.facts.replay = replay ?? null;
    this.facts.opener = opener ?? null;
    if (run === undefined) return;
    learn(this.facts, run.facts);
    this.#use(run.id);
  }

  get executionId(): string | null {
    return this.#executionId;
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

  #use(executionId: string): void {
    if (executionId === this.#executionId) return;
    this.#executionId = executionId;
    this.#ids.add(executionId);
    const cached = this.#cache.of(executionId);
    this.facts.opener = cached.opener ?? this.facts.opener;
    learn(this.facts, { ...cached, name: this.facts.name ?? cached.name });
    learn(cached, this.facts);
  }
}

import type { Approval, Pause } from '../../../core/approval/approval.ts';
import type { Clock, Delivery, Log } from '../../../core/ports/ports.ts';
import { toJson } from '../../../core/text/json.ts';
import { approvalPause, awaitPause, BACKEND, bareName, type Circumstances, resolvedOf } from '../pause/pause.ts';
import {
  ANY_OUTPUT,
  emptyFacts,
  learn,
  noteAwait,
  type Replay,
  type RunFacts,
  type RunFactsCache,
  type Shared,
} from '../pause/run-facts.ts';
import { type ApprovalAsked, normalise, type OutputAsked, type RunEvent, typeOf } from '../wire/events.ts';
import type { Frame } from '../wire/frames.ts';
import { bounded, isTextEvent, OutputText } from '../wire/output-text.ts';
import { isUnread, typeFirst } from '../wire/skipped-events.ts';
import { AnsweredMeanwhile, answeredThere } from './answered-meanwhile.ts';

export interface ReaderOptions {
  memory: RunFactsCache;
  clock: Clock;
  log: Log;
  via: Approval['via'];
  /** The run, where it is known before its first frame, with what its earlier streams told. */
  run?: { id: string; facts: Shared };
  /** What we call a run of our own until its first frame tells its id. */
  provisionalRunId?: string;
  /** The hash of the key whose call this stream answers, where that may have begun the run. */
  opener?: string | null;
  /** Tools of the application, from its request. */
  clientTools?: Iterable<string>;
  /** Where the run can be read again, from its request. */
  replay?: Replay | null;
  /** Which tools' outputs people give; all, where it is left out. */
  forPeople?: (tool: string) => boolean;
  /** The group of the awaits of one run in this stream. */
  groupOf?: (executionId: string) => string;
}

export type RunContext = Pick<ReaderOptions, 'run' | 'provisionalRunId' | 'clientTools' | 'replay' | 'groupOf'>;

/** One stream of a run: takes its messages in order, and says what they mean to us. Does no I/O and never throws. */
export class RunReader {
  readonly #options: ReaderOptions;
  readonly #facts = emptyFacts();
  readonly #words = new OutputText();
  readonly #groups = new Map<string, string>();
  /** Every id the run went by: one, but for the servers that change it at the first pause. */
  readonly #runIds = new Set<string>();
  #executionId: string | null = null;
  /** Pauses that this stream announced and nobody resolved on it, by key or by name. */
  readonly #waiting = new Set<string>();
  /** Runs of which it announced an await. */
  readonly #awaited = new Set<string>();
  /** Set once its rows are read again: awaits in it may be answered. */
  #overtaken: AnsweredMeanwhile | null = null;
  /** Of the frame that is read. */
  #row: string | null = null;
  #answerable = true;
  #stepError: string | null = null;
  #end: { ok: boolean; text: string | null } | null = null;
  #unreadable = 0;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#facts.clientTools = new Set([...(options.clientTools ?? [])].map(bareName));
    this.#facts.replay = options.replay ?? null;
    this.#facts.opener = options.opener ?? null;
    if (options.run === undefined) return;
    learn(this.#facts, options.run.facts);
    this.#meet(options.run.id);
  }

  /** A frame of an event stream. Its id is the number of its row in the run, where Runtype keeps the run. */
  read(frame: Frame): Delivery[] {
    const { event, data } = frame;
    if (data === null) return [];
    this.#row = frame.id;
    const named = event === null || event === 'message' ? (typeFirst.exec(data)?.[1] ?? null) : event;
    const over = named === null ? [] : this.#seeOvertaken(named, frame);
    return [...over, ...this.#readData(named, data, frame)];
  }

  #readData(named: string | null, data: string, frame: Frame): Delivery[] {
    if (named !== null && isUnread(named)) return [];
    if (named !== null && isTextEvent(named)) {
      this.#words.add(named, data);
      return [];
    }
    const sentinel = data.trim();
    if (sentinel === '' || sentinel === '[DONE]') return [];
    const json = frame.json();
    if (json !== undefined) return this.event(json);
    this.#unreadable += 1;
    if (this.#unreadable === 1) {
      this.#log.warn({ event: named, characters: data.length }, 'an event that is not JSON was skipped');
    }
    return [];
  }

  /** What comes from here on was told before, or happened meanwhile. */
  readAgain(): void {
    this.#overtaken ??= new AnsweredMeanwhile();
  }

  /** An event as parsed. */
  event(raw: unknown): Delivery[] {
    const type = typeOf(raw);
    if (type !== null && isTextEvent(type)) {
      this.#words.add(type, toJson(raw));
      return [];
    }
    return this.#take(normalise(raw));
  }

  /** The stream is over. `cut`: its connection broke off. */
  end(how: 'ended' | 'cut'): Delivery[] {
    const groups = [...this.#groups.values()].map((groupId): Delivery => ({ type: 'stream_ended', groupId }));
    const names = this.#names();
    // Nobody can say whose rest that was.
    if (names.length === 0 && how === 'cut') this.#log.warn({ how }, 'a stream broke off before it named its run');
    return [...groups, ...names.map((runId) => this.#runOver(runId, how))];
  }

  /** Whether a closing frame came. */
  get over(): boolean {
    return this.#end !== null;
  }

  get paused(): boolean {
    return this.#waiting.size > 0;
  }

  /** Whether every pause that it announced is one that people answer from here. */
  get answerable(): boolean {
    return this.#answerable;
  }

  get executionId(): string | null {
    return this.#executionId;
  }

  get replay(): Replay | null {
    return this.#facts.replay;
  }

  /** How it ended, where a closing frame said so. */
  ending(): Delivery[] {
    return this.#end === null ? [] : this.#names().map((runId) => this.#runOver(runId, 'ended'));
  }

  #names(): string[] {
    const { provisionalRunId } = this.#options;
    return this.#runIds.size === 0 && provisionalRunId !== undefined ? [provisionalRunId] : [...this.#runIds];
  }

  #runOver(runId: string, how: 'ended' | 'cut'): Delivery {
    const about = { backend: BACKEND, runId };
    const words = this.#words.value();
    if (this.#end !== null) {
      const { ok, text } = this.#end;
      const told = text ?? (ok ? words : (this.#stepError ?? words));
      return { type: 'run_ended', ...about, state: ok ? 'completed' : 'failed', text: told && bounded(told) };
    }
    if (this.#waiting.size > 0) return { type: 'run_paused', ...about };
    this.#log.warn({ run: runId, how }, 'the stream ended before its run did');
    return { type: 'run_ended', ...about, state: 'lost', text: words };
  }

  #take(event: RunEvent): Delivery[] {
    const renamed = event.executionId === null ? [] : this.#meetAnew(event.executionId);
    return [...renamed, ...this.#mean(event)];
  }

  /** What was kept under the name before must be found under this one. */
  #meetAnew(to: string): Delivery[] {
    const from = this.#executionId ?? this.#options.provisionalRunId ?? null;
    this.#meet(to);
    return from === null || from === to ? [] : [{ type: 'run_renamed', backend: BACKEND, from, to }];
  }

  #mean(event: RunEvent): Delivery[] {
    switch (event.type) {
      case 'started':
        this.#learn({ ...emptyFacts(), name: event.name });
        return [];
      case 'hidden':
        this.#learn({ ...emptyFacts(), hidden: new Map([[event.toolCallId, event.names]]) });
        return [];
      case 'approval':
        return this.#announce(event, (executionId) => {
          const pause = approvalPause(event, this.#circumstances(executionId));
          return { pause, streamOpen: false };
        });
      case 'await':
        return this.#await(event);
      case 'resolved': {
        const delivery = resolvedOf(event);
        this.#waiting.delete(delivery.key);
        this.#options.memory.answered([delivery.key]);
        return [delivery];
      }
      case 'step':
        this.#words.step(event.text);
        this.#stepError = event.error ?? this.#stepError;
        return [];
      case 'ended':
        this.#end = event;
        return [];
      case 'unsupported':
        this.#waitElsewhere(event.what);
        this.#log.warn({ run: this.#executionId, what: event.what }, 'a pause that people can’t answer from here yet');
        return [];
      case 'malformed':
        this.#log.warn({ run: this.#executionId, what: event.what }, 'an event that can’t be read is left out');
        return [];
      case 'server_wait':
      case 'ignored':
        return [];
    }
  }

  #await(event: OutputAsked): Delivery[] {
    const tool = bareName(event.tool);
    if (event.webmcp || this.#facts.clientTools.has(tool)) {
      this.#waitElsewhere(tool);
      this.#log.info({ run: this.#executionId, tool }, 'a pause that is the application’s own to answer');
      return [];
    }
    if (this.#options.forPeople?.(tool) === false) {
      this.#waitElsewhere(tool);
      this.#log.info({ run: this.#executionId, tool }, 'a pause that is not for people, by AWAIT_TOOLS');
      return [];
    }
    return this.#announce(event, (executionId) => {
      const groupId = this.#groupOf(executionId);
      const pause = awaitPause(event, this.#circumstances(executionId), groupId);
      this.#overtaken?.ask(pause.key);
      const facts = this.#options.memory.of(executionId);
      // What a run waited for before this stream is answered; what was left out is announced again.
      if (this.#options.via === 'stream' && !this.#awaited.has(executionId)) facts.awaits.clear();
      this.#awaited.add(executionId);
      const names = event.toolCallId === null && !event.named ? [ANY_OUTPUT] : [event.tool, tool];
      for (const name of new Set(names)) noteAwait(facts, name, pause.key);
      if (pause.actions.length === 0) this.#answerable = false;
      return { pause, streamOpen: this.#options.via === 'stream' && pause.actions.length > 0 };
    });
  }

  #announce(
    event: ApprovalAsked | OutputAsked,
    build: (executionId: string) => { pause: Pause; streamOpen: boolean },
  ): Delivery[] {
    if (this.#executionId === null) {
      this.#waitElsewhere(event.tool);
      this.#log.error({ tool: event.tool }, 'a pause without an executionId: nobody could answer it');
      return [];
    }
    const { pause, streamOpen } = build(this.#executionId);
    this.#waiting.add(pause.key);
    this.#options.memory.notePause(pause.key, this.#executionId);
    return [{ type: 'announced', pause, via: this.#options.via, streamOpen, inputId: null }];
  }

  #circumstances(executionId: string): Circumstances {
    return { executionId, facts: this.#facts, row: this.#row, now: this.#options.clock.now() };
  }

  #seeOvertaken(type: string, frame: Frame): Delivery[] {
    const keys = this.#overtaken?.see(type, frame, this.#executionId) ?? [];
    if (keys.length === 0) return [];
    for (const key of keys) this.#waiting.delete(key);
    this.#options.memory.answered(keys);
    // What the run asks next is another pause.
    const groups = [...this.#groups.values()].map((groupId): Delivery => ({ type: 'stream_ended', groupId }));
    this.#groups.clear();
    return [...keys.map(answeredThere), ...groups];
  }

  #waitElsewhere(what: string): void {
    this.#waiting.add(what);
    this.#answerable = false;
  }

  #groupOf(executionId: string): string {
    const groupId =
      this.#groups.get(executionId) ?? this.#options.groupOf?.(executionId) ?? `stream:${this.#options.clock.id()}`;
    this.#groups.set(executionId, groupId);
    return groupId;
  }

  /** From now on the run goes by this id; what is known of it on either side is shared. */
  #meet(executionId: string): void {
    if (executionId === this.#executionId) return;
    this.#executionId = executionId;
    this.#runIds.add(executionId);
    const remembered = this.#options.memory.of(executionId);
    this.#facts.opener = remembered.opener ?? this.#facts.opener;
    learn(this.#facts, { ...remembered, name: this.#facts.name ?? remembered.name });
    learn(remembered, this.#facts);
  }

  #learn(news: RunFacts): void {
    learn(this.#facts, news);
    if (this.#executionId !== null) learn(this.#options.memory.of(this.#executionId), news);
  }

  get #log(): Log {
    return this.#options.log;
  }
}

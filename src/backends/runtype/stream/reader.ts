import type { Approval } from '../../../core/approval/approval.ts';
import type { Unshowable } from '../../../core/approval/pause/pause.ts';
import type { Clock, Delivery, Log } from '../../../core/ports/ports.ts';
import { toJson } from '../../../core/text/json.ts';
import { unshowableOf } from '../../shared/large-json.ts';
import { BACKEND, type FrameContext, resolvedOf } from '../pause/pause.ts';
import { emptyFacts } from '../pause/run-facts.ts';
import { isSkipped, leadingType, normalise, type RunEvent, typeOf } from '../wire/events.ts';
import type { Frame } from '../wire/frame.ts';
import { bounded, isTextEvent, OutputText } from '../wire/output-text.ts';
import { type ChatApprovals, PauseTracker } from './pause-tracker.ts';
import { RunIdentity, type RunIdentityOptions } from './run-identity.ts';

export interface ReaderOptions extends RunIdentityOptions {
  clock: Clock;
  log: Log;
  via: Approval['via'];
  /** Which tools' outputs people give; default: all. */
  forPeople?: (tool: string) => boolean;
  /** The group of the awaits of one run in this stream. */
  groupOf?: (executionId: string) => string;
  /** Who answers an approval of a website chat; default: people. */
  chats?: ChatApprovals;
}

/** What is known about a run before its stream is read. */
export interface RunContext
  extends Pick<ReaderOptions, 'run' | 'provisionalRunId' | 'clientTools' | 'replay' | 'groupOf' | 'website'> {
  /** The keys of the pauses that the call answers whose stream this is. */
  answers?: readonly string[];
}

/** `paused`: people can answer all of it from here. `unanswerable`: it is paused, and they can't answer all of it. */
export type RunState = 'running' | 'paused' | 'unanswerable' | 'ended';

/** Reads one stream of a run: turns its frames, in order, into deliveries. Does no I/O and never throws. */
export class RunReader {
  readonly run: RunIdentity;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #pauses: PauseTracker;
  readonly #outcome = new RunOutcome();
  /** The row of the frame that is read. */
  #row: string | null = null;
  #unreadable = 0;

  constructor(options: ReaderOptions) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.run = new RunIdentity(options);
    this.#pauses = new PauseTracker(options);
  }

  /** Reads a frame. Its id is the number of its row in the run, where Runtype keeps the run. */
  read(frame: Frame): Delivery[] {
    const { event, large } = frame;
    if (!frame.hasData) return [];
    this.#row = frame.id;
    const leading = () => (large === null ? leadingType(frame.data ?? '') : typeOf(frame.brief()));
    const type = event === null || event === 'message' ? leading() : event;
    const answered = type === null ? [] : this.#pauses.answeredBy(type, frame, this.run.executionId);
    return [...answered, ...this.#readData(type, frame)];
  }

  /** Reads an event as parsed from its JSON, or an outline of it. */
  event(json: unknown): Delivery[] {
    const type = typeOf(json);
    if (type !== null && isTextEvent(type)) {
      this.#outcome.output.add(type, toJson(json));
      return [];
    }
    const event = normalise(json);
    const renamed = event.executionId === null ? [] : this.run.rename(event.executionId);
    return [...renamed, ...this.#interpret(event, unshowableOf(json))];
  }

  /** From now on the stream repeats what was read before. */
  readAgain(): void {
    this.#pauses.readAgain();
  }

  /** The stream is over. `cut`: its connection broke. `state`: of the run, as far as is known. */
  end(how: 'ended' | 'cut', state: RunState = this.state): Delivery[] {
    const { names } = this.run;
    if (names.length === 0 && how === 'cut') this.#log.warn({ how }, 'a stream broke before it named its run');
    if (state === 'running') {
      for (const run of names) this.#log.warn({ run, how }, 'the stream ended before its run did');
    }
    return [...this.#pauses.endGroups(), ...names.map((runId) => this.#outcome.delivery(runId, state))];
  }

  /** How the run ended, where a closing frame said so. */
  ending(): Delivery[] {
    const { state } = this;
    return state === 'ended' ? this.run.names.map((runId) => this.#outcome.delivery(runId, state)) : [];
  }

  /** Ends what the stream began, without a statement about the run. */
  leave(): Delivery[] {
    return this.#pauses.endGroups();
  }

  /** By what was read so far; `ended` once a closing frame was. */
  get state(): RunState {
    return this.#outcome.end === null ? this.#pauses.state : 'ended';
  }

  #readData(type: string | null, frame: Frame): Delivery[] {
    if (type !== null && isSkipped(type)) return [];
    const { large } = frame;
    const text = () => (large === null ? (frame.data ?? '') : toJson(frame.brief()));
    if (type !== null && isTextEvent(type)) {
      this.#outcome.output.add(type, text());
      return [];
    }
    if (large === null && ['', '[DONE]'].includes(text().trim())) return [];
    const json = frame.brief();
    if (json !== undefined) return this.event(json);
    this.#unreadable += 1;
    if (this.#unreadable === 1) {
      const characters = large?.bytes ?? text().length;
      this.#log.warn({ event: type, characters }, 'an event that is not JSON was skipped');
    }
    return [];
  }

  #interpret(event: RunEvent, unshowable: Unshowable | null): Delivery[] {
    switch (event.type) {
      case 'started':
        this.run.learn({ ...emptyFacts(), name: event.name, id: event.id });
        this.run.isOver = false;
        return [];
      case 'hidden':
        this.run.learn({ ...emptyFacts(), hidden: new Map([[event.toolCallId, event.names]]) });
        return [];
      case 'approval':
        return this.#pauses.approval(event, this.#context(unshowable));
      case 'await':
        return this.#pauses.await(event, this.#context(unshowable), this.run.facts);
      case 'resolved': {
        const delivery = resolvedOf(event);
        this.#pauses.resolved(delivery.key);
        return [delivery];
      }
      case 'step':
        this.#outcome.step(event.text, event.error);
        return [];
      case 'ended':
        this.#outcome.end = event;
        this.run.isOver = true;
        return [];
      case 'unsupported':
        this.#pauses.addUnanswerable(event.what);
        this.#log.warn({ run: this.run.executionId, what: event.what }, 'a pause can’t be answered from here');
        return [];
      case 'malformed':
        this.#log.warn({ run: this.run.executionId, what: event.what }, 'an event that can’t be read was skipped');
        return [];
      case 'server_wait':
      case 'ignored':
        return [];
    }
  }

  #context(unshowable: Unshowable | null): FrameContext | null {
    const { executionId, facts } = this.run;
    return executionId === null ? null : { executionId, facts, row: this.#row, now: this.#clock.now(), unshowable };
  }
}

/** What a stream says about how its run ended. */
class RunOutcome {
  readonly output = new OutputText();
  /** Of the closing frame; null: none was read. */
  end: { ok: boolean; text: string | null } | null = null;
  #stepError: string | null = null;

  step(text: string | null, error: string | null): void {
    this.output.step(text);
    this.#stepError = error ?? this.#stepError;
  }

  delivery(runId: string, state: RunState): Delivery {
    const run = { backend: BACKEND, runId };
    const output = this.output.value();
    if (this.end !== null) {
      const { ok, text } = this.end;
      const result = text ?? (ok ? output : (this.#stepError ?? output));
      return { type: 'run_ended', ...run, state: ok ? 'completed' : 'failed', text: result && bounded(result) };
    }
    return state === 'running'
      ? { type: 'run_ended', ...run, state: 'lost', text: output }
      : { type: 'run_paused', ...run };
  }
}

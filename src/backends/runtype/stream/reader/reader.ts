import type { Unshowable } from '../../../../core/approval/pause/pause.ts';
import type { Clock, Delivery, Log } from '../../../../core/ports/ports.ts';
import { isRecord, toJson } from '../../../../core/text/json.ts';
import { unshowableOf } from '../../../shared/large-json.ts';
import { type FrameContext, resolvedOf } from '../../pause/from-event.ts';
import { BACKEND } from '../../pause/pause.ts';
import { emptyFacts } from '../../pause/run-facts.ts';
import {
  callIdIn,
  isCompletion,
  isEmpty,
  isPauseType,
  isSkipped,
  leadingType,
  mayBePause,
  mentionsPause,
  nameOf,
  typeIn,
  typeOf,
} from '../../wire/event-types.ts';
import { normalise, type RunEvent } from '../../wire/events.ts';
import type { RunEnd } from '../../wire/execution-record.ts';
import type { Frame } from '../../wire/frames/frame.ts';
import type { Run } from '../../wire/frames/skim.ts';
import { isTextEvent } from '../../wire/output-text.ts';
import type { DecidingCall } from '../../wire/statement.ts';
import { PauseTracker, type PauseTrackerOptions } from './pause-tracker.ts';
import { RunIdentity, type RunIdentityOptions } from './run-identity.ts';
import { RunOutcome, type RunState } from './run-outcome.ts';

export interface ReaderOptions extends RunIdentityOptions, PauseTrackerOptions {
  /** What its pauses are kept under where it names no run. Default: an ID of its own. */
  unnamedRun?: () => string;
}

/** What is known about a run before its stream is read. */
export interface RunContext
  extends Pick<
    ReaderOptions,
    | 'run'
    | 'provisionalRunId'
    | 'clientTools'
    | 'replay'
    | 'requester'
    | 'trace'
    | 'groupOf'
    | 'website'
    | 'site'
    | 'doubts'
    | 'ingested'
  > {
  /** The keys of the pauses that the call answers whose stream this is. Default: of those that it decides. */
  answers?: readonly string[];
  /** What the call decides whose stream this is. */
  decides?: DecidingCall;
}

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
  #hasRead = false;
  readonly #unnamedRun: () => string;

  constructor(options: ReaderOptions) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#unnamedRun = options.unnamedRun ?? (() => `stream:${options.clock.id()}`);
    this.run = new RunIdentity(options);
    this.#pauses = new PauseTracker(options);
  }

  /** Reads a frame. Its id is the number of its row in the run, where Runtype keeps the run. */
  read(frame: Frame): Delivery[] {
    const name = nameOf(frame.event);
    if (!frame.hasData) return this.#withoutData(name, frame);
    this.#row = frame.id;
    this.#hasRead = true;
    const leading = () => (frame.large === null ? leadingType(frame.data ?? '') : typeOf(frame.brief()));
    const type = name ?? leading();
    const passed = type === null ? [] : this.#pauses.passedBy(type);
    return [...passed, ...this.#readData(type, name, frame)];
  }

  /** Passes frames that it need not read: it keeps the text in them. */
  pass(bytes: Uint8Array, run: Run): void {
    if (isTextEvent(run.type)) this.#outcome.output.addRun(bytes, run);
  }

  /**
   * Reads an event as parsed from its JSON, or an outline of it.
   * @param name from its frame
   */
  event(json: unknown, name: string | null = null): Delivery[] {
    const type = typeIn(json, name);
    if (type !== null && isTextEvent(type)) {
      this.#outcome.output.add(type, toJson(json));
      return [];
    }
    const event = normalise(json, name);
    const renamed = event.executionId === null ? [] : this.run.rename(event.executionId);
    return [...renamed, ...this.#interpret(event, unshowableOf(json))];
  }

  /** From now on the stream repeats what was read before. */
  readAgain(): void {
    this.#pauses.readAgain();
  }

  /** The stream is over. `cut`: its connection broke. `state`: of the run, as far as is known. */
  end(how: 'ended' | 'cut', state: RunState = this.state): Delivery[] {
    const { names, facts } = this.run;
    const open = this.#unclosed();
    if (state === 'running' && open.length === 0) {
      if (names.length === 0 && how === 'cut') this.#log.warn({ how }, 'a stream broke before it named its run');
      for (const run of names) this.#log.warn({ run, how }, 'the stream ended before its run did');
      // Without a run there is no approval in whose thread this could be said.
      const isLost = names.length === 0 && (how === 'cut' || this.#hasRead);
      if (isLost) open.push({ type: 'unfollowed', backend: BACKEND, runId: null, reason: 'lost', name: facts.name });
    }
    // A note says already that it may wait.
    const known = open.length > 0 && state === 'running' && names.length > 0 ? 'unanswerable' : state;
    const outcomes = names.map((runId) => this.#outcomeOf(runId, known));
    // Its response may be held for an hour.
    this.#outcome.output.forget();
    return [...this.#pauses.endGroups(), ...this.#pauses.seen(names), ...open, ...outcomes];
  }

  /** The run ended so, by Runtype's record. */
  recorded(end: RunEnd): void {
    this.#outcome.recorded(end);
    this.run.isOver = true;
  }

  /** How the run ended, where a closing frame said so; else what may wait unseen. */
  ending(): Delivery[] {
    const { state } = this;
    if (state !== 'ended') return this.#unclosed();
    // A delivery may hold events of several runs: only that of the closing one is over.
    const { executionId, names } = this.run;
    return (executionId === null ? names : [executionId]).map((runId) => this.#outcomeOf(runId, state));
  }

  /** What may wait, where no closing frame says that nothing does. */
  #unclosed(): Delivery[] {
    return this.state === 'ended' ? [] : this.#pauses.atEnd(this.run.executionId);
  }

  #outcomeOf(runId: string, state: RunState): Delivery {
    return this.#outcome.delivery(runId, state, this.run.facts.name);
  }

  /** Ends what the stream began, without a statement about the run. */
  leave(): Delivery[] {
    return [...this.#pauses.endGroups(), ...this.#pauses.seen(this.run.names)];
  }

  /** By what was read so far; `ended` once a closing frame was. */
  get state(): RunState {
    return this.#outcome.end === null ? this.#pauses.state : 'ended';
  }

  #readData(type: string | null, name: string | null, frame: Frame): Delivery[] {
    const { large } = frame;
    const text = () => (large === null ? (frame.data ?? '') : toJson(frame.brief()));
    if (type !== null && (isSkipped(type) || isTextEvent(type)) && !isPauseWithin(frame, type)) {
      if (isTextEvent(type)) this.#outcome.output.add(type, text());
      return [];
    }
    if (type !== null && isCompletion(type) && !this.#mayMatter(callIdIn(text()))) return [];
    if (large === null && isEmpty(text())) return this.#withoutData(name, frame);
    const json = frame.brief();
    if (json !== undefined) return this.#anyJson(json, name);
    this.#unreadable += 1;
    if (this.#unreadable === 1) {
      const characters = large?.bytes ?? text().length;
      this.#log.warn({ event: type, characters }, 'an event that is not JSON was skipped');
    }
    const isPause = (type !== null && isPauseType(type)) || (large === null && mentionsPause(text()));
    // What is cut off is lost with the rest of its stream, or read again.
    return isPause && !frame.isCut ? this.unreadable() : [];
  }

  /** Whether it matters that this call is over. A result can quote another's ID before its own: only a parsed ID proves it. */
  #mayMatter(callId: string | null): boolean {
    return this.#pauses.mayEndWait(callId) || (callId !== null && this.run.facts.hidden.has(callId));
  }

  #anyJson(json: unknown, name: string | null): Delivery[] {
    if (Array.isArray(json)) return json.flatMap((one) => this.#anyJson(one, name));
    const isPause = name !== null && isPauseType(name) && !isRecord(json);
    return isPause ? this.unreadable() : this.event(json, name);
  }

  #withoutData(name: string | null, { isCut }: Frame): Delivery[] {
    return name !== null && isPauseType(name) && !isCut ? this.unreadable() : [];
  }

  /** What looks like a pause can't be read. */
  unreadable(): Delivery[] {
    const { executionId, facts } = this.run;
    return this.#pauses.unfollowed('unreadable', executionId, facts.name);
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
        return this.#pauses.await(event, this.#context(unshowable));
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
      case 'completed':
        this.run.forgetHidden(event.toolCallId);
        return this.#pauses.completed(event.toolCallId, this.run.names);
      case 'may_pause':
        this.#pauses.mayPause(event);
        return [];
      case 'malformed':
        this.#log.warn({ run: this.run.executionId, what: event.what }, 'an event that can’t be read was skipped');
        return [];
      case 'server_wait':
      case 'ignored':
        return [];
    }
  }

  #context(unshowable: Unshowable | null): FrameContext {
    // It pauses, so it exists, also where only a caller named it.
    this.run.keep();
    const { executionId, facts } = this.run;
    const runId = executionId ?? this.run.idWithout(this.#unnamedRun);
    return { runId, executionId, facts, row: this.#row, now: this.#clock.now(), unshowable };
  }
}

/** Whether a frame whose name says that it is never parsed carries a pause all the same. */
function isPauseWithin(frame: Frame, type: string): boolean {
  if (frame.large === null) return mayBePause(frame.data ?? '', type);
  return isPauseType(typeOf(frame.brief()) ?? '');
}

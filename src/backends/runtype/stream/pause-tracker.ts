/**
 * The pauses that one stream announces. Tested in
 * test/backends/runtype/stream/reader.test.ts and test/backends/runtype/stream/reconnect.test.ts.
 */

import type { Approval } from '../../../core/approval/approval.ts';
import type { Pause } from '../../../core/approval/pause/pause.ts';
import type { Clock, Delivery, Log } from '../../../core/ports/ports.ts';
import { isRecord } from '../../../core/text/json.ts';
import { approvalPause, awaitKey, awaitPause, BACKEND, bareName, type FrameContext } from '../pause/pause.ts';
import { ANY_OUTPUT, ANY_TOOL, noteAwait, type RunFacts, type RunFactsCache } from '../pause/run-facts.ts';
import type { ApprovalAsked, OutputAsked } from '../wire/events.ts';
import type { Frame } from '../wire/frame.ts';

export interface PauseTrackerOptions {
  runFacts: RunFactsCache;
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

type Announced = Extract<Delivery, { type: 'announced' }>;

/** Who answers the approvals of website chats. */
export interface ChatApprovals {
  /**
   * `visitor`: they answer it in their chat, and it may be announced later. `too_many`: it gets no card, and a note.
   * @param opener the hash of the chat's credential
   */
  answeredBy(announced: Announced, asked: ApprovalAsked, opener: string | null): 'people' | 'visitor' | 'too_many';
}

/** Turns the pauses of one stream into deliveries, and knows which of them are open. */
export class PauseTracker {
  readonly #options: PauseTrackerOptions;
  readonly #groups = new Map<string, string>();
  /** Pauses that this stream announced and did not resolve, by key or by name. */
  readonly #open = new Set<string>();
  /** Runs of which this stream announced an await. */
  readonly #awaited = new Set<string>();
  /** Set once the run's rows are read again: its awaits may have been answered. */
  #answeredMeanwhile: AnsweredMeanwhile | null = null;
  /** Whether people can answer every pause that was announced from here. */
  #isAnswerable = true;

  constructor(options: PauseTrackerOptions) {
    this.#options = options;
  }

  get state(): 'running' | 'paused' | 'unanswerable' {
    if (this.#open.size === 0) return 'running';
    return this.#isAnswerable ? 'paused' : 'unanswerable';
  }

  /** From now on the stream repeats what was read before. */
  readAgain(): void {
    this.#answeredMeanwhile ??= new AnsweredMeanwhile();
  }

  approval(event: ApprovalAsked, context: FrameContext | null): Delivery[] {
    if (context === null) return this.#withoutRun(event);
    const { website, opener } = context.facts;
    const pause = approvalPause(event, context);
    const announced = this.#announced(pause, false);
    const by = website ? (this.#options.chats?.answeredBy(announced, event, opener) ?? 'people') : 'people';
    if (by === 'people') return this.#announce(announced, context);
    this.#options.runFacts.notePause(pause.key, context.executionId);
    this.addUnanswerable(pause.key);
    this.#options.runFacts.of(context.executionId).left.add(pause.key);
    const { backend, runId, tool: name } = pause;
    return by === 'visitor' ? [] : [{ type: 'unfollowed', backend, runId, reason: 'too_many', name }];
  }

  /** @param facts of its run, which need not have an id yet */
  await(event: OutputAsked, context: FrameContext | null, facts: RunFacts): Delivery[] {
    const { log, via, runFacts } = this.#options;
    const tool = bareName(event.tool);
    const run = context?.executionId ?? null;
    const { clientTools, website } = facts;
    if (event.webmcp || clientTools.has(tool) || clientTools.has(ANY_TOOL) || website) {
      this.#leave(event, context);
      log.info({ run, tool }, 'a pause is left to the application, which offered its tool');
      return [];
    }
    if (this.#options.forPeople?.(tool) === false) {
      this.#leave(event, context);
      log.info({ run, tool }, 'a pause is not for people (AWAIT_TOOLS)');
      return [];
    }
    if (context === null) return this.#withoutRun(event);
    const { executionId } = context;
    const pause = awaitPause(event, context, this.#groupOf(executionId));
    this.#answeredMeanwhile?.add(pause.key);
    const shared = runFacts.of(executionId);
    // What a run awaited before this stream is answered; what was left out is announced again.
    if (via === 'stream' && !this.#awaited.has(executionId)) shared.awaits.clear();
    this.#awaited.add(executionId);
    const names = event.toolCallId === null && !event.named ? [ANY_OUTPUT] : [event.tool, tool];
    for (const name of new Set(names)) noteAwait(shared, name, pause.key);
    const isAnswerable = pause.actions.length > 0;
    if (!isAnswerable) this.#isAnswerable = false;
    return this.#announce(this.#announced(pause, via === 'stream' && isAnswerable), context);
  }

  resolved(key: string): void {
    this.#open.delete(key);
    this.#options.runFacts.answered([key]);
  }

  /** The awaits that this event shows to be answered. `type`: of the event. */
  answeredBy(type: string, frame: Frame, executionId: string | null): Delivery[] {
    const keys = this.#answeredMeanwhile?.answeredBy(type, frame, executionId) ?? [];
    if (keys.length === 0) return [];
    for (const key of keys) this.#open.delete(key);
    this.#options.runFacts.answered(keys);
    // What the run asks next is another pause.
    const ended = this.endGroups();
    this.#groups.clear();
    return [...keys.map(answeredAtRuntype), ...ended];
  }

  /** A pause that people can't answer from here. */
  addUnanswerable(what: string): void {
    this.#open.add(what);
    this.#isAnswerable = false;
  }

  /** Its application answers it. */
  #leave({ tool, toolCallId }: OutputAsked, context: FrameContext | null): void {
    this.addUnanswerable(bareName(tool));
    if (context === null) return;
    const { executionId } = context;
    this.#options.runFacts.of(executionId).left.add(awaitKey(executionId, toolCallId ?? tool));
  }

  endGroups(): Delivery[] {
    return [...this.#groups.values()].map((groupId) => ({ type: 'stream_ended', groupId }));
  }

  #announced(pause: Pause, streamOpen: boolean): Announced {
    const readAgain = this.#answeredMeanwhile !== null;
    const { via } = this.#options;
    return { type: 'announced', pause, via, streamOpen, inputId: null, ...(readAgain && { readAgain }) };
  }

  #announce(announced: Announced, { executionId }: FrameContext): Delivery[] {
    const { key } = announced.pause;
    this.#open.add(key);
    this.#options.runFacts.notePause(key, executionId);
    return [announced];
  }

  #withoutRun({ tool }: ApprovalAsked | OutputAsked): Delivery[] {
    this.addUnanswerable(tool);
    this.#options.log.error({ tool }, 'a pause without an executionId can’t be answered');
    return [];
  }

  #groupOf(executionId: string): string {
    const { groupOf, clock } = this.#options;
    const groupId = this.#groups.get(executionId) ?? groupOf?.(executionId) ?? `stream:${clock.id()}`;
    this.#groups.set(executionId, groupId);
    return groupId;
  }
}

const completions = new Set(['tool_complete', 'agent_tool_complete']);
/** None of these comes between an await and the end of the stream that announced it. */
const progress = new Set(
  `execution_start execution_complete execution_error agent_start agent_complete flow_start flow_complete flow_error
  turn_start text_start text_delta agent_turn_start agent_turn_delta`.split(/\s+/),
);

/**
 * The awaits of a run whose rows are read again, until a later event shows that they were answered: no event says so
 * directly, as `approval_complete` does for an approval.
 */
class AnsweredMeanwhile {
  readonly #awaits = new Set<string>();

  add(key: string): void {
    this.#awaits.add(key);
  }

  answeredBy(type: string, frame: Frame, executionId: string | null): string[] {
    if (this.#awaits.size === 0) return [];
    const answered = completions.has(type)
      ? this.#completed(frame, executionId)
      : progress.has(type)
        ? [...this.#awaits]
        : [];
    for (const key of answered) this.#awaits.delete(key);
    return answered;
  }

  #completed(frame: Frame, executionId: string | null): string[] {
    const event = frame.brief();
    const toolCallId = isRecord(event) ? event['toolCallId'] : null;
    const key = typeof toolCallId === 'string' && executionId !== null ? awaitKey(executionId, toolCallId) : null;
    return key !== null && this.#awaits.has(key) ? [key] : [];
  }
}

function answeredAtRuntype(key: string): Delivery {
  return { type: 'resolved', backend: BACKEND, key, verdict: null, reason: 'It was answered at Runtype.' };
}

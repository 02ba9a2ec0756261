/**
 * The pauses that one stream announces. Tested in
 * test/backends/runtype/stream/reader/reader.test.ts and test/backends/runtype/stream/reconnect.test.ts.
 */

import type { Approval } from '../../../../core/approval/approval.ts';
import type { Pause } from '../../../../core/approval/pause/pause.ts';
import type { UnfollowedReason } from '../../../../core/approval/unfollowed.ts';
import type { Clock, Delivery, Log, Source } from '../../../../core/ports/ports.ts';
import { type Doubts, isAfter, isUpTo } from '../../pause/doubts.ts';
import { approvalPause, awaitPause, type FrameContext, keyOfAwait } from '../../pause/from-event.ts';
import { approvalKey, awaitKey, BACKEND, bareName, isAwaitKey } from '../../pause/pause.ts';
import { ANY_OUTPUT, ANY_TOOL, noteAwait, noteLeft, type RunFacts, type RunFactsCache } from '../../pause/run-facts.ts';
import { isProgress } from '../../wire/event-types.ts';
import type { ApprovalAsked, OutputAsked, RunEvent } from '../../wire/events.ts';

type MayPause = Pick<RunEvent & { type: 'may_pause' }, 'name' | 'approvalId' | 'toolCallId'>;

/** Of one stream; more are not kept. */
const UNKNOWN_MAX = 20;

export interface PauseTrackerOptions {
  runFacts: RunFactsCache;
  /** Of what signed ingest announced: the end of its calls is read, too. Default: nothing. */
  ingestedFacts?: RunFactsCache;
  clock: Clock;
  log: Log;
  via: Approval['via'];
  /** Which tools' outputs people give; default: all. */
  forPeople?: (tool: string) => boolean;
  /** The group of the awaits of one run in this stream. */
  groupOf?: (executionId: string) => string;
  /** Who answers an approval of a website chat; default: people. */
  chats?: ChatApprovals;
  /** Pauses whose answer was lost. Default: none. */
  doubts?: Doubts;
  /** The stream answers a decision on what only signed ingest has announced. Default: no. */
  ingested?: boolean;
}

type Announced = Extract<Delivery, { type: 'announced' }>;

/** Of the hash of an application's key, characters. */
const SOURCE_CHARACTERS = 16;

/** Whose open approvals a pause counts among; null: those of Runtype that are of no one else. */
function sourceOf({ website, site, opener }: RunFacts): Source | null {
  if (website && site !== null) return { id: `${BACKEND}:website:${site}`, name: `Website chats (${site})` };
  if (website) return { id: `${BACKEND}:website`, name: 'Website chats' };
  if (opener === null) return null;
  return { id: `${BACKEND}:gateway:${opener.slice(0, SOURCE_CHARACTERS)}`, name: 'An application at the gateway' };
}

/** Who answers the approvals of website chats. */
export interface ChatApprovals {
  /**
   * `visitor`: they answer it in their chat, and it may be announced later. `too_many`: it gets no card, and a note.
   * @param chat `opener`: the hash of its credential
   */
  answeredBy(
    announced: Announced,
    asked: ApprovalAsked,
    chat: Pick<RunFacts, 'opener' | 'site'>,
  ): 'people' | 'visitor' | 'too_many';
}

/** Turns the pauses of one stream into deliveries, and knows which of them are open. */
export class PauseTracker {
  readonly #options: PauseTrackerOptions;
  readonly #groups = new Map<string, string>();
  /** Pauses that this stream announced and did not resolve, by key or by name. */
  readonly #open = new Set<string>();
  /** Runs of which this stream announced an await. */
  readonly #awaited = new Set<string>();
  /** Events that may be pauses and are of an unknown type, by what they name. */
  readonly #unknown = new Map<string, MayPause>();
  /** The run's rows are read again: what they await may have been answered. */
  #isReadAgain = false;
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
    this.#isReadAgain = true;
  }

  approval(event: ApprovalAsked, context: FrameContext): Delivery[] {
    const isNamed = context.executionId !== null || event.approvalId !== null || event.toolCallId !== null;
    if (!isNamed) return this.unfollowed('no_id', null, event.tool);
    const { facts } = context;
    const pause = approvalPause(event, context);
    const announced = this.#announced(pause, event.toolCallId, false, facts);
    const by = facts.website ? (this.#options.chats?.answeredBy(announced, event, facts) ?? 'people') : 'people';
    if (by === 'people') {
      this.#noteOpen(pause, event.toolCallId);
      return [announced];
    }
    const { backend, runId, key, tool: name } = pause;
    this.#options.runFacts.notePause(key, runId);
    this.#addUnanswerable(key);
    this.#options.runFacts.of(runId).left.add(key);
    this.#forget(key, event.toolCallId);
    return by === 'visitor' ? [] : [{ type: 'unfollowed', backend, runId, reason: 'too_many', name }];
  }

  await(event: OutputAsked, context: FrameContext): Delivery[] {
    const { log, via, runFacts } = this.#options;
    const { executionId: run, runId } = context;
    const tool = event.tool === null ? null : bareName(event.tool);
    const { clientTools, website } = context.facts;
    const isOffered = clientTools.has(ANY_TOOL) || (tool !== null && clientTools.has(tool));
    if (event.webmcp || isOffered || website) {
      this.#leave(event, context);
      log.info({ run, tool }, 'a pause is left to the application, which offered its tool');
      return [];
    }
    if (tool !== null && this.#options.forPeople?.(tool) === false) {
      this.#leave(event, context);
      log.info({ run, tool }, 'a pause is not for people (AWAIT_TOOLS)');
      return [];
    }
    if (run === null && event.toolCallId === null) return this.unfollowed('no_id', null, event.tool);
    const doubt = this.#options.doubts?.get(keyOfAwait(event, runId)) ?? null;
    // The announcement that our call, whose answer was lost, answered: read again, it proves nothing.
    const isKnown = doubt !== null && isUpTo(context.row, doubt);
    const pause = awaitPause(event, context, isKnown ? '' : this.#groupOf(runId));
    this.#noteOpen(pause, event.toolCallId);
    if (isKnown) return [];
    const shared = runFacts.of(runId);
    // What a run awaited before this stream is answered; what was left out is announced again.
    if (via === 'stream' && !this.#awaited.has(runId)) shared.awaits.clear();
    this.#awaited.add(runId);
    const isByName = event.toolCallId !== null || event.named;
    const names = isByName ? [event.tool, tool].filter((name) => name !== null) : [ANY_OUTPUT];
    for (const name of new Set(names)) noteAwait(shared, name, pause.key);
    const streamOpen = via === 'stream' && pause.actions.length > 0;
    const announced = this.#announced(pause, event.toolCallId, streamOpen, context.facts);
    // Without an ID of the call, it may be another call of the same tool.
    const afterCall = doubt !== null && event.toolCallId !== null && isAfter(context.row, doubt);
    return [afterCall ? { ...announced, afterCall } : announced];
  }

  resolved(key: string): void {
    this.#open.delete(key);
    this.#forget(key, null);
    this.#options.runFacts.answered([key]);
  }

  /**
   * What was awaited in rows that are read again, once an event of this type shows that it was answered: no event says so
   * directly, as `approval_complete` does for an approval.
   */
  passedBy(type: string): Delivery[] {
    if (!this.#isReadAgain || !isProgress(type)) return [];
    return this.#answered([...this.#open].filter(isAwaitKey), 'It was answered at Runtype.');
  }

  /** Whether a call that is over may be one that waits: cheap, for most calls wait for no one. @param callId null: not known */
  mayEndWait(callId: string | null): boolean {
    const { runFacts, ingestedFacts } = this.#options;
    return runFacts.isWaitedFor(callId) || ingestedFacts?.isWaitedFor(callId) === true;
  }

  /** This call is over, so what waited for its decision or its output was decided elsewhere. */
  completed(toolCallId: string, runIds: readonly string[]): Delivery[] {
    const { runFacts, ingestedFacts } = this.#options;
    const keys = runIds.flatMap((runId) =>
      [runFacts, ingestedFacts].flatMap((facts) => facts?.find(runId)?.calls.get(toolCallId) ?? []),
    );
    return this.#answered([...new Set(keys)], 'Runtype says that this call is over.');
  }

  #answered(keys: readonly string[], reason: string): Delivery[] {
    if (keys.length === 0) return [];
    for (const key of keys) this.#open.delete(key);
    this.#options.runFacts.answered(keys);
    this.#options.ingestedFacts?.answered(keys);
    const deliveries = keys.map(
      (key): Delivery => ({ type: 'resolved', backend: BACKEND, key, verdict: null, reason, completed: true }),
    );
    if (!this.#isReadAgain) return deliveries;
    // What the run asks next is another pause.
    const ended = this.endGroups();
    this.#groups.clear();
    return [...deliveries, ...ended];
  }

  /** An event of an unknown type that looks like a pause: it counts as one only if the stream ends at it. */
  mayPause(event: MayPause): void {
    const { approvalId, toolCallId, name } = event;
    if (this.#unknown.size < UNKNOWN_MAX) this.#unknown.set(approvalId ?? toolCallId ?? name ?? '', event);
  }

  /** What the stream ended at without saying what it is. */
  atEnd(runId: string | null): Delivery[] {
    return [...this.#unknown.values()].flatMap(({ name }) => this.unfollowed('unknown_type', runId, name));
  }

  /** A pause that can have no card. */
  unfollowed(reason: UnfollowedReason, runId: string | null, name: string | null): Delivery[] {
    this.#addUnanswerable(reason);
    return [{ type: 'unfollowed', backend: BACKEND, runId, reason, name }];
  }

  /** A pause that people can't answer from here. */
  #addUnanswerable(what: string): void {
    this.#open.add(what);
    this.#isAnswerable = false;
  }

  /** Its application answers it. */
  #leave({ tool, toolCallId }: OutputAsked, { runId }: FrameContext): void {
    const what = tool ?? toolCallId ?? '';
    this.#addUnanswerable(bareName(what));
    const facts = this.#options.runFacts.of(runId);
    noteLeft(facts, awaitKey(runId, toolCallId ?? what), tool === null ? null : bareName(tool));
  }

  endGroups(): Delivery[] {
    return [...this.#groups.values()].map((groupId) => ({ type: 'stream_ended', groupId }));
  }

  /** What only ingest has announced of these runs, and this stream did not announce, is not decided from here. */
  seen(runIds: readonly string[]): Delivery[] {
    const { ingestedFacts, runFacts, ingested = false } = this.#options;
    if (ingested) return [];
    const both = runIds.filter((runId) => ingestedFacts?.find(runId) && runFacts.find(runId)?.isSeen === true);
    return both.map((runId) => ({ type: 'run_seen', backend: BACKEND, runId }));
  }

  #announced(pause: Pause, call: string | null, streamOpen: boolean, facts: RunFacts): Announced {
    const { via } = this.#options;
    const readAgain = this.#isReadAgain;
    const source = sourceOf(facts);
    const more = { ...(call !== null && { call }), ...(readAgain && { readAgain }), ...(source && { source }) };
    return { type: 'announced', pause, via, streamOpen, inputId: null, ...more };
  }

  /** It waits, and the event of this call announced it. */
  #noteOpen({ key, runId, actions }: Pause, toolCallId: string | null): void {
    const { runFacts } = this.#options;
    this.#open.add(key);
    if (actions.length === 0) this.#isAnswerable = false;
    runFacts.notePause(key, runId);
    if (toolCallId !== null) runFacts.noteCall(runId, toolCallId, key);
    this.#forget(key, toolCallId);
  }

  /** It is known by now what this event was about. */
  #forget(key: string, toolCallId: string | null): void {
    for (const [what, { approvalId, toolCallId: call }] of this.#unknown) {
      const isSame = (approvalId !== null && approvalKey(approvalId) === key) || (call !== null && call === toolCallId);
      if (isSame) this.#unknown.delete(what);
    }
  }

  #groupOf(executionId: string): string {
    const { groupOf, clock } = this.#options;
    const groupId = this.#groups.get(executionId) ?? groupOf?.(executionId) ?? `stream:${clock.id()}`;
    this.#groups.set(executionId, groupId);
    return groupId;
  }
}

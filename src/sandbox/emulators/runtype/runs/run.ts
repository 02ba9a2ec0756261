import type { Distortions, GatedCall, Json, RuntypeRunEntry, Script, Vocabulary } from '../types.ts';
import { isoNow, mintId, mintVirtualId } from './ids.ts';
import { createLegacyTranslator } from './legacy-events.ts';
import { RunStream, type WireEvent } from './run-stream.ts';

export type RunState = RuntypeRunEntry['state'];

/** A pending call; `event` is its announcement in the unified vocabulary. */
export type Pending =
  | { kind: 'approval'; approvalId: string; toolCallId: string; toolName: string; step: GatedCall; event: WireEvent }
  | {
      kind: 'await';
      toolCallId: string;
      toolName: string;
      /** Announced without its `toolCallId`, so that only the tool's name can answer it. */
      keyless: boolean;
      event: WireEvent;
    };

/** What is kept of a tool call. */
export interface RecordedCall {
  toolName: string;
  parameters: Json;
  description: string | undefined;
  state: 'pending' | 'completed' | 'denied';
}

export interface Settings {
  vocabulary: Vocabulary;
  paceMs: number;
  newToolCallIdAfterApproval: boolean;
  bareData: boolean;
  resumedStart: boolean;
  virtualIdAtPause: boolean;
  ignoreCursor: boolean;
  distort: Distortions;
}

export interface RunOptions {
  script: Script;
  /** The flow's or the agent's id; `virtual` for an agent that came inline with its dispatch. */
  subjectId: string;
  /** Set for durable runs only, whose events can be replayed. */
  conversationId: string | null;
  vocabulary: Vocabulary;
  settings: Settings;
  /** Aborted when the emulator closes. */
  signal: AbortSignal;
  onState(run: Run): void;
}

/** Longest delay that a timer takes, in milliseconds. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** One execution as the server keeps it: running → paused → running → complete, error or expired. */
export class Run {
  executionId = mintId('exec');
  state: RunState = 'running';
  pending: Pending[] = [];
  result: { finalOutput: string } | { error: string } | null = null;
  /** Index of the script's step to play next. */
  next = 0;
  /** Counts the streams of the run, from 1; on the wire as `iteration`. */
  iteration = 0;
  /** Flows: the open step, across streams. */
  openStep: { id: string; name: string; stepType: string; startedAt: number } | null = null;
  readonly startedAt = Date.now();
  readonly decisions = new Map<string, 'approved' | 'denied'>();
  /** Each tool's output for the `{{tool_name}}` placeholders of a script; `{{message}}` is the user's message. */
  readonly outputs = new Map<string, string>();
  readonly streams: RunStream[] = [];
  /** By `toolCallId`, in order. */
  readonly calls = new Map<string, RecordedCall>();
  readonly options: RunOptions;
  readonly #translate: (event: WireEvent) => WireEvent[];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RunOptions) {
    this.options = options;
    this.#translate =
      options.vocabulary === 'legacy'
        ? createLegacyTranslator({ kind: options.script.kind, id: options.subjectId })
        : (event) => [event];
  }

  get script(): Script {
    return this.options.script;
  }

  get durable(): boolean {
    return this.options.conversationId !== null;
  }

  openStream(): RunStream {
    const stream = new RunStream({
      translate: this.#translate,
      bareData: this.options.settings.bareData,
      distort: this.options.settings.distort,
      idLines: this.durable,
      rowsBefore: this.durable ? (this.streams.at(-1)?.lastRow ?? 0) : 0,
    });
    this.streams.push(stream);
    return stream;
  }

  enter(state: RunState): void {
    clearTimeout(this.#timer);
    this.state = state;
    if (state !== 'paused') this.pending = [];
    this.options.onState(this);
  }

  /** Pauses the run; it expires after the shortest timeout of its approvals. */
  pause(pending: Pending[]): void {
    this.pending = pending;
    this.enter('paused');
    const timeouts = pending.flatMap((call) => (call.kind === 'approval' ? [Number(call.event['timeout'])] : []));
    if (timeouts.length === 0 || this.options.signal.aborted) return;
    this.#timer = setTimeout(() => this.expire(), Math.min(...timeouts, LONGEST_TIMER_MS)).unref();
  }

  /** Ends the pause; only durable runs log this in their event log. */
  expire(): void {
    const { pending } = this;
    this.enter('expired');
    if (!this.durable) return;
    const stream = this.openStream();
    for (const call of pending) {
      if (call.kind === 'approval')
        stream.emit(this.executionId, approvalComplete(call.approvalId, 'timeout', 'system'));
    }
    stream.end();
  }

  takeVirtualId(): void {
    if (!this.executionId.startsWith('virtual_')) this.executionId = mintVirtualId();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

export function approvalComplete(
  approvalId: string,
  decision: 'approved' | 'denied' | 'timeout',
  resolvedBy: 'user' | 'system',
): WireEvent {
  return { type: 'approval_complete', approvalId, decision, resolvedBy, completedAt: isoNow() };
}

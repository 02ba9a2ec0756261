import { setTimeout as delay } from 'node:timers/promises';
import type { Json } from '../types.ts';
import { isoNow } from './ids.ts';
import type { Run } from './run.ts';
import type { RunStream, WireEvent } from './run-stream.ts';

/** Tool arguments are streamed in at most this many pieces. */
const MOST_INPUT_PIECES = 40;
const SHORTEST_INPUT_PIECE = 24;

export interface ToolCall {
  toolCallId: string;
  toolName: string;
  toolType: string;
  parameters: Json;
  description?: string | undefined;
  hiddenParameterNames?: string[] | undefined;
  origin?: string | undefined;
  pageOrigin?: string | undefined;
}

/** Writes a run's events to one stream, in the order in which Runtype sends them. */
export class StreamWriter {
  readonly run: Run;
  readonly #stream: RunStream;
  #turnId: string | null = null;
  #texts = 0;

  constructor(run: Run, stream: RunStream) {
    this.run = run;
    this.#stream = stream;
  }

  emit(event: WireEvent): void {
    this.#stream.emit(this.run.executionId, event);
  }

  raw(text: string): void {
    this.#stream.raw(text);
  }

  async wait(ms: number): Promise<void> {
    if (ms > 0) await delay(ms, undefined, { signal: this.run.options.signal });
  }

  pace(): Promise<void> {
    return this.wait(this.run.options.settings.paceMs);
  }

  /** Only agents have turns; a turn opens once per stream. */
  openTurn(): void {
    if (this.run.script.kind !== 'agent' || this.#turnId !== null) return;
    const { iteration } = this.run;
    this.#turnId = `turn_${iteration}`;
    this.emit({ type: 'turn_start', id: this.#turnId, role: 'assistant', iteration, turnIndex: iteration - 1 });
  }

  closeTurn(): void {
    if (this.#turnId === null) return;
    const usage = { tokens: { input: 412, output: 87 }, stopReason: 'end_turn', completedAt: isoNow() };
    this.emit({ type: 'turn_complete', id: this.#turnId, role: 'assistant', iteration: this.run.iteration, ...usage });
    this.#turnId = null;
  }

  async say(text: string): Promise<void> {
    this.openTurn();
    this.#texts += 1;
    const id = `text_${this.run.iteration}_${this.#texts}`;
    const role = this.run.script.kind === 'agent' ? 'assistant' : undefined;
    this.emit({ type: 'text_start', id, role, turnId: this.#turnId ?? undefined, stepId: this.run.openStep?.id });
    for (const delta of textPieces(text)) {
      this.emit({ type: 'text_delta', id, delta });
      await this.pace();
    }
    this.emit({ type: 'text_complete', id, text });
  }

  /** Streams a tool call as the model makes it: its name, then its arguments in pieces, without hidden parameters. */
  async announceTool(call: ToolCall): Promise<void> {
    this.openTurn();
    const { toolCallId, toolName, parameters, hiddenParameterNames, description } = call;
    this.run.calls.set(toolCallId, { toolName, parameters, description, state: 'pending' });
    this.emit({
      type: 'tool_start',
      toolCallId,
      toolName,
      toolType: call.toolType,
      iteration: this.run.iteration,
      hiddenParameterNames,
      origin: call.origin,
      pageOrigin: call.pageOrigin,
      stepId: this.run.openStep?.id,
      startedAt: isoNow(),
    });
    const hidden = new Set(hiddenParameterNames);
    const visible = Object.fromEntries(Object.entries(parameters).filter(([name]) => !hidden.has(name)));
    for (const delta of inputPieces(JSON.stringify(visible)))
      this.emit({ type: 'tool_input_delta', toolCallId, delta });
    await this.pace();
    this.emit({ type: 'tool_input_complete', toolCallId, toolName, parameters, hiddenParameterNames });
  }

  completeTool(call: { toolCallId: string; toolName: string }, outcome: { success: boolean; result: unknown }): void {
    const { toolCallId, toolName } = call;
    const { iteration } = this.run;
    const record = this.run.calls.get(toolCallId);
    if (record !== undefined) record.state = 'completed';
    const stepId = this.run.openStep?.id;
    this.emit({ type: 'tool_complete', toolCallId, toolName, ...outcome, executionTime: 180, iteration, stepId });
  }
}

/** Pieces of a few words, as a model streams them. */
function textPieces(text: string): string[] {
  return text.match(/\s*\S+(?:\s+\S+){0,2}\s*/g) ?? [text];
}

function inputPieces(text: string): string[] {
  const length = Math.max(SHORTEST_INPUT_PIECE, Math.ceil(text.length / MOST_INPUT_PIECES));
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += length) pieces.push(text.slice(at, at + length));
  return pieces;
}

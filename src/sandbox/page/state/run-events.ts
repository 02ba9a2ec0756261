import { z } from 'zod';
import type { ApplicationRun } from '../protocol.ts';

/** Characters of streamed text kept for the page. */
const TEXT_KEPT = 20_000;
/** Groups of consecutive events kept for the page. */
const EVENTS_KEPT = 200;

const wireEvent = z.looseObject({
  type: z.string(),
  delta: z.string().optional(),
  text: z.string().optional(),
  contentType: z.string().optional(),
  success: z.boolean().optional(),
  stopReason: z.string().optional(),
  finalOutput: z.string().optional(),
  recoverable: z.boolean().optional(),
  error: z.union([z.string(), z.looseObject({ message: z.string() })]).optional(),
});
type WireEvent = z.infer<typeof wireEvent>;

/** The end marker of older streams; it is not an event. */
const END_MARK = '[DONE]';
const textEvents = new Set(['text_delta', 'agent_turn_delta', 'step_delta', 'chunk']);
const completions = new Set(['execution_complete', 'agent_complete', 'flow_complete']);
const failures = new Set(['execution_error', 'flow_error', 'dispatch_error']);
const perhapsFailures = new Set(['error', 'agent_error']);
/** Events that separate two texts. */
const breaks = new Set(['text_start', 'tool_start', 'agent_turn_start', 'agent_tool_start', 'step_start']);
const pauses = new Set(['approval_start', 'await', 'agent_approval_start', 'agent_await', 'flow_await', 'step_await']);

/** Adds one event of the application's stream, of either vocabulary, to the run. */
export function recordEvent(run: ApplicationRun, data: string): void {
  if (data === END_MARK) return;
  const parsed = wireEvent.safeParse(parseJson(data));
  const event: WireEvent = parsed.success ? parsed.data : { type: 'unreadable' };
  const sinceText = run.events.slice(run.events.findLastIndex(({ type }) => textEvents.has(type)) + 1);
  const last = run.events.at(-1);
  if (last?.type === event.type) last.count += 1;
  else run.events = [...run.events, { type: event.type, count: 1 }].slice(-EVENTS_KEPT);

  if (textEvents.has(event.type) && (event.contentType ?? 'text') === 'text') {
    const gap = run.text !== '' && sinceText.some(({ type }) => breaks.has(type)) ? '\n' : '';
    run.text = `${run.text}${gap}${event.delta ?? event.text ?? ''}`.slice(-TEXT_KEPT);
  }
  const failed = failures.has(event.type) || (perhapsFailures.has(event.type) && event.recoverable === false);
  const badEnd = completions.has(event.type) && (event.success === false || event.stopReason === 'error');
  if (failed || badEnd) run.end = { how: 'error', detail: errorText(event) };
  else if (completions.has(event.type)) run.end = { how: 'complete', detail: event.finalOutput ?? '' };
}

/** Records how a stream ended that had no final event. */
export function recordStreamEnd(run: ApplicationRun): void {
  const last = run.events.findLast((event) => event.type !== 'ping' && event.type !== 'agent_ping');
  run.end ??= pauses.has(last?.type ?? '')
    ? { how: 'paused', detail: 'The stream ended at a pause. The run continues after a decision.' }
    : { how: 'unfinished', detail: 'The stream closed without a final event.' };
}

function errorText(event: WireEvent): string {
  if (typeof event.error === 'string') return event.error;
  return event.error?.message ?? event.finalOutput ?? event.stopReason ?? 'no reason given';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

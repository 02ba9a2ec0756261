import { mintId } from '../runs/ids.ts';
import { closeStep, complete, pause, playScript } from '../runs/play-script.ts';
import { approvalComplete, type Pending, type Run } from '../runs/run.ts';
import type { RunStream } from '../runs/run-stream.ts';
import type { StreamWriter } from '../runs/stream-writer.ts';
import type { Json } from '../types.ts';

/** A run's next stream before it starts, so that listeners can attach first. */
export interface RunSegment {
  run: Run;
  stream: RunStream;
  /** Whether the request changed the run. */
  effect: boolean;
  /** Resolves when the stream has ended. */
  start(): Promise<void>;
}

export interface Refusal {
  status: number;
  body: Json;
}

export interface Decision {
  approvalId: string;
  decision: 'approved' | 'denied';
  reason?: string | undefined;
}

type PendingAwait = Extract<Pending, { kind: 'await' }>;

const NO_PAUSE: Refusal = { status: 404, body: { error: 'No paused execution found for this executionId' } };

/** Starts a run's first stream. */
export function startRun(run: Run): RunSegment {
  return continuation(run, false);
}

/** The first decision of an approval wins; every later one is answered with the decision in force. */
export function approve(run: Run | undefined, { approvalId, decision, reason }: Decision): RunSegment | Refusal {
  const inForce = run?.decisions.get(approvalId);
  if (!run || (run.state === 'expired' && !inForce)) return NO_PAUSE;
  if (inForce) {
    const body = {
      error: 'Approval already resolved',
      message: `This approval was already ${inForce} by another response. The decision in force is "${inForce}".`,
      code: 'APPROVAL_ALREADY_RESOLVED',
    };
    return { status: 409, body };
  }
  if (run.state !== 'paused') return NO_PAUSE;
  const call = run.pending.find((one) => one.kind === 'approval' && one.approvalId === approvalId);
  if (call?.kind === 'approval') {
    run.decisions.set(approvalId, decision);
    const others = run.pending.filter((one) => one !== call);
    goOn(run, others);
    return continuation(run, true, async (writer) => {
      writer.emit(approvalComplete(approvalId, decision, 'user'));
      if (decision === 'approved') await runApprovedTool(writer, call, others.length === 0);
      else await answerDenial(writer, call.toolCallId, call.toolName, reason, others.length === 0);
    });
  }
  return run.pending.some((one) => one.kind === 'approval')
    ? NO_PAUSE
    : wrongRoute(
        'Execution is not waiting for an approval',
        'It waits for tool outputs: send them to /v1/dispatch/resume.',
      );
}

/**
 * Matches outputs by `toolCallId` first, then by the tool's name. Calls without an output pause again and are
 * announced again; outputs that match no open call are refused as 404.
 */
export function resume(run: Run | undefined, toolOutputs: Record<string, unknown>): RunSegment | Refusal {
  if (run?.state !== 'paused') return NO_PAUSE;
  const waiting = run.pending.filter((call) => call.kind === 'await');
  if (waiting.length === 0) {
    return wrongRoute('Execution is not waiting for tool outputs', 'Send the decision to /v1/dispatch/approve.');
  }
  const answered: { call: PendingAwait; output: unknown }[] = [];
  const left: PendingAwait[] = [];
  const approvals = run.pending.filter((call) => call.kind === 'approval');
  for (const call of waiting) {
    const key = keysOf(call).find((name) => Object.hasOwn(toolOutputs, name));
    if (key === undefined) left.push(call);
    else answered.push({ call, output: toolOutputs[key] });
  }
  if (answered.length === 0 && Object.keys(toolOutputs).length > 0) return NO_PAUSE;
  goOn(run, approvals);
  return continuation(run, answered.length > 0, async (writer) => {
    for (const { call, output } of answered) {
      run.outputs.set(bareName(call), textOf(output));
      writer.completeTool(call, { success: !isError(output), result: output });
    }
    if (left.length > 0) pause(writer, left, approvals);
    else if (approvals.length === 0) closeStep(writer);
  });
}

function continuation(run: Run, effect: boolean, opening?: (writer: StreamWriter) => Promise<void>): RunSegment {
  const stream = run.openStream();
  return { run, stream, effect, start: () => playScript(run, stream, opening) };
}

/** While other calls of the same stream wait, the run stays paused, and they are not announced again. */
function goOn(run: Run, others: Pending[]): void {
  if (others.length > 0) run.pause(others);
  else run.enter('running');
}

async function runApprovedTool(
  writer: StreamWriter,
  call: Extract<Pending, { kind: 'approval' }>,
  isLast: boolean,
): Promise<void> {
  const { step, toolName } = call;
  let { toolCallId } = call;
  if (writer.run.options.settings.newToolCallIdAfterApproval) {
    toolCallId = mintId('toolu');
    await writer.announceTool({ ...step, toolCallId, toolType: 'external' });
  }
  await writer.pace();
  writer.completeTool({ toolCallId, toolName }, { success: true, result: step.result ?? { status: 'done' } });
  if (isLast) closeStep(writer);
}

/** The tool is not run; the run continues without it and completes, unless other calls still wait. */
async function answerDenial(
  writer: StreamWriter,
  toolCallId: string,
  toolName: string,
  reason: string | undefined,
  isLast: boolean,
): Promise<void> {
  const record = writer.run.calls.get(toolCallId);
  if (record !== undefined) record.state = 'denied';
  const why = reason ? ` The reason given: “${reason}”` : '';
  const text = `The request to run ${toolName} was declined, so I have not done it.${why}`;
  await writer.say(text);
  if (!isLast) return;
  closeStep(writer);
  complete(writer, text);
}

function wrongRoute(error: string, message: string): Refusal {
  return { status: 400, body: { error, message } };
}

function keysOf(call: PendingAwait): string[] {
  return [...(call.keyless ? [] : [call.toolCallId]), call.toolName, bareName(call)];
}

function bareName(call: PendingAwait): string {
  return call.toolName.replace(/^webmcp:/, '');
}

/** A client tool's result is `{content: [{type: 'text', text}], isError?}`, a string, or anything. */
function textOf(output: unknown): string {
  if (typeof output === 'string') return output;
  const content = isRecord(output) ? output['content'] : undefined;
  if (!Array.isArray(content)) return JSON.stringify(output);
  return content.map((part) => (isRecord(part) ? String(part['text'] ?? '') : String(part))).join('\n');
}

function isError(output: unknown): boolean {
  return isRecord(output) && output['isError'] === true;
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

import type { AwaitedCall, GatedCall, Script, Step } from '../types.ts';
import { isoNow, mintId } from './ids.ts';
import type { Pending, Run } from './run.ts';
import type { RunStream } from './run-stream.ts';
import { StreamWriter } from './stream-writer.ts';

/** Runtype's default timeout of an approval, in milliseconds. */
const DEFAULT_TIMEOUT_MS = 300_000;

const STEP_TYPES: Partial<Record<Step['do'], string>> = {
  text: 'prompt',
  tool: 'tool-call',
  approval: 'tool-call',
  awaits: 'prompt',
  pauses: 'prompt',
  server_wait: 'crawl',
};

/**
 * Plays a run onto one stream, up to its next pause or its end. At a pause the stream ends without a closing event.
 * `opening` writes what a continuation begins with: the decision or the tools' results.
 */
export async function playScript(
  run: Run,
  stream: RunStream,
  opening?: (writer: StreamWriter) => Promise<void>,
): Promise<void> {
  const writer = new StreamWriter(run, stream);
  run.iteration += 1;
  try {
    start(writer);
    await opening?.(writer);
    while (run.state === 'running' && run.streams.at(-1) === stream) await playStep(writer);
  } catch (error) {
    if (!run.options.signal.aborted) throw error;
  } finally {
    if (run.options.vocabulary === 'legacy' && run.result) stream.raw('data: [DONE]\n\n');
    stream.end();
  }
}

function start(writer: StreamWriter): void {
  const { run } = writer;
  const { script, subjectId, settings } = run.options;
  const resumed = run.iteration > 1 ? true : undefined;
  if (resumed && !settings.resumedStart) return;
  const subject =
    script.kind === 'agent'
      ? { agentId: subjectId, agentName: script.title, maxTurns: 10, config: { model: 'example-model' } }
      : { flowId: subjectId, flowName: script.title, totalSteps: countSteps(script), source: 'api' };
  const startedAt = new Date(run.startedAt).toISOString();
  writer.emit({ type: 'execution_start', kind: script.kind, startedAt, ...subject, resumed });
}

async function playStep(writer: StreamWriter): Promise<void> {
  const { run } = writer;
  const step = run.script.steps[run.next] ?? ({ do: 'complete', finalOutput: 'Done.' } as const);
  run.next += 1;
  openStep(writer, step);
  switch (step.do) {
    case 'text':
      await writer.say(fillIn(run, step.text));
      break;
    case 'tool': {
      const call = { toolCallId: mintId('toolu'), toolType: 'external', ...step };
      await writer.announceTool(call);
      await writer.pace();
      writer.completeTool(call, { success: true, result: step.result });
      break;
    }
    case 'approval':
      return pause(writer, [await announceApproval(writer, step)]);
    case 'awaits':
      return pause(writer, await announceAwaits(writer, step.calls, step.noToolCallId === true));
    case 'pauses': {
      const approvals: Pending[] = [];
      for (const call of step.approvals) approvals.push(await announceApproval(writer, call));
      return pause(writer, [...approvals, ...(await announceAwaits(writer, step.calls ?? [], false))]);
    }
    case 'server_wait':
      writer.openTurn();
      writer.emit({ type: 'await', awaitReason: step.awaitReason, stepId: run.openStep?.id, awaitedAt: isoNow() });
      await writer.wait(step.ms / 2);
      writer.emit({ type: 'ping', timestamp: isoNow() });
      await writer.wait(step.ms / 2);
      break;
    case 'frame':
      return writer.emit(step.event);
    case 'raw':
      return writer.raw(step.text);
    case 'error':
      return fail(writer, step.message);
    case 'complete':
      return complete(writer, fillIn(run, step.finalOutput));
  }
  closeStep(writer);
}

async function announceApproval(writer: StreamWriter, step: GatedCall): Promise<Pending> {
  const { run } = writer;
  const { toolName, parameters, description, reason } = step;
  const toolCallId = step.startedAs ?? mintId('toolu');
  const approvalId = mintId('appr');
  if (step.startedAs === undefined) await writer.announceTool({ ...step, toolCallId, toolType: 'external' });
  else run.calls.set(toolCallId, { toolName, parameters, description, state: 'pending' });
  const event = {
    type: 'approval_start',
    approvalId,
    toolCallId,
    toolName,
    toolType: 'external',
    description,
    reason,
    parameters,
    timeout: step.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    startedAt: isoNow(),
    iteration: run.iteration,
  };
  return { kind: 'approval', approvalId, toolCallId, toolName, step, event };
}

async function announceAwaits(writer: StreamWriter, calls: AwaitedCall[], keyless: boolean): Promise<Pending[]> {
  const pending: Pending[] = [];
  for (const { toolName: bareName, parameters, hiddenParameterNames, elicitation, externalAgent, ...call } of calls) {
    const passedOn = elicitation !== undefined || externalAgent !== undefined;
    const origin = passedOn ? undefined : (call.origin ?? 'sdk');
    const page = origin === 'webmcp';
    const toolCallId = mintId('toolu');
    const toolName = page && writer.run.script.kind === 'flow' ? `webmcp:${bareName}` : bareName;
    const pageOrigin = page ? 'https://shop.example' : undefined;
    const toolType = passedOn ? 'mcp' : 'local';
    await writer.announceTool({ toolCallId, toolName, toolType, parameters, hiddenParameterNames, origin, pageOrigin });
    const event = {
      type: 'await',
      // Built from name and time: two calls of one tool may share it, so it is not a key.
      toolId: `runtime_${page ? 'webmcp:' : ''}${bareName}_${Date.now()}`,
      toolCallId: keyless ? undefined : toolCallId,
      toolName: externalAgent === undefined ? toolName : undefined,
      origin,
      pageOrigin,
      parameters,
      awaitedAt: isoNow(),
      elicitation,
      externalAgent,
    };
    pending.push({ kind: 'await', toolCallId, toolName, keyless, event });
  }
  return pending;
}

/**
 * Pauses the run and announces its pending calls; a resume that leaves calls out announces them again with it.
 * @param others pending, too, and already announced
 */
export function pause(writer: StreamWriter, pending: Pending[], others: readonly Pending[] = []): void {
  const { run } = writer;
  if (run.options.settings.virtualIdAtPause && run.script.kind === 'agent') run.takeVirtualId();
  run.pause([...others, ...pending]);
  for (const call of pending) writer.emit(call.event);
}

export function complete(writer: StreamWriter, finalOutput: string): void {
  const { run } = writer;
  const { kind } = run.script;
  writer.closeTurn();
  const steps = countSteps(run.script);
  const counts =
    kind === 'agent'
      ? { iterations: run.iteration, totalTokens: { input: 412 * run.iteration, output: 87 * run.iteration } }
      : { totalSteps: steps, successfulSteps: steps, failedSteps: 0 };
  writer.emit({
    type: 'execution_complete',
    kind,
    success: true,
    finalOutput,
    stopReason: 'end_turn',
    ...counts,
    durationMs: Date.now() - run.startedAt,
    completedAt: isoNow(),
  });
  run.result = { finalOutput };
  run.enter('complete');
}

function fail(writer: StreamWriter, message: string): void {
  const { run } = writer;
  const error = { code: 'TOOL_EXECUTION_FAILED', message };
  writer.emit({ type: 'execution_error', kind: run.script.kind, error, completedAt: isoNow() });
  run.result = { error: message };
  run.enter('error');
}

/** Flows have steps; agents have turns. */
function openStep(writer: StreamWriter, step: Step): void {
  const { run } = writer;
  const stepType = STEP_TYPES[step.do];
  if (run.script.kind !== 'flow' || !stepType) return;
  const done = run.script.steps.slice(0, run.next).filter((other) => STEP_TYPES[other.do]).length;
  const name = 'toolName' in step ? step.toolName : `${run.script.title}, part ${done}`;
  run.openStep = { id: `step_${done}`, name, stepType, startedAt: Date.now() };
  const position = { index: done - 1, totalSteps: countSteps(run.script), startedAt: isoNow() };
  writer.emit({ type: 'step_start', id: run.openStep.id, name, stepType, ...position });
}

export function closeStep(writer: StreamWriter): void {
  const { openStep: open } = writer.run;
  if (!open) return;
  writer.run.openStep = null;
  const { id, name, stepType, startedAt } = open;
  const ends = { success: true, durationMs: Date.now() - startedAt, completedAt: isoNow() };
  writer.emit({ type: 'step_complete', id, name, stepType, ...ends });
}

function countSteps(script: Script): number {
  return script.steps.filter((step) => STEP_TYPES[step.do]).length;
}

/** Replaces each `{{tool_name}}` by that tool's output. */
function fillIn(run: Run, text: string): string {
  return text.replaceAll(/\{\{([\w:]+)\}\}/g, (place, name: string) => run.outputs.get(name) ?? place);
}

/** The call that carries decisions. Tested in test/backends/runtype/decide/decide.test.ts. */
import type { Approval } from '../../../core/approval/approval.ts';
import type { Decision } from '../../../core/approval/parts/decision.ts';
import { joined, sentText, signersOf } from '../../../core/approval/signers.ts';
import { type Wire, wireOf } from '../pause/pause.ts';
import type { RunContext } from '../stream/reader/reader.ts';
import { interpret } from '../wire/interpret-answer.ts';
import { interpretStart, startOf } from './start-run.ts';
import { nameOf, outputOf, type SentDecision } from './tool-outputs.ts';

export const RESUME = '/v1/dispatch/resume';

export interface Call {
  executionId: string;
  path: string;
  body: Record<string, unknown>;
  context: RunContext;
  interpret: typeof interpret;
  /** The row of the frame that announced the last of its pauses, where the run can be read again. */
  pauseRow: string | null;
}

/** The call that starts a run. @param conversationId a new one */
export function startCall([run, ...others]: readonly Approval[], conversationId: string): Call | null {
  if (run?.pause.kind !== 'run' || others.length > 0) return null;
  const { key } = run.pause;
  const { body, replay } = startOf(run, conversationId);
  const context: RunContext = { provisionalRunId: key, replay };
  return { executionId: key, path: '/v1/dispatch', body, context, interpret: interpretStart, pauseRow: null };
}

/** @throws when these are not decided approvals of one pause of ours */
export function callOf(group: readonly Approval[], noteAsMessage: boolean): Call {
  const decided = group.map((approval) => {
    if (approval.decision === null) throw new Error('the approval is not decided');
    const { askerId = null } = approval.pause;
    return { wire: wireOf(approval), decision: asSent(approval, approval.decision), askerId };
  });
  const [first, ...others] = decided;
  if (first === undefined) throw new Error('the group is empty');
  const { executionId, runName, clientTools, replay = null, website = false, site = null, opener } = first.wire;
  const facts = {
    name: runName,
    id: first.askerId,
    clientTools: new Set(clientTools),
    replay,
    website,
    site,
    opener,
    requester: group[0]?.pause.requester ?? null,
    trace: group[0]?.pause.trace ?? null,
  };
  const pauses = group.map(({ pause: { key, kind } }, index) => {
    const { decision, wire } = decided[index] ?? {};
    const action = decision?.action;
    const verdict = kind === 'await' ? null : action === 'approve' ? ('approve' as const) : ('reject' as const);
    return { key, verdict, toolCallId: wire?.toolCallId ?? null };
  });
  const decides = { executionId, pauses };
  // What our own stream announced is answered in a call of its own.
  const ingested = group.every(({ via }) => via === 'ingest');
  const context: RunContext = { run: { id: executionId, facts }, decides, ...(ingested && { ingested }) };
  // Of the last of them: what announced the others was read, too.
  const rows = decided.map(({ wire }) => wire.replay?.row ?? null).filter((row) => row !== null);
  const pauseRow = rows.toSorted((one, other) => Number(one) - Number(other)).at(-1) ?? null;
  const streamResponse = true;

  if (first.wire.kind === 'approval') {
    if (others.length > 0) throw new Error('an approval is decided on its own');
    const { approvalId } = first.wire;
    const body = { executionId, approvalId, ...verdictOf(first.decision), streamResponse };
    return { executionId, path: '/v1/dispatch/approve', body, context, interpret, pauseRow };
  }
  const outputs = decided.map(({ wire, decision }): [string, unknown] => {
    if (wire.kind !== 'await' || wire.executionId !== executionId) throw new Error('the awaits are not of one run');
    return [outputKey(wire), outputOf(wire, decision)];
  });
  const toolOutputs = Object.fromEntries(outputs);
  // Without the ID of a call its tool's name answers it, and that may be the ID of another.
  if (Object.keys(toolOutputs).length < outputs.length) throw new Error('two awaits have one name');
  const messages = noteAsMessage ? decided.flatMap(({ decision }) => messageOf(decision)) : [];
  const body = { executionId, toolOutputs, ...(messages.length > 0 && { messages }), streamResponse };
  return { executionId, path: RESUME, body, context, interpret, pauseRow };
}

/** With what all who signed wrote, in place of what the last of them wrote. */
function asSent(approval: Approval, decision: Decision): SentDecision {
  return { ...decision, text: sentText(approval, nameOf), by: joined(signersOf(approval).map(nameOf)) };
}

/** For an approval pause, which takes only yes or no. After a take-over the tool must not run: a person did its work. */
function verdictOf({ action, actor, text }: Decision): { decision: string; reason?: string } {
  if (action === 'take_over') {
    const done = text === null ? '' : `: ${text}`;
    return { decision: 'denied', reason: `Taken over by ${nameOf(actor)}${done}` };
  }
  const decision = action === 'approve' ? 'approved' : 'denied';
  return text === null ? { decision } : { decision, reason: text };
}

function outputKey(wire: Wire): string {
  return wire.toolCallId ?? wire.toolName;
}

function messageOf({ action, text }: Decision): { role: 'user'; content: string }[] {
  return text === null || action === 'take_over' ? [] : [{ role: 'user', content: text }];
}

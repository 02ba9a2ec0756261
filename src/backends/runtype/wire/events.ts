/**
 * What Runtype's events mean. Both vocabularies, the unified one (`await`, `approval_start`) and the one before it
 * (`flow_await`, `agent_await`, `step_await`, `agent_approval_start`), become one `RunEvent`.
 */
import type { z } from 'zod';
import { repeatedKeys } from '../../../core/text/exact/parse.ts';
import { isBranch, isRecord, toJson } from '../../../core/text/json.ts';
import { parseTime } from '../../../core/text/time/parse.ts';
import { looksLikePause, typeIn } from './event-types.ts';
import { type approval, type awaiting, type ended, idOf, known, type WireEvent, wireEvent } from './schema.ts';

export type RunEvent = { executionId: string | null } & (
  | { type: 'started'; name: string | null; id: string | null }
  | ApprovalAsked
  | OutputAsked
  | { type: 'hidden'; toolCallId: string; names: readonly string[] }
  /** `decision` null: it is none of those; `said`: what it is, as text; null: nothing. */
  | { type: 'resolved'; approvalId: string; decision: Verdict | null; said: string | null; by: string | null }
  /** A call is over. */
  | { type: 'completed'; toolCallId: string }
  | { type: 'step'; text: string | null; error: string | null }
  | { type: 'ended'; ok: boolean; text: string | null }
  /** The server waits for itself and continues on the same stream. */
  | { type: 'server_wait' }
  /** Of an unknown type, and it looks like a pause. */
  | { type: 'may_pause'; name: string | null; approvalId: string | null; toolCallId: string | null }
  | { type: 'malformed'; what: string }
  | { type: 'ignored' }
);

export type Verdict = 'approved' | 'denied' | 'timeout';

interface Asked {
  toolCallId: string | null;
  /** Null: it has no name, or none that can be read. */
  tool: string | null;
  /** The number of the event in its stream; null where it has none. */
  seq: string | null;
  /** The kind of tool (mcp, external, …), and the name of the sub-agent as a tool. */
  labels: string[];
  parameters: Record<string, unknown>;
  /** Keys that the event gives more than once, those of its parameters by their name alone. */
  repeated: readonly string[];
  timeoutMs: number | null;
  /** ms since 1970; null where the backend did not say. */
  askedAt: number | null;
}

export interface ApprovalAsked extends Asked {
  type: 'approval';
  /** Null: it can’t be answered. */
  approvalId: string | null;
  description: string | null;
  reason: string | null;
  /** The sub-agent that raised it. */
  subagent: string | null;
  /** Who may answer it, in Runtype's word; null: it does not say. */
  approver: string | null;
}

export interface OutputAsked extends Asked {
  type: 'await';
  toolId: string | null;
  /** As it is on the wire; identifies a call that has no id. */
  awaitedAt: string;
  /** Answered by the page that the application runs in. */
  webmcp: boolean;
  /** Whether its tool has a name, under which it can be answered. */
  named: boolean;
  /** An MCP server's question, as it is on the wire. */
  elicitation: Record<string, unknown> | null;
  /** An agent outside of Runtype that requests input. */
  externalAgent: Record<string, unknown> | null;
}

/**
 * One event, as parsed from its JSON. Never throws.
 * @param name the event's name in its frame; null: it has none
 */
export function normalise(raw: unknown, name: string | null = null): RunEvent {
  const type = typeIn(raw, name);
  if (type === null || !isRecord(raw)) return { executionId: null, type: 'malformed', what: 'no event type' };
  if (!known.has(type)) return unknownEvent(raw, type);
  const parsed = wireEvent.safeParse({ ...raw, type });
  if (!parsed.success) {
    const keys = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
    return { executionId: null, type: 'malformed', what: `${type}: ${keys}` };
  }
  const event = parsed.data;
  const translated = translate(event);
  if (translated.type === 'approval' || translated.type === 'await')
    translated.repeated = repeatedKeys(raw).map((key) => key.replace(shownPart, ''));
  return { executionId: event.executionId || null, ...translated };
}

function unknownEvent(raw: Record<string, unknown>, type: string): RunEvent {
  const executionId = idOf(raw['executionId']) ?? null;
  if (!looksLikePause(raw, type)) return { executionId: null, type: 'ignored' };
  const { toolName, approvalId, toolCallId } = raw;
  const ids = {
    name: idOf(toolName) ?? null,
    approvalId: idOf(approvalId) ?? null,
    toolCallId: idOf(toolCallId) ?? null,
  };
  return { executionId, type: 'may_pause', ...ids };
}

/** What inline agents have instead of an id (seen). */
const INLINE_AGENT = 'virtual';

/** The parts of an event that a pause shows as its parameters. */
const shownPart = /^(?:parameters|elicitation|externalAgent)\./;

type Translated = RunEvent extends infer E ? (E extends unknown ? Omit<E, 'executionId'> : never) : never;

function translate(event: WireEvent): Translated {
  switch (event.type) {
    case 'execution_start':
    case 'agent_start':
    case 'flow_start':
      return {
        type: 'started',
        name: event.agentName || event.flowName || null,
        id: (event.agentId === INLINE_AGENT ? '' : event.agentId) || event.flowId || null,
      };
    case 'approval_start':
    case 'agent_approval_start':
      return approvalOf(event, event.startedAt, event);
    case 'await':
    case 'flow_await':
    case 'agent_await':
    case 'step_await':
      return awaitOf(event);
    case 'tool_start':
    case 'tool_input_complete':
    case 'agent_tool_start':
    case 'agent_tool_input_complete': {
      const toolCallId = event.toolCallId ?? event.toolId;
      const names = event.hiddenParameterNames ?? [];
      return toolCallId && names.length > 0 ? { type: 'hidden', toolCallId, names } : { type: 'ignored' };
    }
    case 'approval_complete':
    case 'agent_approval_complete':
      return event.approvalId
        ? { type: 'resolved', approvalId: event.approvalId, ...verdictOf(event.decision), by: event.resolvedBy ?? null }
        : { type: 'malformed', what: `${event.type}: approvalId` };
    case 'tool_complete':
    case 'agent_tool_complete':
    case 'tool_error': {
      const toolCallId = event.toolCallId ?? event.toolId;
      return toolCallId === undefined ? { type: 'ignored' } : { type: 'completed', toolCallId };
    }
    case 'step_complete':
    case 'step_error':
      return isNested(event)
        ? { type: 'ignored' }
        : { type: 'step', text: textOf(event.result ?? event.output), error: errorText(event.error) };
    default:
      return endOf(event);
  }
}

function approvalOf(
  event: z.infer<typeof awaiting> | z.infer<typeof approval>,
  at: string | number | undefined,
  by: Pick<z.infer<typeof approval>, 'subagent' | 'approver'> = {},
): Translated {
  const { subagent, approver } = by;
  return {
    type: 'approval',
    ...askedOf(event, at),
    approvalId: event.approvalId || null,
    description: event.description || null,
    reason: event.reason || null,
    subagent: subagent?.agentName || subagent?.toolName || null,
    approver: approver || null,
    labels: [event.toolType, subagent?.toolName].flatMap((label) => (label ? [label] : [])),
  };
}

function awaitOf(event: z.infer<typeof awaiting>): Translated {
  const { approvalId, awaitReason, toolName, elicitation, externalAgent } = event;
  if (approvalId || awaitReason === 'approval_required') return approvalOf(event, event.awaitedAt);
  const passedOn = elicitation ? 'elicitation' : externalAgent ? 'external_agent' : null;
  const tool = toolName ?? passedOn;
  if (tool === null && awaitReason && awaitReason !== LOCAL_TOOL) return waitOf(event, awaitReason);
  const asked = askedOf(event, event.awaitedAt);
  return {
    type: 'await',
    ...asked,
    tool: tool ?? null,
    // A person decides on the question; the call in which it came up is its context.
    parameters:
      passedOn === null ? asked.parameters : { ...asked.parameters, ...asRecord(elicitation || externalAgent) },
    toolId: event.toolId || null,
    awaitedAt: String(event.awaitedAt ?? ''),
    webmcp: event.origin === 'webmcp' || tool?.startsWith('webmcp:') === true,
    named: Boolean(toolName),
    elicitation: elicitation ? asRecord(elicitation) : null,
    externalAgent: externalAgent ? asRecord(externalAgent) : null,
  };
}

/** The reasons for which the server is known to wait for itself. */
const serverWaits = new Set(['crawl_pending', 'durable_poll']);
/** The call of a tool that the client answers, in the older vocabulary. */
const LOCAL_TOOL = 'local_tool_required';

/** Without a tool the server waits, for itself or for an unknown reason. */
function waitOf({ toolCallId }: z.infer<typeof awaiting>, reason: string): Translated {
  if (serverWaits.has(reason)) return { type: 'server_wait' };
  return { type: 'may_pause', name: reason, approvalId: null, toolCallId: toolCallId ?? null };
}

const verdicts: readonly string[] = ['approved', 'denied', 'timeout'] satisfies Verdict[];

/** A word in other letters is the same word; any other is passed on as it is. */
function verdictOf(decision: unknown): { decision: Verdict | null; said: string | null } {
  const said = textOf(decision);
  const word = said?.trim().toLowerCase() ?? '';
  return verdicts.includes(word) ? { decision: word as Verdict, said: null } : { decision: null, said };
}

function askedOf(event: z.infer<typeof awaiting> | z.infer<typeof approval>, at: string | number | undefined): Asked {
  return {
    toolCallId: event.toolCallId || null,
    tool: event.toolName || null,
    seq: event.seq ?? null,
    labels: event.toolType ? [event.toolType] : [],
    parameters: asRecord(event.parameters),
    repeated: [],
    timeoutMs: event.timeout ?? null,
    askedAt: parseTime(at),
  };
}

function endOf(event: z.infer<typeof ended>): Translated {
  const { type, success, stopReason, recoverable } = event;
  // `error` says itself whether it is the end; the older `agent_error` is, unless it says otherwise.
  if ((type === 'error' && recoverable !== false) || (type === 'agent_error' && recoverable) || isNested(event)) {
    return { type: 'ignored' };
  }
  const failed = type.endsWith('error') || success === false || stopReason === 'error';
  const output = textOf(event.finalOutput);
  return { type: 'ended', ok: !failed, text: failed ? (errorText(event.error) ?? output) : output };
}

/** Whether it is from a flow that runs as a tool of this run, whose end is not the run's. */
function isNested({ toolContext }: { toolContext?: unknown }): boolean {
  return isBranch(toolContext);
}

function asRecord(value: unknown): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  return isRecord(value) ? value : { value };
}

/** A result as text; null for none. */
export function textOf(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  return typeof value === 'string' ? value : toJson(value);
}

/** Errors are text, `{code, message}` or `{error}`. */
export function errorText(error: unknown): string | null {
  if (!isRecord(error)) return textOf(error);
  const { message, error: inner } = error;
  if (typeof message === 'string') return message;
  return typeof inner === 'string' ? inner : textOf(error);
}

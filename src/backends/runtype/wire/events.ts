/**
 * What Runtype's events mean. Both vocabularies, the unified one (`await`, `approval_start`) and the one before it
 * (`flow_await`, `agent_await`, `step_await`, `agent_approval_start`), become one `RunEvent`.
 */
import type { z } from 'zod';
import { repeatedKeys } from '../../../core/text/exact/parse.ts';
import { isBranch, isRecord, toJson } from '../../../core/text/json.ts';
import { parseTime } from '../../../core/text/time.ts';
import { type approval, type awaiting, type ended, known, type WireEvent, wireEvent } from './schema.ts';

export type RunEvent = { executionId: string | null } & (
  | { type: 'started'; name: string | null; id: string | null }
  | ApprovalAsked
  | OutputAsked
  | { type: 'hidden'; toolCallId: string; names: readonly string[] }
  | { type: 'resolved'; approvalId: string; decision: 'approved' | 'denied' | 'timeout'; by: string | null }
  | { type: 'step'; text: string | null; error: string | null }
  | { type: 'ended'; ok: boolean; text: string | null }
  /** The server waits for itself and continues on the same stream. */
  | { type: 'server_wait' }
  /** A pause without what an answer needs. */
  | { type: 'unsupported'; what: string }
  | { type: 'malformed'; what: string }
  | { type: 'ignored' }
);

interface Asked {
  toolCallId: string | null;
  tool: string;
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
  approvalId: string;
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

/** One event, as parsed from its JSON. Never throws. */
export function normalise(raw: unknown): RunEvent {
  const type = typeOf(raw);
  if (type === null) return { executionId: null, type: 'malformed', what: 'no event type' };
  if (!known.has(type)) return { executionId: null, type: 'ignored' };
  const parsed = wireEvent.safeParse(raw);
  if (!parsed.success) {
    const keys = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
    return { executionId: null, type: 'malformed', what: `${type}: ${keys}` };
  }
  const event = parsed.data;
  const translated = translate(event);
  const isPause = translated.type === 'approval' || translated.type === 'await';
  if (isPause) translated.repeated = repeatedKeys(raw).map((key) => key.replace(shownPart, ''));
  return { executionId: event.executionId || null, ...translated };
}

export function typeOf(raw: unknown): string | null {
  const type = isRecord(raw) ? raw['type'] : null;
  return typeof type === 'string' && type !== '' ? type : null;
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
      return approvalOf(event, event.approvalId, event.startedAt, event);
    case 'await':
    case 'flow_await':
    case 'agent_await':
    case 'step_await':
      return awaitOf(event);
    case 'tool_start':
    case 'tool_input_complete':
    case 'agent_tool_start':
    case 'agent_tool_input_complete': {
      const toolCallId = event.toolCallId || event.toolId;
      const names = event.hiddenParameterNames ?? [];
      return toolCallId && names.length > 0 ? { type: 'hidden', toolCallId, names } : { type: 'ignored' };
    }
    case 'approval_complete':
    case 'agent_approval_complete':
      return {
        type: 'resolved',
        approvalId: event.approvalId,
        decision: event.decision,
        by: event.resolvedBy ?? null,
      };
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
  approvalId: string,
  at: string | number | undefined,
  by: Pick<z.infer<typeof approval>, 'subagent' | 'approver'> = {},
): Translated {
  const { subagent, approver } = by;
  return {
    type: 'approval',
    ...askedOf(event, at),
    approvalId,
    description: event.description || null,
    reason: event.reason || null,
    subagent: subagent?.agentName || subagent?.toolName || null,
    approver: approver || null,
    labels: [event.toolType, subagent?.toolName].flatMap((label) => (label ? [label] : [])),
  };
}

function awaitOf(event: z.infer<typeof awaiting>): Translated {
  const { approvalId, awaitReason, toolName, elicitation, externalAgent } = event;
  if (approvalId) return approvalOf(event, approvalId, event.awaitedAt);
  if (awaitReason === 'approval_required') return { type: 'unsupported', what: 'an approval without an approvalId' };
  const passedOn = elicitation ? 'elicitation' : externalAgent ? 'external_agent' : null;
  const tool = toolName || passedOn;
  if (!tool) return awaitReason ? { type: 'server_wait' } : { type: 'unsupported', what: 'an await without a reason' };
  const asked = askedOf(event, event.awaitedAt);
  return {
    type: 'await',
    ...asked,
    tool,
    // A person decides on the question; the call in which it came up is its context.
    parameters:
      passedOn === null ? asked.parameters : { ...asked.parameters, ...asRecord(elicitation || externalAgent) },
    toolId: event.toolId || null,
    awaitedAt: String(event.awaitedAt ?? ''),
    webmcp: event.origin === 'webmcp' || tool.startsWith('webmcp:'),
    named: Boolean(toolName),
    elicitation: elicitation ? asRecord(elicitation) : null,
    externalAgent: externalAgent ? asRecord(externalAgent) : null,
  };
}

function askedOf(event: z.infer<typeof awaiting> | z.infer<typeof approval>, at: string | number | undefined): Asked {
  return {
    toolCallId: event.toolCallId || null,
    tool: event.toolName || 'unnamed tool',
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

/** Types that are never parsed. Together with pieces of text they are nearly all other events of a stream. */
const skipped = new Set(
  `turn_start turn_complete step_skip reasoning_start reasoning_delta reasoning_complete media_start media_delta
  media_complete artifact_start artifact_delta artifact_update artifact_complete artifact source state_snapshot
  state_delta tool_input_delta tool_output_delta tool_complete ping custom agent_iteration_start
  agent_iteration_complete agent_turn_complete agent_tool_delta agent_tool_input_delta agent_tool_complete agent_media
  agent_reflection agent_skill_loaded agent_skill_proposed agent_ping tool_delta tool_error text_end reason_start
  reason_delta reason_complete fallback_start fallback_complete fallback_exhausted`.split(/\s+/),
);

export function isSkipped(type: string): boolean {
  return skipped.has(type);
}

/** The type of an event without an `event` line, if `type` is its first key; only used to skip events unparsed. */
export function leadingType(data: string): string | null {
  return /^\s*\{\s*"type"\s*:\s*"([a-z_]+)"/.exec(data)?.[1] ?? null;
}

import type { WireEvent } from './run-stream.ts';

/** The agent or flow of a run, which legacy events repeat. */
export interface LegacyFacts {
  kind: 'agent' | 'flow';
  /** The agent's or the flow's id. */
  id: string;
}

type Rule = (event: WireEvent) => WireEvent[];

/** The event with another type and these fields replaced. */
function renamed(event: WireEvent, type: string, fields: Record<string, unknown> = {}): WireEvent[] {
  return [{ ...event, ...fields, type }];
}

/** The event without fields that the legacy vocabulary lacks or names differently. */
function without(event: WireEvent, ...names: string[]): WireEvent {
  const kept = Object.entries(event).filter(([name]) => !names.includes(name));
  return { ...Object.fromEntries(kept), type: event.type };
}

const nothing: Rule = () => [];
const fallback: Rule = (event) => {
  const value = (event['value'] ?? {}) as Record<string, unknown>;
  const { phase, ...fields } = value;
  return event['name'] === 'runtype.fallback' ? [{ type: `fallback_${String(phase)}`, ...fields }] : [event];
};

/** Rules for agents and flows. */
const shared: Record<string, Rule> = {
  approval_complete: (event) => renamed(event, 'agent_approval_complete'),
  ping: (event) => renamed(event, 'agent_ping'),
  custom: fallback,
};

/**
 * Translates unified events into the vocabulary of older servers, the inverse of Runtype's own translation.
 * Events without a legacy name pass unchanged. One translator serves all streams of a run.
 */
export function createLegacyTranslator(facts: LegacyFacts): (event: WireEvent) => WireEvent[] {
  const rules = { ...shared, ...(facts.kind === 'agent' ? agentRules(facts) : flowRules(facts)) };
  return (event) => (rules[event.type] ?? ((same: WireEvent) => [same]))(event);
}

function agentRules({ id: agentId }: LegacyFacts): Record<string, Rule> {
  let iteration: unknown = 1;
  let turnId: unknown;
  let maxTurns: unknown;
  let reflection = false;
  const thinking: Rule = ({ delta }) =>
    reflection ? [] : [{ type: 'agent_turn_delta', contentType: 'thinking', delta, turnId, iteration }];

  return {
    execution_start: (event) => {
      if (event['resumed'] === true) return [];
      maxTurns = event['maxTurns'];
      return renamed(without(event, 'kind'), 'agent_start');
    },
    turn_start: (event) => {
      turnId = event['id'];
      iteration = event['iteration'];
      return [
        { type: 'agent_iteration_start', iteration, maxTurns, startedAt: new Date().toISOString() },
        ...renamed(without(event, 'id'), 'agent_turn_start', { turnId }),
      ];
    },
    turn_complete: (event) => {
      const { tokens, completedAt } = event;
      return [
        ...renamed(without(event, 'id'), 'agent_turn_complete', { turnId }),
        { type: 'agent_iteration_complete', iteration, tokens, completedAt, toolCallsMade: 0, stopConditionMet: true },
      ];
    },
    text_start: nothing,
    text_delta: ({ delta }) => [{ type: 'agent_turn_delta', contentType: 'text', delta, turnId, iteration }],
    text_complete: nothing,
    reasoning_start: ({ scope }) => {
      reflection = scope === 'loop';
      return [];
    },
    reasoning_delta: thinking,
    reasoning_complete: ({ text }) => (reflection ? [{ type: 'agent_reflection', iteration, reflection: text }] : []),
    tool_start: (event) => renamed(event, 'agent_tool_start'),
    tool_input_delta: (event) => renamed(event, 'agent_tool_input_delta', { iteration }),
    tool_input_complete: (event) => renamed(event, 'agent_tool_input_complete', { iteration }),
    tool_output_delta: (event) => renamed(event, 'agent_tool_delta', { iteration }),
    tool_complete: (event) => renamed(event, 'agent_tool_complete'),
    approval_start: (event) =>
      renamed(event, 'agent_approval_start', {
        description: event['description'] ?? `Execute ${String(event['toolName'])}`,
      }),
    await: (event) => renamed(event, 'agent_await'),
    error: (event) => renamed(event, 'agent_error', { recoverable: true, error: asObject(event['error']) }),
    execution_complete: (event) =>
      renamed(without(event, 'kind', 'durationMs'), 'agent_complete', { agentId, duration: event['durationMs'] }),
    // Success and failure end with the same legacy event: only its fields differ.
    execution_error: ({ error, completedAt, finalOutput }) => [
      {
        type: 'agent_complete',
        agentId,
        success: false,
        stopReason: 'error',
        error: asObject(error).message,
        iterations: iteration,
        completedAt,
        finalOutput,
      },
    ],
  };
}

function flowRules({ id: flowId }: LegacyFacts): Record<string, Rule> {
  let step: WireEvent | null = null;
  return {
    execution_start: (event) => (event['resumed'] === true ? [] : renamed(without(event, 'kind'), 'flow_start')),
    step_start: (event) => {
      step = event;
      return [event];
    },
    step_complete: (event) => {
      const type = event['success'] === false ? 'step_error' : 'step_complete';
      const times = { duration: event['durationMs'], executionTime: event['durationMs'] };
      return renamed(without(event, 'durationMs'), type, times);
    },
    text_start: nothing,
    text_delta: ({ id, delta }) => [{ type: 'step_delta', id: step?.['id'] ?? id, text: delta }],
    text_complete: nothing,
    reasoning_start: (event) => renamed(event, 'reason_start'),
    reasoning_delta: (event) => renamed(event, 'reason_delta', { reasoningText: event['delta'] }),
    reasoning_complete: (event) => renamed(event, 'reason_complete'),
    tool_start: (event) => renamed(event, 'tool_start', { toolId: event['toolCallId'], name: event['toolName'] }),
    tool_input_delta: (event) => renamed(event, 'tool_input_delta', { toolId: event['toolCallId'] }),
    tool_input_complete: (event) => renamed(event, 'tool_input_complete', { toolId: event['toolCallId'] }),
    tool_output_delta: ({ toolCallId, delta }) => [{ type: 'tool_delta', toolId: toolCallId, delta }],
    tool_complete: (event) =>
      renamed(event, event['success'] === false ? 'tool_error' : 'tool_complete', {
        toolId: event['toolCallId'],
        name: event['toolName'],
      }),
    approval_start: (event) => {
      const stepId = step?.['id'];
      const awaiting = { awaitReason: 'approval_required', awaitedAt: event['startedAt'], stepId, flowId };
      return renamed(without(event, 'startedAt', 'iteration'), 'step_await', awaiting);
    },
    await: (event) => renamed(event, 'flow_await', { flowId }),
    error: (event) => renamed(event, 'agent_error', { recoverable: true, error: asObject(event['error']) }),
    execution_complete: (event) =>
      renamed(without(event, 'kind', 'durationMs'), 'flow_complete', { flowId, duration: event['durationMs'] }),
    execution_error: (event) => renamed(without(event, 'kind'), 'flow_error', { flowId }),
  };
}

/** Legacy errors of agents were always objects. */
function asObject(error: unknown): { code: string; message: string } {
  if (typeof error === 'object' && error !== null && 'message' in error) {
    return { code: 'code' in error ? String(error.code) : 'error', message: String(error.message) };
  }
  return { code: 'error', message: String(error) };
}

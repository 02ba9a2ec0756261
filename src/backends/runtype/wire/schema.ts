/**
 * The events of Runtype's streams as they are on the wire, in both vocabularies. Unknown types and keys pass; an optional
 * field of an unexpected type counts as absent, so that the pause is still announced. Tested in
 * test/backends/runtype/wire/events.test.ts.
 */
import { z } from 'zod';
import { numberIn, numeric } from '../../../core/text/exact/fields.ts';
import { isNumber, numberText } from '../../../core/text/json.ts';

/** An ID or a name, also one that is a number; undefined where it is empty or anything else. */
export function idOf(given: unknown): string | undefined {
  const id = isNumber(given) ? numberText(given) : given;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

const text = z.string().optional().catch(undefined);
const time = numeric(z.union([z.string(), z.number()]).optional().catch(undefined));
/** Milliseconds; 0, a negative one and what is not a number mean that there is none. */
const duration = z
  .unknown()
  .optional()
  .transform((given) => {
    const ms = typeof given === 'string' && given.trim() !== '' ? Number(given) : (numberIn(given) ?? Number.NaN);
    return ms > 0 && Number.isFinite(ms) ? ms : undefined;
  });
const idText = z.unknown().optional().transform(idOf);
const base = { executionId: idText, toolContext: z.unknown().optional() };

const started = z.looseObject({
  ...base,
  type: z.literal(['execution_start', 'agent_start', 'flow_start']),
  agentId: text,
  agentName: text,
  flowId: text,
  flowName: text,
});

const call = {
  toolCallId: idText,
  toolName: idText,
  toolType: text,
  seq: idText,
  parameters: z.unknown().optional(),
  timeout: duration,
};

export const approval = z.looseObject({
  ...base,
  ...call,
  type: z.literal(['approval_start', 'agent_approval_start']),
  approvalId: idText,
  description: text,
  reason: text,
  startedAt: time,
  // Not sent today.
  approver: text,
  subagent: z.looseObject({ toolName: text, agentName: text }).optional().catch(undefined),
});

export const awaiting = z.looseObject({
  ...base,
  ...call,
  type: z.literal(['await', 'flow_await', 'agent_await', 'step_await']),
  toolId: idText,
  awaitedAt: time,
  awaitReason: text,
  origin: text,
  elicitation: z.unknown().optional(),
  externalAgent: z.unknown().optional(),
  // Of a flow's approval pause, in the older vocabulary.
  approvalId: idText,
  description: text,
  reason: text,
});

const toolSeen = z.looseObject({
  ...base,
  type: z.literal(['tool_start', 'tool_input_complete', 'agent_tool_start', 'agent_tool_input_complete']),
  toolCallId: idText,
  toolId: idText,
  hiddenParameterNames: z.array(z.string()).optional().catch(undefined),
});

const resolved = z.looseObject({
  ...base,
  type: z.literal(['approval_complete', 'agent_approval_complete']),
  approvalId: idText,
  decision: z.unknown().optional(),
  resolvedBy: text,
});

const completed = z.looseObject({
  ...base,
  type: z.literal(['tool_complete', 'agent_tool_complete', 'tool_error']),
  toolCallId: idText,
  toolId: idText,
});

const stepped = z.looseObject({
  ...base,
  type: z.literal(['step_complete', 'step_error']),
  result: z.unknown().optional(),
  output: z.unknown().optional(),
  error: z.unknown().optional(),
});

export const ended = z.looseObject({
  ...base,
  type: z.literal([
    'execution_complete',
    'execution_error',
    'agent_complete',
    'flow_complete',
    'flow_error',
    'dispatch_error',
    'agent_error',
    'error',
  ]),
  success: z.boolean().optional().catch(undefined),
  stopReason: text,
  recoverable: z.boolean().optional().catch(undefined),
  finalOutput: z.unknown().optional(),
  error: z.unknown().optional(),
});

export const wireEvent = z.discriminatedUnion('type', [
  started,
  approval,
  awaiting,
  toolSeen,
  resolved,
  completed,
  stepped,
  ended,
]);
export type WireEvent = z.infer<typeof wireEvent>;
/** Every type that has a schema. */
export const known = new Set<string>(wireEvent.options.flatMap(({ shape }) => [...shape.type.values]));

/** What the answer to an await that asks a person a question is built from. */
export const asksWire = z.discriminatedUnion('type', [
  z.object({ type: z.literal('question'), single: z.boolean() }),
  z.object({
    type: z.literal('elicitation'),
    /** `form`: its answer has content. A single part has no name. */
    parts: z.array(z.object({ name: z.string().nullable(), form: z.boolean() })),
  }),
]);
export type AsksWire = z.infer<typeof asksWire>;

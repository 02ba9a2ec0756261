import { z } from 'zod';

const id = z.string().min(1);
const streamResponse = z.boolean().optional();
const decision = { approvalId: id, decision: z.enum(['approved', 'denied']), reason: z.string().optional() };
const named = z.looseObject({ agentId: id.optional(), id: id.optional(), name: id.optional() });

const messages = z.array(z.looseObject({ role: z.string(), content: z.unknown() }));

export const dispatchBody = z
  .looseObject({
    agent: named.optional(),
    flow: named.optional(),
    conversationId: id.optional(),
    messages: messages.optional(),
    inputs: z.record(z.string(), z.unknown()).optional(),
    options: z.looseObject({ streamResponse }).optional(),
    streamResponse,
  })
  .refine((body) => body.agent || body.flow, { error: 'Either agent or flow is required' });

export const approveBody = z.looseObject({ executionId: id, ...decision, streamResponse });

export const resumeBody = z.looseObject({
  executionId: id,
  toolOutputs: z.record(z.string(), z.unknown()).optional(),
  messages: messages.optional(),
  streamResponse,
});

/** The fields of `continuation` are not documented: these two shapes are invented. */
export const continueBody = z.looseObject({
  executionId: id,
  continuation: z.union([z.looseObject(decision), z.looseObject({ toolOutputs: z.record(z.string(), z.unknown()) })], {
    error: 'Expected a decision or tool outputs',
  }),
  streamResponse,
});

/** The message of a 400: each invalid key with its error. */
export function describeErrors(error: z.ZodError): string {
  return error.issues.map((issue) => [issue.path.join('.'), issue.message].filter(Boolean).join(': ')).join('; ');
}

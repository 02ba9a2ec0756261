import { z } from 'zod';

const id = z.string().min(1);
const call = { sessionId: id, executionId: id, streamResponse: z.boolean().optional() };

export const initBody = z.looseObject({ token: id, flowId: id.optional(), sessionId: id.optional() });

const tool = z.looseObject({ name: id, description: z.string().optional(), parametersSchema: z.unknown().optional() });

export const chatBody = z.looseObject({
  sessionId: id,
  messages: z.array(z.looseObject({ role: z.enum(['user', 'assistant', 'system']), content: z.unknown() })).min(1),
  clientTools: z.array(tool).optional(),
  clientToolsFingerprint: id.optional(),
  capabilities: z.looseObject({ endUserApproval: z.boolean().optional() }).optional(),
});

export const chatApproveBody = z.looseObject({
  ...call,
  approvalId: id,
  decision: z.enum(['approved', 'denied']),
  reason: z.string().optional(),
});

export const chatResumeBody = z.looseObject({ ...call, toolOutputs: z.record(z.string(), z.unknown()).optional() });

export const feedbackBody = z.looseObject({
  sessionId: id,
  token: id.optional(),
  type: z.enum(['upvote', 'downvote', 'copy', 'csat', 'nps']),
});

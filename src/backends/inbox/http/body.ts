/** The bodies of requests to the inbox. Tested in test/backends/inbox/http/edges.test.ts. */
import { z } from 'zod';
import { actions } from '../../../core/approval/pause/pause.ts';
import { sized } from '../../../core/text/clip.ts';
import { parseExact, repeatedKeys } from '../../../core/text/exact/parse.ts';
import { isBranch } from '../../../core/text/json.ts';
import { type Draft, draftSchema } from '../item.ts';
import { faultsOf, invalid, problem } from './problem.ts';

/** Deeper payloads are not readable for a person. */
const DEPTH_MAX = 32;
const REASON_MAX = 4_000;
const NAME_MAX = 200;
/** *Details* shows so much of an address. */
const ADDRESS_MAX = 1_000;
const NAMES = ['agent_id', 'agent_name', 'user_id', 'contact_name', 'channel', 'type'] as const;

const requestSchema = draftSchema
  .extend({
    callback_url: z
      .string()
      .refine(sized(0, ADDRESS_MAX), `expected length <= ${ADDRESS_MAX}`)
      .nullable()
      .default(null),
    /** Items are read with it, so it may be sent back. */
    $schema: z.unknown().optional(),
    expires_at: z.undefined('is not supported yet: leave it out').optional(),
  })
  .superRefine((body, context) => {
    for (const name of NAMES) {
      if (body[name].length <= NAME_MAX) continue;
      context.addIssue({ code: 'custom', path: [name], message: `expected length <= ${NAME_MAX}` });
    }
  });

const resolutionSchema = z.strictObject({
  action: z.string(),
  reason: z.string().refine(sized(0, REASON_MAX), `expected length <= ${REASON_MAX}`).nullable().default(null),
  /** Required to approve a dangerous item; ignored otherwise. */
  confirm: z.boolean().default(false),
  $schema: z.unknown().optional(),
});
const actionSchema = z.enum(actions);

export interface Question {
  draft: Draft;
  callbackUrl: string | null;
}

export interface Resolution {
  action: z.infer<typeof actionSchema>;
  reason: string | null;
  confirm: boolean;
}

/** The request's body, or the refusal. It is read as JSON, whatever its content type. */
export function readQuestion(text: string): Question | Response {
  const body = parse(text);
  if (body instanceof Response) return body;
  const parsed = requestSchema.safeParse(body.value, { reportInput: true });
  if (!parsed.success) return invalid(...faultsOf(parsed.error));
  const { callback_url: callbackUrl, $schema: _schema, expires_at: _expiry, ...draft } = parsed.data;
  return { draft, callbackUrl };
}

export function readResolution(text: string): Resolution | Response {
  const body = parse(text);
  if (body instanceof Response) return body;
  const parsed = resolutionSchema.safeParse(body.value, { reportInput: true });
  if (!parsed.success) return invalid(...faultsOf(parsed.error));
  const action = actionSchema.safeParse(parsed.data.action);
  if (!action.success) return problem(400, `action must be one of ${actions.join(', ')}`);
  const { reason, confirm } = parsed.data;
  return { action: action.data, reason, confirm };
}

function parse(text: string): { value: unknown } | Response {
  if (text.trim() === '') return problem(400, 'request body is required');
  try {
    const value = parseExact(text);
    if (isDeeper(value, DEPTH_MAX)) {
      return invalid({ message: `expected at most ${DEPTH_MAX} levels`, location: 'body' });
    }
    const faults = repeatedKeys(value).map((key) => ({ message: 'given twice', location: `body.${key}` }));
    // A reader may take the first of the two, and a card shows one.
    return faults.length === 0 ? { value } : problem(400, 'a key is given twice', { faults });
  } catch {
    return problem(400, 'validation failed', { faults: [{ message: 'expected JSON', location: 'body' }] });
  }
}

/** Level by level: recursion could exhaust the stack. */
function isDeeper(value: unknown, max: number): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > max) return true;
    level = level.flatMap((one) => (isBranch(one) ? Object.values(one) : []));
  }
  return false;
}

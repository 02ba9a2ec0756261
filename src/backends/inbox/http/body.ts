/** The bodies of requests to the inbox. Tested in test/backends/inbox/http/edges.test.ts. */
import { z } from 'zod';
import { actions } from '../../../core/approval/pause/pause.ts';
import { momentOf } from '../../../core/form/dates.ts';
import { isBlank } from '../../../core/text/blank.ts';
import { sized } from '../../../core/text/clip.ts';
import { parseExact, repeatedKeys } from '../../../core/text/exact/parse.ts';
import { isBranch } from '../../../core/text/json.ts';
import { type Draft, draftSchema, NAME_MAX } from '../item.ts';
import { faultsOf, invalid, problem } from './problem.ts';

/** Deeper payloads are not readable for a person. */
const DEPTH_MAX = 32;
const REASON_MAX = 4_000;
/** *Details* shows so much of an address. */
const ADDRESS_MAX = 1_000;
const DETAILS_MAX = 32_000;
const OPTION_MAX = 200;
/** A question with more is not answered from a menu. */
const OPTIONS_MAX = 100;
/** No card is kept open for longer; a number of seconds that was taken for milliseconds is further away. */
const EXPIRY_MAX_MS = 30 * 86_400_000;
const EXPIRY_LOCATION = 'body.expires_at';
const EXPIRY_EXAMPLE = '2026-12-01T08:46:00Z';
const EXPIRY = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;
/** A name of the policy file, or a platform and an ID. */
const REQUESTER = /^[^\s\p{C}]{1,200}$/u;
const NAMES = ['agent_id', 'agent_name', 'user_id', 'contact_name', 'channel', 'type'] as const;

/** Each `meta` says in the OpenAPI document what its `refine` checks. */
export const requestSchema = draftSchema
  .extend({
    callback_url: z
      .string()
      .refine(sized(0, ADDRESS_MAX), `expected length <= ${ADDRESS_MAX}`)
      .meta({
        description:
          'Receives the outcome, signed by the Standard Webhooks scheme: an https address on one of the hosts of this asker.',
        maxLength: ADDRESS_MAX,
      })
      .nullable()
      .default(null),
    /** Items are read with it, so it may be sent back. */
    $schema: z.unknown().optional(),
    expires_at: z
      .string()
      .refine((text) => expiryOf(text) !== null, `expected RFC 3339 with a zone, such as ${EXPIRY_EXAMPLE}`)
      .meta({
        description: 'Until when the asker waits: RFC 3339 with a zone, in the future and at most 30 days away.',
        format: 'date-time',
        pattern: EXPIRY.source,
      })
      .nullable()
      .default(null),
    requested_by: z
      .string()
      .regex(REQUESTER, 'expected a person of the policy file, slack:U…, discord:… or email:…')
      .meta(aboutOf('requested_by'))
      .optional(),
    details: z
      .string()
      .refine(sized(0, DETAILS_MAX), `expected length <= ${DETAILS_MAX}`)
      .meta({ ...aboutOf('details'), maxLength: DETAILS_MAX })
      .optional(),
    options: z
      .array(
        z
          .string()
          .refine(isOption, `expected a line of text, length <= ${OPTION_MAX}`)
          .meta({ minLength: 1, maxLength: OPTION_MAX, pattern: '^(?=.*\\S)[^\\r\\n]*$' }),
      )
      .refine(sized(1, OPTIONS_MAX), `expected 1 to ${OPTIONS_MAX} options`)
      .refine((options) => new Set(options).size === options.length, 'expected options that differ')
      .meta({ ...aboutOf('options'), minItems: 1, maxItems: OPTIONS_MAX, uniqueItems: true })
      .optional(),
  })
  .superRefine((body, context) => {
    for (const name of NAMES) {
      if (body[name].length <= NAME_MAX) continue;
      context.addIssue({ code: 'custom', path: [name], message: `expected length <= ${NAME_MAX}` });
    }
  });

/** What the OpenAPI document says of a field of a question. */
function aboutOf(field: 'requested_by' | 'details' | 'options') {
  const { description = '' } = draftSchema.shape[field].unwrap().meta() ?? {};
  return { description };
}

/** ms since 1970; null for what is not a moment by RFC 3339, which always has a zone. */
function expiryOf(text: string): number | null {
  return EXPIRY.test(text) ? momentOf(text) : null;
}

function isOption(text: string): boolean {
  return text.length <= OPTION_MAX && !isBlank(text) && !/[\r\n]/.test(text);
}

export const resolutionSchema = z.strictObject({
  action: z.string().meta({ description: 'A question that wants an answer takes take_over or reject.', enum: actions }),
  reason: z
    .string()
    .refine(sized(0, REASON_MAX), `expected length <= ${REASON_MAX}`)
    .meta({ description: 'A note or a reason; with take_over, what was done.', maxLength: REASON_MAX })
    .nullable()
    .default(null),
  confirm: z
    .boolean()
    .meta({ description: 'Must be true to approve a dangerous item; ignored otherwise.' })
    .default(false),
  answer: z
    .string()
    .refine(sized(1, REASON_MAX), `expected length from 1 to ${REASON_MAX}`)
    .meta({
      description: 'With take_over: one of the options, or a text of one’s own. In place of reason.',
      minLength: 1,
      maxLength: REASON_MAX,
    })
    .nullable()
    .default(null),
  $schema: z.unknown().optional(),
});
const actionSchema = z.enum(actions);

export interface Question {
  draft: Draft;
  callbackUrl: string | null;
  /** ms since 1970. Absent: not given. It may be in the past. */
  expiresAt?: number;
}

export interface Resolution {
  action: z.infer<typeof actionSchema>;
  /** The reason, or the answer. */
  reason: string | null;
  confirm: boolean;
}

/** The request's body, or the refusal. It is read as JSON, whatever its content type. */
export function readQuestion(text: string): Question | Response {
  const body = parse(text);
  if (body instanceof Response) return body;
  const parsed = requestSchema.safeParse(body.value, { reportInput: true });
  if (!parsed.success) {
    const faults = faultsOf(parsed.error);
    const isExpiry = faults.every(({ location }) => location === EXPIRY_LOCATION);
    return isExpiry ? problem(400, 'validation failed', { faults }) : invalid(...faults);
  }
  const { callback_url: callbackUrl, $schema: _schema, expires_at: expiry, ...draft } = parsed.data;
  const expiresAt = expiry === null ? null : expiryOf(expiry);
  return { draft, callbackUrl, ...(expiresAt !== null && { expiresAt }) };
}

/** Why a question can't end then; null when it can. @param now ms since 1970 */
export function expiryProblem(expiresAt: number | undefined, now: number): Response | null {
  if (expiresAt === undefined || (expiresAt > now && expiresAt <= now + EXPIRY_MAX_MS)) return null;
  const time = new Date(now).toISOString();
  const message =
    expiresAt <= now ? `expected a time that is still to come: it is ${time}` : `expected at most 30 days from ${time}`;
  // The asker may set its end by this clock.
  const headers = { date: new Date(now).toUTCString() };
  return problem(400, 'validation failed', { faults: [{ message, location: EXPIRY_LOCATION }], headers });
}

export function readResolution(text: string): Resolution | Response {
  const body = parse(text);
  if (body instanceof Response) return body;
  const parsed = resolutionSchema.safeParse(body.value, { reportInput: true });
  if (!parsed.success) return invalid(...faultsOf(parsed.error));
  const action = actionSchema.safeParse(parsed.data.action);
  if (!action.success) return problem(400, `action must be one of ${actions.join(', ')}`);
  const { reason, confirm, answer } = parsed.data;
  if (reason !== null && answer !== null) return problem(400, 'send reason or answer, not both');
  return { action: action.data, reason: answer ?? reason, confirm };
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

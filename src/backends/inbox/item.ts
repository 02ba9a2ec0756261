/**
 * The item of Countersign's own inbox: created over HTTP, kept in the pause's `wire`, read or sent as a callback.
 * Tested in test/backends/inbox/http/routes.test.ts and test/backends/inbox/decide.test.ts.
 */
import { z } from 'zod';
import type { Approval, Outcome } from '../../core/approval/approval.ts';
import { actorName } from '../../core/approval/names.ts';
import type { Decision } from '../../core/approval/parts/decision.ts';
import type { Signature } from '../../core/approval/parts/signature.ts';
import { type Action, actions, type Pause } from '../../core/approval/pause/pause.ts';
import { isSignedBySeveral, sentText } from '../../core/approval/signers.ts';
import { isRejected } from '../../core/approval/steps/transitions.ts';
import { isBlank } from '../../core/text/blank.ts';
import { spelled } from '../../core/text/exact/fields.ts';
import { reasonText } from '../../core/view/reasons.ts';
import { contactOf, furtherParameters } from '../shared/item-fields.ts';
import { promptOf, wantsAnswer } from './question.ts';

export const INBOX = 'inbox';

/** Of the short fields of a question, characters: `http/body.ts` refuses longer ones. */
export const NAME_MAX = 200;

/** A short field: `meta` is for the OpenAPI document, which is made from these schemas. */
const name = (description: string) => z.string().meta({ description, maxLength: NAME_MAX });

/** The fields of a question, named as in the approvals-inbox API; only `context` is required. */
const draftFields = {
  agent_id: name('An ID of the agent or script that asks, as it says itself.').default(''),
  agent_name: name('Who asks, as the asker says itself: the card quotes it.').default(''),
  user_id: name('The ID of the end user whom it is about, not of the approver.').default(''),
  contact_name: name('The name of the end user whom it is about.').default(''),
  channel: name('Where it comes from; shown, and found by filters and CONFIRM.').default('api'),
  type: name('Its sort; shown, and found by filters, rules and CONFIRM.').default('question'),
  context: z
    .string()
    .refine((text) => !isBlank(text), 'expected a text that is not empty')
    .meta({ description: 'What to decide, for people: the title of the card.', minLength: 1 }),
  payload: z
    .unknown()
    .meta({ description: 'Any JSON that the reviewer should see. Its numbers keep their digits.' })
    .default(null),
  tags: z
    .array(z.string())
    .meta({ description: 'Short words that are shown, and found by filters and CONFIRM.' })
    .nullable()
    .default(null),
  confidence: spelled(z.number().min(0).max(1))
    .meta({ description: 'How sure the agent is, from 0 to 1.', type: 'number', minimum: 0, maximum: 1 })
    .nullable()
    .default(null),
  /** Only from askers that the policy allows to say so. */
  requested_by: z
    .string()
    .meta({
      description:
        'The person who wants it: a name of the policy file, slack:U…, discord:… or email:…. Only from an asker under “requesters:” of that file.',
    })
    .optional(),
  details: z.string().meta({ description: 'What the reviewer should read.' }).optional(),
  /** Absent, without `free_text`: a yes or no is the answer. */
  options: z
    .array(z.string())
    .meta({
      description: 'One of these texts is the answer. Without options and free_text, the answer is a yes or no.',
    })
    .optional(),
  free_text: z
    .boolean()
    .meta({ description: 'The reviewer writes the answer. Beside options: they choose one, or write another.' })
    .optional(),
};
export const draftSchema = z.strictObject(draftFields);
export type Draft = z.infer<typeof draftSchema>;

const wireSchema = z.object({
  approvalId: z.string(),
  /** The ID of the asker: askers see only their own items. */
  asker: z.string(),
  /** The asker's name when it asked; null: asked in an older version. */
  askerName: z.string().nullable().default(null),
  /** SHA-256 of the request's body as it came, in hexadecimal; null: asked in an older version. */
  requestSha256: z.string().nullable().default(null),
  callbackUrl: z.string().nullable(),
  /** Until when the asker waits, ms since 1970. Absent: it did not say. */
  expiresAt: z.number().optional(),
  draft: z.object(draftFields),
});
export type InboxWire = z.infer<typeof wireSchema>;

/** Null when the pause is not one of the inbox. */
export function inboxWire({ backend, wire }: Pause): InboxWire | null {
  return backend === INBOX ? (wireSchema.safeParse(wire).data ?? null) : null;
}

/** A card shows a description up to about this length; a longer context is also a parameter. */
const CONTEXT_SHOWN = 300;

export function inboxPause(wire: InboxWire): Pause {
  const { approvalId: key, draft, callbackUrl, expiresAt } = wire;
  const { type, channel, context, details = '' } = draft;
  const isLong = context.length > CONTEXT_SHOWN;
  const about = { ...(channel !== 'api' && { channel }), ...furtherParameters(draft) };
  const contact = contactOf(draft);
  return {
    backend: INBOX,
    key,
    ...(wantsAnswer(draft)
      ? { kind: 'await', description: null, prompt: promptOf(draft, about), actions: ['take_over', 'reject'] }
      : { kind: 'item', description: context, actions: [...actions] }),
    groupId: key,
    // Each question is its own run.
    runId: key,
    tool: contact === null ? type : `${type} for ${contact.name}`,
    asker: draft.agent_name.trim() || draft.agent_id.trim() || 'A script',
    askerId: draft.agent_id.trim() || null,
    ...(draft.requested_by !== undefined && { requester: draft.requested_by }),
    ...(contact !== null && { contact }),
    reason: null,
    // `tool` contains it only together with the contact.
    labels: [type],
    parameters: { ...about, ...(details !== '' && { details }), ...(isLong && { context }) },
    hidden: [],
    // When it was posted here, which is its first sight.
    askedAt: null,
    deadline: expiresAt ?? null,
    ...(expiresAt !== undefined && { expiry: callbackUrl === null ? 'fetched' : 'sent' }),
    ...addressOf(wire),
    wire,
  };
}

/** Where the outcome goes, and as whose: both are part of what a person decides on. */
function addressOf({ callbackUrl: callback, askerName: asker }: InboxWire): Pick<Pause, 'address'> {
  const address = { ...(callback !== null && { callback }), ...(asker !== null && { asker }) };
  return Object.keys(address).length === 0 ? {} : { address };
}

const statusOf: Record<Action, ItemStatus> = { approve: 'approved', reject: 'rejected', take_over: 'taken_over' };
/** Outcomes that are not the result of the recorded decision. */
const undecided: ReadonlySet<string> = new Set(['pending', 'expired', 'decided_elsewhere', 'cancelled', 'withdrawn']);

const moment = (description: string) => z.string().meta({ description, format: 'date-time' });
const text = (description: string) => z.string().meta({ description });

/** One of several people who signed it. */
const signatureSchema = z.object({
  by: text('Platform and user ID: slack:U0123.'),
  name: text('For display only.'),
  at: moment('When.'),
  text: text('What they wrote.').optional(),
});

/** Only a run is started, and only a note is noted. */
type ItemStatus = Exclude<'pending' | Outcome, 'started' | 'noted'>;
const statuses = [
  'pending',
  'approved',
  'rejected',
  'taken_over',
  'answered',
  'expired',
  'withdrawn',
  'unconfirmed',
  'failed',
  'decided_elsewhere',
  'cancelled',
] as const satisfies readonly ItemStatus[];

/** An item as its asker reads it, and as a callback carries it. */
export const itemSchema = z.object({
  approval_id: text('The ID of the item in all calls.'),
  /** Unlike `agent_name`, it can't be chosen. */
  asker: text('The name of the owner of the token in the settings of Countersign.').optional(),
  request_sha256: z
    .string()
    .meta({
      description: 'SHA-256 of the body of the request that asked, byte for byte, in hexadecimal.',
      pattern: '^[0-9a-f]{64}$',
    })
    .optional(),
  ...draftFields,
  status: z.enum(statuses).meta({
    description:
      'pending: undecided, or the decision is still being delivered. approved, rejected, taken_over, answered: the decision. expired: expires_at passed. withdrawn: by its asker. unconfirmed, failed: decided, and the callback may not have arrived, or was not accepted. decided_elsewhere, cancelled: it ended without a decision here.',
  }),
  callback_url: text('Where the outcome is sent.').optional(),
  expires_at: moment('Until when its asker waits.').optional(),
  created_at: moment('When it was first seen here.'),
  resolved_at: moment('When it was decided, or ended.').optional(),
  resolved_by: text('Platform and user ID of the person who decided: slack:U0123.').optional(),
  resolved_by_name: text('The name of that person, for display only.').optional(),
  answer: text('The option that the reviewer chose, or what they wrote.').optional(),
  reason: text('The note or the reason of the reviewer.').optional(),
  signatures: z
    .array(signatureSchema)
    .meta({ description: 'Where several people signed it: each of them, in the order in which they did.' })
    .optional(),
  detail: text('Why it is not settled, or not as usual.').optional(),
});
export type InboxItem = z.output<typeof itemSchema>;
export type ItemSignature = z.output<typeof signatureSchema>;

function signatureOf({ actor, text, at }: Signature): ItemSignature {
  const by = `${actor.platform}:${actor.id}`;
  return { by, name: actorName(actor), at: new Date(at).toISOString(), ...(text !== null && { text }) };
}

/** Its present state; null when it is not an item of the inbox. */
export function inboxItem(approval: Approval): InboxItem | null {
  // A rejection that the policy sent: its asker reads the same as in the callback.
  const isRejectedByPolicy = approval.outcome === 'expired' && isRejected(approval);
  return itemAs(approval, isRejectedByPolicy ? 'rejected' : ((approval.outcome ?? 'pending') as ItemStatus));
}

/** Its state once the callback is delivered. Null without a decision. */
export function decidedItem(approval: Approval): InboxItem | null {
  if (approval.decision === null) return null;
  const { action } = approval.decision;
  return itemAs(approval, isAnswer(approval.pause, approval.decision) ? 'answered' : statusOf[action]);
}

function isAnswer({ kind }: Pick<Pause, 'kind'>, { action }: Pick<Decision, 'action'>): boolean {
  return kind === 'await' && action === 'take_over';
}

function itemAs(approval: Approval, status: InboxItem['status']): InboxItem | null {
  const wire = inboxWire(approval.pause);
  if (wire === null) return null;
  const decision = undecided.has(status) ? null : approval.decision;
  const text = decision === null ? null : sentText(approval);
  const resolvedAt = decision?.at ?? approval.settledAt;
  // A callback is the same at every try, so it must not contain the last try's failure.
  const detail = status === approval.outcome || status === 'pending' ? approval.detail : null;
  return {
    approval_id: wire.approvalId,
    ...(wire.askerName !== null && { asker: wire.askerName }),
    ...(wire.requestSha256 !== null && { request_sha256: wire.requestSha256 }),
    ...wire.draft,
    status,
    ...(wire.callbackUrl !== null && { callback_url: wire.callbackUrl }),
    ...(wire.expiresAt !== undefined && { expires_at: new Date(wire.expiresAt).toISOString() }),
    created_at: new Date(approval.createdAt).toISOString(),
    ...(status !== 'pending' && resolvedAt !== null && { resolved_at: new Date(resolvedAt).toISOString() }),
    ...(decision !== null && {
      resolved_by: `${decision.actor.platform}:${decision.actor.id}`,
      resolved_by_name: actorName(decision.actor),
      ...(text !== null && { [isAnswer(approval.pause, decision) ? 'answer' : 'reason']: text }),
      ...(isSignedBySeveral(approval) && { signatures: approval.signatures.map(signatureOf) }),
    }),
    ...(detail !== null && { detail: reasonText(detail, 'Countersign') }),
  };
}

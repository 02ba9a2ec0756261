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

/** The fields of a question, named as in the approvals-inbox API; only `context` is required. */
const draftFields = {
  agent_id: z.string().default(''),
  agent_name: z.string().default(''),
  /** The end user it is about, not the approver. */
  user_id: z.string().default(''),
  contact_name: z.string().default(''),
  channel: z.string().default('api'),
  type: z.string().default('question'),
  /** What to decide, for people. */
  context: z.string().refine((text) => !isBlank(text), 'expected a text that is not empty'),
  payload: z.unknown().default(null),
  tags: z.array(z.string()).nullable().default(null),
  /** From 0 to 1; null: not given. */
  confidence: spelled(z.number().min(0).max(1)).nullable().default(null),
  /** The person for whom it is asked, as the policy names people; only from askers that it allows to say so. */
  requested_by: z.string().optional(),
  /** What the reviewer should read. */
  details: z.string().optional(),
  /** One of them is the answer. Absent, without `free_text`: a yes or no is. */
  options: z.array(z.string()).optional(),
  /** The answer is what the reviewer writes; beside `options`: it may be. */
  free_text: z.boolean().optional(),
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

const outcomeOf: Record<Action, Outcome> = { approve: 'approved', reject: 'rejected', take_over: 'taken_over' };
/** Outcomes that are not the result of the recorded decision. */
const undecided: ReadonlySet<string> = new Set(['pending', 'expired', 'decided_elsewhere', 'cancelled', 'withdrawn']);

/** One of several people who signed it. `by`: `platform:id`; `at`: ISO 8601. */
export interface ItemSignature {
  by: string;
  name: string;
  at: string;
  text?: string;
}

export interface InboxItem extends Draft {
  approval_id: string;
  /** The name of the token's owner in the settings of Countersign: unlike `agent_name`, it can't be chosen. */
  asker?: string;
  /** SHA-256 of the body of the request, byte for byte, in hexadecimal. */
  request_sha256?: string;
  status: 'pending' | Outcome;
  callback_url?: string;
  expires_at?: string;
  created_at: string;
  resolved_at?: string;
  /** Platform and user id: `slack:U0123`. */
  resolved_by?: string;
  /** For display only. */
  resolved_by_name?: string;
  /** The option that the reviewer chose, or what they wrote. */
  answer?: string;
  /** The reviewer's note. */
  reason?: string;
  /** Where several people signed it: each of them, in the order in which they did. */
  signatures?: ItemSignature[];
  /** Why it is not settled, or not as usual. */
  detail?: string;
}

function signatureOf({ actor, text, at }: Signature): ItemSignature {
  const by = `${actor.platform}:${actor.id}`;
  return { by, name: actorName(actor), at: new Date(at).toISOString(), ...(text !== null && { text }) };
}

/** Its present state; null when it is not an item of the inbox. */
export function inboxItem(approval: Approval): InboxItem | null {
  // A rejection that the policy sent: its asker reads the same as in the callback.
  const isRejectedByPolicy = approval.outcome === 'expired' && isRejected(approval);
  return itemAs(approval, isRejectedByPolicy ? 'rejected' : (approval.outcome ?? 'pending'));
}

/** Its state once the callback is delivered. Null without a decision. */
export function decidedItem(approval: Approval): InboxItem | null {
  if (approval.decision === null) return null;
  const { action } = approval.decision;
  return itemAs(approval, isAnswer(approval.pause, approval.decision) ? 'answered' : outcomeOf[action]);
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

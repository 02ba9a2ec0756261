/**
 * The domain: a *backend* announces a *pause*, which is kept as an *approval*; its *card* is posted in one or more
 * *places*; an *actor*'s *press* becomes its *decision*, and the backend's answer gives the *outcome*.
 * Tested in test/core/approval/steps/step.test.ts and test/fuzz/edges/settings.test.ts.
 */
import { z } from 'zod';
import { storedObject } from '../text/stored-object.ts';
import { claimAheadSchema, claimSchema, releaseSchema } from './parts/claim.ts';
import { decisionSchema } from './parts/decision.ts';
import { noveltySchema } from './parts/novelty.ts';
import { requirementSchema } from './parts/requirement.ts';
import { signatureSchema, voidedSchema } from './parts/signature.ts';
import { slotSchema } from './parts/slot.ts';
import { pauseSchema, previousSchema } from './pause/pause.ts';
import { reasonSchema } from './reason.ts';

/** How an approval ended. Each has its own word in the database, on the card and in the log. */
export const outcomes = [
  'approved',
  'rejected',
  'taken_over',
  'answered',
  /** Of a run: its backend has taken the start. */
  'started',
  'expired',
  'decided_elsewhere',
  'cancelled',
  /** Its asker took the question back. */
  'withdrawn',
  'unconfirmed',
  'failed',
  /** Of a note: it only reports. */
  'noted',
] as const;
export type Outcome = (typeof outcomes)[number];

/** How the run went on after the decision. `lost`: the rest of the run was not seen. */
export const continuationSchema = storedObject({
  state: z.enum(['following', 'paused', 'completed', 'failed', 'lost']),
  text: z.string().nullable(),
});
export type Continuation = z.infer<typeof continuationSchema>;

/** The names that two different agents, or two different contacts, can share. */
const sharedNames = ['asker', 'contact'] as const;
export type SharedName = (typeof sharedNames)[number];

/** What an approval has in every phase. */
const commonShape = {
  id: z.string(),
  /** See `parts/shape.ts`. Absent: 1. */
  shape: z.number().int().optional(),
  pause: pauseSchema,
  /** Where the pause came in. What came from our own stream is overwritten only by our own stream. */
  via: z.enum(['stream', 'ingest', 'poll', 'command']),
  /** Whose open approvals it counts among. Absent: in rows of earlier versions, and for what no backend announced. */
  source: z.string().optional(),
  /** Hash of the subject; a press carries it back. */
  fingerprint: z.string(),
  /** What was shown before the backend announced something else; null: it never did. */
  previous: previousSchema.nullable().default(null),
  /** Its names that another open approval had with another ID: they are shown with the ID from then on. */
  sharedNames: z.array(z.enum(sharedNames)).default([]),
  /** Whether the stream that announced it may announce more: nothing is sent before it ends. */
  streamOpen: z.boolean(),
  /** Dangerous: approving it asks for a confirmation. */
  confirm: z.boolean().default(false),
  /** When reminders are still to be posted, ms since 1970, rising. Kept while it is decided, for it may open again. */
  remindAt: z.array(z.number()).default([]),
  /** The backend's deadline has passed, and its card says so. Absent: no, or it has none. */
  overdue: z.literal(true).optional(),
  /** When its last call left, no earlier one could have arrived. Absent: one could, none left, or not known. */
  oneCall: z.literal(true).optional(),
  /** The replica whose call carries its decision, or through which the application's passes. Absent: the only one, or none. */
  callBy: z.string().optional(),
  /** The same key may come back as a new question: this one then never opens again. */
  recurs: z.boolean(),
  /** Why the backend was unreachable when it was last seen while open; null: reachable, or unknown. */
  unreachable: reasonSchema.nullable(),
  /** How many others of its group were undecided at its last turn: they are sent together. */
  waitsFor: z.number(),
  /** Which of those are claimed, as of that turn. */
  claimsAhead: z.array(claimAheadSchema).default([]),
  /** Why it is not settled yet, or how it came to its outcome. */
  detail: reasonSchema.nullable(),
  /** When the backend asked, as far as its clock is believed: what people are shown, and what lists are ordered by. */
  askedAt: z.number(),
  /** When it was first seen here, by our own clock. */
  createdAt: z.number(),
  slots: z.record(z.string(), slotSchema),
  continuation: continuationSchema.nullable(),
  /** What a decision takes. Absent: one person whom the policy allows, as in rows of earlier versions. */
  requirement: requirementSchema.optional(),
  /** What was new about it when it was announced. Absent: not known, as in rows of earlier versions. */
  novelty: noveltySchema.optional(),
  /** Given so far while it is open; from then on, those of its decision. */
  signatures: z.array(signatureSchema).default([]),
  /** Signatures that no longer count; shown until it is decided. */
  voided: z.array(voidedSchema).default([]),
};

/** A field without a meaning in this phase: nothing but null is ever read from it. */
const none = z.null().catch(null);
const no = z.literal(false).catch(false);

const openSchema = storedObject({
  ...commonShape,
  phase: z.literal('open'),
  decision: none,
  /** The lease of a take-over: until it ends, only its holder may decide. */
  claim: claimSchema.nullable().default(null),
  /** Who ended the last claim, if that was not its holder: shown until the next claim or decision. */
  released: releaseSchema.nullable().default(null),
  mayHaveArrived: no,
  absent: no,
  outcome: none,
  settledAt: none,
});
const decidedShape = {
  ...commonShape,
  decision: decisionSchema,
  claim: none,
  released: none,
  /** An earlier call with this decision may have arrived. */
  mayHaveArrived: z.boolean(),
  /** As in `settled`: an application decides anew what was absent before. */
  absent: z.boolean(),
  outcome: none,
  settledAt: none,
};
const settledSchema = storedObject({
  ...commonShape,
  phase: z.literal('settled'),
  /** Null: it ended without a decision of ours. */
  decision: decisionSchema.nullable(),
  claim: none,
  released: none,
  mayHaveArrived: z.boolean(),
  /** A complete list that was read after it was settled did not contain it. */
  absent: z.boolean(),
  outcome: z.enum(outcomes),
  settledAt: z.number(),
});

/**
 * The aggregate, as it is stored.
 *
 *     open ──press──► decided ──job──► sending ──answer──► settled
 *                        ▲                │
 *                        └── not arrived ─┘
 *
 * - `open` takes presses; while it is claimed, only those of the claim's holder.
 * - `decided` has its one decision, and waits for the others of its group, for the end of the stream, or for a retry.
 * - `sending`: a call is under way that may have arrived.
 * - `settled` has an outcome. *Try again* leads from `failed` and `unconfirmed` back to `decided`, with the same decision.
 *   An approval also opens again: when its question changes while it is `decided`, when an application's call did not
 *   arrive, and when the backend asks again.
 */
export const approvalSchema = z.preprocess(
  withAskedAt,
  z.discriminatedUnion('phase', [
    openSchema,
    storedObject({ ...decidedShape, phase: z.literal('decided') }),
    storedObject({ ...decidedShape, phase: z.literal('sending') }),
    settledSchema,
  ]),
);
export type Approval = z.infer<typeof approvalSchema>;
/** Rows of earlier versions have only the time of their first sight. */
function withAskedAt(stored: unknown): unknown {
  const isOld = typeof stored === 'object' && stored !== null && 'createdAt' in stored && !('askedAt' in stored);
  return isOld ? { ...stored, askedAt: stored.createdAt } : stored;
}

export type ApprovalIn<P extends Approval['phase']> = Extract<Approval, { phase: P }>;

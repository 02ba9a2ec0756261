/**
 * The domain: a *backend* announces a *pause*, which is kept as an *approval*; its *card* is posted in one or more
 * *places*; an *actor*'s *press* becomes its *decision*, and the backend's answer gives the *outcome*.
 * Tested in test/core/approval/steps/step.test.ts and test/fuzz/edges/settings.test.ts.
 */
import { z } from 'zod';
import { sentAs } from '../form/output.ts';
import { actions, pauseSchema, previousSchema } from './pause/pause.ts';
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

export const actorSchema = z.object({
  /** `slack`, `discord`, or `application` for a decision that came through the gateway. */
  platform: z.string(),
  /** Stable, given by the platform; the name is only for display. */
  id: z.string(),
  name: z.string(),
});
export type Actor = z.infer<typeof actorSchema>;

const decisionSchema = z.object({
  action: z.enum(actions),
  actor: actorSchema,
  /** The reason, the note, or the answer: what the person wrote. */
  text: z.string().nullable(),
  /** How the answer to an await is sent. Absent: it is none, or it was given in an earlier version. */
  sentAs: z.enum(sentAs).optional(),
  at: z.number(),
});
export type Decision = z.infer<typeof decisionSchema>;

const placeSchema = z.object({ platform: z.string(), room: z.string() });
/** Where a card goes: a room on a platform. A thread is found from the run when the card is drawn. */
export type Place = z.infer<typeof placeSchema>;

const receiptSchema = z.object({
  platform: z.string(),
  /** Slack: the channel id. Discord: the id of the channel or thread the message is in. */
  room: z.string(),
  /** Slack: the message's `ts`. Discord: its snowflake. */
  message: z.string(),
});
export type Receipt = z.infer<typeof receiptSchema>;

const claimSchema = z.object({
  actor: actorSchema,
  since: z.number(),
  /** ms since 1970 */
  until: z.number(),
  /**
   * The presses whose forms are open: the claim ends once none of these forms is. Absent: it is kept to do the work, and
   * ends with its lease; so does every claim in rows of earlier versions.
   */
  forms: z.array(z.string()).optional(),
});
/** The lease of a take-over. */
export type Claim = z.infer<typeof claimSchema>;

const claimAheadSchema = z.object({ approvalId: z.string(), claim: claimSchema });
/** The claim of another question of the same group: a decided one is not sent before that one is answered. */
export type ClaimAhead = z.infer<typeof claimAheadSchema>;

const releaseSchema = z.object({ by: actorSchema, holder: actorSchema });
/** A person ended another person's claim. */
export type Release = z.infer<typeof releaseSchema>;

/**
 * What is drawn: the card itself, or a note: how the run went on, that it still waits, or (`pointer`) in the room that it
 * waits in a thread which the room does not show.
 */
export const messageKinds = ['card', 'result', 'reminder', 'pointer'] as const;
export type MessageKind = (typeof messageKinds)[number];

const digestMarkSchema = z.object({
  id: z.string(),
  /** When it began, ms since 1970: for a while afterwards others may join. */
  at: z.number(),
  /** The run in whose thread its message is posted; null: in the room itself. */
  runId: z.string().nullable(),
  /** Set once it was taken out again and has a message of its own: where the digest's message stood then. */
  left: z.object({ receipt: receiptSchema.nullable() }).optional(),
});
/**
 * The message that several approvals share in one room.
 * There is no other record of it: it is what its members' slots say.
 */
export type DigestMark = z.infer<typeof digestMarkSchema>;

const refusedSchema = z.object({
  /** What was refused, as `refusedContentOf` names it: anything else is sent in full. */
  content: z.string(),
  /** In a few plain words. */
  reason: z.string(),
  /** The smallest form was refused, too: the room does not show what is true now. */
  final: z.boolean(),
});
/** The platform refused the content of a message. */
export type Refused = z.infer<typeof refusedSchema>;

const slotSchema = z.object({
  kind: z.enum(messageKinds),
  place: placeSchema,
  receipt: receiptSchema.nullable(),
  /**
   * When its message was first posted there, ms since 1970; null: it joined a posted digest, which does not show it yet.
   * Absent: it was not posted, or by an earlier version.
   */
  shownAt: z.number().nullable().optional(),
  /** How many of its messages somebody deleted: the next one is another message, and says so by its key. */
  deletions: z.number().default(0),
  /** Of a card that shares its message with others: the receipt is then that message's. */
  digest: digestMarkSchema.optional(),
  /** Its smallest form is sent in place of the content that was refused. */
  refused: refusedSchema.optional(),
  /** Its message is in a thread; `folded`: the room itself does not show it. Absent: in the room, or not known. */
  inThread: z.enum(['shown', 'folded']).optional(),
  /** A card in the room itself although its run has an earlier one there: that one is out of sight by now. */
  resurfaced: z.literal(true).optional(),
  /** Of a card with a thread: how many other decisions wait there, as it says. */
  waits: z.number().optional(),
});
/** One message of ours: which sheet, where, and the receipt once it is posted. */
export type Slot = z.infer<typeof slotSchema>;

/** How the run went on after the decision. `lost`: the rest of the run was not seen. */
export const continuationSchema = z.object({
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
};

/** A field without a meaning in this phase: nothing but null is ever read from it. */
const none = z.null().catch(null);
const no = z.literal(false).catch(false);

const openSchema = z.object({
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
const settledSchema = z.object({
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
    z.object({ ...decidedShape, phase: z.literal('decided') }),
    z.object({ ...decidedShape, phase: z.literal('sending') }),
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

export function placeKey(place: Place): string {
  return `${place.platform}:${place.room}`;
}

/** @param key made by `placeKey` */
export function parsePlaceKey(key: string): Place {
  const at = key.indexOf(':');
  return { platform: key.slice(0, at), room: key.slice(at + 1) };
}

export function slotKey(sheet: MessageKind, place: Place): string {
  return `${sheet}@${placeKey(place)}`;
}

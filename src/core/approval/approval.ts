/**
 * The words of the domain. The whole glossary is in the README; in one breath: a *backend* announces a *pause*, we
 * keep an *approval* for it, its *card* stands in one or more *places*, an *actor*'s *press* becomes its *decision*, and
 * the backend's answer to that gives the *outcome*.
 */
import { z } from 'zod';
import { answerFormSchema } from '../form/form.ts';
import { reasonSchema } from './reason.ts';

export const actions = ['approve', 'reject', 'take_over'] as const;
export type Action = (typeof actions)[number];

/** Why an approval is over. Each is another word everywhere: in the database, on the card, in the log. */
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
  'unconfirmed',
  'failed',
] as const;
export type Outcome = (typeof outcomes)[number];

/** Every key is kept: `z.record` leaves `__proto__` out, and a person would decide on arguments that they do not see. */
const jsonObject = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'expected an object',
);

/** A question to a person, where the backend asks one in so many words. */
const promptSchema = z.object({
  /** For the card, instead of the tool's name. */
  title: z.string(),
  /** The question with all it offers, for the card, instead of the parameters. Its author's words, as they came. */
  text: z.string(),
  /** What answering it takes; null: free text, where `actions` has `take_over` at all. */
  form: answerFormSchema.nullable(),
  /** Of the free text. */
  hint: z.string().optional(),
  /** What the buttons say, where it isn't what they always say. */
  buttons: z.partialRecord(z.enum(actions), z.string()).optional(),
  /** What has to be known before one presses. */
  caution: z.string().optional(),
});
export type Prompt = z.infer<typeof promptSchema>;

/** What a backend announced, in our words. `wire` is the backend's own: nobody else reads it. */
export const pauseSchema = z.object({
  backend: z.string(),
  /** Identity at the backend: the same pause has the same key, whichever way it came in. */
  key: z.string(),
  /** `approval`: yes or no. `await`: an output is wanted. `item`: an inbox entry. `run`: nothing, it is to be started. */
  kind: z.enum(['approval', 'await', 'item', 'run']),
  /** What is answered together. Awaits of one stream share it; an approval has its own. */
  groupId: z.string(),
  /** The run it belongs to; all cards of one run stand in one thread. */
  runId: z.string(),
  /** The tool (or item) that waits, in the backend's own spelling. */
  tool: z.string(),
  /** Written for the model or by the backend, not by the agent at run time. */
  description: z.string().nullable(),
  /** The agent or flow that asks. */
  asker: z.string().nullable(),
  /** Short words of its backend's own for its sort, to find it by and to pick it by; absent where it has none. */
  labels: z.array(z.string()).optional(),
  /** Why the agent says it wants this: a claim, never a ground to decide on. */
  reason: z.string().nullable(),
  parameters: jsonObject,
  prompt: promptSchema.optional(),
  /** Names of parameters that the backend keeps from people. */
  hidden: z.array(z.string()),
  /** What its wire can carry. */
  actions: z.array(z.enum(actions)),
  /** When the backend says it gives up, ms since 1970; null where it did not say. */
  deadline: z.number().nullable(),
  wire: jsonObject,
});
export type Pause = z.infer<typeof pauseSchema>;

export const actorSchema = z.object({
  /** `slack`, `discord`, or `application` for a decision that came through the gateway. */
  platform: z.string(),
  /** Stable and platform-given; the name is for show only. */
  id: z.string(),
  name: z.string(),
});
export type Actor = z.infer<typeof actorSchema>;

const decisionSchema = z.object({
  action: z.enum(actions),
  actor: actorSchema,
  /** The reason, the note, or the answer: what the person wrote. */
  text: z.string().nullable(),
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
  /** ms since 1970: from then on it is anybody's again. */
  until: z.number(),
});
/** Who has taken it over and not finished yet. */
export type Claim = z.infer<typeof claimSchema>;

/** What is drawn: the card itself, or a note in its thread: how the run went on, or that it still waits. */
export const messageKinds = ['card', 'result', 'reminder'] as const;
export type MessageKind = (typeof messageKinds)[number];

const digestMarkSchema = z.object({
  id: z.string(),
  /** When it began, ms since 1970: for a while afterwards others may join. */
  at: z.number(),
  /** The run in whose thread its message stands; null: in the room itself. */
  runId: z.string().nullable(),
  /** Set once it was taken out again and has a message of its own: where the digest's message stood then. */
  left: z.object({ receipt: receiptSchema.nullable() }).optional(),
});
/**
 * The message that several approvals share in one room.
 * There is no other record of it: it is what its members' slots say.
 */
export type DigestMark = z.infer<typeof digestMarkSchema>;

const slotSchema = z.object({
  kind: z.enum(messageKinds),
  place: placeSchema,
  receipt: receiptSchema.nullable(),
  /** How many of its messages somebody deleted: the next one is another message, and says so by its key. */
  deletions: z.number().default(0),
  /** Of a card that shares its message with others: the receipt is then that message's. */
  digest: digestMarkSchema.optional(),
});
/** One message of ours: which sheet, where, and the receipt once it is posted. */
export type Slot = z.infer<typeof slotSchema>;

/** How the run went on after the decision. `lost`: the rest of the run was not seen. */
export const continuationSchema = z.object({
  state: z.enum(['following', 'paused', 'completed', 'failed', 'lost']),
  text: z.string().nullable(),
});
export type Continuation = z.infer<typeof continuationSchema>;

/**
 * The aggregate, as it is stored.
 *
 *     open ──press──► decided ──job──► sending ──answer──► settled
 *                        ▲                │
 *                        └── not arrived ─┘
 *
 * `open` takes presses; while somebody holds it, theirs only. `decided` has its one decision and waits for its turn: for the others of its group, for the
 * stream's end, or for the next try. `sending` has a call on its way that may have arrived. `settled` has an outcome;
 * *Try again* leads from `failed` and `unconfirmed` back to `decided`, with the same decision.
 */
export const approvalSchema = z.object({
  id: z.string(),
  pause: pauseSchema,
  /** The way in that told us: only our own stream may overwrite what our own stream told. */
  via: z.enum(['stream', 'ingest', 'poll', 'command']),
  /** Of what the card shows; a press carries it back. */
  fingerprint: z.string(),
  /** What was shown before it was announced with other arguments; null where it never was. */
  previous: z.object({ tool: z.string(), parameters: jsonObject }).nullable().default(null),
  /** Ordered before it is sent: whether the stream that announced it may still announce more. */
  streamOpen: z.boolean(),
  phase: z.enum(['open', 'decided', 'sending', 'settled']),
  decision: decisionSchema.nullable(),
  /** Marked as dangerous: approving it asks for a confirmation. */
  confirm: z.boolean().default(false),
  /** When people are reminded of it as long as it is open, ms since 1970, rising: what is still to come. */
  remindAt: z.array(z.number()).default([]),
  /** While it is open: the one person who may decide, until their time is over. */
  claim: claimSchema.nullable().default(null),
  /** An earlier send of this decision may have arrived. */
  mayHaveArrived: z.boolean(),
  /** The same key may come back as a new question: this one is then over for good. */
  recurs: z.boolean(),
  /** A complete list, begun after it was settled, was seen without it. */
  absent: z.boolean(),
  /** Why its backend can't be reached at the moment; null while it can, or nobody has noticed. */
  unreachable: reasonSchema.nullable(),
  /** How many others of its group are still undecided, as last told: it is sent together with them. */
  waitsFor: z.number(),
  /** Why it is not settled yet, or how it came to its outcome. */
  detail: reasonSchema.nullable(),
  outcome: z.enum(outcomes).nullable(),
  createdAt: z.number(),
  settledAt: z.number().nullable(),
  slots: z.record(z.string(), slotSchema),
  continuation: continuationSchema.nullable(),
});
export type Approval = z.infer<typeof approvalSchema>;

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

/** Of what was shown before; `step` keeps it when a pause is announced with other arguments. */
export type Previous = Pick<Pause, 'tool' | 'parameters'>;

/** Where the messages of an approval are. Tested in test/core/approval/steps/step.test.ts. */
import { z } from 'zod';
import { storedObject } from '../../text/stored-object.ts';

export const placeSchema = storedObject({ platform: z.string(), room: z.string() });
/** Where a card goes: a room on a platform. A thread is found from the run when the card is drawn. */
export type Place = z.infer<typeof placeSchema>;

const receiptSchema = storedObject({
  platform: z.string(),
  /** Slack: the channel id. Discord: the id of the channel or thread the message is in. */
  room: z.string(),
  /** Slack: the message's `ts`. Discord: its snowflake. */
  message: z.string(),
});
export type Receipt = z.infer<typeof receiptSchema>;

/**
 * What is drawn: the card itself, or a note: how the run went on, that it still waits, who else may decide by now, or
 * (`pointer`) in the room that it waits in a thread which the room does not show.
 */
export const messageKinds = ['card', 'result', 'reminder', 'escalation', 'pointer'] as const;
export type MessageKind = (typeof messageKinds)[number];

const digestMarkSchema = storedObject({
  id: z.string(),
  /** When it began, ms since 1970: for a while afterwards others may join. */
  at: z.number(),
  /** The run in whose thread its message is posted; null: in the room itself. */
  runId: z.string().nullable(),
  /** Set once it was taken out again and has a message of its own: where the digest's message stood then. */
  left: storedObject({ receipt: receiptSchema.nullable() }).optional(),
});
/**
 * The message that several approvals share in one room.
 * There is no other record of it: it is what its members' slots say.
 */
export type DigestMark = z.infer<typeof digestMarkSchema>;

const refusedSchema = storedObject({
  /** What was refused, as `refusedContentOf` names it: anything else is sent in full. */
  content: z.string(),
  /** In a few plain words. */
  reason: z.string(),
  /** The smallest form was refused, too: the room does not show what is true now. */
  final: z.boolean(),
});
/** The platform refused the content of a message. */
export type Refused = z.infer<typeof refusedSchema>;

export const slotSchema = storedObject({
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

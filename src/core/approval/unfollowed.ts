/** Why something that a backend does can't become a card. `core/view/cards/note-card.ts` writes the sentence. */
export const unfollowedReasons = [
  /** It pauses, and names neither an approval nor a run that could be answered. */
  'no_id',
  /** The run was started without a stream. */
  'asynchronous',
  /** What may be a pause can't be read. */
  'unreadable',
  /** An item of a pending list can't be read. */
  'unreadable_item',
  /** An event of an unknown type looks like a pause. */
  'unknown_type',
  /** Its stream ended before the run did, and the run has no card. */
  'lost',
  /** Of a website chat: more pauses than cards are made for. */
  'too_many',
  /** Of a website chat: a visitor may not answer it, and what announced it is not kept: it may have a card. */
  'not_kept',
  /** Of a website chat: the backend starts no run whose approvals are not the visitor's. */
  'chat_refused',
  /** Too many approvals of one source are open; its name is in place of the tool's. */
  'too_many_open',
] as const;

export type UnfollowedReason = (typeof unfollowedReasons)[number];

/** A channel, or a thread in one, as the policy names it. Tested in test/platforms/slack/api/room.test.ts. */

export interface SlackRoom {
  /** Its ID, as calls take it. */
  channel: string;
  /** The `ts` of the thread's first message; null: the channel itself. */
  thread: string | null;
}

/** `C0123`, `C0123/1712345678.000100`, and as links write the same thread: `C0123/p1712345678000100`. */
export const ROOM = /^(?:D[A-Z0-9]+|[CG][A-Z0-9]+(?:\/(?:\d{10}\.\d{6}|p\d{16}))?)$/;

export function slackRoom(room: string): SlackRoom {
  const [channel = '', thread] = room.split('/');
  const [, seconds, micros] = /^p(\d{10})(\d{6})$/.exec(thread ?? '') ?? [];
  return { channel, thread: seconds === undefined ? (thread ?? null) : `${seconds}.${micros}` };
}

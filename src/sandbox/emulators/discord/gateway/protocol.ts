export const Op = {
  dispatch: 0,
  heartbeat: 1,
  identify: 2,
  resume: 6,
  reconnect: 7,
  invalidSession: 9,
  hello: 10,
  heartbeatAck: 11,
} as const;

/** Presence, voice, members, soundboard: accepted and ignored. */
export const UNANSWERED_OPS: readonly number[] = [3, 4, 8, 31];

export const Intent = { guilds: 1 << 0, guildMessages: 1 << 9, directMessages: 1 << 12 } as const;

/** Members, presences, message content: each needs Discord's approval, and this application has none. */
export const PRIVILEGED_INTENTS = (1 << 1) | (1 << 8) | (1 << 15);

/** A connection that closes with one of these codes, from either side, ends its session. */
export const SESSION_ENDS: readonly number[] = [1000, 1001, 4003, 4004, 4007, 4009, 4010, 4011, 4012, 4013, 4014];

/** Largest payload that a client may send, in bytes. */
export const MAX_PAYLOAD = 4096;

/** Why a connection is closed: Discord's close code and a description for the journal. */
export type CloseReason = readonly [code: number, what: string];

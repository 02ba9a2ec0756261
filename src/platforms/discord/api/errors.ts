/** What discord.js throws, made into our errors once. Decided by class and code, never by a message's text. */
import { DiscordAPIError, DiscordjsError, DiscordjsErrorCodes, HTTPError, RateLimitError } from 'discord.js';
import {
  coerceError,
  PlatformError,
  type PlatformErrorKind,
  type PlatformErrorOptions,
  SetupError,
} from '../../../core/ports/errors.ts';
import { clip, revealLine } from '../../../core/text/text.ts';

/** Discord's JSON error codes that we tell apart. */
export const codes = Object.freeze({
  unknownChannel: 10_003,
  unknownGuild: 10_004,
  unknownMessage: 10_008,
  unknownUser: 10_013,
  alreadyAnswered: 40_060,
  tagRequired: 40_067,
  missingAccess: 50_001,
  cannotMessage: 50_007,
  notForMessages: 50_008,
  missingPermissions: 50_013,
  wrongChannelType: 50_024,
  /** Of one interaction, and no word about the bot's own. */
  badInteractionToken: 50_027,
  noServerInCommon: 50_278,
  threadArchived: 50_083,
  threadExists: 160_004,
  threadLocked: 160_005,
  tooManyThreads: 160_006,
});

/** An answer of Discord's with a code of its own. */
export class DiscordRefusal extends PlatformError {
  readonly code: number | null;
  readonly status: number;

  constructor(
    kind: PlatformErrorKind,
    message: string,
    { code, status, ...about }: { code: number | null; status: number } & PlatformErrorOptions,
  ) {
    super(kind, message, about);
    this.code = code;
    this.status = status;
  }
}

export function hasCode(error: unknown, ...wanted: number[]): boolean {
  return error instanceof DiscordRefusal && error.code !== null && wanted.includes(error.code);
}

export const BAD_TOKEN =
  'Discord does not accept the bot’s token. Copy it anew in the Developer Portal (Bot → Reset Token) into DISCORD_TOKEN, and restart.';

const gone: Record<number, string> = {
  [codes.unknownChannel]: 'The channel or thread is not there any more',
  [codes.unknownGuild]: 'The server is not there any more, or the bot was removed from it',
  [codes.unknownMessage]: 'The message was deleted',
  [codes.unknownUser]: 'There is no such person. Name people in DIRECT_MESSAGES by their ids',
  [codes.missingAccess]: 'The bot can’t see this channel. Invite it to the server, and give it View Channel there',
  [codes.threadArchived]: 'The thread is archived, and the bot may not open it again',
  [codes.threadLocked]: 'The thread is locked',
  [codes.tooManyThreads]: 'The server has as many active threads as Discord allows',
};

const CLOSED =
  'This person takes no direct messages from the bot. They have to be on a server with it, and to allow direct messages from its members (the server’s Privacy Settings)';

export const WRONG_TYPE =
  'Cards can’t be posted in a channel of this type. Set DISCORD_CHANNEL to a text, announcement or forum channel, or to a thread';

const refused: Record<number, string> = {
  [codes.cannotMessage]: CLOSED,
  [codes.noServerInCommon]: CLOSED,
  [codes.missingPermissions]:
    'The bot lacks a permission in this channel. Give it View Channel, Send Messages, Send Messages in Threads, Create Public Threads, Embed Links and Read Message History',
  [codes.wrongChannelType]: WRONG_TYPE,
  [codes.notForMessages]: WRONG_TYPE,
  [codes.tagRequired]:
    'The forum asks for a tag, and has none that the bot may use. Add one that is not for moderators only, or do not ask for tags',
};

/** These lose one message: in the room, all is as it was. */
const ofOneMessage: ReadonlySet<number> = new Set([
  codes.unknownMessage,
  codes.threadArchived,
  codes.threadLocked,
  codes.tooManyThreads,
]);
/** These were deleted, and what was in them with them. From a server the bot may only have been removed. */
const deletedForGood: ReadonlySet<number> = new Set([codes.unknownMessage, codes.unknownChannel]);

/** Limits that Discord tells without the status 429, and with them how long to wait, ms. */
const limited: Record<number, number> = {
  20016: 10_000, // slow mode of the channel
  20028: 10_000, // writes to the channel
  30046: 60_000, // edits of old messages
  40003: 10_000, // opening direct messages
  40062: 10_000, // the resource
};

export function toPlatformError(thrown: unknown): PlatformError {
  if (thrown instanceof PlatformError) return thrown;
  if (thrown instanceof RateLimitError) {
    const wait = Math.max(0, Math.ceil(thrown.retryAfter));
    return new PlatformError('unsent', `Discord’s rate limit: wait ${wait} ms`, { retryAfterMs: wait });
  }
  if (thrown instanceof DiscordAPIError) return fromAnswer(thrown);
  if (thrown instanceof HTTPError) {
    return new PlatformError('ambiguous', `Discord answered ${thrown.status}`);
  }
  return fromNetwork(coerceError(thrown));
}

/** The library's error holds the whole request, with its token and texts: only what says why goes on from here. */
function fromAnswer({ code, status, message }: DiscordAPIError): PlatformError {
  const number = typeof code === 'number' ? code : null;
  const words = clip(revealLine(message), 300);
  const refusal = (kind: PlatformErrorKind, text: string, about: PlatformErrorOptions = {}) =>
    new DiscordRefusal(kind, text, { code: number, status, ...about });
  if (status === 401 && number !== codes.badInteractionToken) {
    return refusal('refused', BAD_TOKEN, { scope: 'platform' });
  }
  if (number !== null) {
    const wait = limited[number];
    if (wait !== undefined) return new PlatformError('unsent', `Discord: ${words}`, { retryAfterMs: wait });
    const lost = gone[number];
    if (lost !== undefined) {
      const scope = ofOneMessage.has(number) ? 'message' : 'room';
      return refusal('gone', `${lost} (${number})`, { scope, deleted: deletedForGood.has(number) });
    }
    const denied = refused[number];
    if (denied !== undefined) return refusal('refused', `${denied} (${number})`, { scope: 'room' });
  }
  return refusal('refused', `Discord refused it (${status}, code ${number ?? 'none'}): ${words}`);
}

/** Only what can't have left this machine, or was never agreed with the other side, is surely unsent. */
function fromNetwork(error: Error): PlatformError {
  const { code, syscall } = networkFacts(error);
  const unsent =
    syscall === 'connect' ||
    syscall === 'getaddrinfo' ||
    unsentCodes.has(code) ||
    code.startsWith('ERR_TLS') ||
    code.startsWith('ERR_SSL') ||
    code.startsWith('CERT_');
  const what = code === '' ? error.name : code;
  if (unsent) return new PlatformError('unsent', `Discord can’t be reached (${what})`, { cause: error });
  return new PlatformError('ambiguous', `The connection to Discord broke off (${what})`, { cause: error });
}

const unsentCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_INVALID_URL',
  'EPROTO',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function networkFacts(error: Error): { code: string; syscall: string } {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  return { code: typeof code === 'string' ? code : '', syscall: typeof syscall === 'string' ? syscall : '' };
}

const fatalCloses: Record<number, string> = {
  4004: BAD_TOKEN,
  4010: 'Discord refused the shard: this is a bug of Countersign.',
  4011: 'This bot is in so many servers that Discord asks for sharding, which Countersign does not do. Use a bot of its own for it.',
  4012: 'Discord no longer speaks this version of its gateway. Update Countersign.',
  4013: 'Discord refused the gateway intents: this is a bug of Countersign.',
  4014: 'Discord refused the gateway intents. Countersign asks for “Guilds” only: check that DISCORD_TOKEN is a bot’s token.',
};

/** What to do about a gateway connection that Discord has ended for good. */
export function closeAdvice(code: number): string {
  return fatalCloses[code] ?? `Discord closed the connection for good (${code}).`;
}

/** Why the bot could not start, and which setting mends it. `close`: the code with which the gateway ended, if it did. */
export function toSetupError(thrown: unknown, apiUrl: string, close: number | null): SetupError {
  if (thrown instanceof SetupError) return thrown;
  if (close !== null) return new SetupError(closeAdvice(close));
  if (thrown instanceof DiscordjsError && thrown.code === DiscordjsErrorCodes.TokenInvalid) {
    return new SetupError(BAD_TOKEN);
  }
  const error = toPlatformError(thrown);
  if (error instanceof DiscordRefusal && error.status === 404) {
    return new SetupError(
      `There is no Discord API at ${apiUrl}. Check DISCORD_API_URL (Discord’s: https://discord.com/api).`,
    );
  }
  if (error.kind === 'unsent' && error.retryAfterMs === null) {
    return new SetupError(`${error.message} at ${apiUrl}. Check the network, and DISCORD_API_URL.`);
  }
  const { message } = error.kind === 'ambiguous' ? coerceError(thrown) : error;
  return new SetupError(`Discord did not let the bot in: ${clip(revealLine(message || error.message), 300)}`);
}

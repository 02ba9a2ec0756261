/** Converts what discord.js throws into our errors, by class and code, never by a message’s text. */
import { DiscordAPIError, DiscordjsError, DiscordjsErrorCodes, HTTPError, RateLimitError } from 'discord.js';
import {
  coerceError,
  FILTER_STATUSES,
  PlatformError,
  type PlatformErrorKind,
  type PlatformErrorOptions,
  SetupError,
} from '../../../core/ports/errors.ts';
import { clip } from '../../../core/text/clip.ts';
import { revealLine } from '../../../core/text/visible/reveal.ts';

/** Discord’s JSON error codes that we distinguish. */
export const codes = Object.freeze({
  unknownChannel: 10_003,
  unknownGuild: 10_004,
  unknownMessage: 10_008,
  unknownUser: 10_013,
  unknownWebhook: 10_015,
  alreadyAnswered: 40_060,
  tagRequired: 40_067,
  missingAccess: 50_001,
  cannotMessage: 50_007,
  notForMessages: 50_008,
  missingPermissions: 50_013,
  wrongChannelType: 50_024,
  /** The token of one interaction, not the bot’s own. */
  badInteractionToken: 50_027,
  noServerInCommon: 50_278,
  threadArchived: 50_083,
  threadExists: 160_004,
  threadLocked: 160_005,
  tooManyThreads: 160_006,
});

/** An answer in which Discord refuses a request. */
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
  'Discord rejected the bot’s token. Reset it in the Developer Portal (Bot → Reset Token), copy it into DISCORD_TOKEN, and restart.';

const gone: Record<number, string> = {
  [codes.unknownChannel]: 'The channel or thread does not exist, or the bot can’t see it',
  [codes.unknownGuild]: 'The server does not exist, or the bot was removed from it',
  [codes.unknownMessage]: 'The message was deleted',
  [codes.unknownUser]: 'The user does not exist. Use user IDs in DIRECT_MESSAGES',
  [codes.missingAccess]: 'The bot can’t see this channel. Invite it to the server, and give it View Channel there',
  [codes.threadArchived]: 'The thread is archived, and the bot may not reopen it',
  [codes.threadLocked]: 'The thread is locked',
  [codes.tooManyThreads]: 'The server has reached Discord’s limit of active threads',
};

const DIRECT_MESSAGES_CLOSED =
  'This person accepts no direct messages from the bot. They must share a server with it and allow direct messages from server members (Privacy Settings of the server)';

export const WRONG_CHANNEL_TYPE =
  'Cards can’t be posted in a channel of this type. Set DISCORD_CHANNEL to a text, announcement or forum channel, or to a thread';

const refused: Record<number, string> = {
  [codes.cannotMessage]: DIRECT_MESSAGES_CLOSED,
  [codes.noServerInCommon]: DIRECT_MESSAGES_CLOSED,
  [codes.missingPermissions]:
    'The bot lacks a permission in this channel. Give it View Channel, Send Messages, Send Messages in Threads, Create Public Threads, Embed Links and Read Message History',
  [codes.wrongChannelType]: WRONG_CHANNEL_TYPE,
  [codes.notForMessages]: WRONG_CHANNEL_TYPE,
  [codes.tagRequired]:
    'The forum requires a tag and has none that the bot may use. Add a tag that is not limited to moderators, or do not require tags',
};

/**
 * The content of one message, not its channel, each with a few words for a card. Automatic moderation exempts bots today;
 * its codes are in Discord’s published list.
 */
const contentReasons: Record<number, string> = {
  20009: 'blocked as explicit content',
  40005: 'too large',
  50006: 'no text',
  50035: 'invalid form',
  50109: 'invalid form',
  200000: 'blocked by AutoMod',
  200001: 'title blocked by AutoMod',
  240000: 'blocked as a harmful link',
};

/** These concern one message; the channel still takes others. */
const messageCodes: ReadonlySet<number> = new Set([
  codes.unknownMessage,
  codes.threadArchived,
  codes.threadLocked,
  codes.tooManyThreads,
]);
/** These were deleted with their content. `unknownGuild` is not among them: the bot may only have been removed. */
const deletedCodes: ReadonlySet<number> = new Set([codes.unknownMessage, codes.unknownChannel]);

/** Rate limits that Discord answers without the status 429, and how long to wait, ms. */
const rateLimitCodes: Record<number, number> = {
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
    return new PlatformError('unsent', `Discord’s rate limit: wait ${wait} ms.`, { retryAfterMs: wait });
  }
  if (thrown instanceof DiscordAPIError) return fromAnswer(thrown);
  if (thrown instanceof HTTPError) {
    return new PlatformError('ambiguous', `Discord answered with HTTP status ${thrown.status}.`);
  }
  return fromNetwork(coerceError(thrown));
}

/** The library’s error contains the whole request with its token and texts; only the reason is kept. */
function fromAnswer({ code, status, message }: DiscordAPIError): PlatformError {
  const number = typeof code === 'number' ? code : null;
  const reason = clip(revealLine(message), 300);
  const refusal = (kind: PlatformErrorKind, text: string, about: PlatformErrorOptions = {}) =>
    new DiscordRefusal(kind, text, { code: number, status, ...about });
  if (status === 401 && number !== codes.badInteractionToken) {
    return refusal('refused', BAD_TOKEN, { scope: 'platform' });
  }
  if (number !== null) {
    const wait = rateLimitCodes[number];
    if (wait !== undefined)
      return new PlatformError('unsent', `Discord’s rate limit: ${reason}`, { retryAfterMs: wait });
    const missing = gone[number];
    if (missing !== undefined) {
      const scope = messageCodes.has(number) ? 'message' : 'room';
      return refusal('gone', `${missing} (${number})`, { scope, deleted: deletedCodes.has(number) });
    }
    const denied = refused[number];
    if (denied !== undefined) return refusal('refused', `${denied} (${number})`, { scope: 'room' });
  }
  const why = contentReasonOf(number, status);
  if (why !== null) {
    const text = `Discord refused the content (${status}, code ${number ?? 'none'}): ${reason}`;
    return refusal('content', text, { reason: why });
  }
  return refusal('refused', `Discord refused the request (${status}, code ${number ?? 'none'}): ${reason}`);
}

/** Null: it is not about the content. A code of a bad request that we do not know may be about it. */
function contentReasonOf(code: number | null, status: number): string | null {
  // Without a code the answer is not of Discord’s API, but of a filter in front of it.
  if (code === null || code === 0) return FILTER_STATUSES.has(status) ? `refused by a filter, HTTP ${status}` : null;
  return contentReasons[code] ?? (status === 400 ? `error ${code}` : null);
}

/** `unsent` only if no connection was established. */
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
  if (unsent) return new PlatformError('unsent', `Discord is unreachable (${what})`, { cause: error });
  return new PlatformError('ambiguous', `The connection to Discord broke (${what})`, { cause: error });
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
  4011: 'This bot is in so many servers that Discord requires sharding, which Countersign does not support. Use a separate bot.',
  4012: 'Discord no longer supports this version of its gateway. Update Countersign.',
  4013: 'Discord refused the gateway intents: this is a bug of Countersign.',
  4014: 'Discord refused the gateway intents. Countersign requests “Guilds” only: check that DISCORD_TOKEN is the token of a bot.',
};

/** What to do when Discord has closed the gateway for good. @param code Discord’s close code */
export function closeAdvice(code: number): string {
  return fatalCloses[code] ?? `Discord closed the connection for good (${code}).`;
}

/** Why the bot can’t start, and which setting to fix. @param closeCode of the gateway, if it was closed */
export function toSetupError(thrown: unknown, apiUrl: string, closeCode: number | null): SetupError {
  if (thrown instanceof SetupError) return thrown;
  if (closeCode !== null) return new SetupError(closeAdvice(closeCode));
  if (thrown instanceof DiscordjsError && thrown.code === DiscordjsErrorCodes.TokenInvalid) {
    return new SetupError(BAD_TOKEN);
  }
  const error = toPlatformError(thrown);
  if (error instanceof DiscordRefusal && error.status === 404) {
    return new SetupError(
      `There is no Discord API at ${apiUrl}. Check DISCORD_API_URL (default: https://discord.com/api).`,
    );
  }
  if (error.kind === 'unsent' && error.retryAfterMs === null) {
    return new SetupError(`${error.message} at ${apiUrl}. Check the network, and DISCORD_API_URL.`);
  }
  const { message } = error.kind === 'ambiguous' ? coerceError(thrown) : error;
  return new SetupError(`Discord rejected the start: ${clip(revealLine(message || error.message), 300)}`);
}

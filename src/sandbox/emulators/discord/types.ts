import type { Journal } from '../shared/journal.ts';

/** A JSON object as received; the emulator checks it and keeps it unchanged. */
export type Json = Record<string, unknown>;

export interface DiscordUser {
  id: string;
  username: string;
  globalName: string;
  /** Role ids this member has in the guild. */
  roles: string[];
  /** Another application. */
  bot?: true;
}

/** A message as the channel shows it; `content`, `embeds` and `components` are exactly what the bot sent. */
export interface DiscordMessage {
  id: string;
  channelId: string;
  authorId: string;
  content: string;
  embeds: Json[];
  components: Json[];
  flags: number;
  nonce: string | null;
  edited: boolean;
  /** The thread started from this message; Discord gives it the message's id. */
  threadId: string | null;
  /** Set when only this user sees it. */
  onlyFor: string | null;
  /** The message that it replies to; absent if none. */
  replyTo?: string;
  /** Who was mentioned when it was posted: ids of users and roles, `everyone`. Absent if no one; edits mention no one. */
  called?: string[];
  /** Its files; absent if there are none. */
  attachments?: DiscordAttachment[];
}

export interface DiscordAttachment {
  id: string;
  filename: string;
  /** Bytes. */
  size: number;
  contentType: string;
  /** Where the emulator serves it. */
  url: string;
}

/** A modal that is open for one person; `data` is what the bot sent. */
export interface DiscordModal {
  id: string;
  userId: string;
  channelId: string;
  /** The message whose button opened it. */
  messageId: string | null;
  data: Json;
}

export interface DiscordState {
  guild: { id: string; name: string };
  /** `recipientId`: the person whose direct messages it is. */
  channels: { id: string; name: string; type: number; parentId: string | null; recipientId: string | null }[];
  users: DiscordUser[];
  messages: DiscordMessage[];
  modals: DiscordModal[];
  connections: number;
}

/**
 * `at` is milliseconds since 1970. A `call` is recorded when it is answered: `status` 0 when the answer was never sent.
 * `path` is decoded and starts after `/api/v10`; a body that is a list is kept as `{ list }`.
 * An `interaction` is recorded each time it is written to a socket, so again for each replay;
 * connection 0 means that it was lost: nothing was connected and no session could be resumed; connection -1, that it was
 * sent to the interactions endpoint. `endpoint` is recorded when such a request has been answered, `status` 0 if it was not.
 */
export type DiscordEntry =
  | { kind: 'call'; at: number; method: string; path: string; body: Json | null; status: number; error: string | null }
  | { kind: 'socket'; at: number; event: 'open' | 'identify' | 'resume' | 'close'; connection: number; code?: number }
  | { kind: 'interaction'; at: number; interactionId: string; connection: number; payload: Json }
  | { kind: 'endpoint'; at: number; interactionId: string; status: number; afterMs: number }
  /**
   * `afterMs` counts from the interaction's dispatch; over 3,000 the token had expired.
   * `refused`: the error code (10062, 40060, 50035, …), absent if the answer was accepted.
   */
  | {
      kind: 'callback';
      at: number;
      interactionId: string;
      afterMs: number;
      type: number;
      body: Json;
      refused?: number;
    }
  /** An invalid body or gateway payload. */
  | { kind: 'refused'; at: number; what: string; reason: string };

/**
 * A fault of the next matching request. `before`: it has no effect. `after`: it has, and the response is lost.
 * `reset` ends the connection with a TCP reset, `hang` never answers. With `delay` the request
 * arrives `ms` milliseconds late. `status` carries `code`'s message, or the status's own when there is no code.
 */
export type DiscordFault =
  | { kind: 'reset'; when: 'before' | 'after' }
  | { kind: 'status'; status: number; when: 'before' | 'after'; code?: number }
  | { kind: 'hang'; when: 'before' | 'after' }
  | { kind: 'delay'; ms: number }
  | { kind: 'rate_limited'; retryAfterMs: number; global?: boolean };

/**
 * Messages that contain this text are refused with this code, also as edits. Automatic moderation (200000) refuses names of
 * threads and posts with 200001, and nothing in direct messages.
 */
export interface DiscordContentRule {
  code: number;
  containing: string;
}

export interface DiscordPress {
  userId: string;
  channelId: string;
  messageId: string;
  customId: string;
  /** Dispatch the same interaction this many times (default 1). */
  deliveries?: number;
  /** The chosen options of a select menu. */
  values?: string[];
  /** Fields of the interaction that Discord would never send so, to simulate a foreign press. */
  forged?: Json;
}

export interface DiscordCommand {
  userId: string;
  channelId: string;
  /** The command, with its subcommand after a space: `run`, `run start`. */
  name: string;
  options?: Record<string, string | number | boolean>;
  deliveries?: number;
  /** As with a press. */
  forged?: Json;
}

/** How a press or submission ended, as the person saw it. `type` is the callback's type (4 to 9), null if none came. */
export interface DiscordPressResult {
  interactionId: string;
  acked: boolean;
  afterMs: number | null;
  type: number | null;
}

export interface DiscordChannelOptions {
  id: string;
  name: string;
  type?: number;
  /** Of a thread. */
  parentId?: string;
  archived?: boolean;
  /** Of a forum. */
  tags?: DiscordTag[];
  requireTag?: boolean;
}

/** What a channel allows and denies a role (type 0) or a person (type 1): permission bits as text. */
export interface DiscordOverwrite {
  id: string;
  type: 0 | 1;
  allow: string;
  deny: string;
}

/** A tag for posts of a forum; only moderators may set a moderated one. */
export interface DiscordTag {
  id: string;
  name: string;
  moderated: boolean;
}

export interface DiscordApplicationSettings {
  /** Where Discord sends presses, in place of the gateway; null: nowhere. */
  interactionsEndpointUrl?: string | null;
  /** Which privileged intents are on. */
  intents?: readonly ('presence' | 'members' | 'content')[];
}

export interface DiscordEmulatorOptions {
  /** Default: any free port. */
  port?: number;
  users?: DiscordUser[];
  /** Where it can be reached from outside, of which the gateway's address is a part (default: its own). */
  origin?: string;
  /** The first one becomes `channel`. `type`: Discord's number, by default 0, a text channel; 15 is a forum. */
  channels?: DiscordChannelOptions[];
  /** Names for role ids; a role that only a user mentions is named after its id. */
  roles?: { id: string; name: string }[];
  /** Milliseconds from dispatch until an unanswered interaction expires (Discord: 3,000). */
  interactionBudgetMs?: number;
  /** Milliseconds from the first answer until an interaction's token expires (Discord: 15 minutes). */
  interactionLifetimeMs?: number;
  /** Milliseconds (Discord: 41,250). */
  heartbeatIntervalMs?: number;
  /** How many IDENTIFYs `GET /gateway/bot` says are left (Discord: 1,000 a day). */
  sessionsLeft?: number;
  /**
   * Milliseconds between two IDENTIFYs. Discord: 5,000, which every test of several replicas sets; default 0, for one bot that
   * is started again soon.
   */
  identifyEveryMs?: number;
  /** The time by which IDENTIFYs are counted, ms. Default: the system's. */
  now?: () => number;
}

export interface DiscordEmulator {
  /** For `DISCORD_API_URL`, without a trailing slash. */
  readonly url: string;
  readonly token: string;
  readonly applicationId: string;
  readonly botUserId: string;
  /** As the Developer Portal shows it, 64 hex digits. */
  readonly publicKey: string;
  readonly guildId: string;
  readonly channel: string;
  readonly journal: Journal<DiscordEntry>;
  state(): DiscordState;
  /** Calls back after every change of `state()`. */
  onChange(listener: () => void): () => void;
  press(press: DiscordPress): Promise<DiscordPressResult>;
  /** `values`: the text inputs' custom_id → what the person typed. */
  submitModal(userId: string, modalId: string, values: Record<string, string>): Promise<DiscordPressResult>;
  closeModal(userId: string, modalId: string): void;
  /** The commands that the bot has registered. */
  commands(): Json[];
  /** Uses a slash command that the bot has registered. */
  command(command: DiscordCommand): Promise<DiscordPressResult>;
  /** Types into an option with autocompletion; the suggestions are in the body of its `callback` entry. */
  type(command: DiscordCommand, option: string): Promise<DiscordPressResult>;
  /** Plans a fault for the next `times` (default 1) requests that match (`POST /channels/:id/messages`, …). */
  fail(route: string, fault: DiscordFault, times?: number): void;
  /** Removes all planned faults. */
  heal(): void;
  /** Refuses messages for their content from now on; null: only those that break Discord’s rules, as at the start. */
  refuseContent(rule: DiscordContentRule | null): void;
  /** What everyone sees in a channel without opening a thread, oldest first. */
  inRoom(channelId?: string): DiscordMessage[];
  /** Op 7 to every connection. */
  requestReconnect(): void;
  /** Op 9: sessions end, `resumable` as given. */
  invalidateSessions(resumable: boolean): void;
  /** Sends this frame to every connection unchecked, for example an invalid one. */
  sendFrame(frame: Json): void;
  /** Closes every connection with this code, or cuts it without one. */
  dropSockets(code?: number): void;
  /** While on, heartbeats are not acknowledged. */
  ignoreHeartbeats(on: boolean): void;
  /**
   * REST answers 401 and a new IDENTIFY or RESUME closes with 4004. Open connections stay open:
   * `dropSockets(4004)` closes them.
   */
  revokeToken(): void;
  restoreToken(): void;
  /** Forgets all nonces, as Discord does after a few minutes. */
  forgetNonces(): void;
  /**
   * Takes the bot's permissions in a channel: 50001 (no access), 50013 (read only); null restores them.
   */
  denyChannel(channelId: string, code: 50001 | 50013 | null): void;
  /** Replaces what a channel allows and denies roles and people. */
  setOverwrites(channelId: string, overwrites: DiscordOverwrite[]): void;
  /** Who is in a private thread. */
  setThreadMembers(threadId: string, userIds: readonly string[]): void;
  /** Refuses (50007) or accepts direct messages to this person from now on. */
  closeDirect(userId: string, closed: boolean): void;
  /** Deletes the channel with its threads and messages. */
  deleteChannel(channelId: string): void;
  deleteMessage(channelId: string, messageId: string): void;
  addUser(user: DiscordUser): void;
  /** A person leaves the guild. */
  removeUser(userId: string): void;
  /** What is set for the application in the Developer Portal. */
  configure(application: DiscordApplicationSettings): void;
  /**
   * Saves the *Interactions Endpoint URL* as the Developer Portal does: it first sends a PING, and then one with a wrong
   * signature. Null: presses go over the gateway again.
   * @throws Error when the first is not answered with PONG, or the second not with 401
   */
  setInteractionsEndpoint(url: string | null): Promise<void>;
  /** Sends another wrong signature, as Discord does now and then; an endpoint that does not answer 401 is removed. */
  probeEndpoint(): Promise<void>;
  /** What everyone may do in the guild: permission bits as text. At the start all that a bot needs, and no more. */
  setPermissions(everyone: string): void;
  /** The role belongs to an integration from now on: no person can have it. */
  manageRole(roleId: string): void;
  /** The bot was removed from the guild: nothing of it can be read. */
  leaveGuild(): void;
  /** The invitation lacked the scope `applications.commands`. */
  revokeCommandScope(): void;
  /** The requests that may have changed something, in order: all but GET. */
  writes(): string[];
  close(): Promise<void>;
}

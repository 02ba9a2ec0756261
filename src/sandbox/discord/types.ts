import type { Journal } from '../journal.ts';

/** A JSON object as it came over the wire; the stand-in checks it and otherwise keeps it as it is. */
export type Json = Record<string, unknown>;

export interface DiscordUser {
  id: string;
  username: string;
  globalName: string;
  /** Role ids this member has in the guild. */
  roles: string[];
}

/** A message as the room shows it; `content`, `embeds` and `components` are exactly what the bot sent. */
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
  /** The thread that was started from this message; Discord gives it the message's own id. */
  threadId: string | null;
  /** Set when only this user sees it. */
  onlyFor: string | null;
}

/** A modal that stands open for one person; `data` is what the bot sent. */
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
  channels: { id: string; name: string; type: number; parentId: string | null }[];
  users: DiscordUser[];
  messages: DiscordMessage[];
  modals: DiscordModal[];
  connections: number;
}

export type DiscordEntry =
  | { kind: 'call'; at: number; method: string; path: string; body: Json | null; status: number; error: string | null }
  | { kind: 'socket'; at: number; event: 'open' | 'identify' | 'resume' | 'close'; connection: number; code?: number }
  | { kind: 'interaction'; at: number; interactionId: string; connection: number; payload: Json }
  /** `afterMs` counts from the interaction's dispatch; over 3,000 the token was dead. */
  | { kind: 'callback'; at: number; interactionId: string; afterMs: number; type: number; body: Json }
  | { kind: 'refused'; at: number; what: string; reason: string };

/**
 * What goes wrong with the next matching request. `before`: nothing had effect. `after`: it had, and the answer is lost.
 */
export type DiscordFault =
  | { kind: 'reset'; when: 'before' | 'after' }
  | { kind: 'status'; status: number; when: 'before' | 'after'; code?: number }
  | { kind: 'hang'; when: 'before' | 'after' }
  | { kind: 'delay'; ms: number }
  | { kind: 'rate_limited'; retryAfterMs: number; global?: boolean };

export interface DiscordPress {
  userId: string;
  channelId: string;
  messageId: string;
  customId: string;
  /** Dispatch the same interaction this many times (default 1). */
  deliveries?: number;
}

/** How a press or submission ended, as the person saw it. `type` is the callback's type (4 to 9), null if none came. */
export interface DiscordPressResult {
  interactionId: string;
  acked: boolean;
  afterMs: number | null;
  type: number | null;
}

export interface DiscordStandIn {
  /** For `DISCORD_API_URL`, without a last slash. */
  readonly url: string;
  readonly token: string;
  readonly applicationId: string;
  readonly botUserId: string;
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
  /** The next `times` (default 1) requests that match (`POST /channels/:id/messages`, …) go wrong this way. */
  fail(route: string, fault: DiscordFault, times?: number): void;
  /** Op 7 to every connection. */
  requestReconnect(): void;
  /** Op 9: sessions end, `resumable` as given. */
  invalidateSessions(resumable: boolean): void;
  /** Cuts every connection: without a word, or with this close code. */
  dropSockets(code?: number): void;
  revokeToken(): void;
  deleteMessage(channelId: string, messageId: string): void;
  addUser(user: DiscordUser): void;
  close(): Promise<void>;
}

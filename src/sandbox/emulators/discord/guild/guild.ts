import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { refuse } from '../rest/refusal.ts';
import type {
  DiscordApplicationSettings,
  DiscordContentRule,
  DiscordEmulatorOptions,
  DiscordMessage,
  DiscordModal,
  DiscordOverwrite,
  DiscordState,
  DiscordTag,
  DiscordUser,
  Json,
} from '../types.ts';
import { PERMISSIONS } from '../wire/permissions.ts';
import { createSnowflakes, snowflakeAt } from '../wire/snowflake.ts';
import { maySend, mayView } from './bot-permissions.ts';

export const ChannelType = {
  text: 0,
  dm: 1,
  category: 4,
  announcement: 5,
  announcementThread: 10,
  publicThread: 11,
  privateThread: 12,
  forum: 15,
  media: 16,
} as const;

/** Of a forum's flags: a post without a tag is refused. */
export const REQUIRE_TAG = 1 << 4;

export interface Channel {
  id: string;
  name: string;
  type: number;
  /** Of a thread: the channel that it belongs to. */
  parentId: string | null;
  /** Of a direct message: the other person. */
  recipientId: string | null;
  archived: boolean;
  locked: boolean;
  archiveMinutes: number;
  lastMessageId: string | null;
  /** Of a forum: the tags for its posts. */
  tags: DiscordTag[];
  requireTag: boolean;
  overwrites: DiscordOverwrite[];
  /** Of a private thread: who is in it. */
  members: ReadonlySet<string>;
  /** The error code that refuses the bot in this channel. */
  denied: 50001 | 50013 | null;
}

/** Threads have no permissions of their own. */
export function isThread({ type }: Pick<Channel, 'type'>): boolean {
  return type >= ChannelType.announcementThread && type <= ChannelType.privateThread;
}

/** The interaction that a message answers. */
export interface MessageOrigin {
  interactionId: string;
  type: number;
  userId: string;
  /** The message whose component was used. */
  messageId: string | null;
  /** Of a form: the interaction that opened it. */
  openedBy: MessageOrigin | null;
}

export interface StoredModal extends DiscordModal {
  openedBy: MessageOrigin;
}

export interface StoredMessage extends DiscordMessage {
  /** Milliseconds since 1970; null: never edited. */
  editedAt: number | null;
  origin: MessageOrigin | null;
}

/** How long a repeated nonce returns the first message: "the past few minutes". */
const NONCE_MS = 5 * 60_000;

const GUILD_CREATED_AT = Date.UTC(2024, 2, 4, 9, 30);

/** Fixed ids, so that a bot finds the same channel after a restart of the sandbox. */
const IDS = {
  guild: snowflakeAt(GUILD_CREATED_AT, 1),
  channel: snowflakeAt(GUILD_CREATED_AT, 2),
  bot: snowflakeAt(GUILD_CREATED_AT, 3),
  reviewers: snowflakeAt(GUILD_CREATED_AT, 4),
} as const;

const defaultUsers: readonly DiscordUser[] = [
  { id: snowflakeAt(GUILD_CREATED_AT, 11), username: 'mara', globalName: 'Mara Lind', roles: [IDS.reviewers] },
  { id: snowflakeAt(GUILD_CREATED_AT, 12), username: 'jonas', globalName: 'Jonas Weber', roles: [IDS.reviewers] },
  { id: snowflakeAt(GUILD_CREATED_AT, 13), username: 'ines', globalName: 'Inês Prado', roles: [] },
];

/** The emulator's whole state: one guild, its members, channels and messages, and direct messages with its members. */
export class Guild {
  readonly id = IDS.guild;
  readonly name = 'Countersign Sandbox';
  readonly createdAt = GUILD_CREATED_AT;
  /** Discord gives an application and its bot user one id. */
  readonly applicationId = IDS.bot;
  readonly botUserId = IDS.bot;
  readonly token: string;
  /** Discord signs with these what it sends to the interactions endpoint. */
  readonly keys = generateKeyPairSync('ed25519');
  readonly channels = new Map<string, Channel>();
  readonly users = new Map<string, DiscordUser>();
  readonly messages = new Map<string, StoredMessage>();
  readonly modals = new Map<string, StoredModal>();
  readonly commands = new Map<string, Json>();
  readonly files = new Map<string, { contentType: string; bytes: Buffer }>();
  readonly nextId = createSnowflakes();
  tokenRevoked = false;
  /** The bot was removed from it. */
  isLeft = false;
  /** It was invited with `applications.commands`. */
  hasCommandScope = true;
  application: DiscordApplicationSettings = {};
  /** What everyone may do. */
  permissions = PERMISSIONS;
  /** Roles of integrations. */
  readonly managedRoles = new Set<string>();
  /** Which messages are refused for their content; null: those that break Discord's rules. */
  contentRule: DiscordContentRule | null = null;
  /** Users who accept no direct messages from bots. */
  readonly closedToBots = new Set<string>();
  readonly #roleNames = new Map<string, string>();
  readonly #nonces = new Map<string, { messageId: string; at: number }>();
  readonly #listeners = new Set<() => void>();

  constructor(options: DiscordEmulatorOptions) {
    // Each emulator has its own: a bot whose emulator is gone reconnects to its port, which may be another's by then.
    this.token = `${Buffer.from(IDS.bot).toString('base64url')}.Gs4nd1.${randomBytes(24).toString('base64url')}`;
    for (const user of options.users ?? defaultUsers) this.users.set(user.id, user);
    for (const role of options.roles ?? [{ id: IDS.reviewers, name: 'Reviewers' }]) {
      this.#roleNames.set(role.id, role.name);
    }
    const channels = options.channels?.length ? options.channels : [{ id: IDS.channel, name: 'approvals' }];
    for (const channel of channels) this.addChannel({ type: ChannelType.text, ...channel });
  }

  /** With which those signatures are checked, as the Developer Portal shows it. */
  get publicKey(): string {
    return Buffer.from(String(this.keys.publicKey.export({ format: 'jwk' }).x), 'base64url').toString('hex');
  }

  addChannel(channel: Pick<Channel, 'id' | 'name' | 'type'> & Partial<Channel>): Channel {
    const made: Channel = {
      parentId: null,
      recipientId: null,
      archived: false,
      locked: false,
      archiveMinutes: 4320,
      lastMessageId: null,
      tags: [],
      requireTag: false,
      overwrites: [],
      members: new Set(),
      denied: null,
      ...channel,
    };
    this.channels.set(made.id, made);
    return made;
  }

  /** Role names by id: the configured ones and those of members, without @everyone. */
  roles(): Map<string, string> {
    const roles = new Map(this.#roleNames);
    for (const user of this.users.values()) {
      for (const role of user.roles) if (!roles.has(role)) roles.set(role, `role-${role}`);
    }
    return roles;
  }

  /** A channel that the bot can see. @throws Refusal 10003, 50001, and 50013 or 50083 when it wants to write. */
  channel(id: string | undefined, intent: 'read' | 'write'): Channel {
    const channel = this.channels.get(id ?? '');
    if (!channel) throw refuse(10003);
    if (this.isLeft && channel.type !== ChannelType.dm) throw refuse(50001);
    const parent = this.channels.get(channel.parentId ?? '');
    if (channel.type !== ChannelType.dm) {
      // Threads have those of their channel.
      const ruled = isThread(channel) ? (parent ?? channel) : channel;
      if (channel.denied === 50001 || !mayView(this, ruled)) throw refuse(50001);
      const isClosed = channel.denied === 50013 || !maySend(this, ruled, isThread(channel));
      if (intent === 'write' && isClosed) throw refuse(50013);
    }
    if (intent === 'write' && channel.archived && channel.locked) throw refuse(50083);
    return channel;
  }

  /** A message visible over REST; an ephemeral one is visible only to its interaction. @throws Refusal 10008 */
  message(channel: Channel, id: string | undefined): StoredMessage {
    const message = this.messages.get(id ?? '');
    if (!message || message.channelId !== channel.id || message.onlyFor !== null) throw refuse(10008);
    return message;
  }

  /** The message that this author sent in this channel with this nonce within `NONCE_MS`. */
  messageByNonce(channelId: string, authorId: string, nonce: string): StoredMessage | undefined {
    const known = this.#nonces.get(`${channelId}/${authorId}/${nonce}`);
    return known && Date.now() - known.at < NONCE_MS ? this.messages.get(known.messageId) : undefined;
  }

  forgetNonces(): void {
    this.#nonces.clear();
  }

  addMessage(message: StoredMessage): void {
    this.messages.set(message.id, message);
    const channel = this.channels.get(message.channelId);
    if (channel && message.onlyFor === null) channel.lastMessageId = message.id;
    if (message.nonce === null) return;
    this.#nonces.set(`${message.channelId}/${message.authorId}/${message.nonce}`, {
      messageId: message.id,
      at: Date.now(),
    });
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  state(connections: number): DiscordState {
    return structuredClone({
      guild: { id: this.id, name: this.name },
      channels: [...this.channels.values()].map(({ id, name, type, parentId, recipientId }) => {
        return { id, name, type, parentId, recipientId };
      }),
      users: [...this.users.values()],
      messages: [...this.messages.values()].map(({ editedAt: _, origin: __, ...message }) => message),
      modals: [...this.modals.values()].map(({ openedBy: _, ...modal }) => modal),
      connections,
    });
  }
}

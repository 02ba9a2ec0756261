import { numberComponents } from '../checks/components.ts';
import { overwritesOf } from '../guild/bot-permissions.ts';
import {
  type Channel,
  ChannelType,
  type Guild,
  isThread,
  type MessageOrigin,
  REQUIRE_TAG,
  type StoredMessage,
} from '../guild/guild.ts';
import type { Json } from '../types.ts';
import { guildObject, LOCALE } from './guild-objects.ts';
import { jsonList } from './json.ts';
import { PERMISSIONS } from './permissions.ts';
import { timeOf } from './snowflake.ts';

const COMMAND = 2;
const CHAT_INPUT_MESSAGE = 20;
const REPLY = 19;

/** The guild's data as objects of Discord's API. */
export class ApiObjects {
  readonly #guild: Guild;

  constructor(guild: Guild) {
    this.#guild = guild;
  }

  /** @throws Error for an unknown user */
  user(id: string): Json {
    const guild = this.#guild;
    if (id === guild.botUserId) return { ...person(id, 'countersign', null), bot: true };
    const user = guild.users.get(id);
    if (!user) throw new Error(`There is no user ${id} in the emulator`);
    return { ...person(id, user.username, user.globalName), bot: user.bot === true };
  }

  member(id: string): Json {
    return {
      user: this.user(id),
      roles: this.#guild.users.get(id)?.roles ?? [],
      nick: null,
      avatar: null,
      banner: null,
      joined_at: iso(this.#guild.createdAt),
      premium_since: null,
      deaf: false,
      mute: false,
      flags: 0,
      pending: false,
      communication_disabled_until: null,
    };
  }

  /**
   * GUILD_CREATE. The bot is the only member in it: Discord sends others only with the presence intent,
   * which an application must be granted.
   */
  guildCreate(): Json {
    const channels = [...this.#guild.channels.values()];
    return {
      ...guildObject(this.#guild),
      joined_at: iso(this.#guild.createdAt),
      large: false,
      unavailable: false,
      member_count: this.#guild.users.size + 1,
      members: [this.member(this.#guild.botUserId)],
      channels: channels.filter((one) => isRoom(one) && !one.denied).map((one) => this.channel(one)),
      threads: channels.filter((one) => isThread(one) && !one.archived).map((one) => this.channel(one)),
      presences: [],
      voice_states: [],
      stage_instances: [],
      guild_scheduled_events: [],
      soundboard_sounds: [],
    };
  }

  channel(channel: Channel): Json {
    const { id, type, name } = channel;
    const common = { id, type, last_message_id: channel.lastMessageId, flags: 0 };
    if (type === ChannelType.dm) return { ...common, recipients: [this.user(channel.recipientId ?? '')] };
    const placed = {
      ...common,
      name,
      guild_id: this.#guild.id,
      parent_id: channel.parentId,
      rate_limit_per_user: 0,
    };
    if (!isThread(channel)) {
      const position = [...this.#guild.channels.keys()].indexOf(id);
      const common = {
        ...placed,
        position,
        topic: null,
        nsfw: false,
        permission_overwrites: overwritesOf(this.#guild, channel),
      };
      if (type !== ChannelType.forum) return { ...common, last_pin_timestamp: null };
      const tags = channel.tags.map((tag) => ({ ...tag, emoji_id: null, emoji_name: null }));
      const flags = channel.requireTag ? REQUIRE_TAG : 0;
      return { ...common, flags, available_tags: tags, default_sort_order: null, default_forum_layout: 0 };
    }
    const count = [...this.#guild.messages.values()].filter((message) => message.channelId === id).length;
    return {
      ...placed,
      owner_id: this.#guild.botUserId,
      thread_metadata: {
        archived: channel.archived,
        locked: channel.locked,
        auto_archive_duration: channel.archiveMinutes,
        archive_timestamp: iso(timeOf(id)),
        create_timestamp: iso(timeOf(id)),
      },
      message_count: count,
      total_message_sent: count,
      member_count: 1,
    };
  }

  /** The channel inside an interaction, with the user's permissions there. */
  interactionChannel(channel: Channel): Json {
    return { ...this.channel(channel), permissions: PERMISSIONS };
  }

  message(message: StoredMessage): Json {
    const { origin, called = [] } = message;
    const thread = this.#guild.channels.get(message.threadId ?? '');
    return {
      id: message.id,
      channel_id: message.channelId,
      type: origin?.type === COMMAND ? CHAT_INPUT_MESSAGE : message.replyTo === undefined ? 0 : REPLY,
      author: this.user(message.authorId),
      content: message.content,
      embeds: message.embeds.map(embedObject),
      components: numberComponents(message.components),
      attachments: (message.attachments ?? []).map(({ contentType, url, ...file }) => {
        return { ...file, content_type: contentType, url, proxy_url: url };
      }),
      mentions: called.filter((id) => this.#guild.users.has(id)).map((id) => this.user(id)),
      mention_roles: called.filter((id) => this.#guild.roles().has(id)),
      mention_everyone: called.includes('everyone'),
      pinned: false,
      tts: false,
      flags: message.flags,
      timestamp: iso(timeOf(message.id)),
      edited_timestamp: message.editedAt === null ? null : iso(message.editedAt),
      ...(thread ? { thread: this.channel(thread) } : {}),
      ...(message.replyTo === undefined
        ? {}
        : { message_reference: { type: 0, channel_id: message.channelId, message_id: message.replyTo } }),
      ...(origin ? this.#origin(origin) : {}),
    };
  }

  #origin(origin: MessageOrigin): Json {
    const { applicationId } = this.#guild;
    return { application_id: applicationId, webhook_id: applicationId, interaction_metadata: this.#metadata(origin) };
  }

  #metadata({ interactionId, type, userId, messageId, openedBy }: MessageOrigin): Json {
    const owners = { authorizing_integration_owners: { 0: this.#guild.id } };
    const common = { id: interactionId, type, user: this.user(userId), ...owners };
    if (openedBy) return { ...common, triggering_interaction_metadata: this.#metadata(openedBy) };
    return messageId === null ? common : { ...common, interacted_message_id: messageId };
  }

  /** The fields that interactions of all types have. */
  interaction(id: string, token: string, type: number, userId: string, channel: Channel, data: Json): Json {
    const { id: guildId, applicationId } = this.#guild;
    const common = {
      id,
      application_id: applicationId,
      type,
      token,
      version: 1,
      channel_id: channel.id,
      channel: this.interactionChannel(channel),
      data,
      app_permissions: PERMISSIONS,
      locale: LOCALE,
      entitlements: [],
      entitlement_sku_ids: [],
      attachment_size_limit: 10_485_760,
    };
    if (channel.type === ChannelType.dm) {
      return { ...common, context: 1, authorizing_integration_owners: { 0: '0' }, user: this.user(userId) };
    }
    return {
      ...common,
      context: 0,
      authorizing_integration_owners: { 0: guildId },
      guild_id: guildId,
      guild: { id: guildId, locale: LOCALE, features: [] },
      guild_locale: LOCALE,
      member: { ...this.member(userId), permissions: PERMISSIONS },
    };
  }
}

function isRoom(channel: Channel): boolean {
  return channel.type !== ChannelType.dm && !isThread(channel);
}

function person(id: string, username: string, globalName: string | null): Json {
  return {
    id,
    username,
    global_name: globalName,
    discriminator: '0',
    avatar: null,
    avatar_decoration_data: null,
    banner: null,
    accent_color: null,
    collectibles: null,
    primary_guild: null,
    bot: false,
    public_flags: 0,
    flags: 0,
  };
}

function embedObject(embed: Json): Json {
  const fields = jsonList(embed['fields']).map((field) => ({ inline: false, ...field }));
  return { type: 'rich', ...embed, ...(fields.length > 0 ? { fields } : {}) };
}

function iso(time: number): string {
  return new Date(time).toISOString().replace('Z', '000+00:00');
}

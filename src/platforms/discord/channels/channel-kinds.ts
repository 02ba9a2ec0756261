import { ChannelFlags, ChannelType, Routes } from 'discord.js';
import { z } from 'zod';
import type { Place } from '../../../core/approval/parts/slot.ts';
import { directTo } from '../../../core/policy/direct-messages.ts';
import { PlatformError } from '../../../core/ports/errors.ts';
import { WRONG_CHANNEL_TYPE } from '../api/errors.ts';
import type { SendRequest } from '../api/rest.ts';

const openedSchema = z.object({ id: z.string() });
const channelSchema = z.object({
  id: z.string(),
  type: z.number(),
  guild_id: z.string().nullish(),
  flags: z.number().nullish(),
  available_tags: z.array(z.object({ id: z.string(), moderated: z.boolean() })).nullish(),
});

/**
 * How cards are posted in a channel. `threaded`: follow-ups of a message go to its thread. `flat`: there are no threads
 * (direct messages, a thread, the chat of a voice channel), so follow-ups are replies. `forum`: each first card is a post,
 * and follow-ups go to that post.
 */
export type Channel = { kind: 'threaded' | 'flat'; id: string } | Forum;

export interface Forum {
  kind: 'forum';
  id: string;
  guild: string | null;
  /** Tags that each post must have. */
  tags: readonly string[];
}

/** How a message in a thread of this channel is seen: a forum shows its posts with what is new in them. */
export function inThreadOf({ kind }: Channel): 'shown' | 'folded' {
  return kind === 'threaded' ? 'folded' : 'shown';
}

const flatTypes: ReadonlySet<number> = new Set([
  ChannelType.DM,
  ChannelType.GroupDM,
  ChannelType.AnnouncementThread,
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
  ChannelType.GuildVoice,
  ChannelType.GuildStageVoice,
]);
/** A post in a media channel must contain a picture. */
const unsupportedTypes: ReadonlySet<number> = new Set([
  ChannelType.GuildCategory,
  ChannelType.GuildDirectory,
  ChannelType.GuildMedia,
]);

/** Finds the channel of a place. Discord is asked once for each. */
export class ChannelKinds {
  readonly #send: SendRequest;
  readonly #known = new Map<string, Channel>();

  constructor(send: SendRequest) {
    this.#send = send;
  }

  /** @throws PlatformError; never `ambiguous`, because nothing was posted */
  async channelOf(place: Place, signal: AbortSignal): Promise<Channel> {
    const known = this.#known.get(place.room);
    if (known !== undefined) return known;
    try {
      const channel = await this.#load(place, signal);
      this.#known.set(place.room, channel);
      return channel;
    } catch (error) {
      // Both requests can be repeated safely.
      if (!(error instanceof PlatformError) || error.kind !== 'ambiguous') throw error;
      throw new PlatformError('unsent', error.message, { cause: error });
    }
  }

  /** Reads a channel from Discord. @returns Discord’s description @throws PlatformError if it can’t hold cards */
  async read(id: string, signal: AbortSignal): Promise<unknown> {
    const answer = await this.#send({ method: 'GET', route: Routes.channel(id), signal });
    this.#remember(answer);
    return answer;
  }

  async #load(place: Place, signal: AbortSignal): Promise<Channel> {
    const person = directTo(place);
    if (person === null) {
      return this.#remember(await this.#send({ method: 'GET', route: Routes.channel(place.room), signal }));
    }
    const body = { recipient_id: person };
    const answer = await this.#send({ method: 'POST', route: Routes.userChannels(), body, signal });
    const opened = openedSchema.safeParse(answer);
    if (!opened.success) throw new PlatformError('unsent', 'Discord did not name the channel of the direct messages.');
    return { kind: 'flat', id: opened.data.id };
  }

  #remember(answer: unknown): Channel {
    const parsed = channelSchema.safeParse(answer);
    if (!parsed.success) throw new PlatformError('unsent', 'Discord’s answer does not describe a channel.');
    const channel = channelFrom(parsed.data);
    this.#known.set(channel.id, channel);
    return channel;
  }
}

function channelFrom({
  id,
  type,
  guild_id: guild,
  flags,
  available_tags: tags,
}: z.infer<typeof channelSchema>): Channel {
  if (unsupportedTypes.has(type)) throw new PlatformError('refused', WRONG_CHANNEL_TYPE, { scope: 'room' });
  if (flatTypes.has(type)) return { kind: 'flat', id };
  if (type !== ChannelType.GuildForum) return { kind: 'threaded', id };
  const tagRequired = ((flags ?? 0) & ChannelFlags.RequireTag) !== 0;
  const usable = (tags ?? []).filter(({ moderated }) => !moderated).map((tag) => tag.id);
  return { kind: 'forum', id, guild: guild ?? null, tags: tagRequired ? usable.slice(0, 1) : [] };
}

import { ChannelFlags, ChannelType, Routes } from 'discord.js';
import { z } from 'zod';
import type { Place } from '../../../core/approval/approval.ts';
import { directTo } from '../../../core/policy/direct-messages.ts';
import { PlatformError } from '../../../core/ports/errors.ts';
import { WRONG_TYPE } from '../api/errors.ts';
import type { SendRequest } from '../api/rest.ts';

const openedSchema = z.object({ id: z.string() });
const channelSchema = z.object({
  id: z.string(),
  type: z.number(),
  guild_id: z.string().nullish(),
  flags: z.number().nullish(),
  available_tags: z.array(z.object({ id: z.string(), moderated: z.boolean() })).nullish(),
});
type Channel = z.infer<typeof channelSchema>;

/**
 * What stands behind a place. `channel`: what belongs to a message stands in the thread on it. `flat`: there are no
 * threads (direct messages, a thread itself, the chat of a voice channel), and it is a reply. `forum`: what begins
 * something is a post of its own, and what belongs to it stands in that.
 */
export type Room =
  | { kind: 'channel' | 'flat'; id: string }
  /** `tags`: what each post has to be marked with. */
  | { kind: 'forum'; id: string; guild: string | null; tags: readonly string[] };

export interface ChannelKinds {
  /** @throws PlatformError; never `ambiguous`, for nothing was posted */
  roomOf(place: Place, signal: AbortSignal): Promise<Room>;
  /** Takes what Discord has said of a channel. @throws PlatformError where no card can be posted in its like */
  learn(channel: unknown): Room;
}

const flat: ReadonlySet<number> = new Set([
  ChannelType.DM,
  ChannelType.GroupDM,
  ChannelType.AnnouncementThread,
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
  ChannelType.GuildVoice,
  ChannelType.GuildStageVoice,
]);
/** A media channel's posts have to carry a picture. */
const without: ReadonlySet<number> = new Set([
  ChannelType.GuildCategory,
  ChannelType.GuildDirectory,
  ChannelType.GuildMedia,
]);

/** Finds out what stands behind a place, by asking once. */
export function createChannelKinds(send: SendRequest): ChannelKinds {
  const known = new Map<string, Room>();

  async function find(place: Place, signal: AbortSignal): Promise<Room> {
    const person = directTo(place);
    if (person === null) return learn(await send({ method: 'GET', route: Routes.channel(place.room), signal }));
    const body = { recipient_id: person };
    const opened = openedSchema.safeParse(await send({ method: 'POST', route: Routes.userChannels(), body, signal }));
    if (!opened.success) throw new PlatformError('unsent', 'Discord did not say where a person’s messages are');
    return { kind: 'flat', id: opened.data.id };
  }

  function learn(answer: unknown): Room {
    const channel = channelSchema.safeParse(answer);
    if (!channel.success) throw new PlatformError('unsent', 'Discord’s answer is no channel');
    const room = readRoom(channel.data);
    known.set(room.id, room);
    return room;
  }

  return {
    learn,
    async roomOf(place, signal) {
      const found = known.get(place.room);
      if (found !== undefined) return found;
      try {
        const room = await find(place, signal);
        known.set(place.room, room);
        return room;
      } catch (error) {
        // Asked twice, it is the same one.
        if (!(error instanceof PlatformError) || error.kind !== 'ambiguous') throw error;
        throw new PlatformError('unsent', error.message, { cause: error });
      }
    },
  };
}

function readRoom({ id, type, guild_id: guild, flags, available_tags: tags }: Channel): Room {
  if (without.has(type)) throw new PlatformError('refused', WRONG_TYPE, { scope: 'room' });
  if (flat.has(type)) return { kind: 'flat', id };
  if (type !== ChannelType.GuildForum) return { kind: 'channel', id };
  const asked = ((flags ?? 0) & ChannelFlags.RequireTag) !== 0;
  const usable = (tags ?? []).filter(({ moderated }) => !moderated).map((tag) => tag.id);
  return { kind: 'forum', id, guild: guild ?? null, tags: asked ? usable.slice(0, 1) : [] };
}

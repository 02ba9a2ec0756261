/**
 * Who can read a channel on Discord, from what the gateway keeps current: no call, but for threads that it does not name and
 * for private threads. Without the gateway, channels and servers are asked for, once a minute. Tested in test/platforms/discord/channels/readers.test.ts.
 */
import { ChannelType, PermissionFlagsBits, Routes } from 'discord.js';
import { z } from 'zod';
import { PlatformError } from '../../../core/ports/errors.ts';
import type { Platform } from '../../../core/ports/ports.ts';
import { DiscordRefusal } from '../api/errors.ts';
import type { GuildRoom } from '../api/gateway.ts';
import type { SendRequest } from '../api/rest.ts';

const threadTypes: ReadonlySet<number> = new Set([
  ChannelType.AnnouncementThread,
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
]);
const NOT_FOUND = 404;
const channelSchema = z.object({ id: z.string(), type: z.number(), parent_id: z.string().nullish() });

/** @param find a channel with the rules of its server; null: it is not known */
export function createCanRead(options: {
  send: SendRequest;
  find: (channel: string) => GuildRoom | null | Promise<GuildRoom | null>;
}): Platform['canRead'] {
  const { send, find } = options;

  return async ({ actor: { id }, roles }, room, signal) => {
    if (roles === null) throw new PlatformError('unsent', 'Discord did not send the person’s roles.');
    const asked = await describe(room, signal);
    const { type, parent } = asked;
    const rules = await find(threadTypes.has(type) ? (parent ?? '') : room);
    if (rules === null) throw new PlatformError('unsent', 'Discord has not described the channel.');
    const has = permissionsIn(rules, id, roles);
    if ((has & PermissionFlagsBits.ViewChannel) === 0n) return false;
    if (type !== ChannelType.PrivateThread || (has & PermissionFlagsBits.ManageThreads) !== 0n) return true;
    return await isInThread(room, id, signal);
  };

  async function describe(room: string, signal: AbortSignal): Promise<{ type: number; parent: string | null }> {
    const known = await find(room);
    if (known !== null) return known;
    // An archived thread.
    const channel = channelSchema.parse(await send({ method: 'GET', route: Routes.channel(room), signal }));
    return { type: channel.type, parent: channel.parent_id ?? null };
  }

  async function isInThread(thread: string, user: string, signal: AbortSignal): Promise<boolean> {
    try {
      await send({ method: 'GET', route: Routes.threadMembers(thread, user), signal });
      return true;
    } catch (error) {
      if (error instanceof DiscordRefusal && error.status === NOT_FOUND) return false;
      throw error;
    }
  }
}

/** Discord's documented order: the roles, the channel's own for everyone, for the roles, for the person. */
export function permissionsIn(room: GuildRoom, userId: string, memberRoles: readonly string[]): bigint {
  const { guild, roles, overwrites, owner } = room;
  const all = PermissionFlagsBits.Administrator | PermissionFlagsBits.ViewChannel | PermissionFlagsBits.ManageThreads;
  if (userId === owner) return all;
  const theirs = memberRoles.filter((id) => id !== guild);
  let has = [guild, ...theirs].reduce((sum, id) => sum | (roles.get(id) ?? 0n), 0n);
  if ((has & PermissionFlagsBits.Administrator) !== 0n) return all;
  const change = (ids: readonly string[]) => {
    const found = ids.flatMap((id) => overwrites.get(id) ?? []);
    for (const { deny } of found) has &= ~deny;
    for (const { allow } of found) has |= allow;
  };
  change([guild]);
  change(theirs);
  change([userId]);
  return has;
}

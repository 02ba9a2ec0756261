import type { DiscordOverwrite } from '../types.ts';
import { type Channel, ChannelType, type Guild, isThread } from './guild.ts';

const VIEW_CHANNEL = 1n << 10n;

/**
 * Whether a person has View Channel: everyone has it in the guild, and a channel changes that for everyone, then for roles,
 * then for the person. Source: docs.discord.com, “Permission Overwrites”.
 */
export function canView(guild: Guild, channel: Channel, userId: string): boolean {
  if (channel.type === ChannelType.dm) return channel.recipientId === userId;
  if (userId === ownerOf(guild)) return true;
  if (channel.type === ChannelType.privateThread && !channel.members.has(userId)) return false;
  const { overwrites } = (isThread(channel) && guild.channels.get(channel.parentId ?? '')) || channel;
  const roles = guild.users.get(userId)?.roles ?? [];
  let may = true;
  for (const ids of [[guild.id], roles, [userId]]) {
    const changes = overwrites.filter(({ id }) => ids.includes(id));
    if (changes.some(({ deny }) => hasView(deny))) may = false;
    if (changes.some(({ allow }) => hasView(allow))) may = true;
  }
  return may;
}

/** The first of its members. */
export function ownerOf(guild: Guild): string {
  return [...guild.users.keys()][0] ?? guild.botUserId;
}

function hasView(permissions: DiscordOverwrite['allow']): boolean {
  return (BigInt(permissions) & VIEW_CHANNEL) !== 0n;
}

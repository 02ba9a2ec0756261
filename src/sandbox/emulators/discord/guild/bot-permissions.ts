import type { DiscordOverwrite } from '../types.ts';
import type { Channel, Guild } from './guild.ts';

/** What the bot may do in a channel, by what everyone may do and by the channel's overwrites. It has no roles. */
export function botPermissions(guild: Guild, channel: Channel): bigint {
  let may = BigInt(guild.permissions);
  if ((may & ADMINISTRATOR) !== 0n) return ALL;
  const overwrites = overwritesOf(guild, channel);
  for (const id of [guild.id, guild.botUserId]) {
    const change = overwrites.find((one) => one.id === id);
    if (change === undefined) continue;
    may = (may & ~BigInt(change.deny)) | BigInt(change.allow);
  }
  return may;
}

const ADMINISTRATOR = 1n << 3n;
const ALL = (1n << 53n) - 1n;
const VIEW_CHANNEL = 1n << 10n;
const SEND_MESSAGES = 1n << 11n;
const SEND_IN_THREADS = 1n << 38n;

export function mayView(guild: Guild, channel: Channel): boolean {
  return (botPermissions(guild, channel) & VIEW_CHANNEL) !== 0n;
}

export function maySend(guild: Guild, channel: Channel, inThread: boolean): boolean {
  return (botPermissions(guild, channel) & (inThread ? SEND_IN_THREADS : SEND_MESSAGES)) !== 0n;
}

/** As clients show them, with what `denyChannel` takes from the bot. */
export function overwritesOf(guild: Guild, { overwrites, denied }: Channel): readonly DiscordOverwrite[] {
  if (denied === null) return overwrites;
  const deny = denied === 50001 ? VIEW_CHANNEL : SEND_MESSAGES | SEND_IN_THREADS;
  const own = overwrites.find(({ id }) => id === guild.botUserId);
  const changed: DiscordOverwrite = {
    id: guild.botUserId,
    type: 1,
    allow: String(BigInt(own?.allow ?? 0) & ~deny),
    deny: String(BigInt(own?.deny ?? 0) | deny),
  };
  return [...overwrites.filter((one) => one !== own), changed];
}

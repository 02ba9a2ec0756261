/** Whether the bot can do in each channel what it has to. Tested in test/platforms/discord/checkups/rooms.test.ts. */
import { ChannelType, PermissionFlagsBits } from 'discord.js';
import type { Found, Wanted, WantedRoom } from '../../../core/ports/ports.ts';
import { codes } from '../api/errors.ts';
import type { GuildRoom } from '../api/gateway.ts';
import { permissionsIn } from '../channels/readers.ts';
import type { Channel, Guild, LookUps } from './look-ups.ts';

const {
  ViewChannel: VIEW,
  SendMessages: SEND,
  SendMessagesInThreads: SEND_IN_THREADS,
  CreatePublicThreads: CREATE_THREADS,
  EmbedLinks: EMBED,
  ReadMessageHistory: HISTORY,
  Administrator: ADMINISTRATOR,
} = PermissionFlagsBits;

interface Need {
  bit: bigint;
  name: string;
  /** What is lost without it, as the end of a sentence. */
  lost: string;
  level: Found['level'];
}

const view: Need = { bit: VIEW, name: 'View Channel', lost: 'no card can be posted', level: 'fault' };
const send: Need = { bit: SEND, name: 'Send Messages', lost: 'no card can be posted', level: 'fault' };
const embed: Need = { bit: EMBED, name: 'Embed Links', lost: 'cards are refused or arrive empty', level: 'fault' };
const history: Need = {
  bit: HISTORY,
  name: 'Read Message History',
  lost: 'after a lost answer the card is not found, and may be posted twice',
  level: 'warning',
};
const LOST_THREAD = 'the further cards of a run, and its result, can’t be posted';
const createThreads: Need = { bit: CREATE_THREADS, name: 'Create Public Threads', lost: LOST_THREAD, level: 'fault' };
const sendInThreads: Need = {
  bit: SEND_IN_THREADS,
  name: 'Send Messages in Threads',
  lost: LOST_THREAD,
  level: 'fault',
};

const threadTypes: ReadonlySet<number> = new Set([
  ChannelType.AnnouncementThread,
  ChannelType.PublicThread,
  ChannelType.PrivateThread,
]);
const voiceTypes: ReadonlySet<number> = new Set([ChannelType.GuildVoice, ChannelType.GuildStageVoice]);
const unsupportedTypes: ReadonlyMap<number, string> = new Map([
  [ChannelType.GuildCategory, 'a category'],
  [ChannelType.GuildDirectory, 'a directory'],
  [ChannelType.GuildMedia, 'a media channel, whose posts must have a picture'],
]);

/** As `docs/discord.md` lists them, by the kind of the channel. */
function needsOf(type: number): readonly Need[] {
  if (threadTypes.has(type)) return [view, { ...sendInThreads, lost: 'no card can be posted' }, embed, history];
  if (voiceTypes.has(type)) return [view, send, embed, history];
  if (type === ChannelType.GuildForum) return [view, { ...send, name: 'Create Posts' }, embed, history, sendInThreads];
  return [view, send, embed, history, createThreads, sendInThreads];
}

/** Alerts are single messages: no run goes on below them. */
function isOfEveryPost({ lost }: Need): boolean {
  return lost !== LOST_THREAD;
}

/** A channel that the bot sees, with the rules of its server. */
export interface SeenRoom {
  channel: Channel;
  guild: Guild;
  /** Of the channel that has the rules: a thread has its parent's. */
  rules: GuildRoom;
}

/** `discord.rooms`. */
export async function roomsFound(lookUps: LookUps, { rooms }: Wanted): Promise<Found[]> {
  const self = await lookUps.self();
  const found: Found[] = [];
  const guilds = new Map<string, WantedRoom>();
  for (const wanted of rooms) {
    const seen = await seenRoom(lookUps, wanted.room);
    if ('problem' in seen) {
      found.push({ level: 'fault', ...seen.problem, where: wanted.where });
      continue;
    }
    if (!guilds.has(seen.guild.id)) guilds.set(seen.guild.id, wanted);
    const member = await lookUps.member(seen.guild.id, self.id);
    if (member.type === 'refused') continue;
    found.push(...problemsIn(seen, permissionsIn(seen.rules, self.id, member.it.roles), wanted));
  }
  const [, ...others] = guilds.values();
  for (const { room, where } of others) {
    const what = `The channel ${room} is in another server than the first one: presses there are refused.`;
    found.push({ level: 'fault', what, remedy: 'Use channels of one server, and one bot for each server.', where });
  }
  return onceEach(found);
}

function problemsIn({ channel, guild }: SeenRoom, has: bigint, wanted: WantedRoom): Found[] {
  const { room, where } = wanted;
  const needs = wanted.for.includes('cards') ? needsOf(channel.type) : needsOf(channel.type).filter(isOfEveryPost);
  const name = `#${channel.name ?? room} (${room})`;
  const unsupported = unsupportedTypes.get(channel.type);
  if (unsupported !== undefined) {
    const remedy = 'Choose a text, announcement or forum channel, or a thread.';
    return [{ level: 'fault', what: `${name} is ${unsupported}: it takes no cards.`, remedy, where }];
  }
  const { archived = false, locked = false } = channel.thread_metadata ?? {};
  if (archived && locked === true) {
    const what = `The thread ${name} is archived and locked: the bot may not reopen it.`;
    return [{ level: 'fault', what, remedy: 'Unlock it, or choose another channel.', where }];
  }
  if ((has & ADMINISTRATOR) !== 0n) {
    const what = `The bot is an administrator of the server ${guild.name}: who gets hold of its token can do everything there.`;
    return [
      {
        level: 'warning',
        what,
        remedy: 'Take “Administrator” from its role: six permissions are enough (docs/discord.md).',
      },
    ];
  }
  const lacking = needs.filter(({ bit }) => (has & bit) === 0n);
  // Who can't see a channel can do nothing else there.
  const shown = lacking.includes(view) ? [view] : lacking;
  return [...Map.groupBy(shown, ({ lost }) => lost).values()].map((together): Found => {
    const names = together.map(({ name: one }) => `“${one}”`).join(' and ');
    const level = together.some((need) => need.level === 'fault') ? 'fault' : 'warning';
    const remedy = `Give it ${names}: “Edit Channel” → “Permissions”, for its role, and look for a denial there.`;
    return { level, what: `The bot lacks ${names} in ${name}: ${together[0]?.lost}.`, remedy, where };
  });
}

interface Problem {
  problem: Pick<Found, 'what' | 'remedy'>;
}

const REJOIN = 'Open the invitation of docs/discord.md again, and choose the server.';

/** @throws PlatformError */
export async function seenRoom(lookUps: LookUps, room: string): Promise<SeenRoom | Problem> {
  const answer = await lookUps.channel(room);
  if (answer.type === 'refused') {
    const isGone = answer.error.code === codes.unknownChannel;
    const what = isGone
      ? `There is no channel ${room}.`
      : `The bot can’t see the channel ${room}: it is not in the server, or lacks “View Channel” there.`;
    const remedy = isGone
      ? 'Copy the ID again: Developer Mode, right-click the channel → “Copy Channel ID”.'
      : `${REJOIN} In a private channel also add it under “Edit Channel” → “Permissions”.`;
    return { problem: { what, remedy } };
  }
  const channel = answer.it;
  const { guild_id: guildId } = channel;
  if (guildId == null) {
    const what = `${room} is a direct message, not a channel of a server.`;
    return { problem: { what, remedy: 'Name people for direct messages, and channels here.' } };
  }
  const guild = await lookUps.guild(guildId);
  if (guild.type === 'refused') {
    return { problem: { what: `The bot is not in the server of the channel ${room}.`, remedy: REJOIN } };
  }
  const parent =
    threadTypes.has(channel.type) && channel.parent_id != null ? await lookUps.channel(channel.parent_id) : null;
  const ruled = parent?.type === 'shown' ? parent.it : channel;
  return { channel, guild: guild.it, rules: roomRulesOf(ruled, guild.it) };
}

/** As the gateway would describe the channel. */
export function roomRulesOf(channel: Channel, guild: Guild): GuildRoom {
  return {
    guild: guild.id,
    owner: guild.owner_id,
    type: channel.type,
    parent: channel.parent_id ?? null,
    roles: new Map(guild.roles.map(({ id, permissions }) => [id, permissions])),
    overwrites: new Map((channel.permission_overwrites ?? []).map(({ id, allow, deny }) => [id, { allow, deny }])),
  };
}

/** Several channels of a server tell the same of the server. */
function onceEach(found: readonly Found[]): Found[] {
  return [...new Map(found.map((one) => [`${one.what}\n${one.where ?? ''}`, one])).values()];
}

/**
 * What the doctor looks at in Discord, by REST only. Where the token does not work, only `discord.token` says so.
 * Tested in test/platforms/discord/checkups/all.test.ts.
 */
import { type REST, RESTEvents } from 'discord.js';
import { skewFound } from '../../../core/ports/doctor/clock-skew.ts';
import { firstOf } from '../../../core/ports/doctor/first-of.ts';
import type { Checkup, Clock, Found, Untold, Wanted } from '../../../core/ports/ports.ts';
import type { SendRequest } from '../api/rest.ts';
import { applicationFound, commandsFound, tokenFound } from './application.ts';
import { type Guild, LookUps } from './look-ups.ts';
import { peopleFound, readersFound, rolesFound } from './people.ts';
import { roomsFound, seenRoom } from './rooms.ts';

/** For looks with a call for each channel or person. */
const MANY_MS = 60_000;
/** Channels that are looked at, and people. Discord allows some such calls a second, which the bot's own share. */
const EACH_MAX = 40;

export interface CheckupOptions {
  apiUrl: string;
  hasProxy: boolean;
  /** Presses come to our own server, signed with this key; null: over the gateway. */
  publicKey: string | null;
  /** How many signed requests have come, and how many with a wrong signature; null: over the gateway. */
  arrived: () => { readonly signed: number; readonly refused: number } | null;
  rest: REST;
  send: SendRequest;
  /** The server of the bot, if it is in exactly one: without a channel. */
  onlyGuild: () => string | null;
  /** The runs of the registered commands; null: the bot is not connected. */
  registeredRuns: () => readonly string[] | null;
  clock: Clock;
  lifetime: AbortSignal;
}

export function discordCheckups(options: CheckupOptions, all: Wanted): Checkup[] {
  const { apiUrl, hasProxy, send, clock, lifetime, onlyGuild, registeredRuns } = options;
  const asked = { title: 'Discord', url: apiUrl, urlSetting: 'DISCORD_API_URL', hasProxy };
  const lookUps = new LookUps(send, clock, lifetime);
  const { wanted, untold } = firstOf(all, { max: EACH_MAX, title: 'Discord', channelOf: (room) => room });
  const many = { limitMs: MANY_MS };
  const checkup = (
    name: string,
    title: string,
    look: () => Promise<Found[] | null>,
    more: Partial<Checkup> = {},
  ): Checkup => ({
    check: `discord.${name}`,
    title,
    look: async () => (name === 'token' || (await lookUps.isKnown()) ? look() : null),
    ...more,
  });
  const guild = () => guildOf(lookUps, wanted, onlyGuild());

  return [
    checkup('token', 'it answers, and takes DISCORD_TOKEN', () => tokenFound(lookUps, asked), {
      untold: [...untoldOf(all), ...untold],
    }),
    checkup('clock', 'its clock and this machine’s agree', () => clockFound(options, asked.title)),
    checkup('application', 'presses come to the bot, and it may connect', () => applicationFound(lookUps, options)),
    checkup(
      'rooms',
      'the channels exist, and the bot has its permissions there',
      () => roomsFound(lookUps, wanted),
      many,
    ),
    checkup('commands', 'the slash commands can be used', async () => {
      const home = await guild();
      return commandsFound(lookUps, home === null ? [] : [home.id], registeredRuns());
    }),
    checkup('roles', 'the roles exist and have members', async () => rolesFound(lookUps, wanted, await guild())),
    checkup(
      'people',
      'everyone who is named is a member, and can press',
      async () => peopleFound(lookUps, wanted, await guild()),
      many,
    ),
    checkup(
      'readers',
      'who decides can view a channel that gets the cards',
      async () => readersFound(lookUps, wanted, await guild()),
      many,
    ),
  ];
}

/** The server with the cards; null where no channel tells it: that is a finding of another look. */
async function guildOf(lookUps: LookUps, { rooms }: Wanted, only: string | null): Promise<Guild | null> {
  for (const { room } of rooms) {
    const seen = await seenRoom(lookUps, room);
    if (!('problem' in seen)) return seen.guild;
  }
  if (only === null) return null;
  const guild = await lookUps.guild(only);
  return guild.type === 'shown' ? guild.it : null;
}

/** By a call of its own: the others' answers are kept, and the library does not pass on their dates. */
async function clockFound({ rest, send, clock, lifetime }: CheckupOptions, title: string): Promise<Found[]> {
  let date: string | null = null;
  const note = (_request: unknown, { headers }: { headers: { get(name: string): string | null } }) => {
    date ??= headers.get('date');
  };
  rest.on(RESTEvents.Response, note);
  try {
    const askedAt = clock.now();
    await send({ method: 'GET', route: '/gateway', signal: lifetime });
    return skewFound(date, askedAt, clock.now(), title);
  } finally {
    rest.off(RESTEvents.Response, note);
  }
}

function untoldOf({ people }: Wanted): Untold[] {
  if (!people.some(({ direct }) => direct)) return [];
  const what = 'Discord does not say whether people accept direct messages from the bot.';
  return [{ what, remedy: 'Let them allow direct messages of server members: “Privacy Settings” of the server.' }];
}

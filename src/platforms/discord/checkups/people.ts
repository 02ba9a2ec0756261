/** Whether those whom the settings name are in the server, and read the cards. Tested in test/platforms/discord/checkups/people.test.ts. */
import { PermissionFlagsBits } from 'discord.js';
import type { Found, Wanted, WantedPerson } from '../../../core/ports/ports.ts';
import { permissionsIn } from '../channels/readers.ts';
import type { Guild, LookUps, Member } from './look-ups.ts';
import { type SeenRoom, seenRoom } from './rooms.ts';

const FIND = 'Developer Mode, right-click the person → “Copy User ID”.';

/** `discord.people`. */
export async function peopleFound(lookUps: LookUps, { people }: Wanted, guild: Guild | null): Promise<Found[] | null> {
  if (guild === null || people.every(({ kind }) => kind !== 'user')) return null;
  const found: Found[] = [];
  for (const person of people.filter(({ kind }) => kind === 'user')) {
    const problem = problemOf(person, await lookUps.member(guild.id, person.id), guild);
    if (problem !== null) found.push({ ...problem, where: person.where });
  }
  return found;
}

function problemOf(
  { id, decides, direct }: WantedPerson,
  member: Awaited<ReturnType<LookUps['member']>>,
  { name }: Guild,
): Omit<Found, 'where'> | null {
  // No one else misses anything if they are gone.
  const level = decides || direct ? 'fault' : 'warning';
  if (member.type === 'refused') {
    const what = `${id} is not a member of the server ${name}: they can’t press, and get no direct messages.`;
    return { level, what, remedy: `Invite them, or correct the ID: ${FIND}` };
  }
  if (member.it.user.bot !== true) return null;
  return {
    level,
    what: `${nameOf(member.it)} (${id}) is a bot: it can’t press a button.`,
    remedy: `Name a person: ${FIND}`,
  };
}

function nameOf({ nick, user }: Member): string {
  return [nick, user.global_name, user.username].find((one) => one != null && one !== '') ?? '';
}

/** `discord.roles`. */
export async function rolesFound(lookUps: LookUps, { people }: Wanted, guild: Guild | null): Promise<Found[] | null> {
  const wanted = people.filter(({ kind }) => kind === 'role');
  if (guild === null || wanted.length === 0) return null;
  const counts = await lookUps.memberCounts(guild.id);
  const deciders = people.filter(({ decides }) => decides);
  return wanted.flatMap(({ id, decides, where }): Found[] => {
    const level = decides ? 'fault' : 'warning';
    const role = guild.roles.find((one) => one.id === id);
    if (id === guild.id) {
      const what = '@everyone is not a role that a press carries: no one may decide by it.';
      return [{ level, what, remedy: 'Name a role that its members were given.', where }];
    }
    if (role === undefined) {
      const what = `There is no role ${id} in the server ${guild.name}.`;
      return [
        { level, what, remedy: 'Copy its ID: server settings → “Roles” → the role → ⋯ → “Copy Role ID”.', where },
      ];
    }
    const name = `@${role.name} (${id})`;
    if (role.managed === true) {
      const what = `The role ${name} belongs to an integration: no person can have it.`;
      return [{ level, what, remedy: 'Name a role that its members were given.', where }];
    }
    if (counts.type === 'refused' || (counts.it[id] ?? 0) > 0) return [];
    const isOnly = decides && deciders.length === 1;
    const what = `The role ${name} has no members${isOnly ? ', and no one else may decide' : ''}.`;
    return [{ level: isOnly ? 'fault' : 'warning', what, remedy: 'Give it to those who decide.', where }];
  });
}

/** `discord.readers`: who decides by a rule reads one of its channels. */
export async function readersFound(lookUps: LookUps, { rules }: Wanted, guild: Guild | null): Promise<Found[] | null> {
  if (guild === null || rules.length === 0) return null;
  const found = new Map<string, Found>();
  for (const { where, rooms, deciders } of rules) {
    const seen = await Promise.all(rooms.map((room) => seenRoom(lookUps, room)));
    // A channel that the bot can't see is another finding.
    if (seen.some((room) => 'problem' in room)) continue;
    for (const { id } of deciders.filter(({ kind }) => kind === 'user')) {
      const member = await lookUps.member(guild.id, id);
      if (member.type === 'refused' || member.it.user.bot === true) continue;
      const { roles } = member.it;
      const reads = seen.some((room) => mayView(room as SeenRoom, id, roles));
      if (reads || found.has(id)) continue;
      const what = `${nameOf(member.it)} (${id}) may decide, and can view none of the channels that get the cards.`;
      const remedy = `Give them or a role of theirs “View Channel” in ${rooms.join(' or ')}, or send them the cards by direct message.`;
      found.set(id, { level: 'warning', what, remedy, where });
    }
  }
  return [...found.values()];
}

function mayView({ rules }: SeenRoom, id: string, roles: readonly string[]): boolean {
  const has = permissionsIn(rules, id, roles);
  return (has & (PermissionFlagsBits.ViewChannel | PermissionFlagsBits.Administrator)) !== 0n;
}

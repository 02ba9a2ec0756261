/** Whether those whom the settings name are there, and can press. Tested in test/platforms/slack/checkups/people.test.ts. */
import { PlatformError } from '../../../core/ports/errors.ts';
import type { Found, Wanted, WantedPerson } from '../../../core/ports/ports.ts';
import { slackRoom } from '../api/room.ts';
import { isFullMemberOf } from '../readers.ts';
import type { LookUps, Self, User } from './look-ups.ts';

const FIND = 'Write their member ID: their profile → ⋮ → “Copy member ID”.';

/** `slack.people`. */
export async function peopleFound(lookUps: LookUps, { people }: Wanted): Promise<Found[] | null> {
  const users = people.filter(({ kind }) => kind === 'user');
  if (users.length === 0 || !(await lookUps.may('users:read'))) return null;
  const self = await lookUps.self();
  const found: Found[] = [];
  for (const person of users) {
    const problem = problemOf(person, await lookUps.user(person.id), self);
    if (problem !== null) found.push({ ...problem, where: person.where });
  }
  return found;
}

function problemOf(person: WantedPerson, user: User | string, self: Self): Omit<Found, 'where'> | null {
  const { id, decides, direct } = person;
  // No one else misses anything if they are gone.
  const level = decides || direct ? 'fault' : 'warning';
  const lost = decides ? 'can’t decide' : direct ? 'gets no direct messages' : 'is not reached';
  if (user === 'user_not_visible') {
    const what = `${id} is not visible to the bot, so it ${lost}: it is an account of another organisation.`;
    return { level, what, remedy: 'Name their account in this workspace, or remove them.' };
  }
  if (typeof user === 'string') {
    return { level, what: `There is no person ${id} in this workspace.`, remedy: `${FIND} Or remove the entry.` };
  }
  const name = `${nameOf(user)} (${id})`;
  if (user.deleted === true) {
    return {
      level,
      what: `The account of ${name} is deactivated: it ${lost}.`,
      remedy: 'Name somebody else in their place.',
    };
  }
  if (user.is_bot === true) {
    return { level, what: `${name} is a bot: it can’t press a button.`, remedy: `Name a person. ${FIND}` };
  }
  if (isStranger(user, self)) {
    const what = `${name} belongs to another organisation: their presses are refused, so they decide nothing.`;
    return { level, what, remedy: 'Name somebody of this workspace, or of its Enterprise organisation.' };
  }
  if (decides && (user.is_restricted === true || user.is_ultra_restricted === true)) {
    const what = `${name} is a guest, and may decide.`;
    return { level: 'warning', what, remedy: 'If a guest should not, remove the entry.' };
  }
  return null;
}

/** As `inbound/organisation.ts` decides it for presses. */
function isStranger({ team_id: team, enterprise_user: grid, is_stranger: stranger }: User, known: Self): boolean {
  if (known.type === 'refused') return false;
  const { team_id: home, enterprise_id: organisation } = known.self;
  const teams = [team, grid?.enterprise_id, ...(grid?.teams ?? [])];
  const isOurs = teams.includes(home) || (organisation !== undefined && teams.includes(organisation));
  return stranger === true || !isOurs;
}

function nameOf({ profile, real_name: real, name }: User): string {
  return [profile?.display_name, profile?.real_name, real, name].find((one) => one !== undefined && one !== '') ?? '';
}

/** `slack.groups`. */
export async function groupsFound(lookUps: LookUps, { people }: Wanted): Promise<Found[] | null> {
  const wanted = people.filter(({ kind }) => kind === 'group');
  if (wanted.length === 0 || !(await lookUps.may('usergroups:read'))) return null;
  const groups = await lookUps.groups();
  const deciders = people.filter(({ decides }) => decides);
  return wanted.flatMap(({ id, decides, where }): Found[] => {
    const level = decides ? 'fault' : 'warning';
    const group = groups.find((one) => one.id === id);
    if (group === undefined) {
      const what = `There is no user group ${id} that the bot can see.`;
      return [
        {
          level,
          what,
          remedy: 'Write its ID: “Directories” → “User groups” → the group → ⋮ → “Copy group ID”.',
          where,
        },
      ];
    }
    const name = `@${group.handle ?? group.name ?? id} (${id})`;
    if ((group.date_delete ?? 0) > 0) {
      const what = `The user group ${name} is disabled: no one may decide as its member.`;
      return [{ level, what, remedy: 'Enable it again under “User groups”, or name another one.', where }];
    }
    if (Number(group.user_count ?? 1) > 0) return [];
    const isOnly = decides && deciders.length === 1;
    const what = `The user group ${name} has no members${isOnly ? ', and no one else may decide' : ''}.`;
    return [{ level: isOnly ? 'fault' : 'warning', what, remedy: 'Add its members in Slack.', where }];
  });
}

/** `slack.readers`: who decides by a rule reads one of its channels. */
export async function readersFound(lookUps: LookUps, { rules }: Wanted): Promise<Found[] | null> {
  if (rules.length === 0) return null;
  for (const scope of ['users:read', 'channels:read', 'groups:read']) if (!(await lookUps.may(scope))) return null;
  const self = await lookUps.self();
  const home = self.type === 'known' ? (self.self.team_id ?? null) : null;
  const found = new Map<string, Found>();
  for (const { where, rooms, deciders } of rules) {
    for (const { id } of deciders.filter(({ kind }) => kind === 'user')) {
      const user = await lookUps.user(id);
      // Their own problem is another finding.
      if (typeof user === 'string' || user.deleted === true || user.is_bot === true || isStranger(user, self)) continue;
      if (await readsOne(lookUps, { id, isFullMember: isFullMemberOf(user, home) }, rooms)) continue;
      const what = `${nameOf(user)} (${id}) may decide, and reads none of the channels that get the cards.`;
      const channels = rooms.map((room) => slackRoom(room).channel).join(' or ');
      const remedy = `Invite them to ${channels}, or send them the cards by direct message.`;
      if (!found.has(id)) found.set(id, { level: 'warning', what, remedy, where });
    }
  }
  return [...found.values()];
}

/** Also true where one of them can't be looked at: it has a finding of its own. @throws PlatformError */
async function readsOne(
  lookUps: LookUps,
  { id, isFullMember }: { id: string; isFullMember: boolean },
  rooms: readonly string[],
): Promise<boolean> {
  for (const { channel: room } of rooms.map(slackRoom)) {
    try {
      const channel = await lookUps.channel(room);
      if (channel === null || (isFullMember && channel.is_private !== true)) return true;
      if ((await lookUps.members(room)).has(id)) return true;
    } catch (error) {
      if (!(error instanceof PlatformError) || !error.permanent) throw error;
      return true;
    }
  }
  return false;
}

import type { Json, SlackUser } from '../types.ts';
import { Refusal } from '../web-api/refusal.ts';
import { BOT, TEAM } from './identity.ts';

/** The people of the workspace and their user groups. */
export class People {
  readonly #users = new Map<string, SlackUser>();
  /** A group stays known after its last member has left. */
  readonly #groups = new Set<string>();
  readonly #changed: () => void;

  constructor(users: SlackUser[], changed: () => void) {
    this.#changed = changed;
    for (const user of users) this.add(user);
  }

  add(user: SlackUser): void {
    this.#users.set(user.id, structuredClone(user));
    for (const group of user.groups) this.#groups.add(group);
    this.#changed();
  }

  all(): SlackUser[] {
    return [...this.#users.values()];
  }

  find(id: string): SlackUser | undefined {
    return this.#users.get(id);
  }

  /** @throws Error for an unknown person */
  get(id: string): SlackUser {
    const user = this.#users.get(id);
    if (!user) throw new Error(`There is no user ${id} in this workspace; add them with addUser.`);
    return user;
  }

  /** @throws Refusal `no_such_subteam` for a group that never had a member */
  membersOf(group: string): string[] {
    if (!this.#groups.has(group)) throw new Refusal('no_such_subteam');
    return this.all().flatMap((user) => (user.groups.includes(group) ? [user.id] : []));
  }
}

/** `user` in an interaction's payload: both names are the account's handle, never the display name. */
export function personJson({ id, handle }: Pick<SlackUser, 'id' | 'handle'>, teamId: string = TEAM.id): Json {
  return { id, username: handle, name: handle, team_id: teamId };
}

/** A user object of `users.info`. */
export function userJson(
  { id, handle, displayName, realName = displayName, guest = undefined, home }: Omit<SlackUser, 'groups'>,
  enterpriseId: string | null,
): Json {
  const teamId = home?.teamId ?? TEAM.id;
  const organisation = home === undefined ? enterpriseId : home.enterpriseId;
  const chosen = realName === displayName ? '' : displayName;
  return {
    id,
    team_id: teamId,
    name: handle,
    deleted: false,
    real_name: realName,
    tz: 'Etc/UTC',
    profile: { real_name: realName, display_name: chosen, team: teamId },
    is_bot: id === BOT.userId,
    is_app_user: false,
    is_restricted: guest === true,
    is_ultra_restricted: false,
    ...(organisation !== null && { enterprise_user: { id, enterprise_id: organisation, teams: [teamId] } }),
  };
}

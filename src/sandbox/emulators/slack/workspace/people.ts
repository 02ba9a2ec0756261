import type { Json, SlackUser } from '../types.ts';
import { Refusal } from '../web-api/refusal.ts';
import { BOT, TEAM } from './identity.ts';

/** The people of the workspace and their user groups. */
export class People {
  readonly #users = new Map<string, SlackUser>();
  /** By ID. A group stays known after its last member has left. */
  readonly #groups = new Map<string, SlackGroup>();
  readonly #disabled = new Set<string>();
  readonly #changed: () => void;

  constructor(users: SlackUser[], changed: () => void) {
    this.#changed = changed;
    for (const user of users) this.add(user);
  }

  add(user: SlackUser): void {
    this.#users.set(user.id, structuredClone(user));
    for (const group of user.groups) if (!this.#groups.has(group)) this.#groups.set(group, groupOf(this.#groups.size));
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

  groups(): ReadonlyMap<string, SlackGroup> {
    return this.#groups;
  }

  isDisabled(group: string): boolean {
    return this.#disabled.has(group);
  }

  disable(group: string, disabled: boolean): void {
    if (!this.#groups.has(group)) throw new Error(`There is no user group ${group}.`);
    if (disabled) this.#disabled.add(group);
    else this.#disabled.delete(group);
  }

  /**
   * Without those whose account is deactivated.
   * @throws Refusal `no_such_subteam` for a group that never had a member
   */
  membersOf(group: string): string[] {
    if (!this.#groups.has(group)) throw new Refusal('no_such_subteam');
    return this.all().flatMap((user) => (user.groups.includes(group) && user.deleted !== true ? [user.id] : []));
  }
}

export interface SlackGroup {
  name: string;
  /** What it is mentioned by, without `@`. */
  handle: string;
}

const GROUPS: readonly SlackGroup[] = [
  { name: 'Finance', handle: 'finance' },
  { name: 'Support', handle: 'support' },
];

function groupOf(index: number): SlackGroup {
  return GROUPS[index] ?? { name: `Team ${index + 1}`, handle: `team-${index + 1}` };
}

/** `user` in an interaction's payload: both names are the account's handle, never the display name. */
export function personJson({ id, handle }: Pick<SlackUser, 'id' | 'handle'>, teamId: string = TEAM.id): Json {
  return { id, username: handle, name: handle, team_id: teamId };
}

/** A user object of `users.info`. */
export function userJson(
  { id, handle, displayName, realName = displayName, guest, deleted, bot, home }: Omit<SlackUser, 'groups'>,
  enterpriseId: string | null,
): Json {
  const teamId = home?.teamId ?? TEAM.id;
  const organisation = home === undefined ? enterpriseId : home.enterpriseId;
  // Of another organisation, or of another workspace where there is none: met only in shared channels.
  const isStranger = home !== undefined && (enterpriseId === null || home.enterpriseId !== enterpriseId);
  const chosen = realName === displayName ? '' : displayName;
  return {
    id,
    team_id: teamId,
    name: handle,
    deleted: deleted === true,
    real_name: realName,
    tz: 'Etc/UTC',
    profile: { real_name: realName, display_name: chosen, team: teamId },
    is_bot: id === BOT.userId || bot === true,
    is_app_user: false,
    is_restricted: guest === true,
    is_ultra_restricted: false,
    ...(isStranger && { is_stranger: true }),
    ...(organisation !== null && { enterprise_user: { id, enterprise_id: organisation, teams: [teamId] } }),
  };
}

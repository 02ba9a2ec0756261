import type { Right } from '../approval/inputs.ts';
import type { Person } from '../approval/person.ts';

/** Someone who may decide. A `role` comes along with a Discord press, a `group` (Slack) has to be looked up. */

export interface Reviewer {
  platform: 'slack' | 'discord';
  kind: 'user' | 'group' | 'role';
  id: string;
}

const groupKinds: Record<string, string> = { slack: 'group', discord: 'role' };

/**
 * Reads `slack:U0123,slack:group:S0456,discord:789,discord:role:1011`. Empty means nobody.
 * @throws Error that names the entry and says what it should look like
 */

export function parseReviewers(text: string): readonly Reviewer[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map(parseReviewer);
}

/** One of them. @throws Error that names the entry */

export function parseReviewer(entry: string): Reviewer {
  const [platform = '', ...rest] = entry.split(':');
  const [kind, id] = rest.length === 1 ? ['user', rest[0]] : [rest[0], rest[1]];
  const known = platform === 'slack' || platform === 'discord';
  const idPattern = platform === 'slack' ? (kind === 'group' ? /^S[A-Z0-9]+$/ : /^[UW][A-Z0-9]+$/) : /^\d{1,20}$/;
  if (!known || rest.length > 2 || id === undefined || !(kind === 'user' || kind === groupKinds[platform])) {
    throw new Error(
      `"${entry}" names nobody. Write slack:U…, slack:group:S…, discord:<user id> or discord:role:<role id>.`,
    );
  }
  if (!idPattern.test(id)) {
    throw new Error(`"${entry}" has no ${platform} id. Use the id (slack: U… or S…, discord: digits), not a name.`);
  }
  return { platform, kind: kind as Reviewer['kind'], id };
}

/** Whether a person is in a group, as far as is known without asking now. */

export type Membership = 'yes' | 'no' | 'unknown';

/** Whether somebody is among these people. */

export function rightOf(
  people: readonly Reviewer[],
  { actor, roles }: Person,
  isMember: (platform: string, group: string, userId: string) => Membership,
): Right {
  const answers = people
    .filter((reviewer) => reviewer.platform === actor.platform)
    .map((reviewer): Membership => {
      if (reviewer.kind === 'user') return reviewer.id === actor.id ? 'yes' : 'no';
      if (reviewer.kind === 'role') return roles === null ? 'unknown' : roles.includes(reviewer.id) ? 'yes' : 'no';
      return isMember(reviewer.platform, reviewer.id, actor.id);
    });
  if (answers.includes('yes')) return 'allowed';
  return answers.includes('unknown') ? 'unverified' : 'denied';
}

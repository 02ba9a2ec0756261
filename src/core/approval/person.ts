import type { Actor } from './parts/decision.ts';

/** A person at a platform, as far as a press or a look tells us about them. */
export interface Person {
  actor: Actor;
  /**
   * Roles that the platform sent along (Discord); other memberships are looked up. Null: there are roles, and the
   * platform did not send them.
   */
  roles: readonly string[] | null;
}

type Account = Pick<Actor, 'platform' | 'id' | 'person'>;

/** One word for one person, whichever account they use. */
export function personKey({ platform, id, person }: Account): string {
  return person ?? `${platform}:${id}`;
}

/** Whether two accounts belong to one person: one holder of a claim, one signature. The only place that decides it. */
export function isSamePerson(one: Account, other: Account): boolean {
  return (one.platform === other.platform && one.id === other.id) || personKey(one) === personKey(other);
}

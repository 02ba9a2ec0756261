import type { Actor } from './approval.ts';

/** A person at a platform, as far as a press or a look tells us about them. */
export interface Person {
  actor: Actor;
  /**
   * Roles that the platform sent along (Discord); other memberships are looked up. Null: there are roles, and the
   * platform did not send them.
   */
  roles: readonly string[] | null;
}

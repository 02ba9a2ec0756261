/** What replicas share beside approvals. A store of one process has none of it. Tested in test/store/postgres/duties.test.ts. */
import type { AlertKind } from '../../view/cards/alert-card.ts';

export interface Incident {
  kind: AlertKind;
  subject: string;
}

/** `quiet`: an alert was sent lately, so that one may be sent later. `known`: another replica has sent it. */
export type Met = { type: 'send'; more: number } | { type: 'known' } | { type: 'quiet' };

/** The alerts of operators: one message per incident, no matter which replica meets it. */
export interface SharedIncidents {
  /**
   * @param met.times how often since this replica last said so
   * @param met.lasts until it `ended` here
   * @param quietMs within which one that is over, or does not last, is not sent again
   * @returns whether to send it; `more`: how often others have met it since it was sent last. @throws StoreError
   */
  met(incident: Incident, met: { by: string; times: number; lasts: boolean }, quietMs: number): Promise<Met>;
  /** One that lasts has ended here. @returns whether to send that: it is over for every living replica. @throws StoreError */
  ended(incident: Incident, by: string): Promise<boolean>;
}

export interface GroupMembers {
  platform: string;
  /** Of the group. */
  id: string;
  users: readonly string[];
}

/** The members of groups, as the replica with this duty has looked them up. */
export interface SharedMembers {
  /** @returns false, without effect, if another replica has got the duty since that epoch. @throws StoreError */
  save(group: GroupMembers, epoch: number): Promise<boolean>;
  /** `ageMs`: since they were looked up, by the clock of the store. @throws StoreError */
  list(): Promise<readonly (GroupMembers & { ageMs: number })[]>;
}

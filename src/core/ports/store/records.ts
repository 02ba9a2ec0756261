/** What people leave in the store besides decisions: home tabs, records of the policy, drafts. Tested in test/store/sqlite/index.test.ts. */
import type { AuditNote } from '../../approval/audit.ts';
import type { Actor } from '../../approval/parts/decision.ts';
import type { Action } from '../../approval/pause/pause.ts';
import type { Person } from '../../approval/person.ts';
import type { Filled } from '../../form/form.ts';
import type { ListQuery } from '../../view/list-query.ts';

/** A home tab that its person has opened, and the list that it shows. */
export interface HomeTab {
  who: Pick<Person, 'actor'>;
  query: ListQuery;
}

/** The home tabs that are kept current, also over a restart. Their number and age are limited. */
export interface HomeTabs {
  /** @throws StoreError when nothing was recorded */
  save(tab: HomeTab): Promise<void>;
  delete(platform: string, userId: string): Promise<void>;
  /** The one that was opened last comes first. */
  list(): Promise<readonly HomeTab[]>;
}

/** The id under which the audit log has what concerns no single approval: changes of `PolicyRecords`. */
export const POLICY_AUDIT_ID = 'policy';

/** What people and operators have set for now, by kind; each kind is written in one place of the engine. */
export const recordKinds = ['stop', 'link', 'absence', 'grant'] as const;

export type RecordKind = (typeof recordKinds)[number];

/** A record of the policy that is not in its file. */
export interface PolicyRecord {
  kind: RecordKind;
  id: string;
  /** JSON without `undefined`; its writer checks it on reading. */
  value: unknown;
  /** When it was last written, ms since 1970. */
  at: number;
}

/** Kept over a restart. Each change leaves its row in the audit log, in the same commit, under the id `policy`. */
export interface PolicyRecords {
  /**
   * @param unlessChanged nothing is recorded if another process has changed a record that was not read here yet
   * @throws StoreError when nothing was recorded
   */
  put(
    record: Pick<PolicyRecord, 'kind' | 'id' | 'value'>,
    audit: AuditNote,
    options?: { unlessChanged?: boolean },
  ): Promise<void>;
  /** @returns whether there was one. @throws StoreError when nothing was recorded */
  delete(kind: RecordKind, id: string, audit: AuditNote): Promise<boolean>;
  /** Oldest first. */
  list(): Promise<readonly PolicyRecord[]>;
  /**
   * Called with all of them, oldest first, when another process has changed one: once that is recorded, nothing is committed
   * and no job is claimed here before.
   */
  onElsewhere(listener: (found: readonly PolicyRecord[]) => void): void;
  /** Looks whether another process has changed one. Resolves once the listener was called. @throws StoreError */
  refresh(): Promise<void>;
}

/** One draft for each person, approval and action. */
export interface DraftKey {
  approvalId: string;
  action: Action;
  actor: Pick<Actor, 'platform' | 'id'>;
  /** Of what the person saw: a draft is not found under another fingerprint. */
  fingerprint: string;
}

/** Partly filled forms. They are kept over a restart, and deleted after a day, or when their approval is settled. */
export interface Drafts {
  /** @throws StoreError when nothing was recorded */
  save(key: DraftKey, filled: Filled): Promise<void>;
  find(key: DraftKey): Promise<Filled | null>;
  /** Deletes the drafts of all people for this approval. */
  delete(approvalId: string): Promise<void>;
}

/** Tested in test/store/sqlite/retention.test.ts. */
import type { Database } from 'better-sqlite3';
import type { RawAudit } from '../../shared/audit-rows.ts';
import { pack, unpack } from '../../shared/pack.ts';
import * as sql from '../sql/archive.ts';
import { deleteArchivedAudit } from '../sql/audit.ts';

interface Packed {
  state: string;
  audit: RawAudit[];
}

interface Candidate {
  rowid: number;
  id: string;
  backend: string;
  run_id: string;
  group_id: string;
  settled_at: number;
  state: string;
}

/**
 * Approvals that were settled long ago: each one and its whole audit log, compressed to about a quarter. Nothing is lost:
 * a late press, a late delivery and an auditor find it as before. An approval that becomes active again is copied back.
 */
export class Archive {
  readonly #audit: AuditLog;
  readonly #find;
  readonly #group;
  readonly #next;
  readonly #busyInRun;
  readonly #unfinishedInDigest;
  readonly #liveJob;
  readonly #save;
  readonly #deleteAudit;
  readonly #deleteApproval;
  readonly #deleteJobs;
  readonly #deleteDecideJob;
  readonly #deleteDeadDigestJobs;
  readonly #deleteSentContents;
  readonly #deleteDigestSentContents;
  /** The last candidate of this sweep: one that can't be archived yet is checked once per sweep. */
  #cursor = { settledAt: Number.MIN_SAFE_INTEGER, rowid: 0 };

  constructor(db: Database, audit: AuditLog) {
    this.#audit = audit;
    this.#find = db.prepare<[string], Buffer>(sql.findArchived).pluck();
    this.#group = db.prepare<[string], string>(sql.listArchivedGroup).pluck();
    this.#next = db.prepare<[{ before: number; settledAt: number; rowid: number }], Candidate>(sql.nextCandidate);
    this.#busyInRun = db.prepare<[string, string, number], number>(sql.findBusyInRun);
    this.#unfinishedInDigest = db.prepare<[string], number>(sql.findUnfinishedInDigest);
    this.#liveJob = db.prepare<[string, string, string, string], number>(sql.findLiveJob);
    this.#save = db.prepare<[string, string, number, Buffer]>(sql.saveArchived);
    this.#deleteAudit = db.prepare<[string, number]>(deleteArchivedAudit);
    this.#deleteApproval = db.prepare<[string]>(sql.deleteApproval);
    this.#deleteJobs = db.prepare<[string, string, string]>(sql.deleteJobs);
    this.#deleteDecideJob = db.prepare<[string, string]>(sql.deleteDecideJob);
    this.#deleteDeadDigestJobs = db.prepare<[string]>(sql.deleteDeadDigestJobs);
    this.#deleteSentContents = db.prepare<[string, string]>(sql.deleteSentContents);
    this.#deleteDigestSentContents = db.prepare<[string]>(sql.deleteDigestSentContents);
  }

  /** @returns the state, as JSON */
  find(id: string): string | null {
    const packed = this.#find.get(id);
    return packed === undefined ? null : unpack<Packed>(packed).state;
  }

  /** @returns ids */
  group(groupId: string): string[] {
    return this.#group.all(groupId);
  }

  auditOf(id: string): RawAudit[] {
    const packed = this.#find.get(id);
    return packed === undefined ? [] : this.auditIn(packed);
  }

  /** @param packed an entry of the archive */
  auditIn(packed: Buffer): RawAudit[] {
    return unpack<Packed>(packed).audit;
  }

  /**
   * Archives one approval after the other, the oldest first. Must be called inside a transaction.
   * @param before only those that were settled before, ms since 1970
   * @param hasTime called after each
   * @returns how many were archived, and whether this sweep is complete
   */
  slice(before: number, hasTime: () => boolean): { archived: number; complete: boolean } {
    let archived = 0;
    do {
      const candidate = this.#next.get({ before, ...this.#cursor });
      if (candidate === undefined) {
        this.#cursor = { settledAt: Number.MIN_SAFE_INTEGER, rowid: 0 };
        return { archived, complete: true };
      }
      this.#cursor = { settledAt: candidate.settled_at, rowid: candidate.rowid };
      if (!this.#mayBeArchived(candidate, before)) continue;
      this.#archive(candidate);
      archived += 1;
    } while (hasTime());
    return { archived, complete: false };
  }

  #mayBeArchived({ id, backend, run_id, group_id }: Candidate, before: number): boolean {
    return (
      this.#busyInRun.get(backend, run_id, before) === undefined &&
      this.#unfinishedInDigest.get(id) === undefined &&
      this.#liveJob.get(...drawKeys(id), `wake:${id}`, `decide:${group_id}`) === undefined
    );
  }

  #archive({ id, group_id, state }: Candidate): void {
    // It may have been archived before, and have become active again since.
    const audit = [...this.auditOf(id), ...this.#audit.of(id)];
    const auditThrough = audit.at(-1)?.id ?? 0;
    this.#save.run(id, group_id, auditThrough, pack({ state, audit } satisfies Packed));
    this.#deleteDeadDigestJobs.run(id);
    this.#deleteDigestSentContents.run(id);
    this.#deleteAudit.run(id, auditThrough);
    this.#deleteApproval.run(id);
    this.#deleteJobs.run(...drawKeys(id), `wake:${id}`);
    this.#deleteSentContents.run(...drawKeys(id));
    this.#deleteDecideJob.run(`decide:${group_id}`, group_id);
  }
}

/** The keys of its draw jobs, one per slot, are at least the first and below the second. */
function drawKeys(id: string): [string, string] {
  return [`draw:${id}:`, `draw:${id};`];
}

/** The audit log of approvals that are not archived, oldest first. */
export interface AuditLog {
  of(approvalId: string): RawAudit[];
}

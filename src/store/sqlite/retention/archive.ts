import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { type Approval, approvalSchema } from '../../../core/approval/approval.ts';
import type { Audit, RawAudit } from '../audit.ts';

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
 * What was settled long ago: the approval as it was, and its whole audit log, packed into one value a quarter of the
 * size. Nothing is thrown away: a late press on its card, a late delivery and an auditor find it as before, and what comes
 * back to life is copied back.
 */
export class Archive {
  readonly #audit: Audit;
  readonly #find;
  readonly #group;
  readonly #next;
  readonly #runIsBusy;
  readonly #hasJobs;
  readonly #bundleIsLive;
  readonly #put;
  readonly #leave: ((candidate: Candidate, through: number) => void)[];
  /** How far this sweep has come: what can't go yet is looked at once a sweep. */
  #cursor = { settledAt: Number.MIN_SAFE_INTEGER, rowid: 0 };

  constructor(db: Database, audit: Audit) {
    this.#audit = audit;
    this.#find = db.prepare<[string], Buffer>('SELECT packed FROM archive WHERE id = ?').pluck();
    this.#group = db.prepare<[string], Buffer>('SELECT packed FROM archive WHERE group_id = ? ORDER BY rowid').pluck();
    this.#next = db.prepare<[{ before: number; settledAt: number; rowid: number }], Candidate>(`
      SELECT rowid, id, backend, run_id, group_id, settled_at, state FROM approvals
      WHERE phase = 'settled' AND watched = 0 AND settled_at < @before AND (settled_at, rowid) > (@settledAt, @rowid)
      ORDER BY settled_at, rowid LIMIT 1`);
    this.#runIsBusy = db.prepare<[string, string, number], number>(`
      SELECT 1 FROM approvals
      WHERE backend = ? AND run_id = ? AND (phase <> 'settled' OR watched = 1 OR settled_at >= ?) LIMIT 1`);
    this.#hasJobs = db.prepare<[string, string, string, string], number>(`
      SELECT 1 FROM jobs WHERE dead_at IS NULL AND ((job_key >= ? AND job_key < ?) OR job_key IN (?, ?)) LIMIT 1`);
    this.#bundleIsLive = db.prepare<[string], number>(`
      SELECT 1 FROM bundle_members AS own
        JOIN bundle_members AS other ON other.bundle_id = own.bundle_id
        JOIN approvals ON approvals.id = other.approval_id
      WHERE own.approval_id = ? AND (phase <> 'settled' OR watched = 1) LIMIT 1`);
    this.#put = db.prepare<[string, string, number, Buffer]>(`
      INSERT INTO archive (id, group_id, audit_through, packed) VALUES (?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET group_id = excluded.group_id, audit_through = excluded.audit_through,
        packed = excluded.packed`);
    const audited = db.prepare('DELETE FROM audit WHERE approval_id = ? AND id <= ?');
    const approval = db.prepare('DELETE FROM approvals WHERE id = ?');
    const own = db.prepare('DELETE FROM jobs WHERE (job_key >= ? AND job_key < ?) OR job_key = ?');
    const decides = db.prepare(`
      DELETE FROM jobs WHERE job_key = ? AND NOT EXISTS (SELECT 1 FROM approvals WHERE group_id = ?)`);
    // Its own would be found by its id; these are given up, and of a message that nobody can press on any more.
    const shared = db.prepare(`
      DELETE FROM jobs WHERE dead_at IS NOT NULL AND kind = 'draw'
        AND subject IN (SELECT bundle_id FROM bundle_members WHERE approval_id = ?)`);
    this.#leave = [
      ({ id }) => void shared.run(id),
      ({ id }, through) => void audited.run(id, through),
      ({ id }) => void approval.run(id),
      ({ id }) => void own.run(...drawKeys(id), `wake:${id}`),
      ({ group_id }) => void decides.run(`decide:${group_id}`, group_id),
    ];
  }

  find(id: string): Approval | null {
    const packed = this.#find.get(id);
    return packed === undefined ? null : stateIn(packed);
  }

  group(groupId: string): Approval[] {
    return this.#group.all(groupId).map(stateIn);
  }

  auditOf(id: string): RawAudit[] {
    const packed = this.#find.get(id);
    return packed === undefined ? [] : unpack(packed).audit;
  }

  /**
   * Puts the oldest away, one after the other, inside a transaction that the caller has opened.
   * @param before of their settling, ms since 1970
   * @param hasTime asked after each
   * @returns how many, and whether this sweep is through
   */
  slice(before: number, hasTime: () => boolean): { archived: number; through: boolean } {
    let archived = 0;
    do {
      const candidate = this.#next.get({ before, ...this.#cursor });
      if (candidate === undefined) {
        this.#cursor = { settledAt: Number.MIN_SAFE_INTEGER, rowid: 0 };
        return { archived, through: true };
      }
      this.#cursor = { settledAt: candidate.settled_at, rowid: candidate.rowid };
      if (!this.#mayGo(candidate, before)) continue;
      this.#move(candidate);
      archived += 1;
    } while (hasTime());
    return { archived, through: false };
  }

  #mayGo({ id, backend, run_id, group_id }: Candidate, before: number): boolean {
    return (
      this.#runIsBusy.get(backend, run_id, before) === undefined &&
      this.#bundleIsLive.get(id) === undefined &&
      this.#hasJobs.get(...drawKeys(id), `wake:${id}`, `decide:${group_id}`) === undefined
    );
  }

  #move(candidate: Candidate): void {
    const { id, group_id, state } = candidate;
    // It may have been here before, and have come back to life since.
    const audit = [...this.auditOf(id), ...this.#audit.of(id)];
    this.#put.run(id, group_id, audit.at(-1)?.id ?? 0, pack({ state, audit }));
    for (const leave of this.#leave) leave(candidate, audit.at(-1)?.id ?? 0);
  }
}

/** All keys of its draw jobs lie between these two. */
function drawKeys(id: string): [string, string] {
  return [`draw:${id}:`, `draw:${id};`];
}

function pack(packed: Packed): Buffer {
  return deflateRawSync(JSON.stringify(packed));
}

function unpack(bytes: Buffer): Packed {
  return JSON.parse(inflateRawSync(bytes).toString('utf8')) as Packed;
}

function stateIn(bytes: Buffer): Approval {
  return approvalSchema.parse(JSON.parse(unpack(bytes).state));
}

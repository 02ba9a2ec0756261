/** What operators and reviewers set while the bot runs. Tested in test/store/postgres/records.test.ts. */
import { StoreError } from '../../core/ports/errors.ts';
import type { Clock } from '../../core/ports/ports.ts';
import {
  POLICY_AUDIT_ID,
  type PolicyRecord,
  type PolicyRecords,
  type RecordKind,
  recordKinds,
} from '../../core/ports/store.ts';
import type { AppendAudit, Reads, Rows, Writes } from './rows.ts';
import * as sql from './sql/records.ts';

interface Row {
  seen: number;
  kind: string | null;
  id: string;
  value: string;
  at: number;
}

type Listener = (found: readonly PolicyRecord[]) => void;

/**
 * Which records this process decides by. The others' changes are noticed by their number: what is committed and what is
 * claimed checks it, so a stop holds everywhere from its commit on.
 */
export class RecordsFollower {
  /** How often any record was changed until these were read. */
  #seen = 0;
  readonly #listeners: Listener[] = [];
  #refreshing: Promise<unknown> = Promise.resolve();
  /** One that has not begun to read: all who ask meanwhile share it. */
  #next: Promise<void> | null = null;

  /** Belongs into each transaction that depends on the records, as its first statement. */
  checkStatement(): { sql: string; values: readonly unknown[] } {
    return { sql: sql.checkRecords, values: [this.#seen] };
  }

  onElsewhere(listener: Listener): void {
    this.#listeners.push(listener);
  }

  async read(rows: Rows): Promise<PolicyRecord[]> {
    const { seen, records } = await readAll(rows);
    this.#seen = seen;
    return records;
  }

  /** Notifies the listeners if another process has changed one. One after the other: what is read last is passed on last. */
  refresh(rows: Rows): Promise<void> {
    if (this.#next !== null) return this.#next;
    const refreshed = this.#refreshing.then(async () => {
      this.#next = null;
      const [counted] = await rows<{ seen: number }>(sql.countOfChanges);
      if (counted?.seen === this.#seen) return;
      const { seen, records } = await readAll(rows);
      if (seen === this.#seen) return;
      this.#seen = seen;
      for (const listener of this.#listeners) listener(records);
    });
    this.#next = refreshed;
    this.#refreshing = refreshed.catch(() => undefined);
    return refreshed;
  }

  /** Whether this change, which is not committed yet, follows what was read here. */
  follows(version: number): boolean {
    return version === this.#seen + 1;
  }

  /** This process has changed one. If another one has, too, that is still to be read. */
  wrote(version: number): void {
    if (this.follows(version)) this.#seen = version;
  }
}

async function readAll(rows: Rows): Promise<{ seen: number; records: PolicyRecord[] }> {
  const found = await rows<Row>(sql.listRecords);
  const records = found.flatMap(({ kind, id, value, at }) =>
    isKnown(kind) ? [{ kind, id, value: JSON.parse(value) as unknown, at }] : [],
  );
  return { seen: found[0]?.seen ?? 0, records };
}

/** A later version may have written others; they are left alone. */
function isKnown(kind: string | null): kind is RecordKind {
  return recordKinds.some((known) => known === kind);
}

const CHANGED =
  'another replica has changed a stop, a link, an absence or a standing answer in the same moment, so nothing was recorded: try again';

export function createRecords(deps: {
  reads: Reads;
  writes: Writes;
  follower: RecordsFollower;
  appendAudit: AppendAudit;
  /** Tells the other replicas to look. */
  tell: () => void;
  clock: Clock;
}): PolicyRecords {
  const { reads, writes, follower, appendAudit, tell, clock } = deps;

  async function change<T>(work: (rows: Rows, version: number) => Promise<T>): Promise<T> {
    let version = 0;
    const done = await writes.run(async (rows) => {
      const [counted] = await rows<{ version: number }>(sql.countChange);
      version = counted?.version ?? 0;
      return work(rows, version);
    });
    follower.wrote(version);
    tell();
    return done;
  }

  return {
    async put({ kind, id, value }, note, { unlessChanged = false } = {}) {
      await change(async (rows, version) => {
        if (unlessChanged && !follower.follows(version)) throw new StoreError(CHANGED);
        await rows(sql.putRecord, [kind, id, JSON.stringify(value), clock.now()]);
        await appendAudit(rows, POLICY_AUDIT_ID, note, clock.now());
      });
    },
    delete: (kind, id, note) =>
      change(async (rows) => {
        const deleted = await rows(sql.deleteRecord, [kind, id]);
        if (deleted.length > 0) await appendAudit(rows, POLICY_AUDIT_ID, note, clock.now());
        return deleted.length > 0;
      }),
    list: () => follower.read(reads.rows),
    onElsewhere: (listener) => follower.onElsewhere(listener),
    refresh: () => follower.refresh(reads.rows),
  };
}

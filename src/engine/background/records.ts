/**
 * What operators and reviewers set while the bot runs, in memory as it is in the store: loaded at the start, then written and
 * read here; what another replica changes is in force here before anything is recorded that depends on it. Tested in test/engine/background/records.test.ts.
 */
import type { AuditNote } from '../../core/approval/audit.ts';
import { isTooNew } from '../../core/approval/parts/shape.ts';
import type { Log } from '../../core/ports/ports.ts';
import type { PolicyRecord, PolicyRecords, RecordKind } from '../../core/ports/store.ts';
import { createInTurn } from '../in-turn.ts';

/** The records of one kind, by their ids, in the order in which they were last written. */
export interface RecordsOf<T> {
  get(id: string): T | undefined;
  all(): ReadonlyMap<string, T>;
  /**
   * @param unlessChanged nothing is recorded if another replica has just changed a record
   * @throws StoreError when nothing was recorded
   */
  put(id: string, value: T, audit: AuditNote, options?: { unlessChanged: boolean }): Promise<void>;
  /** It was written in the commit of an approval. What was deleted since stays deleted. */
  written(id: string, value: T): void;
  /** @returns whether there was one. @throws StoreError when nothing was recorded */
  delete(id: string, audit: AuditNote): Promise<boolean>;
  /** Called after each change of this kind, and once they are loaded. */
  onChange(listener: (what: What) => void): void;
}

/** `elsewhere`: another replica has changed them, which also does what follows from it for all. */
type What = 'changed' | 'elsewhere' | 'loaded';

/** A zod schema. */
interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false };
}

export interface Records {
  /** Call it once, before anything reads. @throws StoreError */
  load(): Promise<void>;
  /** Before what is in force is looked up for a person's order: also what another replica has just changed. @throws StoreError */
  refresh(): Promise<void>;
  /** Each kind has one owner, which names its schema once. Before `load`, it is empty. */
  of<T>(kind: RecordKind, schema: Schema<T>): RecordsOf<T>;
}

interface Kind {
  load(found: readonly PolicyRecord[], what: 'elsewhere' | 'loaded'): void;
}

export function createRecords({ store, log }: { store: { records: PolicyRecords }; log: Log }): Records {
  const { records } = store;
  const kinds = new Map<RecordKind, Kind>();
  /** Memory follows the order of the store. */
  const inTurn = createInTurn();

  const take = (found: readonly PolicyRecord[], what: 'elsewhere' | 'loaded') => {
    for (const [kind, { load }] of kinds)
      load(
        found.filter((record) => record.kind === kind),
        what,
      );
  };
  records.onElsewhere((found) => take(found, 'elsewhere'));

  return {
    load: async () => take(await records.list(), 'loaded'),
    refresh: () => records.refresh(),
    of<T>(kind: RecordKind, schema: Schema<T>): RecordsOf<T> {
      if (kinds.has(kind)) throw new Error(`Records of the kind ${kind} have two owners.`);
      const held = new Map<string, T>();
      const listeners: ((what: What) => void)[] = [];
      const changed = (what: What = 'changed') => {
        for (const listener of listeners) listener(what);
      };
      kinds.set(kind, {
        load(found, what) {
          const before = JSON.stringify([...held]);
          held.clear();
          for (const { id, value } of found) {
            const read = schema.safeParse(value);
            // Written by another version. It grants nothing, and stays in the store. A stop is one in every version.
            if (!read.success || (kind !== 'stop' && isTooNew(value)))
              log.warn({ kind, id }, 'a record of the policy can’t be read, and does not apply');
            else held.set(id, read.data);
          }
          if (what === 'loaded' || JSON.stringify([...held]) !== before) changed(what);
        },
      });
      return {
        get: (id) => held.get(id),
        all: () => held,
        put: (id, value, audit, options) =>
          inTurn(async () => {
            await records.put({ kind, id, value }, audit, options);
            held.delete(id);
            held.set(id, value);
            changed();
          }),
        written(id, value) {
          if (!held.has(id)) return;
          held.set(id, value);
          changed();
        },
        delete: (id, audit) =>
          inTurn(async () => {
            const isDeleted = await records.delete(kind, id, audit);
            held.delete(id);
            if (isDeleted) changed();
            return isDeleted;
          }),
        onChange: (listener) => void listeners.push(listener),
      };
    },
  };
}

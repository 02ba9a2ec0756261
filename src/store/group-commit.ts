import type { Database } from 'better-sqlite3';
import { coerceError, StoreError } from '../core/errors.ts';

interface Waiting {
  work: () => unknown;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/**
 * One transaction a turn of the event loop: everything that was asked for in this turn is committed together, each in a
 * savepoint of its own, and every promise resolves after the commit. One fsync then serves all of them.
 */
export class GroupCommit {
  readonly #db: Database;
  readonly #onFatal: (error: Error) => void;
  #waiting: Waiting[] = [];

  /**
   * @param onFatal called when a commit failed and may still have been written: only a restart that re-reads can tell
   */
  constructor(db: Database, onFatal: (error: Error) => void) {
    this.#db = db;
    this.#onFatal = onFatal;
  }

  /** Runs `work` inside the next transaction. @throws StoreError when nothing of it was recorded */
  run<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject });
    });
  }

  /** Resolves once everything asked for until now is committed or rejected. */
  async drained(): Promise<void> {
    await this.run(() => undefined).catch(() => undefined);
  }

  #flush(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    const settled: (() => void)[] = [];
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      for (const waiting of batch) settled.push(this.#runOne(waiting));
      this.#db.exec('COMMIT');
    } catch (thrown) {
      this.#rollBack(batch, coerceError(thrown));
      return;
    }
    for (const settle of settled) settle();
  }

  #runOne({ work, resolve, reject }: Waiting): () => void {
    this.#db.exec('SAVEPOINT one');
    try {
      const value = work();
      this.#db.exec('RELEASE one');
      return () => resolve(value);
    } catch (thrown) {
      // SQLite ends the whole transaction by itself on some errors (a full disk, for one): then all of it is gone.
      if (!this.#db.inTransaction) throw thrown;
      this.#db.exec('ROLLBACK TO one');
      this.#db.exec('RELEASE one');
      return () => reject(new StoreError(coerceError(thrown).message, { cause: thrown }));
    }
  }

  #rollBack(batch: readonly Waiting[], error: Error): void {
    const maybeWritten = String((error as { code?: unknown }).code).startsWith('SQLITE_IOERR');
    try {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
    } catch (thrown) {
      this.#onFatal(coerceError(thrown));
    }
    if (maybeWritten) this.#onFatal(error);
    for (const { reject } of batch) reject(new StoreError(error.message, { cause: error }));
  }
}

import type { Database } from 'better-sqlite3';
import { DiskError, StoreError } from '../../core/ports/errors.ts';
import { goOn, type ReachFailPoint } from '../../core/ports/fail-points.ts';
import type { Clock, Log } from '../../core/ports/ports.ts';
import { type Failure, failureOf } from './file/errors.ts';
import { SlowDisk } from './slow-disk.ts';

/**
 * A lock of somebody else is waited for so long, ms: long enough for a shell's statement or a copy job's step, and a press
 * still has its answer within the three seconds that Slack and Discord give.
 */
const LOCKED_WAIT_MS = 2_000;
/** Between two tries to get the lock, ms. The event loop is free meanwhile. */
const LOCKED_RETRY_MS = 25;

interface Waiting {
  work: () => unknown;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
  /** By the monotonic clock, ms. */
  since: number;
}

/**
 * One transaction a turn of the event loop: everything that was asked for in this turn is committed together, each in a
 * savepoint of its own, and every promise resolves after the commit. One fsync then serves all of them.
 *
 * What can't be recorded is rejected, once it is sure that it was rolled back. What may have been written is never
 * answered: `onFatal` is called, and nothing more is written.
 */
export class GroupCommit {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onFatal: (error: DiskError) => void;
  readonly #slowDisk: SlowDisk;
  readonly #failPoint: ReachFailPoint;
  #waiting: Waiting[] = [];
  #scheduled = false;
  #over = false;
  /** What the operator was told, until something is recorded again. */
  #trouble: string | null = null;

  constructor(options: {
    db: Database;
    clock: Clock;
    log: Log;
    onFatal: (error: DiskError) => void;
    failPoint?: ReachFailPoint | undefined;
  }) {
    this.#db = options.db;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#onFatal = options.onFatal;
    this.#slowDisk = new SlowDisk(options.clock, options.log);
    this.#failPoint = options.failPoint ?? goOn;
  }

  /** Runs `work` inside the next transaction. @throws StoreError when nothing of it was recorded */
  run<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const since = this.#clock.monotonic();
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject, since });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    });
  }

  /** Reads outside of a transaction. @throws StoreError when it can't be read now */
  read<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (failure.kind === 'damaged' || failure.kind === 'in doubt') this.#end(failure, thrown);
      throw new StoreError(failure.words, { cause: thrown });
    }
  }

  /** Resolves once everything asked for until now is committed or rejected. */
  async drained(): Promise<void> {
    if (!this.#over) await this.run(() => undefined).catch(() => undefined);
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#over) return;
    const batch = this.#waiting;
    this.#waiting = [];
    const settled: (() => void)[] = [];
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      for (const waiting of batch) settled.push(this.#runOne(waiting));
      this.#failPoint('commit.before');
      const startedAt = this.#clock.monotonic();
      this.#db.exec('COMMIT');
      this.#slowDisk.note(this.#clock.monotonic() - startedAt);
      this.#failPoint('commit.after');
    } catch (thrown) {
      this.#fail(batch, thrown);
      return;
    }
    if (this.#trouble !== null) this.#log.info({}, 'the database can be written again');
    this.#trouble = null;
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
      const { kind, words } = failureOf(thrown);
      if (!this.#db.inTransaction || kind !== 'refused') throw thrown;
      this.#db.exec('ROLLBACK TO one');
      this.#db.exec('RELEASE one');
      return () => reject(new StoreError(words, { cause: thrown }));
    }
  }

  #fail(batch: readonly Waiting[], thrown: unknown): void {
    const failure = failureOf(thrown);
    try {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
    } catch (alsoThrown) {
      this.#end(failureOf(alsoThrown), alsoThrown);
      return;
    }
    if (failure.kind === 'in doubt' || failure.kind === 'damaged') {
      this.#end(failure, thrown);
      return;
    }
    const now = this.#clock.monotonic();
    const stillWaits = ({ since }: Waiting) => failure.kind === 'busy' && now - since < LOCKED_WAIT_MS;
    const patient = batch.filter(stillWaits);
    if (patient.length > 0) this.#again(patient);
    const refused = batch.filter((waiting) => !stillWaits(waiting));
    if (refused.length > 0) this.#tellTrouble(failure);
    for (const { reject } of refused) reject(new StoreError(failure.words, { cause: thrown }));
  }

  #again(patient: readonly Waiting[]): void {
    this.#waiting = [...patient, ...this.#waiting];
    this.#scheduled = true;
    void this.#clock.sleep(LOCKED_RETRY_MS).then(() => this.#flush());
  }

  /** Once, not for every press that it hits. */
  #tellTrouble({ words }: Failure): void {
    if (this.#trouble !== words) this.#log.error({}, words);
    this.#trouble = words;
  }

  #end({ words }: Failure, cause: unknown): void {
    this.#over = true;
    this.#onFatal(new DiskError(words, { cause }));
  }
}

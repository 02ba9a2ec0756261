/** Tested in test/store/sqlite/group-commit.test.ts. */
import type { Database } from 'better-sqlite3';
import { DiskError, StoreError } from '../../core/ports/errors.ts';
import type { ReachFailPoint } from '../../core/ports/fail-points.ts';
import type { Clock, Log } from '../../core/ports/ports.ts';
import { createSlowCommitWarning } from '../shared/slow-commits.ts';
import { type Failure, failureOf } from './file/errors.ts';

/**
 * How long a call waits for another program's lock, ms: long enough for a statement in a shell or a step of a copy job,
 * short enough for a press to be answered within the three seconds that Slack and Discord allow.
 */
const LOCKED_WAIT_MS = 2_000;
/** Between two attempts to get the lock, ms. The event loop is free meanwhile. */
const LOCKED_RETRY_MS = 25;

interface Work {
  work: () => unknown;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

interface Call extends Work {
  /** By the monotonic clock, ms. */
  since: number;
}

type Answer = () => void;

/** What is held in memory of the database, and follows its transactions. */
export interface Memory {
  /** Writes what it holds back: at the end of a turn, or of a call that runs apart. */
  write(): void;
  /** Drops what a call that ran apart has changed. */
  undoCall(): void;
  committed(): void;
  /** Also when that is not known. */
  rolledBack(): void;
}

/**
 * One transaction per turn of the event loop: all calls of a turn are committed together, and every promise resolves
 * after the commit. One fsync serves all of them. When a call throws, the turn is rolled back and run again with a
 * savepoint for each call, so that the failed one affects only itself: `work` may be called twice.
 *
 * A call that can't be recorded is rejected once the rollback is certain. A call that may have been recorded is never
 * answered: `onFatal` is called, and nothing more is written.
 */
export class GroupCommit {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onFatal: (error: DiskError) => void;
  readonly #failPoint: ReachFailPoint | undefined;
  readonly #memory: Memory | undefined;
  readonly #noteDuration: (ms: number) => void;
  readonly #last: () => Work | null;
  readonly #statements;
  #calls: Call[] = [];
  #scheduled = false;
  #ended = false;
  /** The failure that was logged last; null once a commit succeeds. */
  #logged: string | null = null;

  constructor(options: {
    db: Database;
    clock: Clock;
    log: Log;
    onFatal: (error: DiskError) => void;
    failPoint?: ReachFailPoint | undefined;
    /** Called at the end of each transaction for what is to be done in it last; null: nothing. */
    last?: () => Work | null;
    memory?: Memory;
  }) {
    this.#db = options.db;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#onFatal = options.onFatal;
    this.#failPoint = options.failPoint;
    this.#last = options.last ?? (() => null);
    this.#memory = options.memory;
    this.#noteDuration = createSlowCommitWarning(options.clock, options.log, 'the disk of the database');
    this.#statements = {
      begin: this.#db.prepare('BEGIN IMMEDIATE'),
      commit: this.#db.prepare('COMMIT'),
      rollback: this.#db.prepare('ROLLBACK'),
      save: this.#db.prepare('SAVEPOINT one'),
      undo: this.#db.prepare('ROLLBACK TO one'),
      release: this.#db.prepare('RELEASE one'),
    };
  }

  /** Runs `work` inside the next transaction. @throws StoreError when it was not recorded */
  run<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const since = this.#clock.monotonic();
      this.#calls.push({ work, resolve: resolve as (value: unknown) => void, reject, since });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    });
  }

  /** Reads outside of a transaction. @throws StoreError when the read fails */
  read<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (isFatal(failure)) this.#end(failure, thrown);
      throw new StoreError(failure.reason, { cause: thrown });
    }
  }

  /** Resolves once every earlier call is committed or rejected. */
  async drained(): Promise<void> {
    if (!this.#ended) await this.run(() => undefined).catch(() => undefined);
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#ended) return;
    const calls = this.#calls;
    this.#calls = [];
    const { begin, commit } = this.#statements;
    let answers: readonly Answer[];
    try {
      begin.run();
      answers = this.#runTogether(calls) ?? calls.map((call) => this.#runApart(call));
      const last = this.#last();
      if (last !== null) answers = [...answers, this.#runApart(last)];
      this.#failPoint?.('commit.before');
      const startedAt = this.#clock.monotonic();
      commit.run();
      this.#memory?.committed();
      this.#noteDuration(this.#clock.monotonic() - startedAt);
      this.#failPoint?.('commit.after');
    } catch (thrown) {
      this.#fail(calls, thrown);
      return;
    }
    if (this.#logged !== null) this.#log.info({}, 'the database can be written again');
    this.#logged = null;
    for (const answer of answers) answer();
  }

  /** @returns null when one has thrown: nothing of them is left, and a new transaction has begun */
  #runTogether(calls: readonly Call[]): readonly Answer[] | null {
    try {
      const answers = calls.map(({ work, resolve }) => {
        const value = work();
        return () => resolve(value);
      });
      this.#memory?.write();
      return answers;
    } catch (thrown) {
      this.#throwUnlessApart(thrown);
      this.#statements.rollback.run();
      this.#memory?.rolledBack();
      this.#statements.begin.run();
      return null;
    }
  }

  #runApart({ work, resolve, reject }: Work): Answer {
    const { save, undo, release } = this.#statements;
    save.run();
    try {
      const value = work();
      this.#memory?.write();
      release.run();
      return () => resolve(value);
    } catch (thrown) {
      const reason = this.#throwUnlessApart(thrown);
      undo.run();
      this.#memory?.undoCall();
      release.run();
      return () => reject(new StoreError(reason, { cause: thrown }));
    }
  }

  /** On some errors, such as a full disk, SQLite rolls back the whole transaction: then every call has failed. */
  #throwUnlessApart(thrown: unknown): string {
    const { kind, reason } = failureOf(thrown);
    if (!this.#db.inTransaction || kind !== 'rolled back') throw thrown;
    return reason;
  }

  #fail(calls: readonly Call[], thrown: unknown): void {
    const failure = failureOf(thrown);
    this.#memory?.rolledBack();
    try {
      if (this.#db.inTransaction) this.#statements.rollback.run();
    } catch (alsoThrown) {
      this.#end(failureOf(alsoThrown), alsoThrown);
      return;
    }
    if (isFatal(failure)) {
      this.#end(failure, thrown);
      return;
    }
    const now = this.#clock.monotonic();
    const mayRetry = ({ since }: Call) => failure.kind === 'busy' && now - since < LOCKED_WAIT_MS;
    const retried = calls.filter(mayRetry);
    if (retried.length > 0) this.#retry(retried);
    const rejected = calls.filter((call) => !mayRetry(call));
    if (rejected.length > 0) this.#logOnce(failure);
    for (const { reject } of rejected) reject(new StoreError(failure.reason, { cause: thrown }));
  }

  #retry(calls: readonly Call[]): void {
    this.#calls = [...calls, ...this.#calls];
    this.#scheduled = true;
    void this.#clock.sleep(LOCKED_RETRY_MS).then(() => this.#flush());
  }

  /** Once, not for every press that it affects. */
  #logOnce({ reason }: Failure): void {
    if (this.#logged !== reason) this.#log.error({}, reason);
    this.#logged = reason;
  }

  #end({ reason }: Failure, cause: unknown): void {
    this.#ended = true;
    this.#onFatal(new DiskError(reason, { cause }));
  }
}

function isFatal({ kind }: Failure): boolean {
  return kind === 'may be written' || kind === 'damaged';
}

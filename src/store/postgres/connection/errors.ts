/** What the database answers instead of a result. Tested in test/store/postgres/opening/read-only.test.ts and full-disk.test.ts. */
import { DatabaseError } from 'pg';
import { StoreDoubt, StoreError } from '../../../core/ports/errors.ts';

/**
 * What a statement has met:
 * - `unreached`: there was no connection, so nothing was sent.
 * - `lost`: the connection ended before the answer came.
 * - `late`: another replica was first; the same work has to begin again from what the database has now.
 * - `rows`: these rows are refused; others may not be.
 * - `refused`: anything else that PostgreSQL does not do now, whatever the rows.
 */
export type FailureKind = 'unreached' | 'lost' | 'late' | 'rows' | 'refused';

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** A unique key is taken; what a row refers to is gone; serialization; deadlock. */
const LATE = new Set(['23505', '23503', '40001', '40P01']);
/** Data, constraints, limits of a row. */
const ROWS = /^(?:22|23|54)/;
const READ_ONLY = '25006';
/** The server ends the connection: it shuts down, has crashed, or an operator ended it. */
const ENDING = new Set(['57P01', '57P02', '57P03', '57P05', '08006', '25P03']);

export function failureWith(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (!(thrown instanceof DatabaseError) || thrown.code === undefined) {
    return new Failure('lost', `the connection to the database was lost (${message})`, thrown);
  }
  const { code, severity } = thrown;
  if (severity === 'FATAL' || severity === 'PANIC' || ENDING.has(code)) {
    return new Failure('lost', `the database ended the connection (${message})`, thrown);
  }
  if (LATE.has(code)) return new Failure('late', message, thrown);
  return new Failure(ROWS.test(code) ? 'rows' : 'refused', reasonOf(code, message), thrown);
}

function reasonOf(code: string, message: string): string {
  if (code === '53100') return 'the disk of the database is full: free some space';
  if (code === READ_ONLY)
    return 'the database can only be read: it is a standby, or default_transaction_read_only is on';
  return `the database refused it (${code}: ${message})`;
}

/** Whether this comes from a database that takes no changes. */
export function isReadOnly(thrown: unknown): boolean {
  if (thrown instanceof DatabaseError) return thrown.code === READ_ONLY;
  return thrown instanceof Error && isReadOnly(thrown.cause);
}

/** The same for everything else that is asked of the database now. */
export function refusalOf(thrown: unknown): Failure {
  return new Failure('refused', thrown instanceof Error ? thrown.message : String(thrown), thrown);
}

/** Nothing was recorded. */
export function storeErrorOf(thrown: unknown): StoreError | StoreDoubt {
  if (thrown instanceof StoreError || thrown instanceof StoreDoubt) return thrown;
  return new StoreError(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
}

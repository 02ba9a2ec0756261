import type { AuditNote } from '../../core/approval/audit.ts';

/** Runs one constant statement. @throws StoreError */
export type Rows = <Row extends object>(sql: string, values?: readonly unknown[]) => Promise<Row[]>;

/** What reads the database itself, on any connection. */
export interface Reads {
  rows: Rows;
  /** Several statements that see one moment. */
  snapshot<T>(work: (rows: Rows) => Promise<T>): Promise<T>;
}

/** What is written apart from changes of approvals. */
export interface Writes {
  /**
   * One transaction. `work` may be called again.
   * @throws StoreError when nothing was recorded  @throws StoreDoubt when that is not known
   */
  run<T>(work: (rows: Rows) => Promise<T>): Promise<T>;
  /** The same, on a connection that no press waits for, and it sees one moment: what others change meanwhile makes it fail. */
  aside<T>(work: (rows: Rows) => Promise<T>): Promise<T>;
}

/** Adds a row to the audit log, inside a transaction. */
export type AppendAudit = (rows: Rows, approvalId: string, note: AuditNote, at: number) => Promise<void>;

/** The PostgreSQL that a file is moved into. Tested in test/store/move/move.test.ts. */
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { coerceError, SetupError } from '../../core/ports/errors.ts';
import { listWrites, type Written } from '../postgres/lists/writes.ts';
import * as sql from './sql.ts';
import type { Row, Table, Value } from './tables.ts';

/** A number of PostgreSQL with 64 bits; ours are below 2^53. */
const INT8 = 20;

/** One connection; all that is written goes into one transaction. */
export class Target {
  readonly #client: pg.Client;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  /** @throws SetupError */
  static async connect(connectionString: string): Promise<Target> {
    const types = {
      getTypeParser: (oid: number, format?: 'text') => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)),
    };
    const client = new pg.Client({
      connectionString,
      application_name: 'countersign move',
      pipeline: true,
      types: types as pg.CustomTypesConfig,
    } as pg.ClientConfig);
    // What is under way is rejected with it.
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch (thrown) {
      const { message } = coerceError(thrown);
      throw new SetupError(
        `The database ${nameOf(connectionString)} can't be reached: ${message}. Check the URL of --to.`,
        {
          cause: thrown,
        },
      );
    }
    return new Target(client);
  }

  async begin(): Promise<void> {
    await this.#client.query('BEGIN');
  }

  async commit(): Promise<void> {
    await this.#client.query('COMMIT');
  }

  async rollback(): Promise<void> {
    await this.#client.query('ROLLBACK').catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }

  /** The file that it came from; null: none. */
  async movedFrom(): Promise<string | null> {
    const { rows } = await this.#client.query<{ value: string }>(sql.findMove);
    return rows[0]?.value ?? null;
  }

  /** What is in it, by table; empty: nothing. */
  async content(): Promise<Readonly<Record<string, number>>> {
    const { rows } = await this.#client.query<Record<string, number>>(sql.findAnything);
    return Object.fromEntries(Object.entries(rows[0] ?? {}).filter(([, count]) => count > 0));
  }

  /** No one else starts on it, or moves into it, before the end of the transaction. */
  async lock(): Promise<void> {
    await this.#client.query(sql.lockAll);
  }

  async insert({ insert }: Table, rows: readonly Row[]): Promise<void> {
    await this.#flight(rows.map((row) => ({ text: insert, values: Object.values(row) })));
  }

  /** The lists of what waits for people. */
  async insertLists(written: readonly Written[], now: number): Promise<void> {
    await this.#flight(listWrites(written, now).map((one) => ({ text: one.sql, values: one.values })));
  }

  /** @returns which of these rows are not there as they are given, by their keys */
  async missing({ find, key }: Table, rows: readonly Row[]): Promise<string[]> {
    const [first = ''] = key;
    const { rows: found } = await this.#client.query<Row>(find, [rows.map((row) => row[first])]);
    const keyOf = (row: Row) => JSON.stringify(key.map((name) => row[name]));
    const byKey = new Map(found.map((row) => [keyOf(row), row]));
    return rows.map(keyOf).filter((one, index) => !isDeepStrictEqual({ ...byKey.get(one) }, { ...rows[index] }));
  }

  async count(table: string): Promise<number> {
    const { rows } = await this.#client.query<{ count: number }>(counts[table] ?? '');
    return rows[0]?.count ?? 0;
  }

  async finish(values: {
    id: string;
    lastJob: number;
    lastAudit: number;
    replica: { id: string; shapes: number; beatAt: number; state: string };
  }): Promise<void> {
    const { id, lastJob, lastAudit, replica } = values;
    await this.#flight([
      { text: sql.setNumbers, values: [lastJob, lastAudit] },
      { text: sql.insertReplica, values: [replica.id, replica.shapes, replica.beatAt, replica.state] },
      { text: sql.saveMove, values: [id] },
    ]);
  }

  /** Without a wait between them. */
  async #flight(statements: readonly { text: string; values: readonly unknown[] }[]): Promise<void> {
    const sent = statements.map(({ text, values }) => this.#client.query(text, [...values]));
    const ended = await Promise.allSettled(sent);
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  }
}

const counts: Readonly<Record<string, string>> = {
  approvals: 'SELECT count(*) AS count FROM approvals',
  archive: 'SELECT count(*) AS count FROM archive',
  audit: 'SELECT count(*) AS count FROM audit',
  inputs: 'SELECT count(*) AS count FROM inputs',
  jobs: 'SELECT count(*) AS count FROM jobs',
  sent_content: 'SELECT count(*) AS count FROM sent_content',
  precedents: 'SELECT count(*) AS count FROM precedents',
  bundle_members: 'SELECT count(*) AS count FROM bundle_members',
  drafts: 'SELECT count(*) AS count FROM drafts',
  home_tabs: 'SELECT count(*) AS count FROM home_tabs',
  policy_records: 'SELECT count(*) AS count FROM policy_records',
  notes: 'SELECT count(*) AS count FROM notes',
  open_runs: 'SELECT count(*) AS count FROM open_runs',
  lanes: 'SELECT count(*) AS count FROM lanes',
  rooms: 'SELECT count(*) AS count FROM rooms',
  pending: 'SELECT count(*) AS count FROM pending',
};

/** For people and logs: without the password. */
export function nameOf(connectionString: string): string {
  try {
    const { host, pathname } = new URL(connectionString);
    return `${host}${pathname}`;
  } catch {
    return 'of --to';
  }
}

/** PostgreSQL stores no NUL and no lone surrogate in a text. What is JSON has neither. */
export function storable(value: Value): Value {
  if (Array.isArray(value)) return value.map((item) => storable(item) as string);
  if (typeof value !== 'string') return value;
  return (value.includes('\0') ? value.replaceAll('\0', '␀') : value).toWellFormed();
}

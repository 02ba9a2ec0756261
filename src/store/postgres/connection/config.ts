/** How we connect, and what we send. Tested in test/store/postgres/index.test.ts. */
import { createHash } from 'node:crypto';
import pg, { type ClientConfig } from 'pg';

/** A press is answered within three seconds; until then, another connection can be tried. */
const CONNECT_MS = 2_000;
/** A lock that is held for so long is held by somebody who has gone. */
const LOCK_MS = 2_000;
/** No statement of ours takes a tenth of it. */
const STATEMENT_MS = 10_000;
/** How long an answer may take until the connection counts as lost, ms: a line that is cut says nothing. */
const ANSWER_MS = 12_000;
/** So long the server keeps a connection whose other end does not answer, ms. */
const TCP_MS = 5_000;
/** A transaction of ours never waits between two statements, unless its process has gone. */
const IDLE_IN_TRANSACTION_MS = 10_000;

const INT8 = 20;

/** How one connection is used. */
export interface Use {
  /** As operators see it in `pg_stat_activity`. */
  name: string;
  /**
   * Commits: each transaction says that it writes, so that a statement whose BEGIN failed changes nothing. And the wait for a
   * synchronous standby is not cut short, which PostgreSQL would answer as if the standby had it.
   */
  commits?: boolean;
}

export function clientConfig(connectionString: string, { name, commits = false }: Use): ClientConfig {
  const settings = {
    search_path: 'public',
    lock_timeout: LOCK_MS,
    statement_timeout: commits ? 0 : STATEMENT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    tcp_user_timeout: TCP_MS,
    ...(commits && { default_transaction_read_only: 'on' }),
  };
  return {
    connectionString,
    application_name: `countersign ${name}`,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    options: Object.entries(settings)
      .map(([setting, value]) => `-c ${setting}=${value}`)
      .join(' '),
    types: {
      getTypeParser: (oid: number, format?: 'text') => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)),
    },
  } as ClientConfig;
}

export interface Statement {
  /** Constant: it is prepared once on each connection. */
  sql: string;
  values: readonly unknown[];
}

const names = new Map<string, string>();

/** As `pg` takes it. */
export function prepared({ sql, values }: Statement): { name: string; text: string; values: unknown[] } {
  const name = names.get(sql) ?? `c${createHash('sha256').update(sql).digest('hex').slice(0, 20)}`;
  names.set(sql, name);
  return { name, text: sql, values: values.map(storable) };
}

/** PostgreSQL stores no NUL, and no lone surrogate: what looks for such a text finds the same one. */
function storable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'string') return value;
  return value.includes('\0') ? value.replaceAll('\0', '␀').toWellFormed() : value.toWellFormed();
}

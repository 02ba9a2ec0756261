/** Where the bot's store is: a file, or a database that its replicas share over lines that can fail. */
import { join } from 'node:path';
import { type CuttingProxy, createCuttingProxy } from '../../support/network/cutting-proxy.ts';

export const storeNames = ['sqlite', 'postgres'] as const;
export type StoreName = (typeof storeNames)[number];

export interface Database {
  /** As a bot beside the database would be given it. */
  url: string;
  /** One replica's own line to it; null: a file needs none. */
  line(): Promise<{ url: string; proxy: CuttingProxy } | null>;
  /** What passes to the server when a transaction is committed. */
  commitMark: string;
  /** The server ends the sessions of all replicas. */
  endSessions(): Promise<void>;
  /** Only the checker of the database itself asks; null: a file that the bot has locked. */
  query: (<Row extends Record<string, unknown>>(sql: string) => Promise<Row[]>) | null;
  close(): Promise<void>;
}

const END_SESSIONS = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()`;

/** @param folder of the world, for a file */
export async function databaseOf(store: StoreName, folder: string): Promise<Database> {
  if (store === 'sqlite') {
    return {
      url: `file:${join(folder, 'countersign.db')}`,
      line: async () => null,
      commitMark: '',
      endSessions: async () => {},
      query: null,
      close: async () => {},
    };
  }
  const [{ prepared }, { commit }] = await Promise.all([
    import('../../../src/store/postgres/connection/config.ts'),
    import('../../../src/store/postgres/sql/commit.ts'),
  ]);
  const { createDatabase } = await import('../../support/postgres/index.ts');
  const database = await createDatabase({ empty: true });
  return {
    url: database.connectionString,
    async line() {
      const url = new URL(database.connectionString);
      const proxy = await createCuttingProxy(Number(url.port));
      url.port = String(proxy.port);
      return { url: url.href, proxy };
    },
    // Statements are prepared once on each connection, and are called by these names.
    commitMark: prepared({ sql: commit, values: [] }).name,
    endSessions: async () => void (await database.query(END_SESSIONS)),
    query: (sql) => database.query(sql),
    close: () => database.drop(),
  };
}

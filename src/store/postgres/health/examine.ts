/**
 * Looks at a database of PostgreSQL, and changes nothing: in one transaction that can only read. Tested in
 * test/doctor/machine/postgres.test.ts.
 */
import pg from 'pg';
import type { ReplicaReport } from '../../../core/ports/store/fleet.ts';
import { readSchema, type Schema, tooOldFor } from '../schema/migrate.ts';
import { postgresMigrations } from '../schema/migrations.ts';
import { replicasOf } from './report.ts';

const CONNECT_MS = 5_000;
const STATEMENT_MS = 10_000;
const INT8 = 20;

export interface PostgresFacts {
  /** As `server_version_num`. */
  version: number;
  encoding: string;
  /** It follows another one, or its operator allows reading only. */
  isReadOnly: boolean;
  /** Those of these settings that are off: what it confirms may be lost. */
  off: readonly string[];
  /** Connected, and none of them is waited for. */
  asynchronousStandbys: number;
  schema: Schema;
  /** Steps that the next start takes. */
  toMigrate: number;
  /** Why this version must not work with it; null: it may. */
  tooOld: string | null;
  /** Whether this role can take those steps. */
  mayMigrate: boolean;
  /** Tables that this role can't read or write. */
  forbidden: readonly string[];
  connections: { max: number; used: number };
  /** Those that work. */
  replicas: readonly ReplicaReport[];
  /** Jobs that were given up, by kind. */
  dead: readonly { kind: 'draw' | 'decide' | 'wake'; dead: number }[];
}

const readServer = `
  SELECT current_setting('server_version_num')::integer AS version, current_setting('server_encoding') AS encoding,
    pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on' AS "isReadOnly",
    (SELECT array_agg(name ORDER BY name) FROM pg_settings
      WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off') AS off,
    current_setting('synchronous_standby_names') = '' AS "isAsynchronous",
    (SELECT count(*) FROM pg_stat_replication WHERE application_name NOT LIKE 'pg_basebackup%') AS standbys,
    has_schema_privilege('public', 'CREATE') AS "mayMigrate",
    current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer AS max,
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()) AS used`;

const readForbidden = `
  SELECT relname AS name FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname IN ('approvals', 'inputs', 'jobs', 'audit', 'replicas')
    AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT'))
  ORDER BY relname`;

/** The index of dead letters. */
const readDead = 'SELECT kind, count(*) AS dead FROM jobs WHERE dead_at IS NOT NULL AND dead_at > 0 GROUP BY kind';

interface Server {
  version: number;
  encoding: string;
  isReadOnly: boolean;
  off: string[] | null;
  isAsynchronous: boolean;
  standbys: number;
  mayMigrate: boolean;
  max: number;
  used: number;
}

/** @param deadMs after so long without a beat, others take over the work of a replica  @throws Error when it can't be reached or read */
export async function examinePostgres(connectionString: string, deadMs: number): Promise<PostgresFacts> {
  const client = new pg.Client({
    connectionString,
    application_name: 'countersign doctor',
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    types: {
      getTypeParser: (oid: number, format?: 'text') => (oid === INT8 ? Number : pg.types.getTypeParser(oid, format)),
    } as pg.CustomTypesConfig,
  });
  client.on('error', () => undefined);
  await client.connect();
  const rows = async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
    (await client.query(sql, [...values])).rows as Row[];
  try {
    await client.query('BEGIN READ ONLY');
    const [server] = await rows<Server>(readServer);
    if (server === undefined) throw new Error('the database did not say what it is');
    const schema = await readSchema((sql) => client.query(sql));
    const { version, encoding, isReadOnly, off, isAsynchronous, standbys, mayMigrate, max, used } = server;
    const forbidden = (await rows<{ name: string }>(readForbidden)).map(({ name }) => name);
    const isReadable = schema.done > 0 && forbidden.length === 0;
    return {
      ...{ version, encoding, isReadOnly, schema, mayMigrate, forbidden, connections: { max, used } },
      off: off ?? [],
      asynchronousStandbys: isAsynchronous ? standbys : 0,
      toMigrate: Math.max(0, postgresMigrations.length - schema.done),
      tooOld: tooOldFor(schema),
      replicas: isReadable ? await replicasOf(rows, deadMs) : [],
      dead: isReadable ? await rows(readDead) : [],
    };
  } finally {
    await client.end();
  }
}

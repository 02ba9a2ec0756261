import pg from 'pg';
import { SetupError } from '../../../core/ports/errors.ts';
import type { ReachFailPoint } from '../../../core/ports/fail-points.ts';
import type { Rows } from '../rows.ts';
import { type Migration, postgresMigrations } from './migrations.ts';

/** Any number of ours: replicas that start together wait for the one that migrates. */
const MIGRATION_LOCK = 7_301_115;

/** How long a step waits for a table that others use, ms: a query that comes after it waits behind it, presses among them. */
const LOCK_TIMEOUT_MS = 2_000;

/** PostgreSQL: the role lacks a right; a lock was not free in time. */
const INSUFFICIENT_PRIVILEGE = '42501';
const LOCK_NOT_AVAILABLE = '55P03';

export interface Schema {
  /** The steps that the database has had. */
  done: number;
  /** A version that knows fewer steps than these can't work with the database any more. */
  readableFrom: number;
}

/**
 * Brings the schema up to date, one transaction per step: a process that is killed in between leaves whole steps. Versions
 * run beside each other during an upgrade: a database that has had more steps than this version knows is used as it is, unless
 * one of them has said that this version can't.
 * @throws SetupError that says what to do
 */
export async function migrate(
  connectionString: string,
  steps: readonly Migration[] = postgresMigrations,
  failPoint?: ReachFailPoint,
): Promise<Schema> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  try {
    let schema = await readSchema((sql) => client.query(sql));
    while (schema.done < steps.length) schema = await migrateOnce(client, steps, failPoint);
    const problem = tooOldFor(schema, steps.length);
    if (problem !== null) throw new SetupError(problem);
    return schema;
  } finally {
    await client.end();
  }
}

/** What the database says about itself. Needs no right but to read it. */
export async function readSchema(query: (sql: string) => Promise<{ rows: readonly object[] }>): Promise<Schema> {
  const { rows: found } = await query("SELECT to_regclass('meta') IS NOT NULL AS known");
  if ((found[0] as { known: boolean }).known === false) return { done: 0, readableFrom: 0 };
  const { rows } = await query(readMeta);
  const values = new Map((rows as { key: string; value: string }[]).map(({ key, value }) => [key, Number(value)]));
  return { done: values.get('schema') ?? 0, readableFrom: values.get('readable_from') ?? 0 };
}

const readMeta = "SELECT key, value FROM meta WHERE key IN ('schema', 'readable_from')";

/** Why this version must not work with the database, for the operator; null: it may. */
export function tooOldFor({ done, readableFrom }: Schema, known: number = postgresMigrations.length): string | null {
  if (readableFrom <= known) return null;
  return (
    `The database was changed by a newer version of Countersign (its schema is ${done}, this version knows ${known}, and it takes ` +
    `one that knows ${readableFrom}). Start that version, or restore a backup from before the upgrade.`
  );
}

/** While this process works, a newer version may have changed the database beyond what it knows: it must end then. */
export async function checkVersion(rows: Rows, onFatal: (error: Error) => void): Promise<void> {
  const problem = tooOldFor(await readSchema(async (sql) => ({ rows: await rows(sql) })));
  if (problem !== null) onFatal(new SetupError(problem));
}

async function migrateOnce(
  client: pg.Client,
  steps: readonly Migration[],
  failPoint: ReachFailPoint | undefined,
): Promise<Schema> {
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    // From here on: another replica that migrates may take as long as it needs.
    await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query('CREATE TABLE IF NOT EXISTS meta (key text COLLATE "C" PRIMARY KEY, value text NOT NULL)');
    const before = await readSchema((sql) => client.query(sql));
    const step = steps[before.done];
    if (step === undefined) {
      await client.query('ROLLBACK');
      return before;
    }
    failPoint?.('migration.begun');
    const { sql, readableFrom } = typeof step === 'string' ? { sql: step, readableFrom: 0 } : step;
    await client.query(sql);
    const after = { done: before.done + 1, readableFrom: Math.max(before.readableFrom, readableFrom) };
    await client.query(saveMeta, ['schema', String(after.done)]);
    await client.query(saveMeta, ['readable_from', String(after.readableFrom)]);
    failPoint?.('migration.written');
    await client.query('COMMIT');
    failPoint?.('migration.done');
    return after;
  } catch (thrown) {
    throw setupErrorOf(thrown);
  }
}

const saveMeta = 'INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value';

function setupErrorOf(thrown: unknown): unknown {
  const { code } = (thrown ?? {}) as { code?: string };
  if (code === INSUFFICIENT_PRIVILEGE) {
    return new SetupError(
      'The schema of the database has to be brought up to date, and the role of DATABASE_URL may not do that. Start this version ' +
        'once with a role that owns the tables, then again with its own.',
      { cause: thrown },
    );
  }
  if (code === LOCK_NOT_AVAILABLE) {
    return new SetupError(
      'The schema of the database could not be brought up to date, because another session holds a lock on one of its tables. ' +
        'End that session (pg_locks, pg_stat_activity), then start again. Nothing was changed.',
      { cause: thrown },
    );
  }
  return thrown;
}

import pg from 'pg';
import { SetupError } from '../../../core/ports/errors.ts';
import { migrations } from './migrations.ts';

/** Any number of ours: replicas that start together wait for the one that migrates. */
const MIGRATION_LOCK = 7_301_115;

/**
 * Brings the schema up to date, one transaction per step: a process that is killed in between leaves whole steps.
 * @throws SetupError when the schema is newer than this version
 */
export async function migrate(connectionString: string, steps: readonly string[] = migrations): Promise<void> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  try {
    while (await migrateOnce(client, steps));
  } finally {
    await client.end();
  }
}

/** @returns whether there is more to do */
async function migrateOnce(client: pg.Client, steps: readonly string[]): Promise<boolean> {
  await client.query('BEGIN');
  await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  await client.query('CREATE TABLE IF NOT EXISTS meta (key text COLLATE "C" PRIMARY KEY, value text NOT NULL)');
  const found = await client.query<{ value: string }>("SELECT value FROM meta WHERE key = 'schema'");
  const done = Number(found.rows[0]?.value ?? 0);
  const step = steps[done];
  if (done > steps.length) {
    await client.query('ROLLBACK');
    throw new SetupError(
      `The database was written by a newer version of Countersign (its schema is ${done}, this version knows ${steps.length}). Start that version, or a newer one.`,
    );
  }
  if (step !== undefined) {
    await client.query(step);
    await client.query(
      "INSERT INTO meta (key, value) VALUES ('schema', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      [String(done + 1)],
    );
  }
  await client.query('COMMIT');
  return done + 1 < steps.length;
}

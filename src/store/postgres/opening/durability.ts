/** Whether what this database confirms survives. Tested in test/store/postgres/opening/durability.test.ts. */
import { SetupError } from '../../../core/ports/errors.ts';
import type { Log } from '../../../core/ports/ports.ts';
import type { Rows } from '../rows.ts';

/** The oldest version that has all that we use, and gets corrections. */
const OLDEST = 150_000;

const readSettings = `
  SELECT name, setting FROM pg_settings
  WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'synchronous_standby_names', 'server_version_num')`;
/** Standbys that are connected now. */
const countStandbys = `SELECT count(*) AS count FROM pg_stat_replication WHERE application_name NOT LIKE 'pg_basebackup%'`;

/**
 * @param allowLoss the operator accepts that confirmed presses may be lost
 * @returns what operators have to know
 * @throws SetupError
 */
export async function checkDurability(rows: Rows, allowLoss: boolean, log: Log): Promise<readonly string[]> {
  const found = await rows<{ name: string; setting: string }>(readSettings);
  const set = new Map(found.map(({ name, setting }) => [name, setting]));
  const version = Number(set.get('server_version_num'));
  if (version < OLDEST) {
    throw new SetupError(
      `The database is PostgreSQL ${Math.floor(version / 10_000)}; Countersign needs 15 or newer. Upgrade it.`,
    );
  }
  const off = ['fsync', 'full_page_writes', 'synchronous_commit'].filter((name) => set.get(name) === 'off');
  if (off.length > 0 && !allowLoss) {
    throw new SetupError(
      `The database may lose what it has confirmed: ${off.join(' and ')} ${off.length === 1 ? 'is' : 'are'} off, and a press that a person saw recorded could be gone after a crash. Turn ${off.length === 1 ? 'it' : 'them'} on in postgresql.conf, or set ALLOW_LOSS=yes to continue.`,
    );
  }
  const warnings = off.map((name) => `${name} is off: a crash of the database may lose what it has confirmed`);
  const [standbys] = await rows<{ count: number }>(countStandbys);
  if ((standbys?.count ?? 0) > 0 && set.get('synchronous_standby_names') === '') {
    warnings.push(
      'the database has a standby that is not synchronous: a failover may lose what was confirmed last. Set synchronous_standby_names',
    );
  }
  for (const warning of warnings) log.warn({}, warning);
  return warnings;
}

/** `npm run backup`: see `USAGE`. Tested in test/stories/operator/backup.test.ts. */
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { readDatabaseFile } from '../config/config.ts';
import { coerceError, SetupError } from '../core/ports/errors.ts';
import { backUp } from '../store/sqlite/file/backup.ts';
import { loadEnvFile } from '../system/env-file.ts';
import { keepNewFilesPrivate } from '../system/private-files.ts';

const USAGE = `Usage: npm run backup [-- FILE]

Writes a consistent copy of the database that DATABASE_URL names (in the environment or in .env), also while the bot
runs. Never overwrites a file. Restore: see docs/backup.md.

  FILE      where it is written (default: in the folder “backups” beside the database, named after the time)
  --help    prints this

Example: npm run backup -- /mnt/backups/countersign.db`;

const INSTEAD =
  'Back it up with pg_dump, also while replicas run: pg_dump --format=custom --file=countersign.dump "$DATABASE_URL". Restore: see docs/backup.md.';

function main(): void {
  keepNewFilesPrivate();
  const { values, positionals } = parse();
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  if (positionals.length > 1) throw new SetupError(`Name one file.\n\n${USAGE}`);
  const from = readDatabaseFile(process.env, loadEnvFile(process.env), INSTEAD);
  if (from === ':memory:') throw new SetupError('DATABASE_URL is :memory:, so there is nothing on disk to back up.');
  const now = new Date();
  const to = positionals[0] ?? join(dirname(from), 'backups', `countersign-${nameOf(now)}.db`);
  const { file, bytes, approvals, unfinished } = backUp(from, to, now.getTime());
  const size = bytes < 10_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${Math.round(bytes / 1_000_000)} MB`;
  process.stdout.write(
    `Wrote ${file} (${size}): ${approvals} approvals, ${unfinished} of them unfinished. Verified.\n`,
  );
}

function parse() {
  try {
    return parseArgs({ options: { help: { type: 'boolean', short: 'h' } }, allowPositionals: true });
  } catch (thrown) {
    throw new SetupError(`${coerceError(thrown).message}\n\n${USAGE}`);
  }
}

/** Sorts by time, and is a valid file name on every system. */
function nameOf(now: Date): string {
  return now
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '');
}

try {
  main();
} catch (thrown) {
  const error = coerceError(thrown);
  process.stderr.write(`${error instanceof SetupError ? error.message : (error.stack ?? error.message)}\n`);
  process.exitCode = 1;
}

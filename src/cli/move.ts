/** `npm run move`: see `USAGE`. Tested in test/store/move/move.test.ts. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readDatabaseFile } from '../config/config.ts';
import { coerceError, SetupError } from '../core/ports/errors.ts';
import { cancelMove, moveStore } from '../store/move/move.ts';
import { loadEnvFile } from '../system/env-file.ts';
import { keepNewFilesPrivate } from '../system/private-files.ts';

const USAGE = `Usage: npm run move -- --to URL [--from FILE]
       npm run move -- --cancel [--from FILE]

Moves the database of a stopped bot from its SQLite file into an empty PostgreSQL, in one transaction, and compares every row
before its end. The file stays as it is, but no bot starts on it any more. After an interruption, run it again.

  --to URL     postgres://USER@HOST/DATABASE; a password in PGPASSWORD is not seen by others on this machine
  --from FILE  the SQLite file (default: what DATABASE_URL names, in the environment or in .env)
  --cancel     lets a bot start on the file again. What was done at PostgreSQL since is not in it
  --help       prints this

Example: npm run move -- --to postgres://countersign@db.example.com/countersign`;

async function main(): Promise<void> {
  keepNewFilesPrivate();
  const { help, to, from, cancel } = parse();
  if (help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  if ((to === undefined) !== (cancel === true)) throw new SetupError(`Give --to URL, or --cancel.\n\n${USAGE}`);
  const file = sourceOf(from);
  if (to === undefined) {
    const mark = cancelMove(file);
    const said =
      mark === null
        ? `${file} was not moved: nothing to do.`
        : `A bot can start on ${file} again. It counts as a copy: nothing that was under way is sent without a person. Do not start one at ${mark.to}.`;
    process.stdout.write(`${said}\n`);
    return;
  }
  if (!/^postgres(?:ql)?:\/\//.test(to))
    throw new SetupError(`--to is not a URL of PostgreSQL (postgres://…).\n\n${USAGE}`);
  const moved = await moveStore({
    file,
    to,
    now: Date.now(),
    id: randomUUID(),
    onTable: (table, rows) => process.stdout.write(`  ${table.padEnd(15)}${rows} rows, the same in both\n`),
  });
  const was = moved.wasThere ? 'An earlier run had moved it already' : 'Moved';
  process.stdout.write(
    `${was}: ${file} → ${moved.to}. Now set DATABASE_URL to the URL of PostgreSQL, and start. Keep the file as a backup: no bot starts on it any more.\n`,
  );
}

/** @throws SetupError */
function sourceOf(from: string | undefined): string {
  const file = from ?? readDatabaseFile(process.env, loadEnvFile(process.env), 'Name the file with --from.');
  if (existsSync(file)) return file;
  throw new SetupError(
    `There is no database at ${file}. Name the SQLite file with --from, or run this in the bot's folder.`,
  );
}

function parse() {
  try {
    const options = {
      help: { type: 'boolean', short: 'h' },
      to: { type: 'string' },
      from: { type: 'string' },
      cancel: { type: 'boolean' },
    } as const;
    return parseArgs({ options }).values;
  } catch (thrown) {
    throw new SetupError(`${coerceError(thrown).message}\n\n${USAGE}`);
  }
}

try {
  await main();
} catch (thrown) {
  const error = coerceError(thrown);
  process.stderr.write(`${error instanceof SetupError ? error.message : (error.stack ?? error.message)}\n`);
  process.exitCode = 1;
}

/** `countersign version`: see `USAGE`. Tested in test/cli/main.test.ts. */
import { parseArgs } from 'node:util';
import { coerceError, SetupError } from '../core/ports/errors.ts';
import { sqliteVersion } from '../store/sqlite/file/integrity.ts';
import { migrations } from '../store/sqlite/file/migrations.ts';
import { readCommit, readRelease } from '../system/release.ts';

const USAGE = `Usage: npm run countersign -- version [--json | --short]

Prints the version of Countersign, the commit that it was made from where that is known, the versions of Node and SQLite that it
runs on, and the version of the database that it writes. A database of a newer version is refused: docs/upgrade.md.

  --json    as one JSON object
  --short   the version of Countersign alone
  --help    prints this

Example: npm run countersign -- version --json`;

const EXIT_USAGE = 2;

function main(): void {
  const { json, short, help } = parse();
  if (help) print(USAGE);
  else if (short) print(readRelease());
  else print(json ? JSON.stringify(versions()) : readable(versions()));
}

function parse() {
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({ options: { json: flag, short: flag, help: { ...flag, short: 'h' } } }).values;
  } catch (thrown) {
    throw new SetupError(`${coerceError(thrown).message}\n\n${USAGE}`);
  }
}

function versions() {
  return {
    version: readRelease(),
    commit: readCommit(),
    node: process.versions.node,
    sqlite: sqliteVersion(),
    schema: migrations.length,
    platform: `${process.platform}-${process.arch}`,
  };
}

function readable({ version, commit, node, sqlite, schema, platform }: ReturnType<typeof versions>): string {
  const made = commit === null ? '' : ` (${commit})`;
  return `countersign ${version}${made}\nNode ${node}, SQLite ${sqlite}, database schema ${schema}, ${platform}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  main();
} catch (thrown) {
  const error = coerceError(thrown);
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof SetupError ? EXIT_USAGE : 1;
}

/** `countersign audit`: see `USAGE`. Tested in test/cli/audit.test.ts. */
import { readDatabase } from '../config/config.ts';
import { coerceError, SetupError } from '../core/ports/errors.ts';
import type { Store } from '../core/ports/store.ts';
import type { AuditEntry } from '../core/view/audit/entry.ts';
import { type AuditEntries, findAudit } from '../engine/audit.ts';
import { loadEnvFile } from '../system/env-file.ts';
import { keepNewFilesPrivate } from '../system/private-files.ts';
import { type AuditArgs, readArgs, USAGE, UsageError } from './audit/args.ts';
import { backendTitle, entryJson, entryLines, storyLines } from './audit/print.ts';

const EXIT_FOUND = 0;
const EXIT_NOTHING = 1;
const EXIT_ERROR = 2;

/** Entries that are read at once: `--all` does not wait for the last one. */
const PAGE = 200;

interface AuditStore extends Pick<Store, 'audit' | 'searchAudit' | 'get'> {
  idOf(given: string): Promise<string | null> | string | null;
  close(): Promise<void> | void;
}

const print = (lines: readonly string[]) => lines.length > 0 && process.stdout.write(`${lines.join('\n')}\n`);

async function main(): Promise<number> {
  keepNewFilesPrivate();
  const args = readArgs(process.argv.slice(2), Date.now());
  if (args === null) {
    print([USAGE]);
    return EXIT_FOUND;
  }
  const store = await open(readDatabase(process.env, loadEnvFile(process.env)));
  try {
    const { approval: given } = args.filter;
    const id = given === undefined ? null : await store.idOf(given);
    if (given !== undefined && id === null) {
      process.stderr.write(`There is no approval with the ID ${given}. Find one by a word: countersign audit WORD\n`);
      return EXIT_NOTHING;
    }
    if (args.isStory && id !== null) return await tell(store, id, args.zone);
    return await list(store, { ...args, filter: { ...args.filter, ...(id !== null && { approval: id }) } });
  } finally {
    await store.close();
  }
}

/** Only the library of the database that is configured is loaded. */
async function open({ databaseFile: file, databaseUrl }: ReturnType<typeof readDatabase>): Promise<AuditStore> {
  if (databaseUrl !== null) {
    const { openAuditDatabase } = await import('../store/postgres/lists/audit-database.ts');
    return openAuditDatabase(databaseUrl);
  }
  if (file === ':memory:') throw new SetupError('DATABASE_URL is :memory:, so there is no audit log on disk.');
  const { openAuditFile } = await import('../store/sqlite/lists/audit-file.ts');
  return openAuditFile(file);
}

/** One approval from its first event to its last. */
async function tell(store: AuditStore, id: string, zone: string): Promise<number> {
  print(storyLines(id, await store.get(id), await store.audit(id), zone));
  return EXIT_FOUND;
}

async function list(store: AuditStore, { filter, limit, zone, json }: AuditArgs): Promise<number> {
  const known = new Set<number>();
  let last: AuditEntry | null = null;
  let before: string | undefined;
  do {
    const page: AuditEntries = await findAudit(store, backendTitle, {
      ...filter,
      before,
      limit: Math.min(PAGE, limit - known.size),
    });
    for (const entry of page.entries) {
      // What a running bot archives meanwhile can come twice.
      if (known.has(entry.id)) continue;
      known.add(entry.id);
      print(json ? [JSON.stringify(entryJson(entry))] : entryLines(entry, last, zone));
      last = entry;
    }
    before = page.next ?? undefined;
  } while (before !== undefined && known.size < limit);
  if (before !== undefined)
    process.stderr.write(`These are the latest ${known.size}. There may be more: --limit ${limit * 10}, or --all.\n`);
  else if (known.size === 0) process.stderr.write('Nothing was found. countersign audit --help names the filters.\n');
  return known.size === 0 ? EXIT_NOTHING : EXIT_FOUND;
}

// A reader such as `head` may take only the first lines.
process.stdout.on('error', () => process.exit(EXIT_FOUND));

main().then(
  (code) => {
    process.exitCode = code;
  },
  (thrown: unknown) => {
    const error = coerceError(thrown);
    const isExpected = error instanceof SetupError || error instanceof UsageError;
    process.stderr.write(`${isExpected ? error.message : (error.stack ?? error.message)}\n`);
    process.exitCode = EXIT_ERROR;
  },
);

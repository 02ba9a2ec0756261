/** Moves the database of a stopped bot from its SQLite file into an empty PostgreSQL. Tested in test/store/move/move.test.ts. */
import type { Database } from 'better-sqlite3';
import { KNOWN_SHAPE } from '../../core/approval/parts/shape.ts';
import { SetupError } from '../../core/ports/errors.ts';
import { ONLY_REPLICA } from '../../core/ports/store/fleet.ts';
import type { Written } from '../postgres/lists/writes.ts';
import { migrate } from '../postgres/schema/migrate.ts';
import {
  type MoveMark,
  readCopyMark,
  readMoveMark,
  writeCopyMark,
  writeMoveMark,
} from '../sqlite/file/copy-detection.ts';
import { openDatabase } from '../sqlite/file/open.ts';
import { type Row, read, type Table, tables } from './tables.ts';
import { nameOf, storable, Target } from './target.ts';

/** Rows that are sent, and compared, at once: some hundred kB. */
const ROWS_AT_ONCE = 500;

export interface Moved {
  /** Where it is now, without the password. */
  to: string;
  /** Rows, by table. */
  rows: Readonly<Record<string, number>>;
  /** An earlier try had copied it already. */
  wasThere: boolean;
}

interface MoveOptions {
  /** A SQLite file. No bot runs on it. */
  file: string;
  /** An empty database. */
  to: string;
  now: number;
  id: string;
  onTable?: (table: string, rows: number) => void;
}

/**
 * Copies everything in one transaction, and compares every row before its commit: whatever ends it, the database of PostgreSQL
 * has all of it or nothing. From the first row on, no bot starts on the file: two bots on one outbox would do everything twice.
 * An interrupted move is simply made again.
 * @throws SetupError that says what to do
 */
export async function moveStore(options: MoveOptions): Promise<Moved> {
  const { file, to } = options;
  const { db, close } = openDatabase(file);
  try {
    checkSource(db, file);
    await migrate(to);
    const target = await Target.connect(to);
    try {
      return await moveInto(target, db, options);
    } finally {
      await target.close();
    }
  } finally {
    close();
  }
}

function checkSource(db: Database, file: string): void {
  if (readCopyMark(db) === null) return;
  throw new SetupError(
    `The database ${file} was restored from a backup, and no bot has looked through it yet. Start the bot on it once, stop it, ` +
      'then move it.',
  );
}

async function moveInto(target: Target, db: Database, options: MoveOptions): Promise<Moved> {
  const { file, now } = options;
  const to = nameOf(options.to);
  const before = readMoveMark(db);
  if (before?.state === 'moved') {
    throw new SetupError(`The database ${file} was moved to ${before.to} already, on ${dayOf(before.at)}.`);
  }
  await target.begin();
  await target.lock();
  const isThere = before !== null && (await target.movedFrom()) === before.id;
  const content = await target.content();
  if (!isThere) checkEmpty(content, to);
  const mark: MoveMark = { id: before?.id ?? options.id, state: 'moving', to, at: now };
  writeMoveMark(db, mark);
  let isCommitting = false;
  try {
    const copied = isThere ? null : await copyAll(target, db, mark, options);
    // A bot that works on it has changed it since.
    const rows = copied ?? ((content['replicas'] ?? 0) > 1 ? {} : await compareAll(target, db, options));
    isCommitting = true;
    await target.commit();
    writeMoveMark(db, { ...mark, state: 'moved' });
    return { to, rows, wasThere: isThere };
  } catch (thrown) {
    await target.rollback();
    // Where its commit was under way, PostgreSQL may have it.
    if (!isCommitting) writeMoveMark(db, before);
    throw thrown;
  }
}

function checkEmpty(content: Readonly<Record<string, number>>, to: string): void {
  const found = Object.entries(content);
  if (found.length === 0) return;
  const what = found.map(([table, count]) => `${count} in ${table}`).join(', ');
  throw new SetupError(
    `The database ${to} is not empty (${what}). A file is moved into an empty database only: create another one, and give its URL.`,
  );
}

async function copyAll(target: Target, db: Database, mark: MoveMark, options: MoveOptions): Promise<Moved['rows']> {
  for (const table of tables) for (const rows of pagesOf(db, table)) await target.insert(table, rows);
  for (const written of waiting(db)) await target.insertLists(written, mark.at);
  const last = (name: string) =>
    db.prepare<[string], number>('SELECT seq FROM sqlite_sequence WHERE name = ?').pluck().get(name) ?? 0;
  await target.finish({
    id: mark.id,
    lastJob: last('jobs'),
    lastAudit: last('audit'),
    replica: { id: ONLY_REPLICA, shapes: KNOWN_SHAPE, ...endOf(db) },
  });
  return compareAll(target, db, options);
}

/** Reads the whole file again, and what PostgreSQL has. @throws SetupError that names the first difference */
async function compareAll(target: Target, db: Database, { onTable }: MoveOptions): Promise<Moved['rows']> {
  const found: Record<string, number> = {};
  for (const table of tables) {
    let count = 0;
    for (const rows of pagesOf(db, table)) {
      count += rows.length;
      const [missing] = await target.missing(table, rows);
      if (missing !== undefined) throw differs(`the row ${missing} of ${table.name} is not the same in both databases`);
    }
    await compareCount(target, table.name, count);
    found[table.name] = count;
    onTable?.(table.name, count);
  }
  await compareCount(target, 'pending', db.prepare<[], number>('SELECT count(*) FROM pending').pluck().get() ?? 0);
  return found;
}

async function compareCount(target: Target, table: string, count: number): Promise<void> {
  const there = await target.count(table);
  if (there !== count) throw differs(`${table} has ${count} rows in the file and ${there} in PostgreSQL`);
}

function differs(what: string): SetupError {
  return new SetupError(
    `Nothing was moved: ${what}. Please report this. The file is as it was, and the bot can go on with it.`,
  );
}

function* pagesOf(db: Database, table: Table): Generator<Row[]> {
  let page: Row[] = [];
  for (const found of db.prepare<[], Record<string, never>>(table.read).iterate()) {
    const row = Object.entries(table.rowOf(found)).map(([name, value]) => [name, storable(value)] as const);
    page.push(Object.fromEntries(row));
    if (page.length < ROWS_AT_ONCE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** What waits for people, in parts. */
function* waiting(db: Database): Generator<Written[]> {
  const ids = db.prepare<[], string>('SELECT id FROM pending').pluck().all();
  const load = db.prepare<[string], string>('SELECT state FROM approvals WHERE id = ?').pluck();
  for (let at = 0; at < ids.length; at += ROWS_AT_ONCE) {
    yield ids.slice(at, at + ROWS_AT_ONCE).flatMap((id) => {
      const text = load.get(id);
      return text === undefined ? [] : [{ state: read(id, text), base: null }];
    });
  }
}

/** How the process on the file ended: what it had under way is taken over as from a replica. */
function endOf(db: Database): { beatAt: number; state: string } {
  const ended = db.prepare<[], string>("SELECT word FROM notes WHERE name = 'process'").pluck().get();
  const beatAt = db.prepare<[], number>('SELECT ifnull(max(at), 0) FROM notes').pluck().get() ?? 0;
  return { beatAt, state: ended === 'stopped' ? 'stopped' : 'working' };
}

/**
 * Lets bots start on the file again. PostgreSQL may have it, too, and a bot may have worked on it there: the file counts as a
 * copy, and the next start sends nothing blindly.
 * @returns what the file said; null: it was not moved
 */
export function cancelMove(file: string): MoveMark | null {
  const { db, close } = openDatabase(file);
  try {
    const mark = readMoveMark(db);
    if (mark === null) return null;
    db.transaction(() => {
      if (readCopyMark(db) === null) writeCopyMark(db, { madeAt: mark.at });
      writeMoveMark(db, null);
    }).immediate();
    return mark;
  } finally {
    close();
  }
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/**
 * Databases with many approvals, in seconds: the product itself makes one, and its rows are copied with other ids. What was
 * derived from an id (a fingerprint, the hash of what a message shows) is derived again, so that a copy can't be told from
 * an approval that was asked for.
 */
import { copyFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { systemClock } from '../../../src/system/clock.ts';

/** Slack's time of the first of the messages that a seeded database knows, ms. */
export const SEEDED_AT = Date.UTC(2026, 0, 1);
/** Between two of them, as the emulator counts, µs. */
const TS_STEP = 100;

/** The `ts` of a seeded message: the emulator gives the same to the messages that it is told to have. */
export function seededTs(index: number): string {
  const micros = SEEDED_AT * 1000 + index * TS_STEP;
  return `${Math.floor(micros / 1_000_000)}.${String(micros % 1_000_000).padStart(6, '0')}`;
}

/** A text or a number of the one approval, and what each copy has in its place. */
export interface Token {
  was: string | number;
  /** @param index of the copy, from 0 */
  becomes: (index: number) => string;
}

export interface Template {
  file: string;
  tokens: readonly Token[];
  /** Every text that the product hashed while it made the approval, with its hash, in order. */
  hashed: readonly (readonly [text: string, hash: string])[];
}

/** Writes a database with so many copies; the one that was copied is not among them. */
export function seed(template: Template, file: string, count: number): void {
  copyFileSync(template.file, file);
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = OFF');
  const names = namesIn(template);
  const tables = tablesOf(db, names);
  db.transaction(() => {
    for (let index = 0; index < count; index += 1) {
      const now = names.of(index);
      for (const { insert, rows } of tables) for (const row of rows) insert.run(row.map((value) => value(now)));
    }
    // Last, since what nothing refers to may go with it.
    for (const { removal, ids } of tables) for (const id of ids) removal?.run(id);
    // Without its token it is no copy of another database.
    db.prepare("DELETE FROM meta WHERE key = 'home'").run();
  })();
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
}

/** For a text that was sent for the one approval: what is sent for each copy. */
export function renamer(template: Omit<Template, 'file'>, text: string): (index: number) => string {
  const names = namesIn(template);
  const rename = renamed(text, names.words);
  return (index) => rename(names.of(index));
}

/** A text or a number with the names of one copy in it. */
type Renamed<T> = (names: readonly string[]) => T;

/** The tokens, and the hashes of texts that contain one of them: each has its place in the names of a copy. */
function namesIn({ tokens, hashed }: Omit<Template, 'file'>) {
  const words = tokens.map(({ was }) => String(was));
  const derived: Renamed<string>[] = [];
  for (const [text, hash] of hashed) {
    if (words.includes(hash) || !words.some((word) => text.includes(word))) continue;
    derived.push(renamed(text, words));
    words.push(hash);
  }
  return {
    words,
    of(index: number): string[] {
      const names = tokens.map(({ becomes }) => becomes(index));
      for (const text of derived) names.push(systemClock.hash(text(names)));
      return names;
    },
  };
}

function renamed(text: string, words: readonly string[]): Renamed<string> {
  const pattern = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`);
  // Every other part is a word.
  const parts = text.split(pattern).map((part, at) => (at % 2 === 0 ? part : words.indexOf(part)));
  if (parts.length === 1) return () => text;
  return (names) => parts.map((part) => (typeof part === 'string' ? part : names[part])).join('');
}

type Value = string | number | Buffer | null;

function renamedValue(value: Value, words: readonly string[]): Renamed<Value> {
  if (typeof value === 'string') return renamed(value, words);
  if (typeof value !== 'number' || !words.includes(String(value))) return () => value;
  const number = renamed(String(value), words);
  return (names) => Number(number(names));
}

/** The rows of every table that mention one of the words. */
function tablesOf(db: Database.Database, { words }: { words: readonly string[] }) {
  const tables = db
    .prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all();
  return tables.flatMap((table) => {
    const columns = db.pragma(`table_info(${table})`) as { name: string; type: string; pk: number }[];
    const counted = columns.find(({ type, pk }) => pk === 1 && type === 'INTEGER')?.name;
    const mine = db
      .prepare<[], Record<string, Value>>(`SELECT * FROM ${table}`)
      .all()
      .filter((row) => {
        // A row with a key of its own is one of the whole bot, whatever it mentions.
        const named =
          counted === undefined ? columns.filter(({ pk }) => pk > 0).map(({ name }) => row[name]) : Object.values(row);
        return named.some((value) => typeof value === 'string' && words.some((word) => value.includes(word)));
      });
    if (mine.length === 0) return [];
    const kept = columns.map(({ name }) => name).filter((name) => name !== counted);
    const insert = db.prepare(`INSERT INTO ${table} (${kept.join()}) VALUES (${kept.map(() => '?').join()})`);
    const rows = mine.map((row) => kept.map((name) => renamedValue(row[name] ?? null, words)));
    // The audit log does not let a row go.
    const key = table === 'audit' ? undefined : (counted ?? columns.find(({ pk }) => pk === 1)?.name);
    const removal = key === undefined ? null : db.prepare(`DELETE FROM ${table} WHERE ${key} = ?`);
    return [{ insert, rows, removal, ids: mine.map((row) => row[key ?? ''] ?? null) }];
  });
}

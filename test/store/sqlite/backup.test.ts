/** Backups, how a copy is detected, and a write-ahead log that belongs to another database. */
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import Database from 'better-sqlite3';
import { step } from '../../../src/core/approval/steps/step.ts';
import type { Store } from '../../../src/core/ports/ports.ts';
import { backUp } from '../../../src/store/sqlite/file/backup.ts';
import { detectCopy, readCopyMark } from '../../../src/store/sqlite/file/copy-detection.ts';
import { openDatabase } from '../../../src/store/sqlite/file/open.ts';
import { createSqliteStore } from '../../../src/store/sqlite/index.ts';
import { createTestClock } from '../../support/clock.ts';
import { announced, pressed } from '../../support/data/pauses.ts';
import { spoilPage } from '../../support/disk/disk.ts';
import { captureLog } from '../../support/log.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-backup-'));
let files = 0;
const newFile = () => join(folder, `${++files}`, 'test.db');
after(() => rmSync(folder, { recursive: true }));

const MADE_AT = Date.UTC(2026, 8, 1, 10, 40);
const clock = createTestClock();
const { log } = captureLog();
const open = (file: string) =>
  createSqliteStore({
    file,
    clock,
    log,
    onFatal: (error) => {
      throw error;
    },
  });
const put = (store: Store, input: ReturnType<typeof announced>, id = 'ap1') =>
  store.transact({
    approvalId: id,
    inputId: null,
    audit: { input: input.type, actor: null, facts: {} },
    fn: (state) => step(state, input, clock.now()),
  });

/** A closed database with one approval. */
async function closedFile(): Promise<string> {
  const file = newFile();
  const store = open(file);
  await put(store, announced());
  await store.close();
  return file;
}

async function markOf(file: string) {
  const store = open(file);
  try {
    return { mark: await store.copyMark(), phase: (await store.get('ap1'))?.phase };
  } finally {
    await store.close();
  }
}

describe('a backup', () => {
  test('of a running store contains what was acknowledged before, and nothing later', async () => {
    const file = newFile();
    const store = open(file);
    await put(store, announced());
    const to = join(folder, 'out', 'one.db');
    const report = backUp(file, to, MADE_AT);
    await put(store, pressed());
    assert.deepEqual({ ...report, bytes: report.bytes > 0 }, { file: to, bytes: true, approvals: 1, unfinished: 1 });
    assert.deepEqual(await markOf(to), { mark: { madeAt: MADE_AT }, phase: 'open' });
    assert.equal((await store.get('ap1'))?.phase, 'decided', 'the store continues');
    assert.equal(await store.copyMark(), null);
    await store.close();
    assert.equal(statSync(to).mode & 0o077, 0, 'only its owner can read it');
  });

  test('is one file, and leaves no other', async () => {
    const to = join(folder, 'alone', 'one.db');
    backUp(await closedFile(), to, MADE_AT);
    assert.deepEqual(readdirSync(dirname(to)), ['one.db']);
  });

  test('never overwrites, and leaves no file when it fails', async () => {
    const to = join(folder, 'taken', 'mine.db');
    mkdirSync(dirname(to));
    writeFileSync(to, 'mine');
    const file = await closedFile();
    assert.throws(() => backUp(file, to, MADE_AT), /mine\.db already exists, and a backup never overwrites/);
    assert.throws(() => backUp(join(folder, 'none.db'), `${to}2`, MADE_AT), /There is no database at .*none\.db/);
    const foreign = join(folder, 'foreign.db');
    new Database(foreign).exec('CREATE TABLE bookmarks (x)').close();
    assert.throws(
      () => backUp(foreign, `${to}2`, MADE_AT),
      /belongs to another program \(it has a table “bookmarks”\)/,
    );
    assert.deepEqual(readdirSync(dirname(to)), ['mine.db']);
    assert.throws(
      () => backUp(file, join(to, 'under-a-file.db'), MADE_AT),
      /The backup .*under-a-file\.db can't be written: E/,
    );
  });

  test('of a damaged database is not written', async () => {
    const file = await closedFile();
    const handle = new Database(file);
    handle.pragma('journal_mode = DELETE');
    const page = Number(
      handle.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'audit_by_approval'").pluck().get(),
    );
    handle.close();
    spoilPage(file, page);
    const to = join(folder, 'spoilt.db');
    assert.throws(() => backUp(file, to, MADE_AT), /damaged/);
    assert.equal(existsSync(to), false);
  });
});

describe('a copy', () => {
  const isCopy = { mark: { madeAt: null }, phase: 'open' } as const;
  const isOriginal = { mark: null, phase: 'open' } as const;

  test('stays marked until the mark is cleared, over restarts', async () => {
    const to = join(folder, 'known.db');
    backUp(await closedFile(), to, MADE_AT);
    assert.deepEqual((await markOf(to)).mark, { madeAt: MADE_AT });
    const store = open(to);
    await store.clearCopyMark();
    await store.close();
    assert.deepEqual(await markOf(to), isOriginal);
  });

  test('is a copied file, a copied folder, and an older file written over the present one', async () => {
    const file = await closedFile();
    const alone = join(folder, 'alone.db');
    cpSync(file, alone);
    assert.deepEqual(await markOf(alone), isCopy);
    const whole = join(folder, 'whole');
    cpSync(dirname(file), whole, { recursive: true });
    assert.deepEqual(await markOf(join(whole, 'test.db')), isCopy);

    assert.deepEqual(await markOf(file), isOriginal, 'the original is no copy');
    const older = join(folder, 'older.db');
    cpSync(file, older);
    await markOf(file);
    // Written into the same file, so its inode stays the same.
    cpSync(older, file);
    assert.deepEqual(await markOf(file), isCopy);
  });

  test('is not a file that was renamed together with its lock', async () => {
    const file = await closedFile();
    for (let times = 0; times < 3; times += 1) assert.deepEqual(await markOf(file), isOriginal);
    const moved = join(folder, 'moved.db');
    renameSync(file, moved);
    renameSync(`${file}.lock`, `${moved}.lock`);
    assert.deepEqual(await markOf(moved), isOriginal);
  });

  test('is not a file whose start was interrupted at any step', async () => {
    const file = await closedFile();
    const { db, close } = openDatabase(file);
    let note = '';
    const lockThat = (writeNote: (text: string) => void) => ({ note, writeNote, release: () => {} });
    const keep = (text: string) => {
      note = text;
    };
    detectCopy(db, file, lockThat(keep), true);
    for (const last of [1, 2]) {
      let steps = 0;
      const stopped = lockThat((text) => {
        steps += 1;
        if (steps === last) throw new Error('stopped');
        keep(text);
      });
      assert.throws(() => detectCopy(db, file, stopped, false), /stopped/);
      detectCopy(db, file, lockThat(keep), false);
      assert.equal(readCopyMark(db), null, `after step ${last}`);
    }
    close();
  });

  test('beside the write-ahead log of another database is refused', async () => {
    const file = newFile();
    const store = open(file);
    await put(store, announced());
    const copy = join(folder, 'beside.db');
    backUp(file, copy, MADE_AT);
    cpSync(`${file}-wal`, `${copy}-wal`);
    assert.throws(() => open(copy), /is the write-ahead log of another database.*move .*beside\.db-wal/);
    rmSync(`${copy}-wal`);
    assert.equal((await markOf(copy)).phase, 'open');
    await store.close();
  });
});

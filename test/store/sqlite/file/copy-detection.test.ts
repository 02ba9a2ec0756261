/** How a copied database is detected, and what is not a copy. */
import assert from 'node:assert/strict';
import { cpSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { backUp } from '../../../../src/store/sqlite/file/backup.ts';
import { detectCopy, readCopyMark } from '../../../../src/store/sqlite/file/copy-detection.ts';
import { openDatabase } from '../../../../src/store/sqlite/file/open.ts';
import { announced } from '../../../support/data/pauses.ts';
import { databaseFiles, markOf, openStore, put } from './support.ts';

const { folder, newFile, closedFile } = databaseFiles();
const MADE_AT = Date.UTC(2026, 8, 1, 10, 40);

describe('a copy', () => {
  const isCopy = { mark: { madeAt: null }, phase: 'open' } as const;
  const isOriginal = { mark: null, phase: 'open' } as const;

  test('stays marked until the mark is cleared, over restarts', async () => {
    const to = join(folder, 'known.db');
    backUp(await closedFile(), to, MADE_AT);
    assert.deepEqual((await markOf(to)).mark, { madeAt: MADE_AT });
    const store = openStore(to);
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
    const store = openStore(file);
    await put(store, announced());
    const copy = join(folder, 'beside.db');
    backUp(file, copy, MADE_AT);
    cpSync(`${file}-wal`, `${copy}-wal`);
    assert.throws(() => openStore(copy), /is the write-ahead log of another database.*move .*beside\.db-wal/);
    rmSync(`${copy}-wal`);
    assert.equal((await markOf(copy)).phase, 'open');
    await store.close();
  });
});

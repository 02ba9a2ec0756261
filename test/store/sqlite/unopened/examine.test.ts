/** A database is looked at without a lock and without a file beside it, and not at all while a process has it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { describe, test } from 'node:test';
import Database from 'better-sqlite3';
import { SetupError } from '../../../../src/core/ports/errors.ts';
import { type MoveMark, writeMoveMark } from '../../../../src/store/sqlite/file/copy-detection.ts';
import { lockDatabase } from '../../../../src/store/sqlite/file/lock.ts';
import { migrations } from '../../../../src/store/sqlite/file/migrations.ts';
import { openDatabase } from '../../../../src/store/sqlite/file/open.ts';
import { DatabaseInUse, examineDatabase } from '../../../../src/store/sqlite/unopened/examine.ts';
import { databaseFiles } from '../file/support.ts';

const { newFile, closedFile } = databaseFiles();

function writeMark(file: string, mark: MoveMark | null): void {
  const db = new Database(file);
  writeMoveMark(db, mark);
  db.close();
}

describe('a database', () => {
  test('that is closed is read as it is, and nothing is left beside it', async () => {
    const file = await closedFile();
    const [names, bytes] = [readdirSync(dirname(file)), readFileSync(file)];
    assert.deepEqual(examineDatabase(file), []);
    assert.deepEqual(readdirSync(dirname(file)), names);
    assert.deepEqual(readFileSync(file), bytes);
  });

  test('that a process has is not opened', async () => {
    const file = await closedFile();
    const lock = lockDatabase(file);
    try {
      assert.throws(
        () => examineDatabase(file),
        (error) => error instanceof DatabaseInUse && error.message.includes(basename(file)),
      );
    } finally {
      lock.release();
    }
    assert.ok(examineDatabase(file));
  });

  test('that was moved to PostgreSQL is refused as by a start, until the move is cancelled', async () => {
    const file = await closedFile();
    const mark = { id: 'm', state: 'moved', to: 'db.example.com/countersign', at: 0 } as const;
    for (const [set, said] of [
      [mark, /was moved to PostgreSQL \(db\.example\.com\/countersign\)\. Set DATABASE_URL .*--cancel/],
      [{ ...mark, state: 'moving' }, /has not come to its end.*--cancel/],
    ] as const) {
      writeMark(file, set);
      assert.throws(
        () => examineDatabase(file),
        (error) => error instanceof SetupError && said.test(error.message),
      );
    }
    writeMark(file, null);
    assert.deepEqual(examineDatabase(file), []);
  });

  test('of an older version has no jobs that are known', () => {
    const file = newFile();
    openDatabase(file, migrations.slice(0, -1)).close();
    assert.equal(examineDatabase(file), null);
  });

  test('that is not there yet is none, and one that is damaged is refused as by a start', async () => {
    assert.equal(examineDatabase(newFile()), null);
    const file = await closedFile();
    writeFileSync(file, 'not a database, but long enough to be taken for one'.repeat(100));
    assert.throws(() => examineDatabase(file), SetupError);
  });
});

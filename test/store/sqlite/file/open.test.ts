/** How a database file is opened, locked and migrated, and which files are refused. */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { SetupError } from '../../../../src/core/ports/errors.ts';
import { migrations } from '../../../../src/store/sqlite/file/migrations.ts';
import { openDatabase } from '../../../../src/store/sqlite/file/open.ts';
import { databaseFiles } from './support.ts';

const { folder, newFile } = databaseFiles();

describe('the file', () => {
  test('is opened with durable settings', () => {
    const { db, close } = openDatabase(newFile());
    assert.equal(db.pragma('journal_mode', { simple: true }), 'wal');
    assert.equal(db.pragma('synchronous', { simple: true }), 2);
    assert.equal(db.pragma('foreign_keys', { simple: true }), 1);
    close();
  });

  test('belongs to one process', () => {
    const file = newFile();
    const { close } = openDatabase(file);
    assert.throws(() => openDatabase(file), /Another Countersign already uses the database/);
    close();
    openDatabase(file).close();
  });

  test('of a newer version is refused', () => {
    const file = newFile();
    openDatabase(file, [...migrations, 'CREATE TABLE later (x) STRICT'.replace('(x)', '(x TEXT)')]).close();
    assert.throws(() => openDatabase(file), /written by a newer Countersign \(schema \d+, this version knows \d+\)/);
  });

  test('that is not a database is refused with a reason', () => {
    const file = join(folder, 'no.db');
    writeFileSync(file, 'not a database, but long enough to be taken for one'.repeat(100));
    assert.throws(
      () => openDatabase(file),
      (error) => error instanceof SetupError && /is not a valid SQLite database/.test(error.message),
    );
  });

  test('that can’t be opened is named in a SetupError', () => {
    const file = join(folder, 'blocked.db');
    mkdirSync(`${file}.lock`);
    assert.throws(
      () => openDatabase(file),
      (error) => error instanceof SetupError && !/Another/.test(error.message),
    );
    writeFileSync(join(folder, 'plain'), '');
    assert.throws(() => openDatabase(join(folder, 'plain', 'x.db')), SetupError);
  });

  test('is the same database under a symbolic link', () => {
    const file = newFile();
    const { close } = openDatabase(file);
    const link = join(folder, 'link.db');
    symlinkSync(file, link);
    assert.throws(() => openDatabase(link), /Another Countersign/);
    close();
  });

  test('keeps its old schema when a migration fails half way', () => {
    const file = newFile();
    openDatabase(file).close();
    assert.throws(() => openDatabase(file, [...migrations, 'CREATE TABLE half (x TEXT); SELECT * FROM nowhere']));
    const { db, close } = openDatabase(file);
    assert.equal(db.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'half'").pluck().get(), 0);
    close();
  });

  test('has an append-only audit log', () => {
    const { db, close } = openDatabase(newFile());
    db.exec(
      "INSERT INTO audit (at, approval_id, input, facts, phase_from, phase_to) VALUES (1, 'a', 'i', '{}', 'x', 'y')",
    );
    assert.throws(() => db.exec('UPDATE audit SET input = 1'), /append-only/);
    assert.throws(() => db.exec('DELETE FROM audit'), /append-only/);
    close();
  });
});

import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { keepToOwner } from '../../../../src/store/sqlite/file/private-files.ts';
import { databaseFiles } from './support.ts';

const { folder: root, newFile } = databaseFiles();

/** A database that other users can read, with other files beside it. */
function openFile(...others: string[]): string {
  const file = newFile();
  mkdirSync(dirname(file));
  chmodSync(dirname(file), 0o755);
  for (const name of ['', '-wal', '-shm', '.lock', '.lock-journal'].map((ending) => `${basename(file)}${ending}`))
    write(name);
  for (const name of others) write(name);
  return file;

  function write(name: string) {
    const path = join(dirname(file), name);
    if (!existsSync(dirname(path))) mkdirSync(dirname(path), { mode: 0o755 });
    writeFileSync(path, '');
    chmodSync(path, 0o664);
  }
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('the files of a database', () => {
  test('that others can open are closed to them, with their folder, and each is reported', () => {
    const file = openFile('backups/countersign-2026-01-01.db');
    const folder = dirname(file);
    const backup = join(folder, 'backups/countersign-2026-01-01.db');
    const found = keepToOwner(file);
    const files = [file, `${file}-wal`, `${file}-shm`, `${file}.lock`, `${file}.lock-journal`, backup];
    const folders = [folder, dirname(backup)];
    assert.deepEqual(found.map(({ path }) => path).sort(), [...files, ...folders].sort());
    assert.ok(found.every(({ tightened }) => tightened));
    assert.deepEqual(new Set(found.map(({ mode }) => mode)), new Set(['0755', '0664']));
    for (const path of files) assert.equal(modeOf(path), '600', path);
    for (const path of folders) assert.equal(modeOf(path), '700', path);
    assert.deepEqual(keepToOwner(file), [], 'there is nothing left to do');
  });

  test('leave a folder with anything else in it as it is, and say what to do', () => {
    const file = openFile('notes.txt', 'backups/other.db');
    const folder = dirname(file);
    const [first, ...others] = keepToOwner(file);
    assert.deepEqual([first?.path, first?.tightened], [folder, false]);
    assert.match(first?.remedy ?? '', /a folder of its own \(DATABASE_URL\)/);
    assert.ok(others.every(({ tightened }) => tightened));
    assert.equal(modeOf(folder), '755');
    assert.equal(modeOf(join(folder, 'notes.txt')), '664');
    assert.equal(modeOf(join(folder, 'backups')), '755');
    assert.equal(modeOf(file), '600');
  });

  test('are found behind a symbolic link', () => {
    const file = openFile();
    const link = join(root, 'link.db');
    symlinkSync(file, link);
    keepToOwner(link);
    assert.equal(modeOf(`${file}.lock`), '600');
  });

  test('of another user are named with the command, and left', {
    skip: process.getuid?.() !== 0 && 'needs root',
  }, async () => {
    const file = openFile();
    const { chownSync } = await import('node:fs');
    chownSync(file, 12_345, 12_345);
    const found = keepToOwner(file).find(({ path }) => path === file);
    assert.equal(found?.tightened, false);
    assert.match(found?.remedy ?? '', /belongs to another user\. As that user run: chmod 600 \S+test\.db$/);
    assert.equal(modeOf(file), '664');
  });

  test('that do not exist yet are not reported', () =>
    assert.deepEqual(keepToOwner(join(root, 'not', 'there.db')), []));
});

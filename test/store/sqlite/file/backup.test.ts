/** Backups: what they contain, and when none is written. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import Database from 'better-sqlite3';
import { backUp } from '../../../../src/store/sqlite/file/backup.ts';
import { announced, pressed } from '../../../support/data/pauses.ts';
import { corruptPage } from '../../../support/disk/disk.ts';
import { databaseFiles, markOf, openStore, put } from './support.ts';

const { folder, newFile, closedFile } = databaseFiles();
const MADE_AT = Date.UTC(2026, 8, 1, 10, 40);

describe('a backup', () => {
  test('of a running store contains what was acknowledged before, and nothing later', async () => {
    const file = newFile();
    const store = openStore(file);
    await put(store, announced());
    const to = join(folder, 'out', 'one.db');
    const report = backUp(file, to, MADE_AT);
    assert.equal(statSync(to).mode & 0o077, 0, 'only its owner can read it');
    await put(store, pressed());
    assert.deepEqual({ ...report, bytes: report.bytes > 0 }, { file: to, bytes: true, approvals: 1, unfinished: 1 });
    assert.deepEqual(await markOf(to), { mark: { madeAt: MADE_AT }, phase: 'open' });
    assert.equal((await store.get('ap1'))?.phase, 'decided', 'the store continues');
    assert.equal(await store.copyMark(), null);
    await store.close();
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
    corruptPage(file, page);
    const to = join(folder, 'spoilt.db');
    assert.throws(() => backUp(file, to, MADE_AT), /damaged/);
    assert.equal(existsSync(to), false);
  });
});

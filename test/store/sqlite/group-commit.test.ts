/** Several calls in one transaction, and what a caller learns when it fails. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { DiskError } from '../../../src/core/ports/errors.ts';
import { openDatabase } from '../../../src/store/sqlite/file/open.ts';
import { GroupCommit } from '../../../src/store/sqlite/group-commit.ts';
import { createTestClock } from '../../support/clock.ts';
import { captureLog } from '../../support/log.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-commit-'));
let files = 0;
const newFile = () => join(folder, `${++files}`, 'test.db');
after(() => rmSync(folder, { recursive: true }));

const fail = (error: Error): never => {
  throw error;
};
const { log } = captureLog();
const commitsOf = (db: Database.Database, onFatal: (error: Error) => void = fail) =>
  new GroupCommit({ db, clock: createTestClock(), log, onFatal });

test('one transaction holds all calls of one turn', async () => {
  const db = new Database(':memory:');
  let begun = 0;
  db.exec('CREATE TABLE t (x)');
  const exec = db.exec.bind(db);
  db.exec = (sql: string) => {
    if (sql.startsWith('BEGIN')) begun += 1;
    return exec(sql);
  };
  const commits = commitsOf(db);
  await Promise.all([1, 2, 3].map((x) => commits.run(() => db.prepare('INSERT INTO t VALUES (?)').run(x))));
  assert.equal(begun, 1);
  assert.equal(db.prepare('SELECT count(*) FROM t').pluck().get(), 3);
  db.close();
});

test('a full disk rejects the calls that it affects, and the process continues', async () => {
  const { db, close } = openDatabase(newFile());
  db.exec('CREATE TABLE t (x)');
  db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true })) + 2}`);
  const fatals: Error[] = [];
  const commits = commitsOf(db, (error) => fatals.push(error));
  const insert = (bytes: number) => commits.run(() => db.prepare('INSERT INTO t VALUES (zeroblob(?))').run(bytes));
  const results = await Promise.allSettled([insert(10), insert(100_000)]);
  assert.ok(results.some(({ status }) => status === 'rejected'));
  const kept = results.filter(({ status }) => status === 'fulfilled').length;
  assert.equal(db.prepare('SELECT count(*) FROM t').pluck().get(), kept, 'exactly what was acknowledged is there');
  db.pragma('max_page_count = 100000');
  await insert(100_000);
  assert.deepEqual(fatals, []);
  close();
});

test('after an I/O error from a commit, no call is answered, and the process must end', async () => {
  const { db, close } = openDatabase(newFile());
  const exec = db.exec.bind(db);
  db.exec = (sql) => {
    if (sql === 'COMMIT') throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
    return exec(sql);
  };
  const fatals: Error[] = [];
  const commits = commitsOf(db, (error) => fatals.push(error));
  let answered = 0;
  const count = () => {
    answered += 1;
  };
  void commits.run(() => db.prepare('SELECT 1').get()).then(count, count);
  await nextTurn();
  void commits.run(() => db.prepare('SELECT 1').get()).then(count, count);
  await nextTurn();
  await commits.drained();
  assert.ok(fatals[0] instanceof DiskError);
  assert.deepEqual([fatals.length, answered], [1, 0]);
  close();
});

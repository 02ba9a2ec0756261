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
  const ran: unknown[] = [];
  const db = new Database(':memory:', { verbose: (sql) => ran.push(sql) });
  db.exec('CREATE TABLE t (x)');
  const insert = db.prepare('INSERT INTO t VALUES (?)');
  const commits = commitsOf(db);
  ran.length = 0;
  await Promise.all([1, 2, 3].map((x) => commits.run(() => insert.run(x))));
  const inserts = [1, 2, 3].map((x) => `INSERT INTO t VALUES (${x}.0)`);
  assert.deepEqual(ran, ['BEGIN IMMEDIATE', ...inserts, 'COMMIT'], 'without savepoints');
  assert.equal(db.prepare('SELECT count(*) FROM t').pluck().get(), 3);
  db.close();
});

test('a call that throws undoes what it wrote, and nothing of the others', async () => {
  const db = new Database(':memory:');
  db.exec('CREATE TABLE t (x UNIQUE)');
  const insert = db.prepare('INSERT INTO t VALUES (?)');
  const commits = commitsOf(db);
  const insertAll = (...values: number[]) => commits.run(() => values.map((x) => insert.run(x).changes).length);
  const results = await Promise.allSettled([insertAll(1), insertAll(2, 3, 1), insertAll(2), insertAll(3, 4, 4)]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'rejected'],
  );
  assert.deepEqual(db.prepare('SELECT x FROM t ORDER BY x').pluck().all(), [1, 2]);
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
  const prepare = db.prepare.bind(db);
  db.prepare = (sql: string) => {
    const statement = prepare(sql);
    if (sql === 'COMMIT') {
      statement.run = () => {
        throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
      };
    }
    return statement as never;
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

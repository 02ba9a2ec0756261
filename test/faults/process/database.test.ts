/** Rows 14 and 16: a database in use by another process, unusable files, and upgrades that were killed. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { step } from '../../../src/core/approval/steps/step.ts';
import { StoreError } from '../../../src/core/ports/errors.ts';
import { migrations } from '../../../src/store/sqlite/file/migrations.ts';
import { openDatabase } from '../../../src/store/sqlite/file/open.ts';
import { createSqliteStore } from '../../../src/store/sqlite/index.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { startChild } from '../../support/child.ts';
import { announced } from '../../support/data/pauses.ts';
import { corruptPage, onBadDisk, skipDisk } from '../../support/disk/disk.ts';
import { captureLog } from '../../support/log.ts';
import { runs } from '../../support/property.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-database-'));
let files = 0;
const newFile = () => {
  const inside = join(folder, `${++files}`);
  mkdirSync(inside, { mode: 0o700 });
  return join(inside, 'test.db');
};
after(() => rmSync(folder, { recursive: true }));
const worker = 'test/support/disk/store-child.ts';

function openStore(file: string, log = captureLog().log) {
  return createSqliteStore({
    file,
    clock: systemClock,
    log,
    onFatal: (error) => {
      throw error;
    },
  });
}
const put = (store: ReturnType<typeof openStore>, id: string) =>
  store.transact({
    approvalId: id,
    inputId: null,
    audit: { input: 'announced', actor: null, facts: {} },
    fn: (state) => step(state, announced({ id }), systemClock.now()),
  });

describe('row 14: two processes on one database', () => {
  test('the second process refuses to start, and says why; the first continues', async () => {
    const file = newFile();
    const store = openStore(file);
    for (let times = 0; times < runs(1); times += 1) {
      const second = startChild(worker, { env: {}, args: [file, '4'] });
      assert.equal(await second.ended, 1);
      assert.match(
        second.lines.at(-1) ?? '',
        /setup Another Countersign already uses the database .*Stop it first, or give/,
      );
      await put(store, `ap${times}`);
    }
    await store.close();
  });

  test('a killed process leaves no lock behind', async () => {
    const file = newFile();
    const first = startChild(worker, { env: {}, args: [file, '100000'] });
    await first.until(/^kept /);
    first.kill('SIGKILL');
    assert.equal(await first.ended, 'SIGKILL');
    const store = openStore(file);
    assert.equal(await store.copyMark(), null, 'and the database is still in its place');
    await store.close();
  });
});

describe('row 14: a lock held by another program', () => {
  test('is waited for without blocking the event loop, then refused with a message; afterwards writing works again', async () => {
    const file = newFile();
    const { log, lines } = captureLog();
    const store = openStore(file, log);
    const shell = new Database(file);
    shell.exec('BEGIN IMMEDIATE');
    const short = put(store, 'ap1');
    // Five turns of the event loop, long before the store stops waiting for the lock.
    const beganAt = performance.now();
    for (let turns = 0; turns < 5; turns += 1) await wait(20);
    assert.ok(performance.now() - beganAt < 1_500, 'the event loop is free meanwhile');
    shell.exec('ROLLBACK');
    assert.equal((await short).duplicate, false, 'a short lock only delays the write');
    assert.deepEqual(lines(), []);

    shell.exec('BEGIN IMMEDIATE');
    const startedAt = performance.now();
    await assert.rejects(
      Promise.all([put(store, 'ap2'), put(store, 'ap3')]),
      (error) =>
        error instanceof StoreError &&
        /Another program holds a lock on the database, so nothing was recorded/.test(error.message),
    );
    const waited = performance.now() - startedAt;
    assert.ok(waited > 1_900 && waited < 3_000, `refused after ${Math.round(waited)} ms`);
    assert.equal((await store.get('ap1'))?.phase, 'open', 'reading still works');
    shell.exec('ROLLBACK');
    shell.close();
    await put(store, 'ap4');
    assert.deepEqual([await store.get('ap2'), await store.get('ap3')], [null, null]);
    assert.deepEqual(
      lines().map(({ msg }) => msg),
      ['Another program holds a lock on the database, so nothing was recorded.', 'the database can be written again'],
    );
    await store.close();
  });

  test('at the start is waited for, then named in the error', async () => {
    const file = newFile();
    openDatabase(file).close();
    const shell = new Database(file);
    shell.pragma('journal_mode = DELETE');
    shell.exec('BEGIN EXCLUSIVE');
    // In a child process, because a start blocks while it waits.
    const child = startChild(worker, { env: {}, args: [file, '4'] });
    assert.equal(await child.ended, 1);
    assert.match(
      child.lines.at(-1) ?? '',
      /setup Another program holds a lock on the database .*Close it, then start again/,
    );
    shell.exec('ROLLBACK');
    shell.close();
  });
});

describe('an unusable file is named, with what to do', () => {
  const cases: [string, (file: string) => void, RegExp][] = [
    [
      'text',
      (file) => writeFileSync(file, 'no database '.repeat(1_000)),
      /is not a valid SQLite database\. Set DATABASE_URL to another file/,
    ],
    [
      'another program’s database',
      (file) => new Database(file).exec('CREATE TABLE bookmarks (x)').close(),
      /belongs to another program \(it has a table “bookmarks”\)/,
    ],
    ['a folder', (file) => mkdirSync(file), /can't be (?:opened|written)/],
    [
      'a newer schema',
      (file) => openDatabase(file, [...migrations, 'CREATE TABLE later (x TEXT) STRICT']).close(),
      /written by a newer Countersign \(schema \d+, this version knows \d+\)\. Run the newer version, or restore a backup/,
    ],
  ];
  for (const [name, make, text] of cases) {
    test(name, () => {
      const file = newFile();
      make(file);
      assert.throws(
        () => openDatabase(file),
        (error: Error) => error.name === 'SetupError' && text.test(error.message),
      );
    });
  }

  test('a missing folder is created', () => {
    openDatabase(join(folder, 'not', 'there', 'yet', 'test.db')).close();
  });

  for (const [what, page] of [
    ['the approvals', "name = 'approvals'"],
    ['an index of theirs', "name = 'approvals_by_group'"],
    ['the outbox', "name = 'jobs'"],
    ['the schema', "name = 'no such table'"],
  ] as const) {
    test(`broken pages: ${what}`, async () => {
      const file = newFile();
      const store = openStore(file);
      for (let index = 0; index < 30; index += 1) await put(store, `ap${index}`);
      await store.close();
      const db = new Database(file);
      const root = Number(db.prepare(`SELECT rootpage FROM sqlite_schema WHERE ${page}`).pluck().get() ?? 1);
      db.close();
      corruptPage(file, root);
      assert.throws(
        () => openDatabase(file),
        (error: Error) =>
          error.name === 'SetupError' &&
          /is damaged|is not a valid SQLite database/.test(error.message) &&
          /docs\/backup\.md/.test(error.message),
      );
    });
  }

  test('damage that is found at run time ends the process, and no write is confirmed', {
    skip: skipDisk,
  }, async () => {
    const file = newFile();
    const store = openStore(file);
    for (let index = 0; index < 30; index += 1) await put(store, `ap${index}`);
    await store.close();
    // A start does not read the audit log; only a backup reads all of it.
    const db = new Database(file);
    const root = Number(
      db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'audit_by_approval'").pluck().get(),
    );
    db.close();
    corruptPage(file, root);
    const child = startChild(worker, { env: {}, args: [file, '4'] });
    assert.equal(await child.ended, 74, child.lines.join('\n'));
    assert.match(child.lines.at(-1) ?? '', /^fatal The database is damaged .*Restore a backup: docs\/backup\.md\.$/);
    assert.deepEqual(
      child.lines.filter((line) => /^(?:kept|refused)/.test(line)),
      [],
    );
  });

  for (const [what, match] of [
    ['a read-only file', 'test.db'],
    ['a read-only folder', '/denied/'],
  ] as const) {
    test(what, { skip: skipDisk }, async () => {
      const inside = join(folder, `${++files}`, 'denied');
      mkdirSync(inside, { recursive: true });
      const file = join(inside, 'test.db');
      openDatabase(file).close();
      const child = startChild(worker, { env: onBadDisk(match, { DISK_DENY: 1 }), args: [file, '4'] });
      assert.equal(await child.ended, 1, child.lines.join('\n'));
      assert.match(
        child.lines.at(-1) ?? '',
        /^setup The database .* can't be written .*Give the user that runs Countersign write access to the file and its folder/,
      );
    });
  }
});

describe('row 16: an upgrade', () => {
  /** Each step creates a table, fills it, and changes the table of the step before. */
  const upgrades = [1, 2, 3, 4].map(
    (step) => `
      CREATE TABLE step${step} (x INTEGER) STRICT;
      INSERT INTO step${step} WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 500) SELECT x FROM n;
      ${step === 1 ? '' : `UPDATE step${step - 1} SET x = -x;`}`,
  );
  const steps = [...migrations, ...upgrades];
  const tables = (db: Database.Database) =>
    db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE name LIKE 'step%' ORDER BY name").pluck().all();

  /** Asserts that the schema is complete, and that its version matches it. */
  function assertWhole(db: Database.Database): number {
    const done = Number(db.pragma('user_version', { simple: true })) - migrations.length;
    assert.deepEqual(
      tables(db),
      [1, 2, 3, 4].slice(0, Math.max(0, done)).map((step) => `step${step}`),
    );
    for (let step = 1; step <= done; step += 1) {
      const sum = Number(db.prepare(`SELECT sum(x) FROM step${step}`).pluck().get());
      assert.equal(sum, step === done ? 125_250 : -125_250, `step ${step} of ${done}`);
    }
    return done;
  }

  const moments = ['before its first statement', 'in its middle', 'before its commit'];
  for (const [index] of upgrades.entries()) {
    // One moment for each step in turn; a long run tries all of them.
    for (const where of runs(0) > 0 ? moments : [moments[index % moments.length] ?? '']) {
      test(`killed in step ${index + 1}, ${where}, leaves the old schema intact, and the next start completes it`, async () => {
        const file = newFile();
        const store = openStore(file);
        await put(store, 'ap1');
        await store.close();
        const child = startChild('test/support/disk/upgrade-child.ts', {
          env: {},
          args: [file, JSON.stringify(steps), String(migrations.length + index), where],
        });
        assert.equal(await child.ended, 'SIGKILL', child.lines.join('\n'));
        const looked = new Database(file);
        assert.equal(assertWhole(looked), index);
        looked.close();
        const { db, close } = openDatabase(file, steps);
        assert.equal(assertWhole(db), upgrades.length);
        assert.equal(db.prepare('SELECT count(*) FROM approvals').pluck().get(), 1);
        close();
      });
    }
  }

  test('fills new columns from existing data', () => {
    const file = newFile();
    const old = new Database(file);
    old.exec(migrations[0] ?? '');
    old.pragma('user_version = 1');
    const state = step(step(null, announced(), 1_000).state, { type: 'cancelled', reason: 'w' }, 2_000).state;
    old
      .prepare("INSERT INTO approvals VALUES ('ap1', 'runtype', 'r', 'g', 'settled', 0, ?, 1000)")
      .run(JSON.stringify(state));
    old.close();
    const { db, close } = openDatabase(file);
    assert.equal(db.prepare('SELECT settled_at FROM approvals').pluck().get(), 2_000);
    close();
  });
});

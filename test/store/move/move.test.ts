/** A stopped bot's file, moved into PostgreSQL. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import type { Store } from '../../../src/core/ports/ports.ts';
import { mine } from '../../../src/core/view/list-query.ts';
import { cancelMove, moveStore } from '../../../src/store/move/move.ts';
import { tables } from '../../../src/store/move/tables.ts';
import { createSqliteStore } from '../../../src/store/sqlite/index.ts';
import { put } from '../../contract/store/support.ts';
import { startChild } from '../../support/child.ts';
import { createTestClock } from '../../support/clock.ts';
import { announced, dana, discordRoom, pauseOf, pressed, slackRoom } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';
import { createDatabase, type Database, skipPostgres } from '../../support/postgres/index.ts';

const LONG = 'x'.repeat(5_000);
const FOREIGN = 'NUL \0, half \ud83d, {"__proto__": "é"}';

function open(file: string) {
  const clock = createTestClock();
  const { log } = captureLog();
  return { clock, store: createSqliteStore({ file, clock, log, onFatal: assert.fail }) };
}

/** Something in every table, and what PostgreSQL takes differently. */
async function fill(store: Store, clock: ReturnType<typeof createTestClock>) {
  const announce = (id: string, more: Partial<Parameters<typeof pauseOf>[0]> = {}, source = 'inbox:desk') => {
    const pause = pauseOf({ key: id, groupId: id, runId: `run of ${id}`, ...more });
    const places = [slackRoom, discordRoom];
    return put(store, clock, announced({ id, pause, places, source: { id: source, max: 1_000 } }), {
      id,
      inputId: `input ${id}`,
    });
  };
  for (let index = 0; index < 603; index++) void announce(`ap${index}`);
  await announce('long', { runId: LONG, groupId: LONG, tool: LONG }, LONG);
  await announce('foreign', { parameters: { [FOREIGN]: FOREIGN, deep: { ['__proto__']: 1 } } });
  await put(store, clock, pressed({ fingerprint: 'd1' }), { id: 'ap1', inputId: `press ${LONG}` });
  for (const id of ['old', 'again']) {
    await announce(id);
    await put(store, clock, pressed(), { id });
    await put(store, clock, { type: 'sending', resendable: false }, { id });
    await put(
      store,
      clock,
      { type: 'sent', result: { type: 'recorded', following: false }, resendable: false, last: true },
      { id },
    );
  }
  const [job, posted] = await store.claim({ draw: 2 }, 'only');
  assert.ok(job && posted);
  await store.settle(posted, { type: 'done', sent: 'a hash' }, { restMs: 60_000, failures: 2 });
  await store.closeRooms({ platform: 'slack', room: 'C0CLOSED' }, 'channel_not_found', 60_000);
  await store.settle(job, { type: 'dead', error: `refused ${FOREIGN}` });
  await store.claim({ draw: 1, decide: 1 }, 'only');
  await store.drafts.save({ approvalId: 'ap2', action: 'reject', actor: dana, fingerprint: 'd1' }, { text: FOREIGN });
  await store.homeTabs.save({ who: { actor: dana }, query: mine('home') });
  await store.records.put(
    { kind: 'stop', id: 'stop', value: { by: dana, at: 1, reason: null } },
    { input: 'stopped', actor: dana, facts: {} },
  );
  const slot = `card@slack:${slackRoom.room}`;
  const digest = { id: 'digest', at: 1, runId: null };
  for (const id of ['ap3', 'ap4']) {
    await put(store, clock, { type: 'gathered', slot, digest, receipt: null, deletions: 0 }, { id });
  }
  const run = { backend: 'runtype', runId: LONG, replica: 'only', groups: ['g', LONG], resume: null, opener: 'o' };
  await store.noteRun({ type: 'open', run });
  await store.setMeta('process', 'running');
}

/** Moves what is settled into the archive; `again` comes back from there, and is in both. */
async function archiveSome(file: string) {
  const db = new Sqlite(file);
  db.exec("DELETE FROM jobs WHERE subject IN ('old', 'again')");
  db.close();
  const { store, clock } = open(file);
  while (await store.archiveAndPrune({ settledBefore: clock.now() + 1_000, seenBefore: 0 }));
  await put(store, clock, { type: 'named', person: { ...dana, name: 'Another Name' } }, { id: 'again' });
  await store.close();
}

describe('a move into PostgreSQL', { skip: skipPostgres }, () => {
  let folder: string;
  let file: string;
  let database: Database;
  const move = () => moveStore({ file, to: database.connectionString, now: 1_000, id: 'this move' });
  const count = async (table: string) => Number((await database.query(`SELECT count(*) AS n FROM ${table}`))[0]?.['n']);

  let filled: string;
  before(async () => {
    filled = join(mkdtempSync(join(tmpdir(), 'countersign-move-')), 'countersign.db');
    const { store, clock } = open(filled);
    await fill(store, clock);
    await store.close();
    await archiveSome(filled);
    const db = new Sqlite(filled);
    // Without its token, a file that is copied is not taken for a copy.
    db.exec("DELETE FROM meta WHERE key = 'home'");
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
  });
  after(() => rmSync(dirname(filled), { recursive: true, force: true }));
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-move-'));
    file = join(folder, 'countersign.db');
    copyFileSync(filled, file);
    database = await createDatabase({ empty: true });
  });
  afterEach(async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('has every row of every table, under the same numbers', async () => {
    const { rows, wasThere } = await move();
    assert.equal(wasThere, false);
    const db = new Sqlite(file);
    for (const { name } of tables) {
      const there = db.prepare<[], number>(`SELECT count(*) FROM ${name}`).pluck().get();
      assert.deepEqual([name, rows[name], await count(name)], [name, there, there]);
      assert.ok(Number(there) > 0, `${name} is empty`);
    }
    const states = db
      .prepare<[], { id: string; state: string }>('SELECT id, state FROM approvals ORDER BY rowid')
      .all();
    db.close();
    assert.deepEqual(await database.query('SELECT id, state FROM approvals ORDER BY number'), states);
    assert.equal(await count('pending'), 604);
    const seqs = await database.query("SELECT seq::int AS seq FROM audit WHERE approval_id = 'again' ORDER BY id");
    const [archived] = await database.query("SELECT audit_through::int AS n FROM archive WHERE id = 'again'");
    assert.deepEqual(seqs, [{ seq: Number(archived?.['n']) + 1 }], 'its log goes on after the archived part');
    const [replica] = await database.query('SELECT id, state FROM replicas');
    assert.deepEqual(replica, { id: 'only', state: 'working' }, 'what it had under way is taken over');
    const [next] = await database.query(
      "INSERT INTO inputs (id, at) VALUES ('x', 1) RETURNING (SELECT nextval(pg_get_serial_sequence('jobs', 'id')) > (SELECT max(id) FROM jobs)) AS later",
    );
    assert.deepEqual(next, { later: true });
  });

  test('keeps every bot off the file afterwards, until the move is taken back; then it is a copy', async () => {
    await move();
    assert.throws(() => open(file), { name: 'SetupError', message: /was moved to PostgreSQL .*--cancel/ });
    await assert.rejects(move(), /was moved to .* already/);
    assert.equal(cancelMove(file)?.state, 'moved');
    assert.equal(cancelMove(file), null);
    const { store } = open(file);
    assert.deepEqual(await store.copyMark(), { madeAt: 1_000 });
    await store.close();
    await assert.rejects(move(), /was restored from a backup, and no bot has looked/);
  });

  test('goes into an empty database only, and changes nothing else', async () => {
    await move();
    const other = join(folder, 'other.db');
    const { store } = open(other);
    await store.close();
    const refused = moveStore({ file: other, to: database.connectionString, now: 1, id: 'other' });
    await assert.rejects(refused, { name: 'SetupError', message: /is not empty \(.*in approvals.*create another one/ });
    await open(other).store.close();
  });

  test('is refused while a bot runs on the file', async () => {
    const { store } = open(file);
    await assert.rejects(move(), /Another Countersign already uses the database/);
    await store.close();
  });

  test('whose rows differ leaves nothing behind, and the bot goes on with its file', async () => {
    await moveStore({ file: await emptyFile(folder), to: database.connectionString, now: 1, id: 'schema only' });
    await database.drop();
    database = await createDatabase();
    await database.query(`
      CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.id = 'ap7' THEN NEW.state := NEW.state || ' '; END IF; RETURN NEW;
      END $$`);
    await database.query('CREATE TRIGGER spoil BEFORE INSERT ON approvals FOR EACH ROW EXECUTE FUNCTION spoil()');
    await assert.rejects(move(), /Nothing was moved: the row \["ap7"\] of approvals is not the same/);
    assert.equal(await count('approvals'), 0);
    await open(file).store.close();
  });

  test('that is killed in the middle leaves nothing there, keeps bots off the file, and is made again', async () => {
    await database.drop();
    database = await createDatabase();
    await database.query(`
      CREATE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$`);
    await database.query('CREATE TRIGGER hang BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION hang()');
    const env = { DATABASE_URL: `file:${file}` };
    const args = ['--to', database.connectionString];
    const killed = startChild('src/cli/move.ts', { env, args });
    const hanging = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    while ((await database.query(hanging)).length === 0) await wait(20);
    killed.kill('SIGKILL');
    await killed.ended;
    assert.throws(() => open(file), {
      name: 'SetupError',
      message: /was begun, and has not come to its end.*again, or.*--cancel/,
    });
    await database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'`);
    await database.query('DROP TRIGGER hang ON notes');
    assert.equal(await count('approvals'), 0);
    const again = startChild('src/cli/move.ts', { env, args });
    assert.equal(await again.ended, 0, again.lines.join('\n'));
    assert.match(again.lines.join('\n'), /audit +\d+ rows, the same in both\n[\s\S]*Moved: .* Now set DATABASE_URL/);
    assert.equal(await count('approvals'), 606);
  });

  test('whose end was not seen is found, and only finished', async () => {
    await move();
    const db = new Sqlite(file);
    db.exec(`UPDATE meta SET value = replace(value, '"moved"', '"moving"') WHERE key = 'moved'`);
    db.close();
    assert.equal((await move()).wasThere, true);
    assert.throws(() => open(file), /was moved to PostgreSQL/);
  });
});

async function emptyFile(folder: string): Promise<string> {
  const file = join(folder, 'empty.db');
  await open(file).store.close();
  return file;
}

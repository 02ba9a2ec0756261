/** A database of schema 6, as the release before wrote it: its approvals are read under the names of today. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import Database from 'better-sqlite3';
import type { Approval } from '../../../../src/core/approval/approval.ts';
import type { Input } from '../../../../src/core/approval/inputs.ts';
import { precedentKey } from '../../../../src/core/approval/precedent.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { pack } from '../../../../src/store/shared/pack.ts';
import { migrations } from '../../../../src/store/sqlite/file/migrations.ts';
import { addPendingFunctions } from '../../../../src/store/sqlite/file/pending-functions.ts';
import { addPrecedentFunctions } from '../../../../src/store/sqlite/file/precedent-functions.ts';
import { addRenameFunctions } from '../../../../src/store/sqlite/file/rename-stored-keys.ts';
import { createSqliteStore } from '../../../../src/store/sqlite/index.ts';
import { createTestClock } from '../../../support/clock.ts';
import { announced, dana, pauseOf, pressed, sentAs, slackRoom } from '../../../support/data/pauses.ts';
import { jon, mara, requirementOf, signed } from '../../../support/data/requirements.ts';
import { captureLog } from '../../../support/log.ts';

interface Fixture {
  approvals: (Record<string, unknown> & { state: object })[];
  archive: { id: string; group_id: string; audit_through: number; state: object; audit: object[] }[];
  members: Record<string, unknown>[];
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL('../../../fixtures/store/schema-6.json', import.meta.url), 'utf8'),
);
const folder = mkdtempSync(join(tmpdir(), 'countersign-migrations-'));
after(() => rmSync(folder, { recursive: true }));

const slot = 'card@slack:C0ROOM';
const posted = { ...slackRoom, message: '7' };
const ask = (id: string, runId: string, more: Partial<Approval['pause']> = {}) =>
  announced({ id, pause: pauseOf({ key: id, groupId: id, runId, ...more }) });

/** What the old release was given; each approval is now what these inputs make of it today. */
const inputs: Record<string, Input[]> = {
  held: [
    {
      ...ask('held', 'r1', {
        kind: 'await',
        actions: ['take_over'],
        prompt: { title: 'Who is it for?', text: 'Who is it for?', form: null },
        reason: 'Mara asked.',
      }),
      remindAfter: [60_000],
    } as Input,
    { type: 'held', actor: dana, fingerprint: 'd1', until: 5_000_000_000_000, right: 'allowed' },
  ],
  gathered: [
    ask('gathered', 'r2', { parameters: { digest: 'a', claim: { doubt: [1], sheet: 'x' }, bundle: null } }),
    { type: 'gathered', slot, digest: { id: 'b1', at: 1_000, runId: null }, receipt: null, deletions: 0 },
    { type: 'posted', slot, receipt: posted, digest: 'b1' },
  ],
  left: [
    ask('left', 'r3'),
    { type: 'gathered', slot, digest: { id: 'b1', at: 1_000, runId: null }, receipt: posted, deletions: 1 },
    { type: 'released', slot, actor: dana },
  ],
  doubtful: [
    ask('doubtful', 'r4'),
    pressed(),
    { type: 'sending', resendable: true },
    sentAs({ type: 'ambiguous', reason: 'reset' }, { resendable: true }),
  ],
  archived: [
    ask('archived', 'r5'),
    pressed(),
    { type: 'sending', resendable: true },
    sentAs({ type: 'ambiguous', reason: 'reset' }),
    { type: 'absent', begunAt: 9e12, reason: 'It left.' },
  ],
};

/** What the old release did not record. */
function asRecordedThen(approval: Approval | null): Approval | null {
  if (approval === null) return null;
  const { oneCall: _, ...old } = approval;
  const slots = Object.entries(approval.slots).map(([name, { shownAt: __, ...slot }]) => [name, slot]);
  return { ...old, signatures: [], slots: Object.fromEntries(slots) };
}

test('approvals of schema 6, live and archived, are read under the names of today', async () => {
  const file = join(folder, 'old.db');
  const db = new Database(file);
  for (const migration of migrations.slice(0, 6)) db.exec(migration);
  db.pragma('user_version = 6');
  const insert = (table: string, row: Record<string, unknown>) =>
    db
      .prepare(`INSERT INTO ${table} (${Object.keys(row)}) VALUES (${Object.keys(row).map((column) => `@${column}`)})`)
      .run(row);
  for (const { state, ...row } of fixture.approvals) insert('approvals', { ...row, state: JSON.stringify(state) });
  for (const { state, audit, ...row } of fixture.archive) {
    insert('archive', { ...row, packed: pack({ state: JSON.stringify(state), audit }) });
  }
  for (const row of fixture.members) insert('bundle_members', row);
  db.close();

  const { log } = captureLog();
  const onFatal = (error: Error) => assert.fail(error);
  const store = createSqliteStore({ file, clock: createTestClock(), log, onFatal });
  for (const [id, given] of Object.entries(inputs)) {
    const expected = given.reduce<Approval | null>((state, input) => step(state, input, 1_000).state, null);
    assert.deepEqual(await store.get(id), asRecordedThen(expected), id);
  }
  assert.deepEqual(
    (await store.digestMembers('b1')).map(({ id }) => id),
    ['gathered', 'left'],
  );
  assert.equal((await store.audit('archived')).length, 5, 'its audit log is still there');
  await store.close();
});

test('what was approved before there were precedents is one, live and archived', async () => {
  const file = join(folder, 'precedents.db');
  const db = new Database(file);
  addRenameFunctions(db);
  for (const migration of migrations.slice(0, 11)) db.exec(migration);
  db.pragma('user_version = 11');
  const approved = (id: string) => {
    const given = [
      ask(id, id),
      pressed(),
      { type: 'sending', resendable: true } as const,
      sentAs({ type: 'recorded', following: false }),
    ];
    return given.reduce<Approval | null>((state, input) => step(state, input, 1_000).state, null);
  };
  const columns = 'id, backend, run_id, group_id, phase, watched, state, created_at, settled_at';
  const insert = db.prepare(`INSERT INTO approvals (${columns}) VALUES (?, 'runtype', ?, ?, ?, 0, ?, 1, ?)`);
  insert.run('live', 'live', 'live', 'settled', JSON.stringify(approved('live')), 1_000);
  insert.run('open', 'open', 'open', 'open', JSON.stringify(step(null, ask('open', 'open'), 1_000).state), null);
  db.prepare('INSERT INTO archive (id, group_id, audit_through, packed) VALUES (?, ?, 0, ?)').run(
    'archived',
    'archived',
    pack({ state: JSON.stringify(approved('archived')), audit: [] }),
  );
  db.close();
  const { log } = captureLog();
  const store = createSqliteStore({ file, clock: createTestClock(), log, onFatal: (error) => assert.fail(error) });
  const found = await store.precedents(precedentKey(pauseOf(), 'stream') ?? '', 9);
  assert.deepEqual(found.map(({ id }) => id).sort(), ['archived', 'live']);
  await store.close();
});

test('what waited before there was a table of it is in the lists, and an asker finds its items', async () => {
  const file = join(folder, 'pending.db');
  const db = new Database(file);
  addRenameFunctions(db);
  addPrecedentFunctions(db);
  for (const migration of migrations.slice(0, 12)) db.exec(migration);
  db.pragma('user_version = 12');
  const columns = 'id, backend, run_id, group_id, phase, watched, state, created_at';
  const insert = db.prepare(`INSERT INTO approvals (${columns}) VALUES (?, ?, ?, ?, ?, 0, ?, 1)`);
  const put = (id: string, inputs: readonly Input[]) => {
    const state = inputs.reduce<Approval | null>((known, input) => step(known, input, 1_000).state, null);
    const { backend = '' } = state?.pause ?? {};
    insert.run(id, backend, id, id, state?.phase, JSON.stringify(state));
  };
  const [soon, later] = [5_000_000, 6_000_000];
  put('none', [ask('none', 'none')]);
  put('later', [ask('later', 'later', { deadline: later })]);
  put('soon', [ask('soon', 'soon', { deadline: soon, tool: 'a "quoted" name' })]);
  put('decided', [ask('decided', 'decided'), pressed()]);
  put('asked', [ask('asked', 'asked', { backend: 'inbox', wire: { asker: 'hash "1"' } })]);
  db.close();
  const { log } = captureLog();
  const store = createSqliteStore({ file, clock: createTestClock(), log, onFatal: (error) => assert.fail(error) });
  const audiences = await store.pending.audiences();
  assert.deepEqual(
    audiences.map(({ count }) => count),
    [1, 1, 1, 1],
    'nothing is required of them yet, so each is judged by itself',
  );
  const found = await store.pending.page({ audiences: audiences.map(({ id }) => id), page: 0, size: 9 });
  assert.deepEqual(
    found.approvals.map(({ id }) => id),
    ['soon', 'later', 'asked', 'none'],
  );
  const { count, latest } = await store.awaited(['inbox:hash "1"'], 9);
  assert.deepEqual([count, latest.map(({ id, source }) => [id, source])], [1, [['asked', 'inbox:hash "1"']]]);
  await store.close();
});

test('a second start leaves what is renamed as it is', async () => {
  const file = join(folder, 'old.db');
  const { log } = captureLog();
  const store = createSqliteStore({ file, clock: createTestClock(), log, onFatal: (error) => assert.fail(error) });
  assert.equal((await store.get('held'))?.fingerprint, 'd1');
  assert.deepEqual((await store.get('gathered'))?.pause.parameters, {
    digest: 'a',
    claim: { doubt: [1], sheet: 'x' },
    bundle: null,
  });
  await store.close();
});

test('what waits before there is an index of it counts among what waits, by its rule', async () => {
  const file = join(folder, 'waiting.db');
  const db = new Database(file);
  addRenameFunctions(db);
  addPrecedentFunctions(db);
  addPendingFunctions(db);
  for (const migration of migrations.slice(0, 15)) db.exec(migration);
  db.pragma('user_version = 15');
  const columns = 'id, backend, run_id, group_id, phase, watched, state, created_at';
  const insert = db.prepare(`INSERT INTO approvals (${columns}) VALUES (?, 'runtype', ?, ?, ?, 0, ?, ?)`);
  const put = (id: string, at: number, inputs: readonly Input[]) => {
    const state = inputs.reduce<Approval | null>((known, input) => step(known, input, at).state, null);
    insert.run(id, id, id, state?.phase, JSON.stringify(state), at);
  };
  const requirement = requirementOf();
  put('none', 3, [ask('none', 'none')]);
  put('signed', 5, [{ ...ask('signed', 'signed'), requirement } as Input, signed(mara)]);
  put('later', 9, [{ ...ask('later', 'later'), requirement } as Input]);
  put('decided', 1, [{ ...ask('decided', 'decided'), requirement } as Input, signed(mara), signed(jon)]);
  db.close();
  const { log } = captureLog();
  const store = createSqliteStore({ file, clock: createTestClock(), log, onFatal: (error) => assert.fail(error) });
  assert.deepEqual(await store.waiting(), [
    { backend: 'runtype', rule: '', count: 1, since: 3, missing: 0 },
    { backend: 'runtype', rule: 'refunds', count: 2, since: 5, missing: 3 },
  ]);
  await store.close();
});

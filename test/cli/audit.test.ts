/** `countersign audit` beside a bot that runs, on a database without one, and on what is none. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import Database from 'better-sqlite3';
import { step } from '../../src/core/approval/steps/step.ts';
import { createSqliteStore } from '../../src/store/sqlite/index.ts';
import { openAuditFile } from '../../src/store/sqlite/lists/audit-file.ts';
import { startChild } from '../support/child.ts';
import { createTestClock } from '../support/clock.ts';
import { announced } from '../support/data/pauses.ts';
import { captureLog } from '../support/log.ts';
import { textOf } from '../support/people/room.ts';
import { withBots } from '../support/worlds/bots.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-audit-'));
after(() => rmSync(folder, { recursive: true }));

async function audit(file: string, ...args: string[]) {
  const child = startChild('src/cli/audit.ts', { env: { DATABASE_URL: `file:${file}`, TZ: 'UTC' }, args });
  return { code: await child.ended, text: child.lines.join('\n'), lines: child.lines };
}

/** One approval, and nothing that runs. */
async function databaseOf(name: string): Promise<string> {
  const file = join(folder, name, 'test.db');
  const clock = createTestClock();
  const store = createSqliteStore({
    file,
    clock,
    log: captureLog().log,
    onFatal: (error) => {
      throw error;
    },
  });
  await store.transact({
    approvalId: 'ap1',
    inputId: null,
    audit: { input: 'announced', actor: null, facts: {} },
    fn: (state) => step(state, announced(), clock.now()),
  });
  await store.close();
  return file;
}

describe('beside a bot that runs', () => {
  test('it tells what was asked and who decided, and the bot goes on', () =>
    withBots(
      async (world) => {
        const bot = await world.start();
        const id = await world.ask(bot, 'Deploy 1.4?');
        const card = await world.until('a card', () => world.slackCards()[0]);
        assert.ok((await world.press(card)).acked);
        await world.until('the decision', () => {
          const [shown] = world.slackCards();
          return shown !== undefined && textOf(shown).includes('Approved') ? true : undefined;
        });
        const { text: found } = await audit(world.file, 'deploy', '--kind', 'decision');
        assert.match(
          found,
          /Deploy 1\.4\?.*\([\w-]+\)\n {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+00:00 {2}.* \(Slack\) pressed Approve\./,
        );
        const approval = /\(([\w-]+)\)\n/.exec(found)?.[1] ?? '';
        const story = await audit(world.file, `--approval=${approval}`);
        assert.equal(story.code, 0);
        assert.deepEqual(await audit(world.file, '--approval', id), story, 'also by the ID that its asker has');
        assert.match(story.text, /History\n.*Received from Countersign\.[\s\S]*pressed Approve\./);
        const json = await audit(world.file, '--json', '--all');
        const entries = json.lines.map((line) => JSON.parse(line));
        assert.ok(entries.length >= 3 && entries.every((entry) => entry.approval_id === approval));
        assert.deepEqual(
          entries.map((entry) => entry.id),
          entries.map((entry) => entry.id).toSorted((one, other) => other - one),
        );
        assert.equal((await audit(world.file, 'unicorn')).code, 1);
        await world.ask(bot, 'Another one?');
        await world.until('its card', () => (world.slackCards().length === 2 ? true : undefined));
      },
      { platforms: ['slack'] },
    ));
});

describe('without a bot', () => {
  test('it reads, and writes nothing into the database', async () => {
    const file = await databaseOf('closed');
    const reads = openAuditFile(file);
    const page = await reads.searchAudit({ limit: 5 });
    assert.deepEqual([page.rows.map(({ input }) => input), page.next], [['announced'], null]);
    assert.equal((await reads.get('ap1'))?.pause.tool, 'refund_order');
    assert.equal(await reads.get('ap2'), null);
    reads.close();
    const { code, text } = await audit(file, '--limit', '1');
    assert.equal(code, 0);
    assert.match(text, /Received from Runtype\.$/m);
    const missing = await audit(file, '--approval', 'ap2');
    assert.deepEqual([missing.code, /There is no approval with the ID ap2/.test(missing.text)], [1, true]);
  });

  test('it says what is wrong with a database, and creates none', async () => {
    const missing = join(folder, 'missing', 'test.db');
    const { code, text } = await audit(missing);
    assert.deepEqual([code, /^There is no database at /.test(text)], [2, true]);
    assert.ok(!readdirSync(folder).includes('missing'));
    const older = await databaseOf('older');
    const db = new Database(older);
    db.pragma('user_version = 3');
    db.close();
    assert.match((await audit(older)).text, /written by an older Countersign/);
    const other = join(folder, 'other.db');
    writeFileSync(other, 'not a database, but long enough to be read as the header of one, which it is not.'.repeat(9));
    assert.match((await audit(other)).text, /not a valid SQLite database/);
    assert.equal((await audit(older, '--kind', 'x')).code, 2);
  });
});

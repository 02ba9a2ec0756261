/** A version that starts on the database of a newer one: what docs/upgrade.md promises for the way back. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { migrations } from '../../../src/store/sqlite/file/migrations.ts';
import { startChild } from '../../support/child.ts';
import { withBots } from '../../support/worlds/bots.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

test('an older version refuses the database of a newer one, changes nothing in it, and starts on the backup', () =>
  withBots(async (world) => {
    const bot = await world.start();
    const id = await world.ask(bot, 'Deploy 1.4?');
    const backup = join(world.folder, 'before.db');
    const env = { DATABASE_URL: `file:${world.file}` };
    assert.equal(await startChild('src/cli/backup.ts', { args: [backup], env }).ended, 0);
    assert.equal((await world.stop(bot, 'SIGTERM')).end, 0);

    // As the next version leaves it.
    const db = new Database(world.file);
    db.pragma(`user_version = ${migrations.length + 1}`);
    db.close();
    const newer = readFileSync(world.file);
    const old = await world.start({ untilReady: false });
    assert.equal(await old.ended, 1);
    const said = `was written by a newer Countersign (schema ${migrations.length + 1}, this version knows ${migrations.length})`;
    assert.ok(
      old.lines.some((line) => line.includes(said) && line.includes('restore a backup from before the upgrade')),
    );
    assert.deepEqual(readFileSync(world.file), newer);

    writeFileSync(world.file, readFileSync(backup));
    const again = await world.start();
    assert.equal((await world.item(again, id)).status, 'pending');
  }));

test('docs/upgrade.md says the schema of this version', () => {
  const text = readFileSync(join(root, 'docs/upgrade.md'), 'utf8');
  const [, schema] = /^- Database: schema (\d+)/m.exec(text.slice(text.indexOf('## Versions'))) ?? [];
  assert.equal(Number(schema), migrations.length, 'the newest section comes first');
});

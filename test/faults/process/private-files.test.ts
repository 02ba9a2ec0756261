/** What the real programs write, and what they say about files that others can open. Every umask here is the widest. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openDatabase } from '../../../src/store/sqlite/file/open.ts';
import { startChild } from '../../support/child.ts';
import { withBots } from '../../support/worlds/bots.ts';

const limits = 'umask 000';
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** Every file below a folder. */
const filesIn = (folder: string) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

test('a bot closes what others could open, warns of .env, and writes files of its own user only', () =>
  withBots(
    async (world) => {
      const folder = dirname(world.file);
      openDatabase(world.file).close();
      for (const path of filesIn(folder)) chmodSync(path, 0o644);
      chmodSync(folder, 0o755);
      const env = join(world.folder, '.env');
      writeFileSync(env, 'LOG_LEVEL=info\n');
      chmodSync(env, 0o644);

      const bot = await world.start({ limits });
      await world.ask(bot, 'Deploy 1.4?');
      const written = filesIn(folder);
      for (const ending of ['', '-wal', '-shm', '.lock']) assert.ok(written.includes(`${world.file}${ending}`), ending);
      assert.deepEqual(
        written.filter((path) => modeOf(path) !== '600'),
        [],
      );
      assert.equal(modeOf(folder), '700');
      const said = (pattern: RegExp) => bot.log().filter(({ level, msg }) => level === 40 && pattern.test(String(msg)));
      assert.equal(said(/could open .*countersign\.db: only its owner can, now/).length, 1);
      assert.equal(said(/could open .*\/data: only its owner can, now/).length, 1);
      assert.equal(said(/can open \.env, which holds secrets\. Run: chmod 600 \.env/).length, 1);
      assert.equal(modeOf(env), '644', 'it is the operator’s own');

      const backup = startChild('src/cli/backup.ts', { limits, env: { DATABASE_URL: `file:${world.file}` } });
      assert.equal(await backup.ended, 0, backup.lines.join('\n'));
      assert.equal(readdirSync(join(folder, 'backups')).length, 1);
      assert.deepEqual(
        filesIn(folder).filter((path) => modeOf(path) !== '600'),
        [],
      );
      assert.equal(modeOf(join(folder, 'backups')), '700');
      assert.equal((await world.stop(bot, 'SIGTERM')).end, 0);
    },
    { platforms: ['slack'] },
  ));

test('a bot in an empty folder opens none of its files to others', () =>
  withBots(
    async (world) => {
      const file = join(world.folder, 'new', 'deep', 'fresh.db');
      await world.start({ limits, file });
      assert.deepEqual(
        filesIn(join(world.folder, 'new')).filter((path) => modeOf(path) !== '600'),
        [],
      );
      for (const path of ['new', 'new/deep']) assert.equal(modeOf(join(world.folder, path)), '700');
    },
    { platforms: ['slack'] },
  ));

test('a backup into a folder of others is its owner’s only', () =>
  withBots(async (world) => {
    openDatabase(world.file).close();
    const shared = join(world.folder, 'shared');
    mkdirSync(shared);
    chmodSync(shared, 0o777);
    const to = join(shared, 'copy.db');
    const backup = startChild('src/cli/backup.ts', { limits, env: { DATABASE_URL: `file:${world.file}` }, args: [to] });
    assert.equal(await backup.ended, 0, backup.lines.join('\n'));
    assert.equal(modeOf(to), '600');
    assert.equal(modeOf(shared), '777');
  }));

/** `npm run build`: what it makes is the bot, and is not started once it is older than the source. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { calls, pressSlack, textOf } from '../support/people/room.ts';
import { withBots } from '../support/worlds/bots.ts';
import { dana } from '../support/worlds/world.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
/** Inside `node_modules`, where native packages are found. */
const built = mkdtempSync(join(root, 'node_modules/.cache/countersign-built-'));
const elsewhere = mkdtempSync(join(tmpdir(), 'countersign-built-'));
after(() => {
  for (const folder of [built, elsewhere]) rmSync(folder, { recursive: true });
});

function node(args: readonly string[], cwd = root) {
  return spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
}

test('a bot from the bundle posts a card, takes a press, and sends one decision', async () => {
  const { status, stderr } = node(['scripts/build.mjs', built]);
  assert.deepEqual([status, stderr], [0, '']);
  await withBots(async (world) => {
    const bot = await world.start({ script: relative(root, join(built, 'main.mjs')) });
    await world.dispatch(bot);
    const card = await world.until('the card', () => world.slackCards()[0]);
    assert.ok((await pressSlack(world, dana, card, 'Approve')).acked);
    await world.until('the outcome', () =>
      textOf(world.slackCards()[0] ?? card).includes('Approved by Dana Reyes') ? true : undefined,
    );
    assert.equal(calls(world, 'approve').filter(({ effect }) => effect).length, 1);
    assert.equal((await world.stop(bot, 'SIGTERM')).end, 0);
  });
  const { stdout: help } = node([join(built, 'cli-main.mjs'), 'help']);
  const [, list = ''] = /Commands:\n([\s\S]*?)\n\n/.exec(help) ?? [];
  const names = [...list.matchAll(/^ {2}(\w+) /gm)].map(([, name = '']) => name);
  assert.ok(names.length >= 9, help);
  for (const name of names) {
    const { stdout } = node([join(built, 'cli-main.mjs'), name, '--help']);
    assert.match(stdout, new RegExp(`^Usage: countersign ${name}`), 'in the words of the package');
    assert.doesNotMatch(stdout, /\bnpm (?:run|start)\b|^Usage.*\[-- /m, name);
  }
});

test('a bundle that is missing, or older than the source, is not started', () => {
  cpSync(join(root, 'scripts/run.mjs'), join(elsewhere, 'scripts/run.mjs'), { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(root, file), join(elsewhere, file));
  symlinkSync(join(root, 'node_modules'), join(elsewhere, 'node_modules'));
  const start = () => node(['scripts/run.mjs', 'dist/main.mjs'], elsewhere);
  assert.match(start().stderr, /^The bot is not built\. Run: npm run build/);
  for (const folder of ['dist', 'src']) mkdirSync(join(elsewhere, folder));
  writeFileSync(join(elsewhere, 'dist/main.mjs'), "console.log('started');");
  assert.equal(start().stdout, 'started\n', 'an image may have no source');
  writeFileSync(join(elsewhere, 'src/main.ts'), '');
  utimesSync(join(elsewhere, 'src/main.ts'), new Date(), new Date(Date.now() + 5_000));
  assert.match(start().stderr, /^dist\/ is older than the source \(src\/main\.ts\)\. Run: npm run build/);
});

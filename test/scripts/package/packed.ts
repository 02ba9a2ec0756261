/** The package as `npm pack` makes it, in a folder of its own, and the bot in it against the emulators. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { putTogether } from '../../../scripts/package/alone.ts';
import { discordUsers, slackUsers } from '../../../src/sandbox/page/personas.ts';
import { type Child, startProgram } from '../../support/child.ts';
import { calls, pressSlack, textOf } from '../../support/people/room.ts';
import { createEmulators, type Emulators } from '../../support/worlds/emulators.ts';
import { reviewerSetting } from '../../support/worlds/reviewers.ts';
import { dana } from '../../support/worlds/world.ts';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
const WAIT_MS = 60_000;
const MB = 1024 * 1024;

/** This Node comes first, and npm as this machine has it. */
export const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;

/** @returns dist/ as `npm run build` makes it, built once for all processes of `npm test`, which deletes it. Only to be read. */
export function built(): string {
  const folder = join(process.env['TEST_BUNDLES'] ?? mkdtempSync(join(tmpdir(), 'countersign-built-')), 'dist');
  if (existsSync(folder)) return folder;
  const own = `${folder}-${process.pid}`;
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build.mjs', own], { cwd: root, encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, '']);
  try {
    renameSync(own, folder);
  } catch (error) {
    // Another process was faster: what it has built is the same.
    if (!existsSync(join(folder, 'main.mjs'))) throw error;
    rmSync(own, { recursive: true });
  }
  return folder;
}

/** As `npm run build -- FOLDER --alone` makes it. */
export function buildAlone(folder: string): void {
  putTogether(folder, built());
}

/** @returns the output of npm; without this process's settings for it, of which `npm test` sets many */
export function npm(args: readonly string[], cwd: string): { status: number | null; output: string; stdout: string } {
  const given = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  const env = { ...Object.fromEntries(given), PATH: path, npm_config_update_notifier: 'false' };
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, env, encoding: 'utf8' });
  return { status, stdout, output: `${stdout}${stderr}` };
}

/** @returns the package's file, which `npm pack` makes in a copy of the clone: its own dist/ is left alone */
export function pack(folder: string): string {
  const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] };
  const given = files
    .map((name) => name.replace(/\/(?:\*\.md)?$/, ''))
    .filter((name) => name !== 'dist' && !name.startsWith('!'));
  for (const name of [...given, 'package.json', '.npmrc', 'README.md', 'LICENSE']) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  cpSync(built(), join(folder, 'dist'), { recursive: true });
  const { status, stdout, output } = npm(['pack'], folder);
  assert.equal(status, 0, output);
  return join(folder, stdout.trim().split('\n').at(-1) ?? '');
}

/** Of a folder with all that is in it. */
export function megabytesOf(folder: string): number {
  const { stdout } = spawnSync('du', ['-s', '-B1', folder], { encoding: 'utf8' });
  return Number(stdout.split('\t')[0]) / MB;
}

/** Runs a bot against emulators: a card appears, a person approves, one decision is sent, and the bot stops cleanly. */
export async function decideACard(
  start: (env: Readonly<Record<string, string>>) => Child,
): Promise<{ readyMs: number }> {
  const emulators = await createEmulators({ slack: { users: slackUsers() }, discord: { users: discordUsers() } });
  const since = performance.now();
  let bot: Child | undefined;
  try {
    bot = start({ PORT: '0', ...emulators.settings(), REVIEWERS: reviewerSetting(), DIGEST_FROM: 'off' });
    const line = await bot.until(/"msg":"ready"/);
    const readyMs = performance.now() - since;
    await decide(emulators, bot, Number((JSON.parse(line) as { port: number }).port));
    bot.kill('SIGTERM');
    assert.equal(await bot.ended, 0);
    return { readyMs };
  } finally {
    bot?.kill('SIGKILL');
    await bot?.ended;
    await emulators.close();
  }
}

async function decide(emulators: Emulators, bot: Child, port: number): Promise<void> {
  const explain = () => `The bot's log:\n${bot.lines.slice(-20).join('\n')}`;
  const until = <T>(what: string, find: () => T | undefined) => emulators.until(what, find, WAIT_MS, explain);
  await emulators.dispatch(port, { agent: { agentId: 'refund-agent' } });
  const card = await until('the card', () => emulators.slackCards()[0]);
  await until('the card in Discord', () => emulators.discord.state().messages[0]);
  assert.ok((await pressSlack(emulators, dana, card, 'Approve')).acked);
  await until('the outcome', () =>
    textOf(emulators.slackCards()[0] ?? card).includes('Approved by Dana Reyes') ? true : undefined,
  );
  assert.equal(calls(emulators, 'approve').filter(({ effect }) => effect).length, 1);
}

/** `.env` with these settings. */
export function writeEnv(folder: string, env: Readonly<Record<string, string>>): void {
  const lines = Object.entries(env).map(([name, value]) => `${name}='${value}'`);
  writeFileSync(join(folder, '.env'), `${lines.join('\n')}\n`, { mode: 0o600 });
}

/** npm, or what it has installed, by this Node. */
export function startInstalled(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Child {
  return startProgram(args, { cwd: folder, env: { PATH: path, HOME: folder, ...env } });
}

export function hasProgram(name: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, name)));
}

/** `npm pack`, and what it makes in an empty folder with Node and npm alone: sizes, the commands, the sandbox and the bot. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { decideACard, megabytesOf, npm, pack, root, startInstalled, writeEnv } from './packed.ts';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
/** With better-sqlite3 for each kind of machine, and its source. */
const INSTALLED_MB = 60;

const folder = mkdtempSync(join(tmpdir(), 'countersign-packed-'));
const installed = join(folder, 'empty');
const countersign = ['npx', '--no', '--', 'countersign'];
/** What npx runs; npx keeps a signal that only it gets. */
const program = 'node_modules/.bin/countersign';
let file = '';
/** Why npm could not install: no registry, for example. */
let missing: string | null = null;

/** As a person types it, to its end. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = startInstalled(installed, [...countersign, ...args], env);
  return { end: await child.ended, lines: child.lines };
}

function skipsOffline(t: TestContext): boolean {
  if (missing !== null) t.skip(missing);
  return missing !== null;
}

describe('the package', () => {
  before(() => {
    mkdirSync(installed);
    file = pack(join(folder, 'clone'));
    const { status, output } = npm(['install', '--prefer-offline', '--no-audit', '--no-fund', file], installed);
    if (status === 0) return;
    const isOffline = /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ENOTCACHED)\b/.exec(output);
    assert.ok(isOffline, output);
    missing = `better-sqlite3 can’t be fetched: ${isOffline[0]}`;
  });
  after(() => rmSync(folder, { recursive: true }));

  test('is named after its version, and holds what runs and what is read, and no tests, sources or pictures', () => {
    assert.equal(file, join(folder, 'clone', `countersign-${version}.tgz`));
    const names = readdirSync(join(folder, 'clone', 'dist'));
    assert.ok(names.includes('cli-main.mjs') && names.includes('THIRD-PARTY.txt'));
    const packed = spawnSync('tar', ['-tzf', file], { encoding: 'utf8' }).stdout.split('\n');
    // docs/deploy.md installs from there.
    for (const name of ['systemd/countersign.service', 'systemd/countersign.sh', 'kubernetes/kustomization.yaml']) {
      assert.ok(packed.includes(`package/deploy/${name}`), name);
    }
    assert.ok(statSync(file).size < 8_000_000, `${statSync(file).size} bytes`);
  });

  test('has the licence of every package that is in it', () => {
    const dist = join(folder, 'clone', 'dist');
    const packages = JSON.parse(readFileSync(join(dist, 'packages.json'), 'utf8')) as {
      name: string;
      version: string;
    }[];
    const notices = readFileSync(join(dist, 'THIRD-PARTY.txt'), 'utf8');
    assert.ok(packages.length > 100);
    for (const name of ['better-sqlite3', 'discord.js', '@slack/bolt', 'hono', 'zod', 'react-dom']) {
      assert.ok(
        packages.some((one) => one.name === name),
        name,
      );
    }
    for (const { name, version } of packages) assert.ok(notices.includes(`\n${name} ${version} (`), name);
  });

  test('takes from the registry better-sqlite3 alone, runs no script of it, and is small', (t) => {
    if (skipsOffline(t)) return;
    const found = readdirSync(join(installed, 'node_modules')).filter((name) => !name.startsWith('.'));
    assert.deepEqual(found.toSorted(), ['better-sqlite3', 'countersign', 'node-addon-api']);
    const listed = JSON.parse(readFileSync(join(installed, 'node_modules/.package-lock.json'), 'utf8')) as {
      packages: Record<string, { hasInstallScript?: boolean }>;
    };
    for (const [name, { hasInstallScript }] of Object.entries(listed.packages)) assert.ok(!hasInstallScript, name);
    const size = megabytesOf(join(installed, 'node_modules'));
    assert.ok(size < INSTALLED_MB, `${size} MB`);
    t.diagnostic(`installed: ${size.toFixed(1)} MB`);
  });

  test('says its version, as a command of the folder', async (t) => {
    if (skipsOffline(t)) return;
    const { end, lines } = await run(['version', '--json']);
    assert.equal(end, 0, lines.join('\n'));
    const { version: said, node } = JSON.parse(lines.at(-1) ?? '') as { version: string; node: string };
    assert.deepEqual([said, node], [version, process.versions.node]);
  });

  test('names each missing setting where .env has none', async (t) => {
    if (skipsOffline(t)) return;
    writeFileSync(join(installed, '.env'), '');
    const { end, lines } = await run(['start']);
    assert.equal(end, 1);
    for (const name of [
      'SLACK_BOT_TOKEN',
      'SLACK_APP_TOKEN',
      'SLACK_CHANNEL',
      'DISCORD_TOKEN',
      'RUNTYPE_API_KEY',
      'ASK_TOKENS',
    ]) {
      assert.match(lines.join('\n'), new RegExp(`\\b${name}\\b`));
    }
    assert.match(lines.join('\n'), /To try it without either: countersign sandbox/, 'in the words of the package');
  });

  test('starts the sandbox: its pages, every state of a card, and a policy', async (t) => {
    if (skipsOffline(t)) return;
    const sandbox = startInstalled(installed, [program, 'sandbox', '--port', '0']);
    try {
      const [url = ''] = /http:\S+/.exec(await sandbox.until(/Countersign sandbox: http/)) ?? [];
      const page = await (await fetch(url)).text();
      assert.match(page, /<div id="root">/);
      for (const name of ['main.js', 'main.css']) {
        const answer = await fetch(`${url}/${name}`);
        assert.equal(answer.status, 200, name);
        assert.ok((await answer.text()).length > 10_000, name);
      }
      const states = (await (await fetch(`${url}/gallery.json`)).json()) as unknown[];
      assert.ok(states.length > 20);
    } finally {
      sandbox.kill('SIGTERM');
    }
    assert.equal(await sandbox.ended, 0, sandbox.lines.join('\n'));
  });

  test('starts the bot with the settings of .env, which decides a card', async (t) => {
    if (skipsOffline(t)) return;
    const { readyMs } = await decideACard((env) => {
      writeEnv(installed, env);
      return startInstalled(installed, [program, 'start']);
    });
    t.diagnostic(`ready after ${Math.round(readyMs)} ms`);
  });
});

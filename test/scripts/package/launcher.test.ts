/** `bin/countersign.mjs`: which Node it asks for, how the bot's process begins, and where compiled code is kept. */
import assert from 'node:assert/strict';
import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getuid } from 'node:process';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../../../bin/countersign.mjs', import.meta.url));

/** In place of the bundle: it says how it was started. */
const PROGRAM = `import { getCompileCacheDir } from 'node:module';
const { pid, execArgv, argv } = process;
console.log(JSON.stringify({ pid, execArgv, args: argv.slice(2), arenas: process.env.MALLOC_ARENA_MAX, cache: getCompileCacheDir() ?? null }));
`;

interface Started {
  pid: number;
  execArgv: string[];
  args: string[];
  arenas?: string;
  cache: string | null;
}

/** Root may write everywhere, so that a user without rights is needed where a test runs as root. */
const NOBODY = 65_534;
const asNobody: SpawnSyncOptions = getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const canBeNobody = spawnSync(process.execPath, ['--version'], { cwd: '/', ...asNobody }).status === 0;

let folder = '';
let home = '';
beforeEach(() => {
  // The tests' own folder is closed to the other user.
  folder = mkdtempSync(join(asNobody.uid === undefined ? tmpdir() : '/tmp', 'countersign-launcher-'));
  home = join(folder, 'home');
  for (const name of ['package/bin', 'package/dist', 'home']) mkdirSync(join(folder, name), { recursive: true });
  for (const path of [folder, join(folder, 'package')]) chmodSync(path, 0o755);
  cpSync(launcher, join(folder, 'package/bin/countersign.mjs'));
  writeFileSync(join(folder, 'package/dist/cli-main.mjs'), PROGRAM);
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(
  args: readonly string[],
  env: Record<string, string> = {},
  options: SpawnSyncOptions = {},
  flags: string[] = [],
) {
  return spawnSync(process.execPath, [...flags, join(folder, 'package/bin/countersign.mjs'), ...args], {
    cwd: folder,
    ...options,
    env: { PATH: process.env['PATH'], ...env },
    encoding: 'utf8',
  });
}

function started(...given: Parameters<typeof run>): Started & { parent: number } {
  const { status, stdout, stderr, pid } = run(...given);
  assert.deepEqual([status, stderr], [0, '']);
  return { ...(JSON.parse(String(stdout)) as Started), parent: pid };
}

describe('the process of the bot', () => {
  test('begins with its settings for memory, as the same process, with its arguments', () => {
    const { pid, parent, execArgv, arenas, args } = started(['start', '--x', 'a b'], {}, {}, ['--no-deprecation']);
    assert.deepEqual([execArgv, arenas], [['--max-semi-space-size=16', '--no-deprecation'], '2']);
    assert.deepEqual(args, ['start', '--x', 'a b']);
    assert.equal(pid, parent, 'signals reach it');
  });

  test('keeps what an operator has set', () => {
    const env = { MALLOC_ARENA_MAX: '4', NODE_OPTIONS: '--max-semi-space-size=8' };
    const given = started(['start'], env);
    assert.deepEqual([given.execArgv, given.arenas], [[], '4']);
    const half = started(['start'], { NODE_OPTIONS: '--max-semi-space-size=8' });
    assert.deepEqual([half.execArgv, half.arenas], [[], '2']);
  });

  test('is the one of the launcher for any other command', () => {
    const { execArgv, arenas } = started(['ask', 'start']);
    assert.deepEqual([execArgv, arenas], [[], undefined]);
  });
});

describe('compiled code', () => {
  test('is kept beside the code where this user can write there', () => {
    const { cache } = started(['version'], { HOME: home });
    assert.ok(cache?.startsWith(join(folder, 'package/.compiled/')), String(cache));
    assert.deepEqual(readdirSync(home), []);
  });

  describe('of a package that belongs to another user', {
    skip: canBeNobody ? false : 'no other user can run Node',
  }, () => {
    beforeEach(() => {
      chmodSync(join(folder, 'package'), 0o555);
      if (asNobody.uid !== undefined) chownSync(home, NOBODY, NOBODY);
      chmodSync(home, 0o700);
    });
    afterEach(() => chmodSync(join(folder, 'package'), 0o755));
    const cacheWith = (env: Record<string, string>) => started(['version'], env, asNobody).cache;

    test('is kept in the cache of the user', () => {
      const cache = cacheWith({ HOME: home });
      assert.ok(cache?.startsWith(join(home, '.cache/countersign/')), String(cache));
    });

    test('is kept where systemd says', () => {
      const ours = join(home, 'cache');
      mkdirSync(ours, { mode: 0o755 });
      if (asNobody.uid !== undefined) chownSync(ours, NOBODY, NOBODY);
      const cache = cacheWith({ HOME: home, CACHE_DIRECTORY: ours });
      assert.ok(cache?.startsWith(join(ours, 'compiled/')), String(cache));
    });

    test('is not kept where others can write, or where there is no place', () => {
      chmodSync(home, 0o777);
      assert.equal(cacheWith({ HOME: home }), null, 'a home of all');
      assert.equal(cacheWith({ CACHE_DIRECTORY: home }), null);
      assert.equal(cacheWith({ HOME: join(folder, 'nowhere') }), null);
      assert.equal(cacheWith({}), null);
      assert.ok(!existsSync(join(folder, 'nowhere')));
    });

    test('is read where it was left beside the code, as in an image', () => {
      chmodSync(join(folder, 'package'), 0o755);
      mkdirSync(join(folder, 'package/.compiled'), { mode: 0o700 });
      if (asNobody.uid !== undefined) chownSync(join(folder, 'package/.compiled'), NOBODY, NOBODY);
      chmodSync(join(folder, 'package'), 0o555);
      const filled = cacheWith({ HOME: home });
      chmodSync(join(folder, 'package/.compiled'), 0o555);
      assert.equal(cacheWith({ HOME: home }), filled);
      assert.ok(filled?.startsWith(join(folder, 'package/.compiled/')));
    });

    test('is not read where somebody else can write, for they would decide what runs', () => {
      const beside = join(folder, 'package/.compiled');
      chmodSync(join(folder, 'package'), 0o755);
      mkdirSync(beside);
      chmodSync(beside, 0o777);
      assert.equal(cacheWith({}), null, 'all users');
      chmodSync(beside, 0o755);
      if (asNobody.uid === undefined) return;
      chownSync(beside, NOBODY - 1, NOBODY - 1);
      assert.equal(cacheWith({}), null, 'another user');
      chownSync(beside, NOBODY, NOBODY);
      assert.equal(started(['version'], {}).cache, null, 'the user of the bot, where root runs it');
    });
  });

  test('is kept where Node was told to', () => {
    const { cache } = started(['version'], { NODE_COMPILE_CACHE: join(folder, 'told') });
    assert.ok(cache?.startsWith(join(folder, 'told/')), String(cache));
  });
});

test('an old Node is named, and what to do', () => {
  const old = join(folder, 'old.mjs');
  writeFileSync(old, "Object.defineProperty(process, 'versions', { value: { node: '24.4.1' } });");
  const { status, stdout, stderr } = run(['version'], {}, {}, ['--import', old]);
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(String(stderr), /^Node 24\.5 or newer is required, this is v24\.\d+\.\d+: https:/);
});

test('a package without a build says so', () => {
  rmSync(join(folder, 'package/dist'), { recursive: true });
  const { status, stderr } = run(['version']);
  assert.equal(status, 1);
  assert.match(String(stderr), /^This package was made without a build.*npm run build && npm pack\n$/);
});

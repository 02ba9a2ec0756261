/** The bot in a root of its own with nothing but Node, the libraries that Node loads, and the folder of the build. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { getuid } from 'node:process';
import { after, before, describe, test } from 'node:test';
import { startProgram } from '../../support/child.ts';
import { buildAlone, decideACard, hasProgram, megabytesOf, writeEnv } from './packed.ts';

/** Any that is not root. */
const USER = 65_534;
/** All of production but Node. */
const ALONE_MB = 30;

const isLinux = process.platform === 'linux';
const skip = !isLinux || getuid?.() !== 0 || !hasProgram('chroot') ? 'it needs chroot, which only root has' : false;

describe('a root with Node and the build alone', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-root-'));
  const inside = (path: string) => join(folder, path);

  before(() => {
    for (const file of [process.execPath, ...librariesOf(process.execPath)]) {
      const to = file === process.execPath ? '/bin/node' : file;
      mkdirSync(dirname(inside(to)), { recursive: true });
      copyFileSync(file, inside(to));
    }
    for (const name of ['/tmp', '/bot']) mkdirSync(inside(name));
    buildAlone(inside('/app'));
    for (const name of ['/', '/app', '/bin']) chmodSync(inside(name), 0o755);
    for (const name of ['/tmp', '/bot']) spawnSync('chown', [`${USER}:${USER}`, inside(name)]);
  });
  after(() => rmSync(folder, { recursive: true }));

  const command = (...args: string[]) => ['chroot', `--userspec=${USER}:${USER}`, folder, ...args];

  test('is small, and has one native file', (t) => {
    const size = megabytesOf(inside('/app'));
    assert.ok(size < ALONE_MB, `${size} MB`);
    const native = readdirSync(inside('/app'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.node$/.test(name),
    );
    assert.equal(native.length, 1, native.join());
    t.diagnostic(`the build: ${size.toFixed(1)} MB; the whole root: ${megabytesOf(folder).toFixed(1)} MB`);
  });

  test('decides a card', async (t) => {
    const { readyMs } = await decideACard((env) => {
      // The folder of the start is the root of the file system, where the user of the bot can only read.
      const settings = { ...env, DATABASE_URL: 'file:/bot/countersign.db' };
      writeEnv(folder, settings);
      spawnSync('chown', [`${USER}:${USER}`, inside('.env')]);
      return startProgram(command('/bin/node', '/app/bin/countersign.mjs', 'start'), outside);
    });
    t.diagnostic(`ready after ${Math.round(readyMs)} ms`);
    assert.ok(readdirSync(inside('/bot')).includes('countersign.db'));
  });

  /** `chroot` is found here, and nothing of this machine is found there. */
  const outside = { env: { PATH: `${process.env['PATH']}` } };
});

/** As the loader of this machine finds them, itself included. */
function librariesOf(program: string): string[] {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, file = '']) => file);
}

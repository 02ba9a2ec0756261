/**
 * The Dockerfile, built and run for real, on a stand-in for Node's image: a bot without any rights on a file system that it
 * can't write to decides a card, and is healthy by the image's own check.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { secretOf } from '../../support/data/secrets.ts';
import { calls, pressSlack, textOf } from '../../support/people/room.ts';
import { withBots } from '../../support/worlds/bots.ts';
import { dana } from '../../support/worlds/world.ts';
import { readDockerfile, root } from './dockerfile.ts';
import { COMMIT, type Engine, noEngine, startEngine } from './engine.ts';

const TAG = 'localhost/countersign:test';
/** As compose.yaml has it. The network is this machine's, where the emulators are. */
const WITHOUT_RIGHTS = ['--read-only', '--cap-drop=all', '--security-opt=no-new-privileges', '--network=host'];
/** What this machine's own limits and control groups allow. */
const HERE = ['--cgroups=disabled', '--ulimit=nofile=1024:1024', '--ulimit=nproc=1000:1000'];

describe('the image', { skip: noEngine() }, () => {
  const image = readDockerfile();
  let engine: Engine;
  before(async () => {
    engine = await startEngine();
    await engine.build(root, TAG);
  });
  after(() => engine?.remove());

  test('holds what runs, and nothing that it was made of', async () => {
    const version = ['run', '--rm', ...WITHOUT_RIGHTS, ...HERE, '--no-healthcheck', TAG, 'version', '--json'];
    assert.equal((JSON.parse(await engine.run(version)) as { commit: string }).commit, COMMIT);
    const list = ['run', '--rm', ...WITHOUT_RIGHTS, ...HERE, '--no-healthcheck', '--entrypoint', 'node', TAG, '-p'];
    const script =
      "JSON.stringify([fs.readdirSync('/app').sort(), fs.existsSync('/build'), fs.readdirSync('/app/.compiled').length])";
    const [files, hasBuild, compiled] = JSON.parse(await engine.run([...list, script])) as [string[], boolean, number];
    assert.deepEqual([hasBuild, files.includes('src'), files.includes('scripts')], [false, false, false]);
    assert.deepEqual([files.includes('dist'), compiled], [true, 1], 'with the code that was compiled');
    const [config] = parse(await engine.run(['image', 'inspect', TAG])) as {
      Config: { Labels: Record<string, string> };
    }[];
    assert.equal(config?.Config.Labels['org.opencontainers.image.revision'], COMMIT);
  });

  test('runs without rights, reads .env from its folder, decides a card, is healthy, and stops with 0', () =>
    withBots(async (world) => {
      const port = 34_568;
      const folder = join(engine.folder, 'config');
      mkdirSync(folder);
      const settings = { ...world.settings, HOST: 'not.this.one.example', METRICS_TOKEN: secretOf('metrics') };
      const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
      const file = join(folder, '.env');
      writeFileSync(file, lines.join('\n'), { mode: 0o600 });
      const [uid = 0, gid = 0] = image.user.split(':').map(Number);
      chownSync(file, uid, gid);
      const options = [...WITHOUT_RIGHTS, ...HERE, '--no-healthcheck', '--name=bot', `--env=PORT=${port}`];
      const mounts = [`--volume=data:${image.volume}`, `--volume=${folder}:${image.folder}:ro`];
      const bot = engine.start(['run', '--rm', ...options, ...mounts, TAG]);
      const said: string[] = [];
      const ready = new Promise<void>((resolve, reject) => {
        for (const output of [bot.stdout, bot.stderr]) {
          if (output === null) continue;
          createInterface({ input: output }).on('line', (line) => {
            said.push(line);
            if (line.includes('"msg":"ready"')) resolve();
          });
        }
        bot.once('close', () => reject(new Error(said.join('\n'))));
      });
      await ready;
      await world.dispatch({ port });
      const card = await world.until('the card', () => world.slackCards()[0]);
      assert.ok((await pressSlack(world, dana, card, 'Approve')).acked);
      await world.until('the outcome', () =>
        textOf(world.slackCards()[0] ?? card).includes('Approved by Dana Reyes') ? true : undefined,
      );
      assert.equal(calls(world, 'approve').filter(({ effect }) => effect).length, 1);

      await engine.run(['exec', 'bot', ...image.healthCommand]);
      const doctor = JSON.parse(await engine.run(['exec', 'bot', 'countersign', 'doctor', '--json']));
      assert.deepEqual([doctor.source, doctor.faults, doctor.warnings], ['bot', 0, 0]);
      const inside = ['exec', 'bot', 'node', '-p'];
      const status = await engine.run([...inside, "fs.readFileSync('/proc/1/status', 'utf8')"]);
      for (const line of ['NoNewPrivs:\t1', 'CapEff:\t0000000000000000', 'CapBnd:\t0000000000000000']) {
        assert.ok(status.includes(line), line);
      }
      const command = await engine.run([
        ...inside,
        "fs.readFileSync('/proc/1/cmdline', 'utf8').split('\\0').join(' ')",
      ]);
      assert.match(
        command,
        /^node --max-semi-space-size=16 \/app\/bin\/countersign\.mjs start/,
        'Node is the first process',
      );
      const owned =
        "const { uid, mode } = fs.statSync('/data/' + name); return [uid, (mode & 0o777).toString(8), name]";
      const listed = `fs.readdirSync('/data').map((name) => { ${owned}.join(' '); }).join('\\n')`;
      const files = await engine.run([...inside, listed]);
      assert.match(files, /^10001 600 countersign\.db$/m);
      assert.match(await engine.run(['exec', 'bot', 'countersign', 'backup']), /^Wrote \/data\/backups\//);
      const write = engine.run([...inside, "fs.writeFileSync('/app/x', '')"]);
      await assert.rejects(write, /EROFS/);

      const ended = once(bot, 'close');
      await engine.run(['stop', '--time=20', 'bot']);
      assert.deepEqual((await ended)[0], 0, said.slice(-5).join('\n'));
      assert.match(said.at(-1) ?? '', /"msg":"stopped"/);
    }));
});

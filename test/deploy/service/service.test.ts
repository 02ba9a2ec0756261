/** The steps of docs/deploy.md in a machine with a real systemd: the service decides a card, in all of the limits of its unit. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildAlone } from '../../scripts/package/packed.ts';
import { secretOf } from '../../support/data/secrets.ts';
import { calls, pressSlack, textOf } from '../../support/people/room.ts';
import { type BotWorld, withBots } from '../../support/worlds/bots.ts';
import { dana } from '../../support/worlds/world.ts';
import { type Machine, noMachine, startMachine } from './machine.ts';
import { type Registry, startRegistry } from './registry.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const UNIT = 'countersign.service';

/** The commands of docs/deploy.md for systemd. */
function steps(): string {
  const [, block] =
    /^## systemd\n[\s\S]*?```sh\n([\s\S]*?)```/m.exec(readFileSync(join(root, 'docs/deploy.md'), 'utf8')) ?? [];
  assert.ok(block);
  return block;
}

/** In a folder: the package as `npm pack` makes it, with deploy/ in it. */
function makePackage(folder: string): void {
  const alone = join(folder, 'alone');
  buildAlone(alone);
  const packed = spawnSync('npm', ['pack', alone], { cwd: folder, encoding: 'utf8' });
  assert.equal(packed.status, 0, packed.stderr);
  rmSync(alone, { recursive: true });
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('the service', { skip: noMachine() }, () => {
  const shared = mkdtempSync(join(tmpdir(), 'countersign-machine-'));
  const token = secretOf('metrics');
  let machine: Machine;
  let registry: Registry;
  let port = 0;
  before(async () => {
    makePackage(shared);
    [machine, registry, port] = await Promise.all([startMachine(shared), startRegistry(shared), freePort()]);
  });
  after(async () => {
    registry?.stop();
    await machine?.stop();
    rmSync(shared, { recursive: true });
  });

  const show = async (property: string) => (await machine.run(`systemctl show -P ${property} ${UNIT}`)).trim();
  const journal = () => machine.run(`journalctl -q -o cat -u ${UNIT}`);
  /** Until a line of its log was written so often. */
  const logged = async (text: string, times = 1) => {
    const lines = `<(journalctl -q -f -n all -o cat -u ${UNIT})`;
    const { status } = await machine.tryTo(`timeout 60 grep -m ${times} -F '${text}' < ${lines}`);
    assert.equal(status, 0, `no line has ${text}:\n${await journal()}`);
  };
  const READY = '"msg":"ready"';

  async function decide(world: BotWorld): Promise<void> {
    const known = world.slackCards().length;
    const approvals = () => calls(world, 'approve').filter(({ effect }) => effect).length;
    const before = approvals();
    await world.dispatch({ port });
    const card = await world.until('a card', () => world.slackCards()[known]);
    assert.ok((await pressSlack(world, dana, card, 'Approve')).acked);
    await world.until('the outcome', () =>
      textOf(world.slackCards()[known] ?? card).includes('Approved by Dana Reyes') ? true : undefined,
    );
    assert.equal(approvals(), before + 1);
  }

  test('is installed by the steps of the document, decides, comes back after a crash, and is backed up', () =>
    withBots(async (world) => {
      const settings = { ...world.settings, PORT: String(port), METRICS_TOKEN: token };
      const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
      writeFileSync(join(shared, '.env'), lines.join('\n'));
      await machine.run(`cd /shared\n${steps()}`, { npm_config_registry: registry.url });
      await logged(READY);
      await decide(world);
      assert.doesNotMatch(await journal(), /"level":(?:40|50|60)|"level":"(?:warn|error|fatal)"/);

      // The limits are the kernel's, not only the unit's.
      const pid = await show('MainPID');
      const status = await machine.run(`cat /proc/${pid}/status`);
      for (const line of ['NoNewPrivs:\t1', 'Seccomp:\t2', 'CapBnd:\t0000000000000000', 'Umask:\t0077']) {
        assert.ok(status.includes(line), line);
      }
      const flags = (await machine.run(`tr '\\0' ' ' < /proc/${pid}/cmdline`)).split(' ');
      assert.deepEqual([flags[1], flags.at(-2)], ['--max-semi-space-size=16', 'start'], 'as the bot is started');
      for (const path of ['/usr/x', '/etc/countersign/x', '/opt/countersign/x', '/var/x', '/root/x']) {
        assert.notEqual((await machine.tryTo(`nsenter -t ${pid} -m touch ${path}`)).status, 0, path);
      }
      const files = await machine.run('stat -c "%U %a %n" /var/lib/countersign /var/lib/countersign/countersign.db*');
      for (const line of files.trim().split('\n')) assert.match(line, /^countersign (?:700|600) /);
      assert.match(await machine.run('ls /var/cache/countersign/compiled'), /\S/, 'the next start takes less time');

      const { source, faults, warnings } = JSON.parse(await machine.run('countersign doctor --json'));
      assert.deepEqual([source, faults, warnings], ['bot', 0, 0], 'it is asked, within all limits');

      await machine.run(`systemctl kill -s KILL ${UNIT}`);
      await logged(READY, 2);
      assert.equal(await show('NRestarts'), '1');
      await decide(world);

      await machine.run('systemctl start countersign-backup.service');
      const backups = await machine.run('stat -c "%U %a %n" /var/lib/countersign/backups/*');
      assert.match(backups, /^countersign 600 \S+\/countersign-\d{4}-\d\d-\d\dT\d{6}Z\.db\n$/);
      assert.match(await machine.run('systemctl list-timers --all'), /countersign-backup\.timer/);

      await machine.run(`systemctl stop ${UNIT}`);
      assert.deepEqual([await show('Result'), await show('ExecMainStatus')], ['success', '0']);
    }));

  test('reads a changed policy file, says what is wrong with a setting, and keeps trying', () =>
    withBots(async (world) => {
      await machine.run(`systemctl stop ${UNIT}`);
      const started = (await journal()).split(READY).length - 1;
      // As an operator moves to a policy file.
      const all = { ...world.settings, PORT: String(port), METRICS_TOKEN: token };
      const inFile = ['REVIEWERS', 'DIGEST_FROM'];
      const others = Object.fromEntries(Object.entries(all).filter(([name]) => !inFile.includes(name)));
      const env = (set: object) =>
        Object.entries(set)
          .map(([name, value]) => `${name}=${value}`)
          .join('\n');
      writeFileSync(join(shared, '.env'), env(all));
      const put = (name: string) => `install -m 640 -g countersign ${name} /etc/countersign/${name}`;
      await machine.run(
        `cd /shared; /opt/countersign/bin/countersign policy init; ${put('countersign.yml')}; countersign policy check`,
      );
      writeFileSync(join(shared, '.env'), env(others));
      await machine.run(`cd /shared; ${put('.env')}; systemctl start ${UNIT}`);
      await logged(READY, started + 1);
      await machine.run(`systemctl reload ${UNIT}`);
      await logged('"why":"SIGHUP"');

      writeFileSync(join(shared, '.env'), env({ ...others, PORT: 'http' }));
      await machine.run(`cd /shared; ${put('.env')}; systemctl restart ${UNIT}`);
      await logged('PORT: ');
      const { output } = await machine.tryTo(`systemctl show -p SubState,ExecMainStatus ${UNIT}`);
      assert.match(output, /ExecMainStatus=1/);
      assert.match(output, /SubState=(?:auto-restart|running|start)/);
    }));

  test('has units without faults: systemd itself finds only what an older one does not know', async () => {
    const units = 'countersign.service countersign-backup.service countersign-backup.timer';
    const { status, output } = await machine.tryTo(`systemd-analyze verify ${units}`);
    const lines = output
      .split('\n')
      .filter((line) => line.includes('countersign') && !/Unknown key '?Restart(?:Steps|MaxDelaySec)/.test(line));
    assert.deepEqual([status, lines], [0, []]);
  });
});

/**
 * A machine with systemd, for as long as a test needs it: this machine's own programs in a container of systemd-nspawn, with an
 * empty /etc and /var, and with this Node. It shares the network, where the emulators are.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The first start makes users and folders. */
const BOOT_MS = 60_000;

export interface Machine {
  /** Runs shell commands as root. @returns what they print @throws AssertionError if one fails */
  run(script: string, env?: Record<string, string>): Promise<string>;
  /** The same, and whether it failed. */
  tryTo(script: string, env?: Record<string, string>): Promise<{ status: number | null; output: string }>;
  stop(): Promise<void>;
}

/** Why there can be no such machine here; false: there can. */
export function noMachine(): string | false {
  if (process.getuid?.() !== 0) return 'only root can start a container';
  for (const program of ['/usr/bin/systemd-nspawn', '/usr/bin/nsenter', '/usr/lib/systemd/systemd']) {
    if (!existsSync(program)) return `${program} is not installed: apt-get install systemd-container`;
  }
  return false;
}

/** @param shared a folder that the machine sees as /shared; below it, what the start needs is kept, too */
export async function startMachine(shared: string): Promise<Machine> {
  const upper = join(shared, 'usr');
  mkdirSync(join(upper, 'local/bin'), { recursive: true });
  copyFileSync(process.execPath, join(upper, 'local/bin/node'));
  const machine = spawn(
    'systemd-nspawn',
    [
      ...['--machine', `countersign-${process.pid}`, '--register=no', '--keep-unit', '--volatile=yes', '-D', '/'],
      ...[`--overlay=/usr:${upper}:/usr`, `--bind=${shared}:/shared`],
      ...['--boot', '--', 'systemd.firstboot=no', 'systemd.unit=basic.target'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = once(machine, 'close');
  await booted(machine);
  const leader = readFileSync(`/proc/${machine.pid}/task/${machine.pid}/children`, 'utf8').trim().split(' ').at(-1);
  const enter = ['-t', String(leader), '-m', '-u', '-i', '-p', '--', 'bash', '-euo', 'pipefail', '-c'];

  const tryTo = async (script: string, more: Record<string, string> = {}) => {
    const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin', HOME: '/root', LANG: 'C.UTF-8', ...more };
    // Not synchronous: this process may be what the commands call.
    const child = spawn('nsenter', [...enter, script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const texts = Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, output: (await texts).flat().join('') };
  };
  return {
    tryTo,
    async run(script, env) {
      const { status, output } = await tryTo(script, env);
      assert.equal(status, 0, `${script}\n${output}`);
      return output;
    },
    async stop() {
      await tryTo('systemctl --no-block exit');
      const timer = setTimeout(() => machine.kill('SIGKILL'), BOOT_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Until its basic system is up. */
async function booted(machine: ChildProcess): Promise<void> {
  const lines: string[] = [];
  const { stdout, stderr } = machine;
  assert.ok(stdout && stderr);
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`The container ${why}:\n${lines.join('\n')}`));
    const timer = setTimeout(() => {
      fail('does not start');
      machine.kill('SIGKILL');
    }, BOOT_MS);
    machine.once('close', () => fail('ended'));
    for (const output of [stdout, stderr]) {
      createInterface({ input: output }).on('line', (line) => {
        lines.push(line);
        if (!/Reached target.*basic\.target/.test(line)) return;
        clearTimeout(timer);
        resolve();
      });
    }
  });
}

/** An engine for images, of Debian's packages: it builds the Dockerfile and runs what it built. Only Buildah's cache stays. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Besides Node and npm: what the Dockerfile calls. Whoever adds a program there sees that the base must have it. */
const PROGRAMS = ['/bin/sh', '/usr/bin/env', '/usr/bin/install', '/bin/ln'];
const BASE = 'localhost/node-base';
/** What `countersign version` says in the image. */
export const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const CACHE = '/var/cache/npm';
const CERTIFICATES = '/etc/certificates.pem';

export interface Engine {
  readonly folder: string;
  /** @param context the folder of the Dockerfile */
  build(context: string, tag: string): Promise<void>;
  /** Starts podman. */
  start(args: readonly string[]): ChildProcess;
  /** Runs podman. @returns what it prints @throws AssertionError if it fails */
  run(args: readonly string[]): Promise<string>;
  remove(): void;
}

/** Why there can be no engine here; false: there can. */
export function noEngine(): string | false {
  if (process.getuid?.() !== 0) return 'only root can build an image here';
  for (const program of ['buildah', 'podman', 'crun', 'unshare']) {
    if (!existsSync(`/usr/bin/${program}`)) return `${program} is not installed: apt-get install buildah podman crun`;
  }
  return false;
}

export async function startEngine(): Promise<Engine> {
  // On a disk: it is more than a gigabyte.
  const folder = mkdtempSync('/var/tmp/countersign-engine-');
  // Podman wants a short one.
  const running = mkdtempSync('/run/countersign-');
  const storage = ['--root', join(folder, 'images'), '--runroot', running];
  const buildah = (args: readonly string[]) =>
    command('buildah', [...storage, 'bud', '--isolation', 'chroot', ...args]);
  makeBase(join(folder, 'base'));
  await buildah(['-t', BASE, join(folder, 'base')]);
  // Podman's runtime wants one kind of control groups: in a mount namespace of its own it gets them.
  const podman = ['umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; exec podman "$@"', 'sh', ...storage];
  const args = (given: readonly string[]) => ['-m', 'sh', '-c', ...podman, '--cgroup-manager', 'cgroupfs', ...given];
  const started: ChildProcess[] = [];
  return {
    folder,
    async build(context, tag) {
      await buildah([
        ...['--format', 'docker', '--build-arg', `NODE_IMAGE=${BASE}`, '--build-arg', `COMMIT=${COMMIT}`, '-t', tag],
        ...npmFiles().flatMap(([from, to]) => ['--volume', `${from}:${to}`]),
        context,
      ]);
    },
    start(given) {
      const child = spawn('unshare', args(given), { stdio: ['ignore', 'pipe', 'pipe'] });
      started.push(child);
      return child;
    },
    run: (given) => command('unshare', args(given)),
    remove() {
      // What a failed test has left.
      spawnSync('unshare', args(['rm', '--all', '--force', '--time=1']));
      for (const child of started) child.kill('SIGKILL');
      for (const one of [folder, running]) {
        spawnSync('sh', ['-c', `grep -oE "${one}[^ ]*" /proc/mounts | sort -r | xargs -r umount`]);
        rmSync(one, { recursive: true, force: true });
      }
    },
  };
}

/** What this machine's npm reaches its registry with, and what it has downloaded before. */
function npmFiles(): [string, string][] {
  const ask = (name: string) => spawnSync('npm', ['config', 'get', name], { encoding: 'utf8' }).stdout.trim();
  const files: [string, string][] = [
    [ask('globalconfig'), '/usr/local/etc/npmrc'],
    [ask('userconfig'), '/root/.npmrc'],
    [process.env['NODE_EXTRA_CA_CERTS'] ?? '', CERTIFICATES],
    [ask('cache'), CACHE],
  ];
  return files.filter(([from]) => existsSync(from));
}

async function command(name: string, args: readonly string[]): Promise<string> {
  // Not synchronous: this process is what a container may call.
  const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
  const [code] = (await once(child, 'close')) as [number | null];
  const [out, errors] = (await texts).map((parts) => parts.join(''));
  assert.equal(code, 0, `${name} ${args.join(' ')}\n${out}\n${errors}`);
  return out ?? '';
}

/**
 * In place of Node's own image, which can't be downloaded here: this Node, npm, a shell, and the libraries that they need. It
 * has less than the real one, so what builds on this builds there.
 */
function makeBase(folder: string): void {
  const put = (from: string, to: string) => {
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    copyFileSync(from, join(folder, to));
  };
  const root = join(folder, 'root');
  for (const name of ['tmp', 'root', 'proc', 'sys', 'dev', 'etc']) mkdirSync(join(root, name), { recursive: true });
  const node = 'root/usr/local/bin/node';
  put(process.execPath, node);
  for (const program of PROGRAMS) put(program, `root${program}`);
  const linked = [join(folder, node), ...PROGRAMS].flatMap((program) => {
    const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
    return stdout.match(/\/[^\s()]+/g) ?? [];
  });
  for (const library of new Set(linked)) if (library.includes('/lib')) put(library, `root${library}`);
  const npm = join(spawnSync('npm', ['root', '-g'], { encoding: 'utf8' }).stdout.trim(), 'npm');
  cpSync(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
  const env = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    npm_config_cache: CACHE,
    npm_config_prefer_offline: 'true',
    ...(npmFiles().some(([, to]) => to === CERTIFICATES) && { NODE_EXTRA_CA_CERTS: CERTIFICATES }),
  };
  const lines = Object.entries(env).map(([name, value]) => `ENV ${name}=${value}`);
  writeFileSync(join(folder, 'Dockerfile'), `FROM scratch\nCOPY root /\n${lines.join('\n')}\n`);
}

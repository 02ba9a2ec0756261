/** A PostgreSQL server of our own, as a child process: no library's exit hook is in the tests. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { findPrograms, type Programs } from './programs.ts';

/** A start takes half a second; a busy machine takes several times as long. */
const START_MS = 30_000;
const LOOK_MS = 25;
/** Of the database that each server has from the beginning. */
const USER = 'countersign';

/** What differs from the defaults of PostgreSQL. Durability does not: the bot refuses a server that may lose commits. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '400',
  shared_buffers: '64MB',
  max_wal_size: '256MB',
  timezone: 'UTC',
  log_min_messages: 'warning',
};

export interface Server {
  readonly port: number;
  readonly folder: string;
  readonly process: ChildProcess;
  urlOf(database: string): string;
  /** Waits until it answers. */
  ready(): Promise<void>;
  /** What it has written: errors and warnings. */
  log(): string;
  /** `SIGINT` ends it without waiting for its clients, `SIGQUIT` as a crash does. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface ServerOptions {
  /** Besides ours. */
  settings?: Record<string, string>;
  /** Default: a free one. */
  port?: number;
}

/** @param folder an empty one */
export function createCluster(folder: string): Programs {
  const programs = findPrograms(folder);
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  programs.own(data);
  const args = ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'];
  execFileSync(programs.initdb, args, { ...programs.options, cwd: data, stdio: ['ignore', 'ignore', 'pipe'] });
  return programs;
}

/** @param folder with a cluster in `data` */
export async function startServer(folder: string, programs: Programs, options: ServerOptions = {}): Promise<Server> {
  const port = options.port ?? (await freePort());
  const data = join(folder, 'data');
  const all = { ...settings, ...options.settings, port: String(port) };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const logFile = join(folder, 'server.log');
  const output = openSync(logFile, 'a');
  const stdio = ['ignore', output, output] as const;
  // In a session of its own: a Ctrl-C at the terminal ends the tests first.
  const child = spawn(programs.postgres, ['-D', data, ...flags], {
    ...programs.options,
    cwd: data,
    stdio: [...stdio],
    detached: true,
  });
  closeSync(output);
  child.unref();
  const log = () => readFileSync(logFile, 'utf8');
  const urlOf = (database: string) => `postgres://${USER}@127.0.0.1:${port}/${database}`;
  return {
    port,
    folder,
    process: child,
    urlOf,
    log,
    async ready() {
      const deadline = performance.now() + START_MS;
      while (!(await answers(urlOf('postgres')))) {
        if (child.exitCode !== null) throw new Error(`PostgreSQL ended with ${child.exitCode}:\n${log()}`);
        if (performance.now() > deadline) throw new Error(`PostgreSQL did not start within ${START_MS} ms:\n${log()}`);
        await wait(LOOK_MS);
      }
    },
    async stop(signal = 'SIGINT') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.ref();
      child.kill(signal);
      await ended;
    },
  };
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { isPinned } from '../run/cores.ts';
import { root } from '../run/product.ts';

/** The libraries whose versions change what is measured. */
const measuredPackages = [
  '@slack/bolt',
  '@slack/socket-mode',
  '@slack/web-api',
  'better-sqlite3',
  'discord.js',
  'hono',
  'pino',
  'undici',
  'zod',
];

export interface MachineFacts {
  node: string;
  system: string;
  cpu: string;
  cores: number;
  memoryGb: number;
  /** Whether server and load have a core each. */
  pinned: boolean;
  versions: Record<string, string>;
}

export function machineFacts(): MachineFacts {
  const [cpu] = cpus();
  return {
    node: process.version,
    system: `${process.platform} ${release()}`,
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    pinned: isPinned,
    versions: Object.fromEntries(measuredPackages.map((name) => [name, versionOf(name)])),
  };
}

export function machineText({ node, system, cpu, cores, memoryGb, pinned, versions }: MachineFacts): string {
  const where = `Node ${node.slice(1)}, ${system}, ${cores} × ${cpu}, ${memoryGb} GB`;
  const how = pinned ? 'server on core 0, load and emulators on core 1' : 'processes not pinned to cores';
  const libraries = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${where}; ${how}\n${libraries.join(', ')}`;
}

function versionOf(name: string): string {
  return (JSON.parse(readFileSync(`${root}node_modules/${name}/package.json`, 'utf8')) as { version: string }).version;
}

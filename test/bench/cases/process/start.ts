/** From the start of the process to the line that says that the bot is ready: both platforms, an empty database. */
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Bench, Case, Figures, Server } from '../../contract.ts';
import { root } from '../../run/product.ts';
import { createWorld } from '../../world/world.ts';

const floor = 'bundle of the libraries';

const goals = [
  { of: 'bundle', against: floor, limit: 1.3 },
  { of: 'source', against: floor, limit: 2 },
];

export const start: Case = {
  name: 'start',
  title: 'A start with Slack and Discord, until it is ready',
  metrics: [
    { name: 'ready', unit: 'ms', better: 'less', goals },
    { name: 'cpu', unit: 'ms until it is ready', better: 'less', goals },
    { name: 'memory', unit: 'MB, 1 s after', better: 'less' },
  ],
  subjects: [productSubject('bundle'), productSubject('source'), { name: floor, kind: 'floor', measure: measureFloor }],
};

function productSubject(from: 'bundle' | 'source') {
  const measure = async (bench: Bench) => {
    const { settings } = await bothPlatforms(bench);
    return second(() => bench.startProduct(settings, { from }));
  };
  return { name: from, kind: 'product', measure } as const;
}

/** With Socket Mode, as most people run it. */
async function bothPlatforms(bench: Bench) {
  const world = await createWorld(bench, { onDiscord: true });
  const { SLACK_SIGNING_SECRET: _, ...settings } = world.settings;
  return { settings: { ...settings, SLACK_APP_TOKEN: world.slack.appToken } };
}

async function measureFloor(bench: Bench): Promise<Figures> {
  const { settings } = await bothPlatforms(bench);
  const script = await bundled(bench);
  const env = { ...settings, NODE_COMPILE_CACHE: join(bench.folder, 'compiled') };
  const args = [join(bench.folder, 'floor.db')];
  return second(() => bench.startServer(script, { args, env }));
}

/** Made as the bot's own bundle is. */
async function bundled({ shared }: Bench): Promise<string> {
  const folder = join(shared, 'libraries');
  const outfile = join(folder, 'both-platforms.mjs');
  if (existsSync(outfile)) return outfile;
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  await build({
    entryPoints: [join(root, 'test/bench/cases/process/servers/both-platforms.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['better-sqlite3', 'zlib-sync', 'bufferutil', 'utf-8-validate', '@discordjs/opus'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); const { filename: __filename, dirname: __dirname } = import.meta;",
    },
    logLevel: 'error',
  });
  return outfile;
}

/** The second start: the first one makes the database and compiles the code. */
async function second(begin: () => Promise<Server>): Promise<Figures> {
  const first = await begin();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await first.stop();
  const server = await begin();
  const figures = { ready: server.readyMs, cpu: server.cpuMs() };
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return { ...figures, memory: server.rssMb() };
}

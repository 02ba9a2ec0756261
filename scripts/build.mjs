// `npm run build`: see `usage`, which `npm run build -- --help` prints.
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

// biome-ignore lint/correctness/noUnusedVariables: `run.mjs` reads and prints it.
const usage = `Usage: npm run build [-- FOLDER]

Makes dist/ of the source: the bot and its commands as plain JavaScript, with their packages and source maps. A start from
there takes less than half the time of one from the source: npm run start:built.

It needs node_modules/ for better-sqlite3 only. The commands are dist/cli/ask.mjs, backup.mjs, sonzai.mjs and policy/main.mjs.
With NODE_OPTIONS=--enable-source-maps, stacks name lines of the source. Once the source is newer than dist/, start:built says
so, and starts nothing.

  FOLDER    in place of dist/
  --help    prints this

Example: npm run build && npm run start:built`;

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = process.argv[2] ?? `${root}dist`;
const programs = ['main', 'cli/ask', 'cli/backup', 'cli/policy/main', 'cli/sonzai'];

/** The compiled code of earlier starts, in a folder that only those can write who can write the code. */
const starter = `import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
enableCompileCache(fileURLToPath(new URL('.compiled', import.meta.url)));
await import('./main.mjs');
`;

// What is older than the source is not started: the starter is written last.
rmSync(dist, { recursive: true, force: true });
await bundle({
  programs: programs.map((program) => `${root}src/${program}.ts`),
  outdir: dist,
  outbase: `${root}src`,
  sourcemap: true,
});
writeFileSync(`${dist}/start.mjs`, starter);

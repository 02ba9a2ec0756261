// `npm run check` and `npm run fix`: see `usage`, which their `--help` prints.
import { spawnSync } from 'node:child_process';

// biome-ignore lint/correctness/noUnusedVariables: `run.mjs` reads and prints it.
const usage = `Usage: npm run check -- [flags of biome check]
       npm run fix -- [flags of biome check]

check: the linter, the formatter and the types, for the whole project. Exits with 1 if one of them finds a fault.
fix: the same, and repairs what the linter and the formatter can repair automatically.

  --fix     what npm run fix adds
  --help    prints this

Example: npm run check -- --diagnostic-level=error`;

const biome = [
  'node_modules/@biomejs/biome/bin/biome',
  'check',
  ...process.argv.slice(2).map((flag) => (flag === '--fix' ? '--write' : flag)),
  '.',
];
// The sandbox page's browser code has the DOM types, the rest does not.
const types = ['.', 'src/sandbox/page/client'].map((project) => ['node_modules/typescript/bin/tsc', '-p', project]);

let failed = false;
for (const args of [biome, ...types]) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);

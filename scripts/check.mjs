// `npm run check`: the linter's rules and the type checker. `npm run fix` lets the linter mend what it can.
import { spawnSync } from 'node:child_process';

const biome = [
  'node_modules/@biomejs/biome/bin/biome',
  'check',
  ...process.argv.slice(2).map((flag) => (flag === '--fix' ? '--write' : flag)),
  '.',
];
// The sandbox page's browser side knows the DOM, the rest does not.
const types = ['.', 'src/sandbox/page/client'].map((project) => ['node_modules/typescript/bin/tsc', '-p', project]);

let failed = false;
for (const args of [biome, ...types]) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);

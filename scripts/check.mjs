// `npm run check`: lint, format and types. `npm run fix`: auto-fix lint and format, then check types.
import { spawnSync } from 'node:child_process';

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

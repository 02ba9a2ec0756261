/**
 * `npm run fuzz`: every edge with many more cases than a run of the whole suite has.
 *
 *     --runs N    cases a property (default 10000)
 *     --seed S    the seed (default: a new one, printed)
 *     FILE …      these files only, of `test/fuzz` or `test/model` (default: all of `test/fuzz`)
 *
 * A failure prints the seed, the path to its case, and the smallest case that still fails.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { globSync } from 'node:fs';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { runs: { type: 'string', default: '10000' }, seed: { type: 'string' } },
  allowPositionals: true,
});
const runs = Number(values.runs);
const seed = Number(values.seed ?? randomInt(2 ** 31));
if (!Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed)) {
  console.error('Usage: npm run fuzz -- [--runs N] [--seed S] [FILE …]');
  process.exit(1);
}
const files = positionals.length > 0 ? positionals : globSync('test/fuzz/**/*.test.ts').sort();
const again = `npm run fuzz -- --runs ${runs} --seed ${seed}`;
console.log(`${runs} cases a property, seed ${seed}. Once more the same: ${again}`);

const flags = ['--import', './test/support/property.ts', '--test', '--test-isolation=none', '--test-reporter=spec'];
const child = spawn(process.execPath, [...flags, ...files], {
  stdio: 'inherit',
  env: { ...process.env, RUNS: String(runs), SEED: String(seed) },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  if (code !== 0) console.error(`Failed. Once more the same: ${again}`);
  process.exit(code ?? 1);
});

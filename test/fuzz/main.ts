/** `npm run fuzz`: see `usage`. */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, globSync } from 'node:fs';
import { parseCommandLine, runCommand, wholeNumber, wrongUsage } from '../support/command-line.ts';

const usage = `Usage: npm run fuzz -- [flags] [FILE …]

Tries every edge with many more cases than a run of the whole suite has. A failure prints the seed, the path to its case,
and the smallest case that still fails.

  --runs N    cases for each property (default 10000)
  --seed S    the seed (default: a new one, printed)
  --help      prints this
  FILE …      only these files, of test/fuzz or test/model (default: all of test/fuzz)

Example: npm run fuzz -- --runs 100000 test/fuzz/edges/runtype.test.ts`;

await runCommand(() => {
  const options = { runs: { type: 'string', default: '10000' }, seed: { type: 'string' } } as const;
  const { values, positionals } = parseCommandLine(usage, options, { positionals: true });
  const runs = wholeNumber('runs', values.runs, 1, usage);
  const seed = values.seed === undefined ? randomInt(2 ** 31) : wholeNumber('seed', values.seed, 0, usage);
  const missing = positionals.filter((file) => !existsSync(file));
  if (missing.length > 0) throw wrongUsage(`There is no file ${missing.join(', ')}.`, usage);
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
});

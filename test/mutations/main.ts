/** `npm run mutations`: see `usage`. */
import { parseCommandLine, runCommand, wholeNumber, wrongUsage } from '../support/command-line.ts';
import type { Mutation } from './mutation.ts';
import { endAll, run, verdictOf } from './run.ts';
import { mutations } from './table/list.ts';
import { tables } from './tables.ts';

const NAME_WIDTH = 36;

const usage = `Usage: npm run mutations -- [flags] [NAME …]

Removes each safeguard in turn, and requires that its test fails. Each test first runs on the unchanged source. Exits with 1
if a mutation survives.

  --jobs N    how many run at a time (default 2)
  --list      prints the mutations, and runs nothing
  --tables    prints their tables for docs/reliability.md, and runs nothing
  --help      prints this
  NAME …      only these, and all whose names begin so (default: all)

Example: npm run mutations -- --jobs 1 claim-`;

const options = {
  jobs: { type: 'string', default: '2' },
  list: { type: 'boolean', default: false },
  tables: { type: 'boolean', default: false },
} as const;

type Chosen = readonly (readonly [name: string, mutation: Mutation])[];

await runCommand(async () => {
  const { values, positionals } = parseCommandLine(usage, options, { positionals: true });
  const jobs = wholeNumber('jobs', values.jobs, 1, usage);
  const unknown = positionals.filter((name) => !Object.keys(mutations).some((each) => each.startsWith(name)));
  if (unknown.length > 0) throw wrongUsage(`There is no mutation ${unknown.join(', ')}.`, usage);
  const chosen = Object.entries(mutations).filter(
    ([name]) => positionals.length === 0 || positionals.some((start) => name.startsWith(start)),
  );
  if (values.tables) console.log(Object.values(tables()).join('\n\n'));
  else if (values.list) {
    for (const [name, { about, test }] of chosen) console.log(`${name}: ${about} (test/${test}.test.ts)`);
  } else await runAll(chosen, jobs);
});

/** Ends the process: with 1 if a mutation survives. */
async function runAll(chosen: Chosen, jobs: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      endAll();
      process.exit(1);
    });
  }
  const failures: string[] = [];
  const fail = (name: string, message: string) => {
    failures.push(name);
    print('FAIL', name, message);
  };
  const files = [...Map.groupBy(chosen, ([, { test }]) => test)];
  const startedAt = performance.now();
  const work = async () => {
    for (let job = files.shift(); job !== undefined; job = files.shift()) await runFile(...job, fail);
  };
  await Promise.all(Array.from({ length: jobs }, work));
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
  const survivors = failures.length === 0 ? 'none' : failures.join(', ');
  console.log(`${chosen.length} mutations in ${minutes} minutes; survived or broken: ${survivors}`);
  process.exit(failures.length === 0 ? 0 : 1);
}

/** Runs one test file unchanged, then once with each of its mutations. */
async function runFile(test: string, its: Chosen, fail: (name: string, message: string) => void): Promise<void> {
  const { failed, broken, hung } = await run(test, [...new Set(its.map(([, { title }]) => title))], null);
  const problem = broken ?? (failed && `“${failed.title}”: ${failed.message}`) ?? (hung ? 'it never ended' : null);
  if (problem !== null) return fail(test, `without any mutation: ${problem}`);
  for (const [name, mutation] of its) {
    const ran = await run(mutation.test, [mutation.title], name, mutation.hangs);
    const { killed, message } = verdictOf(ran, mutation);
    if (killed) print('ok', name, `${(ran.ms / 1_000).toFixed(1).padStart(5)} s  ${message.split('\n')[0]}`);
    else fail(name, message);
  }
}

function print(result: string, name: string, message: string): void {
  console.log(`${result.padEnd(5)} ${name.padEnd(NAME_WIDTH)} ${message}`);
}

/**
 * `npm run remedies`: takes away each remedy in turn, and demands that its test fails.
 *
 *     NAME …      these only, and all whose names begin so (default: all)
 *     --jobs N    so many at a time (default 2)
 *     --list      says which there are, and runs nothing
 *     --tables    prints what docs/reliability.md has of them, and runs nothing
 *
 * Each test is run with everything in place first. Ends with 1 if a remedy was not missed.
 */
import { parseArgs } from 'node:util';
import type { Remedy } from './remedy.ts';
import { endAll, run, verdictOf } from './run.ts';
import { remedies } from './table/list.ts';
import { tables } from './tables.ts';

const NAME_WIDTH = 36;

const { values, positionals } = parseArgs({
  options: {
    jobs: { type: 'string', default: '2' },
    list: { type: 'boolean', default: false },
    tables: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const jobs = Number(values.jobs);
const unknown = positionals.filter((name) => !Object.keys(remedies).some((each) => each.startsWith(name)));
if (!Number.isSafeInteger(jobs) || jobs < 1 || unknown.length > 0) {
  console.error(
    unknown.length > 0
      ? `There is no remedy ${unknown.join(', ')}.`
      : 'Usage: npm run remedies -- [--jobs N] [--list] [NAME …]',
  );
  process.exit(1);
}
const chosen = Object.entries(remedies).filter(
  ([name]) => positionals.length === 0 || positionals.some((start) => name.startsWith(start)),
);
if (values.tables) {
  console.log(Object.values(tables()).join('\n\n'));
  process.exit(0);
}
if (values.list) {
  for (const [name, { about, test }] of chosen) console.log(`${name}: ${about} (test/${test}.test.ts)`);
  process.exit(0);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    endAll();
    process.exit(1);
  });
}
const failures: string[] = [];

/** The remedies that one file misses, after that file with everything in place. */
async function take(test: string, those: readonly (readonly [name: string, remedy: Remedy])[]): Promise<void> {
  const { failed, broken, hung } = await run(test, [...new Set(those.map(([, { title }]) => title))], null);
  const bad = broken ?? (failed && `“${failed.title}”: ${failed.words}`) ?? (hung ? 'it never ended' : null);
  if (bad !== null) return fail(test, `with everything in place: ${bad}`);
  for (const [name, remedy] of those) {
    const ran = await run(remedy.test, [remedy.title], name, remedy.hangs);
    const { missed, words } = verdictOf(ran, remedy);
    if (missed) say('ok', name, `${(ran.ms / 1_000).toFixed(1).padStart(5)} s  ${words.split('\n')[0]}`);
    else fail(name, words);
  }
}

function fail(name: string, words: string): void {
  failures.push(name);
  say('FAIL', name, words);
}

function say(result: string, name: string, words: string): void {
  console.log(`${result.padEnd(5)} ${name.padEnd(NAME_WIDTH)} ${words}`);
}

const files = [...Map.groupBy(chosen, ([, { test }]) => test)];
const startedAt = performance.now();
async function work(): Promise<void> {
  for (let job = files.shift(); job !== undefined; job = files.shift()) await take(...job);
}
await Promise.all(Array.from({ length: jobs }, work));
const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
console.log(
  `${chosen.length} remedies taken away one by one in ${minutes} minutes; not missed: ${failures.length === 0 ? 'none' : failures.join(', ')}`,
);
process.exit(failures.length === 0 ? 0 : 1);

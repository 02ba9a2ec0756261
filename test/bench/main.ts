/**
 * `npm run bench`: see `usage`.
 *
 * How to write a case:
 * 1. A folder or file in `cases/` exports a `Case` (`contract.ts`), and `cases/index.ts` lists it.
 * 2. Each subject's `measure` runs in a fresh process on the core of the load: emulators and the load are made there. What
 *    is measured is another process, on the core of the server: `bench.startProduct(settings)` is the product as
 *    `npm start` runs it; `bench.startServer('test/bench/cases/…/floor.ts')` is a floor or a peer, which prints
 *    `ready PORT`. A subject that needs no other process sets `inProcess` and runs on the core of the server itself.
 * 3. A floor keeps the same promise as the product (for a press: nothing is acknowledged before its commit), with as little
 *    code as possible. Check after the load that the work was done, and throw if not: figures of refused work are wrong.
 * 4. Prefer CPU time and counts; times only as ratios to a floor of the same round.
 * 5. One subject takes at most a minute, and three seconds with `bench.quick`; a case that can't is left out there.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseCommandLine, runCommand, wholeNumber, wrongUsage } from '../support/command-line.ts';
import { cases } from './cases/index.ts';
import { machineFacts, machineText } from './report/machine.ts';
import { markdownOf } from './report/markdown.ts';
import { type CaseSummary, summaryOf } from './report/summary.ts';
import { tableOf } from './report/table.ts';
import { runRounds, type Settings } from './run/rounds.ts';

const ROUNDS = 5;
const QUICK_ROUNDS = 1;
/** How long a round waits until nothing else uses the machine, ms. */
const WAIT_MS = 120_000;
const QUICK_WAIT_MS = 3_000;
/** After this `--quick` starts no other case: the longest one takes 25 s. */
const QUICK_MS = 150_000;

const usage = `Usage: npm run bench -- [options]

Measures the bot beside floors (the same promise, written by hand) and a peer, in rounds that rotate: each subject once a
round, in a process of its own. Prints medians, and the medians of the ratios within each round: ratios count, since
absolute figures differ from machine to machine. The server has one core; load and emulators have the other. A round starts
when less than 12 % of the machine is in use; one that could not wait longer counts as noisy.

  --only NAME[,NAME]  only these cases
  --quick             less load and one round; takes less than three minutes, and names what it left out for that
  --rounds N          how many rounds (default: ${ROUNDS})
  --no-wait           starts rounds on a busy machine, too
  --from FORM         the bot to measure: source (default) or bundle, as npm run build makes it
  --profile FOLDER    saves a .cpuprofile of each product subject there
  --json              prints all figures as JSON
  --save FOLDER       saves there, after each case, bench.json and bench.md, the goals as in docs/performance.md
  --help              prints this

Cases:
${cases.map(({ name, title }) => `  ${name.padEnd(18)}  ${title}`).join('\n')}

Exits with 1 if a subject could not be measured; goals that are not met don't matter.

Example: npm run bench -- --only payloads --rounds 1`;

await runCommand(async () => {
  const { values } = parseCommandLine(usage, {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    'no-wait': { type: 'boolean', default: false },
    from: { type: 'string', default: 'source' },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
    save: { type: 'string' },
  });
  const { quick, from, json } = values;
  if (from !== 'source' && from !== 'bundle') throw wrongUsage(`--from is source or bundle, not "${from}".`, usage);
  const standardRounds = quick ? QUICK_ROUNDS : ROUNDS;
  const rounds = values.rounds === undefined ? standardRounds : wholeNumber('rounds', values.rounds, 1, usage);
  const profiles = values.profile === undefined ? null : resolve(values.profile);
  if (profiles !== null) mkdirSync(profiles, { recursive: true });
  const patience = quick ? QUICK_WAIT_MS : WAIT_MS;
  const waitMs = values['no-wait'] ? 0 : patience;
  const chosen = chosenCases(values.only, quick);

  const shared = mkdtempSync(join(tmpdir(), 'countersign-bench-shared-'));
  process.once('exit', () => rmSync(shared, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  const machine = machineFacts();
  if (!json) console.log(machineText(machine));
  const summaries: CaseSummary[] = [];
  const leftOut: string[] = [];
  const jsonOf = () =>
    JSON.stringify({ at: new Date().toISOString(), quick, from, machine, cases: summaries }, null, 2);
  for (const each of chosen) {
    if (quick && performance.now() > QUICK_MS && values.only === undefined) {
      leftOut.push(each.name);
      continue;
    }
    const { maxRounds = rounds } = each;
    const settings: Settings = {
      quick,
      from,
      shared,
      profiles,
      waitMs,
      rounds: Math.min(rounds, maxRounds),
      onProgress: showProgress,
    };
    const done = await runRounds(each, settings);
    showProgress('');
    const summary = summaryOf(each, done);
    summaries.push(summary);
    if (values.save !== undefined) save(values.save, jsonOf(), `${markdownOf(summaries)}\n\n${machineText(machine)}`);
    if (!json) console.log(tableOf(summary));
  }
  if (json) console.log(jsonOf());
  else if (leftOut.length > 0)
    console.log(`\nLeft out, for they would take longer than three minutes: ${leftOut.join(', ')}`);
  if (summaries.some(({ errors }) => errors.length > 0)) process.exitCode = 1;
});

function save(folder: string, json: string, markdown: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'bench.json'), `${json}\n`);
  writeFileSync(join(folder, 'bench.md'), `${markdown}\n`);
}

function chosenCases(only: string | undefined, quick: boolean) {
  if (only === undefined) return cases.filter((each) => !quick || each.quick !== false);
  return only.split(',').map((name) => {
    const found = cases.find((each) => each.name === name);
    if (found === undefined) throw wrongUsage(`There is no case "${name}".`, usage);
    return found;
  });
}

/** On a terminal, one line that is replaced; elsewhere nothing. */
function showProgress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${what}`);
}

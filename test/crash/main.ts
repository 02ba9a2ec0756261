/** `npm run torture`: see `usage`. What it does is in docs/crash-testing.md. */
import { parseCommandLine, runCommand, wholeNumber, wrongUsage } from '../support/command-line.ts';
import { crashMutations, type Mutation, type MutationName, mutationNames } from './checker/mutations.ts';
import { described, roundLine, summary } from './checker/report.ts';
import { torture } from './run.ts';
import { allRounds, planOf, type RoundPlan } from './script/plan.ts';
import { type StoreName, storeNames } from './world/database.ts';

/** In several lines, below the text of the flag. */
const names = mutationNames.join(', ').replaceAll(/.{80,}?, /g, (line) => `${line.trimEnd()}\n${' '.repeat(16)}`);

const usage = `Usage: npm run torture -- [flags]

Kills the real bot at random and at every fail-point, and compares the outside world's records with what was promised.
Exits with 1 if a round fails. The timeline of each failed round is written to a file in test-results/torture.

  --rounds N    random rounds (default 50)
  --points N    rounds for each fail-point (default 1)
  --seed S      the schedule, as far as real processes have one (default: a new one, printed)
  --round NAME  only this round, also several times: a number, or a fail-point and a number (post.after*3)
  --ci          300 rounds, and each fail-point 20 times
  --store S     sqlite (default) or postgres
  --replicas N  on PostgreSQL: processes at once (default 2)
  --jobs N      worlds at once (default 3)
  --mutation M  the bot with a safeguard removed: this run must fail. M is one of
                ${names}
  --quiet       prints only failures and the end
  --help        prints this

Example: npm run torture -- --rounds 300 --seed 7`;

const options = {
  rounds: { type: 'string' },
  points: { type: 'string' },
  seed: { type: 'string' },
  round: { type: 'string', multiple: true },
  ci: { type: 'boolean', default: false },
  jobs: { type: 'string', default: '3' },
  store: { type: 'string' },
  replicas: { type: 'string' },
  mutation: { type: 'string' },
  quiet: { type: 'boolean', default: false },
} as const;

await runCommand(async () => {
  const { values } = parseCommandLine(usage, options);
  const seed = values.seed ?? String(Date.now() % 1_000_000);
  const rounds = wholeNumber('rounds', values.rounds ?? (values.ci ? '300' : '50'), 0, usage);
  const points = wholeNumber('points', values.points ?? (values.ci ? '20' : '1'), 0, usage);
  const jobs = wholeNumber('jobs', values.jobs, 1, usage);
  const { mutation } = values;
  if (mutation !== undefined && !mutationNames.includes(mutation as MutationName)) {
    throw wrongUsage(`There is no mutation ${mutation}.`, usage);
  }
  const { store = needsReplicas(mutation) ? 'postgres' : 'sqlite' } = values;
  if (!isStore(store)) throw wrongUsage(`--store is ${storeNames.join(' or ')}, not "${store}".`, usage);
  const replicas = wholeNumber('replicas', values.replicas ?? (store === 'sqlite' ? '1' : '2'), 1, usage);
  if (store === 'sqlite' && replicas > 1)
    throw wrongUsage('On SQLite there is one process: --replicas needs --store postgres.', usage);
  const plans = values.round?.map((name) => plan(name, seed)) ?? allRounds(rounds, points, seed);
  const startedAt = performance.now();
  console.log(`${plans.length} rounds, seed ${seed}`);
  const run = await torture({
    ...{ seed, store, replicas },
    // Only the rig's own entry can be broken.
    plans: mutation === undefined ? plans : plans.map((one) => ({ ...one, own: true })),
    jobs,
    ...(mutation !== undefined && { mutation: mutation as MutationName, stopAt: () => true }),
    onRound: (one, result) => {
      if (!values.quiet) console.log(roundLine(one.name, result));
    },
    onFailure: (failure) => console.log(`\n${described(failure, seed)}\n`),
  });
  console.log(`\n${summary(run, { seed, minutes: (performance.now() - startedAt) / 60_000 })}`);
  process.exitCode = run.failures.length === 0 ? 0 : 1;
});

function needsReplicas(mutation: string | undefined): boolean {
  if (mutation === undefined) return false;
  const { replicas }: Mutation = crashMutations[mutation as MutationName];
  return replicas === true;
}

function isStore(name: string): name is StoreName {
  return (storeNames as readonly string[]).includes(name);
}

function plan(name: string, seed: string): RoundPlan {
  try {
    return planOf(name, seed);
  } catch (error) {
    throw wrongUsage(error instanceof Error ? error.message : String(error), usage);
  }
}

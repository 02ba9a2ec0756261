/**
 * `npm run torture`: kills the real bot at random and at every fail-point, and holds the outside world's records against
 * what was promised.
 *
 *     --rounds N    rounds of chance (default 50)
 *     --points N    rounds for each fail-point (default 1)
 *     --seed S      the schedule, as far as real processes have one (default: a new one, printed)
 *     --round NAME  one round again: a number, or a fail-point and a number (post.after*3)
 *     --ci          300 rounds, and each fail-point 20 times
 *     --jobs N      worlds at once (default 3)
 *     --mutation M  breaks the bot on purpose: this run must fail
 *     --quiet       only failures and the end
 */
import { parseArgs } from 'node:util';
import { type MutationName, mutationNames } from './checker/mutations.ts';
import { described, roundLine, summary } from './checker/report.ts';
import { torture } from './run.ts';
import { allRounds, planOf } from './script/plan.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    points: { type: 'string' },
    seed: { type: 'string' },
    round: { type: 'string', multiple: true },
    ci: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '3' },
    mutation: { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
});

const seed = values.seed ?? String(Date.now() % 1_000_000);
const rounds = Number(values.rounds ?? (values.ci ? 300 : 50));
const points = Number(values.points ?? (values.ci ? 20 : 1));
const mutation = values.mutation;
if (mutation !== undefined && !mutationNames.includes(mutation as MutationName)) {
  throw new Error(`There is no mutation ${mutation}: ${mutationNames.join(', ')}.`);
}
const plans = values.round?.map((name) => planOf(name, seed)) ?? allRounds(rounds, points, seed);
const startedAt = performance.now();
console.log(`${plans.length} rounds, seed ${seed}`);
const run = await torture({
  seed,
  // Only the rig's own entry can be broken.
  plans: mutation === undefined ? plans : plans.map((plan) => ({ ...plan, own: true })),
  jobs: Number(values.jobs),
  ...(mutation !== undefined && { mutation: mutation as MutationName, stopAt: () => true }),
  onRound: (plan, result) => {
    if (!values.quiet) console.log(roundLine(plan.name, result));
  },
  onFailure: (failure) => console.log(`\n${described(failure, seed)}\n`),
});
console.log(`\n${summary(run, { seed, minutes: (performance.now() - startedAt) / 60_000 })}`);
process.exitCode = run.failures.length === 0 ? 0 : 1;

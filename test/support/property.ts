/**
 * How long properties are tried, and from which seed. `npm test` takes a fixed one, so that it says the same of the same
 * code on any day; longer runs look for what it has not met yet.
 *
 *     SEED   the seed, a whole number
 *     RUNS   cases a property, instead of each one's own short count
 */
import fc from 'fast-check';

const SEED = 20_261_122;

fc.configureGlobal({ seed: Number(process.env['SEED'] ?? SEED) });

/** Whether this is a long run, of `npm run fuzz`: what has no number of cases may take its time then, too. */
export const isLong = Number(process.env['RUNS'] ?? 0) >= 10_000;

/** @param short how many cases are enough for a run of the whole suite */
export function runs(short: number): number {
  return Number(process.env['RUNS'] ?? short);
}

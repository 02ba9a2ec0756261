/**
 * The number of cases of a property test, and its seed. `npm test` uses a fixed seed, so that results are reproducible;
 * longer runs search for new cases.
 *
 *     SEED   the seed, a whole number
 *     RUNS   cases for each property, instead of its own short count
 */
import fc from 'fast-check';

const SEED = 20_261_122;

fc.configureGlobal({ seed: Number(process.env['SEED'] ?? SEED) });

/** Whether this is a long run (`npm run fuzz`), in which tests without a number of cases may also take longer. */
export const isLong = Number(process.env['RUNS'] ?? 0) >= 10_000;

/** @param short the number of cases in a run of the whole suite */
export function runs(short: number): number {
  return Number(process.env['RUNS'] ?? short);
}

/**
 * Any code point but halves of surrogates: fast-check's unit `binary`, without its table of all of them, which every
 * process would take more than a second to build.
 */
export const anyCodePoint = fc
  .oneof(
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xd7ff }) },
    { weight: 15, arbitrary: fc.integer({ min: 0xe000, max: 0x10_ffff }) },
  )
  .map((code) => String.fromCodePoint(code));

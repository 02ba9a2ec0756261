/**
 * The short cut of the crash rig: ten kills at random, and each fail-point once. The long one is `npm run torture`.
 *
 *     TORTURE_SEED   another schedule
 */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { failPoints } from '../../src/core/ports/fail-points.ts';
import { described } from './checker/report.ts';
import { type Run, torture } from './run.ts';
import { planOf, shortSweep } from './script/plan.ts';

const seed = process.env['TORTURE_SEED'] ?? '2026';
/** Two deaths each; the first three on `src/main.ts` as it ships, the others on the rig's entry. */
const names = ['1', '2', '3', '11', '12'];

/** A fail-point that the sweep did not come by has so many rounds to itself. */
const ROUNDS_OF_ITS_OWN = 3;

describe('the crash rig', () => {
  let run: Run;
  before(async () => {
    const plans = [...shortSweep(), ...names.map((name) => ({ ...planOf(name, seed), small: true }))];
    run = await torture({ seed, plans, jobs: 3, roundsAWorld: 4 });
  });

  test('nothing is lost, nothing is doubled, and no card lies', () => {
    assert.equal(run.failures.map((failure) => described(failure, seed)).join('\n\n'), '');
  });

  test('the process died at every fail-point', async () => {
    const { reached } = run.totals;
    const missed = () => failPoints.filter((point) => !reached.has(point));
    // In a round of several, an early death may leave nothing that comes by a later point: that one gets its own.
    for (let more = 1; more <= ROUNDS_OF_ITS_OWN && missed().length > 0; more += 1) {
      const { totals, failures } = await torture({
        seed,
        plans: missed().map((point) => planOf(`${point}*${more}`, seed)),
        jobs: 3,
      });
      assert.equal(failures.map((failure) => described(failure, seed)).join('\n\n'), '');
      for (const point of totals.reached.keys()) reached.set(point, 1);
    }
    assert.deepEqual(missed(), []);
  });

  test('it had something to do', () => {
    const { totals } = run;
    assert.ok(totals.decisions >= 20, `${totals.decisions} decisions`);
    assert.ok(totals.starts > failPoints.length + names.length, `${totals.starts} starts`);
    assert.ok(totals.faults.size >= 8, `${totals.faults.size} kinds of faults`);
  });
});

/**
 * The short cut of the crash rig with two replicas on one PostgreSQL. The long one, with every fail-point, is
 * `npm run torture -- --store postgres --replicas 2`.
 *
 *     TORTURE_SEED   another schedule
 */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { skipPostgres } from '../support/postgres/index.ts';
import { described } from './checker/report.ts';
import { type Run, torture } from './run.ts';
import { planOf, shortSweep } from './script/plan.ts';

const seed = process.env['TORTURE_SEED'] ?? '2026';
/** Several fail-points a round: those of a first start, of a start, and some of the work. */
const sweeps = [0, 1, 2, 4];
/** Their replicas freeze, stall and lose their lines to the database. */
const names = ['2', '12'];

describe('two replicas', { skip: skipPostgres }, () => {
  let run: Run;
  before(async () => {
    const plans = [
      ...shortSweep().filter((_, index) => sweeps.includes(index)),
      ...names.map((name) => ({ ...planOf(name, seed), small: true })),
    ];
    run = await torture({ seed, plans, jobs: 3, store: 'postgres', replicas: 2, roundsAWorld: 2 });
  });

  test('row 50: one of two dies between two writes, and nothing is lost, doubled or false', () => {
    assert.equal(run.failures.map((failure) => described(failure, seed)).join('\n\n'), '');
    const { reached } = run.totals;
    assert.ok(reached.size >= 6, `died at ${[...reached.keys()].join(', ')}`);
  });

  test('row 51: they freeze, stall and are cut off, and what dead ones leave is taken over', () => {
    const { freezes, stalls, cuts, adoptions } = run.totals;
    assert.ok(freezes + stalls + cuts >= 2, `${freezes} freezes, ${stalls} stalls, ${cuts} cuts`);
    assert.ok(adoptions.length > 0, 'nothing was taken over');
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Case, Figures } from '../contract.ts';
import type { Round } from '../run/rounds.ts';
import { markdownOf } from './markdown.ts';
import { summaryOf } from './summary.ts';
import { tableOf } from './table.ts';

const never = async (): Promise<Figures> => ({});
const press: Case = {
  name: 'press',
  title: 'A press',
  metrics: [{ name: 'p50', unit: 'ms', better: 'less', goals: [{ against: 'by hand', limit: 1.6 }, { limit: 5 }] }],
  subjects: [
    { name: 'Countersign', kind: 'product', measure: never },
    { name: 'by hand', kind: 'floor', measure: never },
  ],
};
const roundOf = (product: Figures | null, floor: Figures): Round => ({
  quiet: { busy: 0.02, isQuiet: product !== null },
  seconds: 1,
  outcomes: {
    Countersign: product === null ? { error: 'it did not start' } : { figures: product },
    'by hand': { figures: floor },
  },
});

test('a ratio is the median of the ratios within each round, not the ratio of the medians', () => {
  const rounds = [roundOf({ p50: 2 }, { p50: 1 }), roundOf({ p50: 9 }, { p50: 3 }), roundOf({ p50: 4 }, { p50: 4 })];
  const [metric] = summaryOf(press, rounds).metrics;
  assert.deepEqual(metric?.rows, [
    { subject: 'Countersign', kind: 'product', figure: { median: 4, lowest: 2, highest: 9 }, ratio: null },
    {
      subject: 'by hand',
      kind: 'floor',
      figure: { median: 3, lowest: 1, highest: 4 },
      ratio: { median: 2, lowest: 1, highest: 3 },
    },
  ]);
  assert.deepEqual(
    metric?.goals.map(({ against, isMet }) => [against, isMet]),
    [
      ['by hand', false],
      [null, true],
    ],
  );
});

test('a round in which a subject failed counts for nothing, and the table names the failure', () => {
  const summary = summaryOf(press, [roundOf({ p50: 2 }, { p50: 1 }), roundOf(null, { p50: 9 })]);
  assert.equal(summary.metrics[0]?.goals[0]?.value.median, 2);
  const table = tableOf(summary);
  assert.match(table, /2 rounds, 1 noisy/);
  assert.match(table, /Countersign failed: it did not start/);
  assert.match(table, /goal: Countersign ≤ 1.6 × by hand: not met, 2.00 ×/);
});

test('the table for the documents has a row for each goal', () => {
  const [, , ...rows] = markdownOf([summaryOf(press, [roundOf({ p50: 2 }, { p50: 1 })])]).split('\n');
  assert.deepEqual(rows, [
    '| A press: p50, ms | by hand: 1.00 | 2.00 | 2.00 × | ≤ 1.6 ×: **not met** |',
    '| A press: p50, ms | – | 2.00 | 2.00 | ≤ 5: met |',
    '',
    '1 of 1 rounds started on a quiet machine.',
  ]);
});

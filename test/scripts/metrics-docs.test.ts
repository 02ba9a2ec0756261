import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { metricsDocument } from '../../scripts/metrics-docs.ts';
import { counters, gauges, histograms } from '../../src/core/ports/metrics.ts';

const written = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');

test('docs/metrics.md is what `npm run metrics` writes', () => assert.equal(written, metricsDocument()));

test('docs/metrics.md lists every metric with its labels', () => {
  const all = { ...counters, ...gauges, ...histograms };
  for (const [name, { help, labels }] of Object.entries(all)) {
    const row = written
      .split('\n')
      .find((line) => new RegExp(`^\\| \`countersign_${name}(?:_total)?\` \\|`).test(line));
    assert.ok(row !== undefined, name);
    assert.ok(row.includes(help), name);
    for (const label of labels) assert.ok(row.includes(`\`${label}\``), `${name}: ${label}`);
  }
});

test('docs/metrics.md names no metric that does not exist', () => {
  const known = new Set([
    ...Object.keys(counters).map((name) => `${name}_total`),
    ...Object.keys(gauges),
    ...Object.keys(histograms),
  ]);
  const named = [...written.matchAll(/\bcountersign_(\w+)/g)].map(([, name = '']) => name);
  assert.deepEqual(
    named.filter((name) => !known.has(name)),
    [],
  );
});

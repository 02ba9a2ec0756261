import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '../../src/http/metrics.ts';
import { seriesIn } from '../support/metrics/counted.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const OPEN = 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5';
/** A rule may have any name. */
const labels = { backend: 'runtype', route: `a } 1 # {trace_id="${TRACE}"} 1 1`, action: 'approve' } as const;

test('counters that are alerted when they rise begin at 0', async () => {
  const series = seriesIn((await createMetrics().text()).body);
  assert.equal(series.get('countersign_commits_failed_total'), 0);
  assert.equal(series.get('countersign_overload_total{reason="requests"}'), 0);
  assert.equal(series.get('countersign_wrong_secrets_total{surface="inbox"}'), 0);
  assert.equal(series.get('countersign_calls_limited_total{surface="gateway",limit="run"}'), 0);
});

test('with exemplars, those who take OpenMetrics get it, again and again, and all others the plain format', async () => {
  const metrics = createMetrics({ exemplars: true });
  const without = createMetrics();
  for (const one of [metrics, without]) {
    one.count('presses', { platform: 'slack', outcome: 'accepted' });
    one.observe('decision_seconds', labels, 42, TRACE);
    one.observe('decision_seconds', labels, 7);
  }
  const plain = await without.text(OPEN);
  assert.match(plain.contentType, /^text\/plain/, 'without exemplars there is one format');
  for (let times = 0; times < 2; times += 1) {
    const open = await metrics.text(OPEN);
    assert.match(open.contentType, /^application\/openmetrics-text/);
    assert.match(open.body, new RegExp(`_bucket\\{le="60",.*\\} 2 # \\{trace_id="${TRACE}"\\} 42 [\\d.]+\\n`));
    assert.match(open.body, /^# TYPE countersign_presses counter$/m);
    assert.match(open.body, /\n# EOF\n$/);
    const { body, contentType } = await metrics.text('text/plain');
    assert.equal(contentType, plain.contentType);
    assert.deepEqual(
      body.split('\n').filter((line) => line !== ''),
      plain.body.split('\n').filter((line) => line !== ''),
    );
  }
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseOtlpHeaders } from '../../src/core/ports/tracing/otlp-headers.ts';
import { parseTraceparent, type Span } from '../../src/core/ports/tracing/traces.ts';
import { createTraces } from '../../src/tracing/otlp.ts';
import { createTestClock } from '../support/clock.ts';
import { captureLog } from '../support/log.ts';
import { type Collector, createCollector } from '../support/tracing/collector.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const parent = parseTraceparent(`00-${TRACE}-b7ad6b7169203331-01`);

async function withTraces(run: (rig: ReturnType<typeof rigOf>, collector: Collector) => Promise<void>): Promise<void> {
  const collector = await createCollector();
  try {
    await run(rigOf(collector), collector);
    assert.deepEqual(collector.problems, []);
  } finally {
    await collector.close();
  }
}

function rigOf({ url }: Collector) {
  const { log, lines } = captureLog();
  const clock = createTestClock();
  const headers = { 'api-key': 'secret' };
  const options = { url: `${url}/v1/traces`, headers, serviceName: 'desk', release: '1.2.3', clock, log, batchMs: 1 };
  return { traces: createTraces(options), again: () => createTraces(options), lines, clock };
}

const spanOf = (more: Partial<Span> & Pick<Span, 'context'>): Span => ({
  name: 'decide',
  parent: null,
  links: [],
  startedAt: 1_800_000_000_000,
  endedAt: 1_800_000_000_250,
  failed: false,
  attributes: { backend: 'runtype', outcome: 'recorded' },
  ...more,
});

describe('spans', () => {
  test('arrive with their times, attributes, links and parents, from who sends them', () =>
    withTraces(async ({ traces }, collector) => {
      const pause = traces.contextOf('pause ap1', parent);
      const press = traces.contextOf('press p1', null);
      traces.record(spanOf({ name: 'pause', context: pause, parent }));
      traces.record(spanOf({ context: press, links: [pause], failed: true }));
      await traces.stop();
      assert.deepEqual(collector.resource, {
        ...collector.resource,
        'service.name': 'desk',
        'service.version': '1.2.3',
      });
      assert.equal(collector.headers[0]?.['api-key'], 'secret');
      const attributes = { 'countersign.backend': 'runtype', 'countersign.outcome': 'recorded' };
      assert.deepEqual(collector.spans, [
        {
          traceId: TRACE,
          spanId: pause.spanId,
          parent: 'b7ad6b7169203331',
          name: 'countersign.pause',
          ms: 250,
          links: [],
          attributes,
          failed: false,
        },
        {
          traceId: press.traceId,
          spanId: press.spanId,
          parent: null,
          name: 'countersign.decide',
          ms: 250,
          links: [`${TRACE}-${pause.spanId}`],
          attributes,
          failed: true,
        },
      ]);
    }));

  test('have the same ids in another process, and a caller who wants no trace gets none', () =>
    withTraces(async ({ traces, again }, collector) => {
      const later = again();
      assert.deepEqual(traces.contextOf('pause ap1', parent), later.contextOf('pause ap1', parent));
      assert.notDeepEqual(traces.contextOf('pause ap1', null), traces.contextOf('pause ap2', null));
      const unwanted = parseTraceparent(`00-${TRACE}-b7ad6b7169203331-00`);
      traces.record(spanOf({ context: traces.contextOf('pause ap1', unwanted), parent: unwanted }));
      await Promise.all([traces.stop(), later.stop()]);
      assert.deepEqual(collector.spans, []);
    }));

  test('that a collector does not take are lost, with one line of the log in a minute and no secret in it', () =>
    withTraces(async ({ traces, lines }, collector) => {
      collector.answerWith(400);
      traces.record(spanOf({ context: traces.contextOf('a', null) }));
      await traces.stop();
      const [line, ...more] = lines();
      assert.match(String(line?.['msg']), /the collector did not take spans/);
      assert.equal(line?.['count'], 1);
      assert.deepEqual(more, []);
      assert.doesNotMatch(JSON.stringify(line), /secret/);
    }));
});

test('a traceparent is read as W3C writes it, and only so', () => {
  assert.deepEqual(parent, { traceId: TRACE, spanId: 'b7ad6b7169203331', sampled: true });
  for (const wrong of [
    null,
    '',
    'x',
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `01-${TRACE}`,
  ]) {
    assert.equal(parseTraceparent(wrong), null, String(wrong));
  }
});

test('headers are read as OpenTelemetry writes them', () => {
  assert.deepEqual(parseOtlpHeaders('api-key=a%20b, X-Team=desk=1'), { 'api-key': 'a b', 'x-team': 'desk=1' });
  for (const wrong of ['', 'a', '=b', 'a=', 'a=b,,c=d', 'a=%zz', 'a b=c'])
    assert.equal(parseOtlpHeaders(wrong), null, wrong);
});

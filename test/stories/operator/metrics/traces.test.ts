/** The spans of a day, at a collector: short ones, linked across the wait, in the trace of the request that paused. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { spanAttributes } from '../../../../src/core/ports/tracing/traces.ts';
import { FIRST_DECISION_MS, inStory, liveThrough } from '../../../support/metrics/story.ts';
import { pressSlack } from '../../../support/people/room.ts';
import { type Collector, createCollector, type Received } from '../../../support/tracing/collector.ts';
import { dana } from '../../../support/worlds/world.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const caller = { traceparent: `00-${TRACE}-b7ad6b7169203331-01` };

async function withCollector(run: (collector: Collector, env: Record<string, string>) => Promise<void>): Promise<void> {
  const collector = await createCollector();
  try {
    await run(collector, {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=key-of-collector',
    });
  } finally {
    await collector.close();
  }
}

const keyOf = ({ traceId, spanId }: Received) => `${traceId}-${spanId}`;

describe('where a collector is configured', () => {
  test('each pause, press and call is a span, and what people decided on is linked', () =>
    withCollector((collector, env) =>
      inStory(async (story) => {
        const { world } = story;
        await liveThrough(story);
        const plain = await story.metrics();
        const open = await fetch(`http://127.0.0.1:${world.app().port}/metrics`, {
          headers: { accept: 'application/openmetrics-text; version=1.0.0, text/plain;q=0.5' },
        });
        await world.stop();
        assert.deepEqual(collector.problems, []);
        const of = (name: string) => collector.spans.filter((span) => span.name === `countersign.${name}`);
        const [pauses, presses, calls] = [of('pause'), of('press'), of('decide')];
        assert.equal(pauses.length + presses.length + calls.length, collector.spans.length);

        const paused = world.runtype.journal.entries.filter(
          (one) => one.kind === 'run' && one.state === 'paused',
        ).length;
        assert.equal(pauses.length, paused);
        const sent = world.runtype.journal.entries.filter(
          (entry) => entry.kind === 'call' && /^\/v1\/dispatch\/(?:approve|resume)$/.test(entry.path),
        );
        assert.equal(calls.length, sent.length);

        // Each press and each call links to the pause that it is about.
        const known = new Set(pauses.map(keyOf));
        for (const span of [...presses, ...calls]) {
          assert.equal(span.links.length, 1, span.name);
          assert.ok(known.has(span.links[0] ?? ''), span.name);
        }
        // A call is in the trace of the press that it follows; the policy's own has none.
        const pressed = new Set(presses.map(({ traceId, spanId }) => `${traceId}-${spanId}`));
        const roots = calls.filter(({ parent }) => parent === null);
        assert.deepEqual(
          roots.map(({ attributes }) => attributes['countersign.route']),
          ['slow'],
        );
        for (const call of calls) if (call.parent !== null) assert.ok(pressed.has(`${call.traceId}-${call.parent}`));
        assert.equal(calls.filter(({ failed }) => failed).length, 2, 'the 500 and the 400');

        // Dana took 90 seconds, and a request of an hour ended: no span lasts so long.
        for (const { name, ms } of collector.spans) assert.ok(ms < FIRST_DECISION_MS, `${name} took ${ms} ms`);

        const allowed = new Set(spanAttributes.map((name) => `countersign.${name}`));
        for (const { attributes } of collector.spans)
          for (const name of Object.keys(attributes)) assert.ok(allowed.has(name), name);
        const all = JSON.stringify(collector.spans);
        assert.doesNotMatch(all, /U0REVIEW|20000000000000000|C0000|Dana|Sam|refund_order|agent-\d|Monday|customer/);

        // An exemplar names the trace of a pause; the plain format has none, and the same values.
        assert.match(open.headers.get('content-type') ?? '', /^application\/openmetrics-text/);
        const metrics = await open.text();
        const examples = [...metrics.matchAll(/countersign_decision_seconds_bucket\{.*\} \d+ # \{trace_id="(\w+)"\}/g)];
        assert.ok(examples.length > 0);
        const traces = new Set(pauses.map(({ traceId }) => traceId));
        for (const [, traceId = ''] of examples) assert.ok(traces.has(traceId));
        assert.match(metrics, /# EOF\n$/);
        assert.doesNotMatch(plain, / # \{|# EOF/);
        assert.match(plain, /^# TYPE countersign_presses_total counter$/m);
        const decided = /^countersign_decision_seconds_count\{.*action="reject"\} 1$/m;
        assert.match(plain, decided);
        assert.match(metrics, decided);
        assert.doesNotMatch(world.logText(), /key-of-collector/);
      }, env),
    ));

  test('a pause joins the trace of the call that paused, also for what is decided after a restart', () =>
    withCollector((collector, env) =>
      inStory(async ({ world, ask, says }) => {
        const card = await ask('refund_order', 'everything else', undefined, caller);
        await world.stop();
        await world.start();
        await pressSlack(world, dana, card, 'Approve');
        await says(card, /Approved by/);
        await world.stop();
        const [pause, press, call] = ['pause', 'press', 'decide'].map((name) =>
          collector.spans.find((span) => span.name === `countersign.${name}`),
        );
        assert.ok(pause && press && call);
        assert.deepEqual([pause.traceId, pause.parent], [TRACE, 'b7ad6b7169203331']);
        assert.deepEqual(press.links, [keyOf(pause)]);
        assert.deepEqual([call.traceId, call.parent, call.links], [press.traceId, press.spanId, [keyOf(pause)]]);
      }, env),
    ));
});

test('without a collector nothing is recorded, and metrics have their plain format', () =>
  inStory(async ({ world, ask }) => {
    await ask('refund_order', 'everything else', undefined, caller);
    const { port, store } = world.app();
    const [approval] = await store.list({ unfinished: true });
    assert.ok(approval);
    assert.equal(approval.pause.trace, undefined);
    const headers = { accept: 'application/openmetrics-text' };
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers });
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/);
  }));

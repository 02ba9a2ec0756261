/** Runtype's edges: streams in both vocabularies, whole answers, ingest, and what applications send through the gateway. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { contextOf } from '../../../src/backends/runtype/gateway/context.ts';
import { decidedIn, isDecision } from '../../../src/backends/runtype/gateway/decisions/decision-body.ts';
import { JsonWriter, StreamWriter, withSeq } from '../../../src/backends/runtype/gateway/hold/continuation-writer.ts';
import { replayWanted, routeOf } from '../../../src/backends/runtype/gateway/routes.ts';
import { createIngest } from '../../../src/backends/runtype/ingest.ts';
import { RunFactsCache } from '../../../src/backends/runtype/pause/run-facts.ts';
import { createVerifier } from '../../../src/backends/runtype/signature.ts';
import { RunReader } from '../../../src/backends/runtype/stream/reader/reader.ts';
import { bytesOf, Frame, frameOf } from '../../../src/backends/runtype/wire/frames/frame.ts';
import { FrameSplitter } from '../../../src/backends/runtype/wire/frames/frame-splitter.ts';
import { interpret } from '../../../src/backends/runtype/wire/interpret-answer.ts';
import { eventsOf, executionIn } from '../../../src/backends/runtype/wire/json-body.ts';
import { pauseSchema } from '../../../src/core/approval/pause/pause.ts';
import type { Delivery } from '../../../src/core/ports/ports.ts';
import { createTestClock } from '../../support/clock.ts';
import { noGuard } from '../../support/http.ts';
import { runs } from '../../support/property.ts';
import { anyJson, cut, cuts, oddText, quiet, spoiled } from '../arbitrary.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const recorded = ['unified', 'legacy'].flatMap((name) =>
  readFileSync(new URL(`../../fixtures/runtype/${name}.ndjson`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>),
);
const event = fc.constantFrom(...recorded);
/** Some of them with parameters of every kind, for cards are made of those. */
const richEvent = fc
  .tuple(event, fc.option(anyJson), oddText(60))
  .map(([one, parameters, text]) =>
    parameters === null ? one : { ...one, parameters, description: text, reason: text },
  );
const anyEvent = fc.oneof({ weight: 5, arbitrary: spoiled(richEvent) }, anyJson);

const frame = fc
  .record({
    data: anyEvent,
    name: fc.option(oddText(20)),
    broken: fc.option(oddText(20)),
    end: fc.constantFrom('\n', '\r\n', '\r'),
  })
  .map(({ data, name, broken, end }) => {
    const json = JSON.stringify(data) ?? '';
    const type = (data as { type?: unknown } | null)?.type;
    const event = name ?? (typeof type === 'string' ? type : 'message');
    const cutOff = broken === null ? json : json.slice(0, json.length >> 1) + broken;
    return `event: ${event.replace(/[\r\n]/g, ' ')}${end}data: ${cutOff.replace(/[\r\n]/g, ' ')}${end}${end}`;
  });
const lastPause = {
  type: 'approval_start',
  executionId: 'exec_last',
  approvalId: 'appr_last',
  toolName: 'refund_order',
};

function readerOf(via: 'stream' | 'ingest' = 'stream') {
  return new RunReader({ runFacts: new RunFactsCache(), clock: createTestClock(), log: quiet, via });
}

/** Everything that a stream in these pieces says. */
function readPieces(pieces: Iterable<Uint8Array>): Delivery[] {
  const reader = readerOf();
  const deliveries: Delivery[] = [];
  const splitter = new FrameSplitter();
  for (const piece of pieces) deliveries.push(...splitter.push(piece).flatMap((frame) => reader.read(frame)));
  deliveries.push(...splitter.end().flatMap((frame) => reader.read(frame)));
  return [...deliveries, ...reader.end('ended')];
}

function checkDeliveries(deliveries: readonly Delivery[]): void {
  for (const delivery of deliveries) if (delivery.type === 'announced') pauseSchema.parse(delivery.pause);
}

describe('rows 2 and 6: a stream of Runtype', () => {
  test('row 6: of any events and rubbish says what it can, however it is cut, and the next pause still works', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.option(oddText(60)), cuts, (frames, rubbish, sizes) => {
        const text = `${frames.join('')}${rubbish ?? ''}\n\nevent: approval_start\ndata: ${JSON.stringify(lastPause)}\n\n`;
        const bytes = Buffer.from(text);
        const whole = readPieces([bytes]);
        checkDeliveries(whole);
        assert.ok(whole.some((one) => one.type === 'announced' && one.pause.key === 'approval:appr_last'));
        assert.deepEqual(readPieces(cut(bytes, sizes)), whole);
      }),
      { numRuns: runs(400) },
    );
  });

  test('an application that is held reads every frame of it, in a stream or in one answer', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 5 }), fc.nat(1_000), (events, seq) => {
        const stream = new StreamWriter(seq);
        const json = new JsonWriter('{}');
        for (const one of events) {
          const isEvent = typeof one === 'object' && one !== null && 'type' in one && typeof one.type === 'string';
          const frame = isEvent ? frameOf(one as never) : new Frame(`data: ${JSON.stringify(one)}\n\n`);
          stream.frame(frame);
          json.frame(frame);
          stream.whole(one);
          json.whole(one);
          const renumbered = bytesOf(withSeq(frame, seq)).toString('utf8');
          if (isEvent) JSON.parse(renumbered.slice(renumbered.indexOf('data: ') + 6));
        }
        JSON.parse(bytesOf(json.close()).toString('utf8'));
      }),
      { numRuns: runs(300) },
    );
  });
});

describe('a whole answer of Runtype', () => {
  const paused = fc.tuple(richEvent, richEvent).map(([one, other]) => ({
    success: true,
    status: 'paused',
    executionId: 'exec_1',
    pausedReason: { type: 'approval', executionId: 'exec_1', approvals: [one], awaits: [other] },
    events: undefined as unknown,
  }));
  const bodies = fc.oneof(
    paused,
    fc.array(richEvent, { maxLength: 4 }).map((events) => ({ executionId: 'exec_1', events })),
    fc.record({
      success: fc.boolean(),
      executionId: oddText(20),
      result: anyJson,
      error: anyJson,
      status: oddText(20),
    }),
    fc.record({
      code: oddText(30),
      error: anyJson,
      message: oddText(100),
      decision: fc.constantFrom('approved', 'denied'),
    }),
  );
  const body = fc.oneof({ weight: 5, arbitrary: spoiled(bodies) }, anyJson);

  test('of any shape becomes events that can be read', () => {
    fc.assert(
      fc.property(body, (json) => {
        const reader = readerOf();
        checkDeliveries(eventsOf(json).flatMap((one) => reader.event(one)));
        checkDeliveries(reader.end('ended'));
      }),
      { numRuns: runs(500) },
    );
  });

  test('to a decision is recorded only with a good status, and otherwise has words for people', () => {
    const type = fc.constantFrom('application/json', 'text/event-stream', 'text/html', undefined);
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), type, body, fc.boolean(), (status, contentType, json, empty) => {
        const headers = contentType === undefined ? {} : { 'content-type': contentType };
        const result = interpret({ status, headers }, json, empty);
        if (result.type === 'recorded') assert.ok(status >= 200 && status < 300);
        else assert.ok(result.reason !== '' && result.reason.length < 700 && !/[\r\n\u202e\u200b]/.test(result.reason));
      }),
      { numRuns: runs(500) },
    );
  });
});

describe('ingest', () => {
  const clock = createTestClock();
  const verify = createVerifier(SECRET);
  let delivered: Delivery[] = [];
  const intake = {
    deliver: async (delivery: Delivery) => {
      delivered.push(delivery);
      return 'recorded' as const;
    },
    requesterNamed: () => ({ type: 'refused' }) as const,
    isAsShown: () => true,
    waiting: async () => [],
    recordApplicationDecision: async () => ({ type: 'pass' }) as const,
    settleApplicationDecision: async () => {},
  };
  const take = (headers: Record<string, string>, bytes: Uint8Array) => {
    const options = {
      guard: noGuard,
      verify,
      intake,
      runFacts: new RunFactsCache(),
      ingestedFacts: new RunFactsCache(),
      forPeople: () => true,
      clock,
      log: quiet,
    };
    delivered = [];
    return createIngest(options)(headers, bytes);
  };
  const text = fc.oneof(
    anyEvent.map((one) => JSON.stringify(one) ?? ''),
    fc.array(anyEvent, { maxLength: 5 }).map((events) => events.map((one) => JSON.stringify(one)).join('\n')),
    fc.array(anyEvent, { maxLength: 5 }).map((events) => JSON.stringify(events)),
    fc.array(frame, { maxLength: 5 }).map((frames) => frames.join('')),
    oddText(300),
  );
  const bytes = fc.oneof(
    { weight: 4, arbitrary: text.map((one) => Buffer.from(one)) },
    fc.uint8Array({ maxLength: 80 }),
  );
  const type = fc.constantFrom('application/json', 'application/x-ndjson', 'text/event-stream', 'text/plain', '');

  test('takes any signed body whole or refuses it whole', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, type, async (body, contentType) => {
        const at = new Date(clock.now());
        const headers = {
          'content-type': contentType,
          'webhook-id': 'msg_1',
          'webhook-timestamp': String(at.getTime() / 1000),
          'webhook-signature': new Webhook(SECRET).sign('msg_1', at, Buffer.from(body).toString('utf8')),
        };
        const answer = await take(headers, body);
        if (answer.status === 202) checkDeliveries(delivered);
        else assert.deepEqual([answer.status, delivered], [400, []]);
      }),
      { numRuns: runs(400) },
    );
  });

  test('row 8: takes nothing under any other signature, id, time or headers', async () => {
    const header = fc.oneof(
      oddText(60),
      fc.constantFrom('v1,', `v1,${'A'.repeat(43)}=`, '1788256800', '-1', '1e9', '∞'),
    );
    const headers = fc.record({
      id: header,
      timestamp: header,
      signature: header,
      extra: fc.tuple(oddText(20), header),
    });
    await fc.assert(
      fc.asyncProperty(bytes, headers, async (body, { id, timestamp, signature, extra: [name, value] }) => {
        const given = {
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          'webhook-signature': signature,
          [name]: value,
        };
        const answer = await take(given, body);
        assert.deepEqual([answer.status, delivered], [401, []]);
      }),
      { numRuns: runs(300) },
    );
  });
});

describe('what an application sends through the gateway', () => {
  const route = fc.constantFrom('dispatch', 'approve', 'resume', 'continue', 'agent', 'other');
  const calls = fc.constantFrom(
    { executionId: 'exec_1', approvalId: 'appr_1', decision: 'approved', reason: 'ok' },
    { executionId: 'exec_1', toolOutputs: { t1: { approved: true, note: 'x' }, pick: 'text' } },
    { executionId: 'exec_1', continuation: { approvalId: 'a', decision: 'denied', toolOutputs: { t1: 1 } } },
    {
      agent: { agentId: 'agent_1' },
      clientTools: [{ name: 'a' }],
      options: { streamResponse: true },
      conversationId: 'c',
    },
  );
  const body = fc.oneof({ weight: 5, arbitrary: spoiled(calls) }, anyJson);

  test('is read, or passes unread', () => {
    fc.assert(
      fc.property(route, body, (kind, json) => {
        const decides = isDecision(json);
        for (const { key, text } of decides ? decidedIn(json, new RunFactsCache()) : []) {
          assert.equal(typeof key, 'string');
          assert.ok(text === null || text.length <= 4_000);
        }
        const call = {
          route: kind as never,
          isGuarded: false,
          body: new Uint8Array(),
          rest: null,
          json: () => json,
          unread: null,
          decides,
          executionId: executionIn(json),
        };
        contextOf(call, '/v1/dispatch', new RunFactsCache(), 'caller');
      }),
      { numRuns: runs(400) },
    );
  });

  test('has a route, whatever its address', () => {
    const path = fc
      .array(
        fc.constantFrom(
          '/v1',
          '/dispatch',
          '/approve',
          '/agents/',
          'x',
          '/executions/',
          '/events',
          '%2f',
          '%',
          '?after=',
          '1',
          '..',
          '//',
          '#',
          '%ff',
        ),
        { maxLength: 10 },
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(path, oddText(60)), (target) => {
        for (const method of ['GET', 'POST']) {
          routeOf(method, target);
          const wanted = replayWanted(method, target);
          assert.ok(wanted === null || Number.isSafeInteger(wanted.after));
        }
      }),
      { numRuns: runs(400) },
    );
  });
});

/**
 * Issue 12: signed ingest can't end, change or hide what our own stream has seen. The engine, the gateway and ingest are
 * real; Runtype is a server of this test.
 */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import type { Approval } from '../../../src/core/approval/approval.ts';
import { postTo } from '../../support/http.ts';
import { runs } from '../../support/property.ts';
import { createTestEngine, type Engine } from '../../support/worlds/engine.ts';
import { APP_KEY, type Bench, frame, SECRET, withGateway } from './support/backend.ts';

type Event = { type: string; [field: string]: unknown };

const run = { executionId: 'exec_1' };
const own: Event[] = [
  { type: 'execution_start', ...run, kind: 'agent', agentId: 'agent_1', agentName: 'Order desk' },
  {
    type: 'approval_start',
    ...run,
    approvalId: 'appr_1',
    toolCallId: 'call_1',
    toolName: 'refund_order',
    parameters: { amount: 42, to: 'Mara' },
    timeout: 300_000,
  },
  { type: 'await', ...run, toolCallId: 'call_2', toolName: 'pick_slot', parameters: { day: 'Monday' } },
];
const keys = ['approval:appr_1', 'await:exec_1:call_2'];

/** A call of an application whose response is held at its pauses, and what it has received so far. */
async function withHeld(
  use: (
    rig: Bench & { engine: Engine; held: { text: string; ended: boolean }; more: (event: Event) => void },
  ) => Promise<void>,
) {
  const engine = createTestEngine();
  let stream: ServerResponse | undefined;
  const upstream = (_: unknown, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(own.map(frame).join(''));
    stream = response;
  };
  try {
    await withGateway(upstream, { intake: engine.intake, clock: engine.clock, hold: { on: true } }, async (bench) => {
      const held = { text: '', ended: false };
      const stop = new AbortController();
      const headers = { authorization: `Bearer ${APP_KEY}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ agent: { agentId: 'agent_1' } });
      const sent = { method: 'POST', headers, body, signal: stop.signal };
      const answer = await fetch(`${bench.gateway.url}/v1/dispatch`, sent);
      const reading = (async () => {
        for await (const bytes of answer.body ?? []) held.text += Buffer.from(bytes).toString();
      })();
      reading.then(
        () => (held.ended = true),
        () => {},
      );
      const ids = keys.map((key) => engine.idOf(key));
      while ((await Promise.all(ids.map((id) => engine.store.get(id)))).includes(null)) {
        await new Promise(setImmediate);
      }
      const rest = (event: Event) => void stream?.write(frame(event));
      try {
        await use({ ...bench, clock: engine.clock, engine, held, more: rest });
        assert.ok(!held.ended, 'the response is still held');
      } finally {
        stop.abort();
        stream?.destroy();
        await reading.catch(() => {});
      }
    });
  } finally {
    await engine.stop();
  }
}

let sent = 0;
function ingest({ backend, clock }: Pick<Bench, 'backend' | 'clock'>, events: readonly Event[]) {
  sent += 1;
  const at = new Date(Math.floor(clock.now() / 1000) * 1000);
  const body = events.map((event) => JSON.stringify(event)).join('\n');
  const id = `msg_${sent}`;
  const headers = {
    'content-type': 'application/x-ndjson',
    'webhook-id': id,
    'webhook-timestamp': String(at.getTime() / 1000),
    'webhook-signature': new Webhook(SECRET).sign(id, at, body),
  };
  return postTo(backend, '/ingest/runtype', headers, Buffer.from(body));
}

const ownIn = async (engine: Engine): Promise<(Approval | null)[]> =>
  Promise.all(keys.map((key) => engine.store.get(engine.idOf(key))));

/** What a signer may send: of our run and of others, of our pauses and of new ones, in both vocabularies. */
const executionId = fc.constantFrom('exec_1', 'exec_2');
const approvalId = fc.constantFrom('appr_1', 'appr_2', 'appr_3');
const toolCallId = fc.constantFrom('call_1', 'call_2', 'call_3');
const toolName = fc.constantFrom('refund_order', 'pick_slot', 'ping');
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    type: fc.constantFrom('approval_complete', 'agent_approval_complete'),
    executionId,
    approvalId,
    decision: fc.constantFrom('approved', 'denied', 'timeout', 'cancelled'),
  }),
  fc.record({
    type: fc.constantFrom('tool_complete', 'agent_tool_complete', 'tool_error'),
    executionId,
    toolCallId,
    success: fc.boolean(),
  }),
  fc.record({
    type: fc.constantFrom('execution_complete', 'agent_complete', 'flow_complete'),
    executionId,
    success: fc.boolean(),
    finalOutput: fc.constant('Done.'),
  }),
  fc.record({
    type: fc.constantFrom('execution_error', 'flow_error', 'dispatch_error', 'agent_error'),
    executionId,
    error: fc.constant('It failed.'),
  }),
  fc.record({
    type: fc.constantFrom('approval_start', 'agent_approval_start'),
    executionId,
    approvalId,
    toolCallId,
    toolName,
    parameters: fc.constantFrom({ amount: 1 }, { amount: 42, to: 'Mara' }),
    timeout: fc.constantFrom(1, 300_000),
  }),
  fc.record({
    type: fc.constantFrom('await', 'agent_await', 'flow_await'),
    executionId,
    toolCallId,
    toolName,
    parameters: fc.constant({ day: 'Sunday' }),
  }),
  fc.record({
    type: fc.constant('execution_start'),
    executionId,
    kind: fc.constant('agent'),
    agentId: fc.constantFrom('agent_1', 'agent_2'),
    agentName: fc.constantFrom('Order desk', 'Chief of finance'),
  }),
  fc.record({
    type: fc.constantFrom('tool_start', 'tool_input_complete'),
    executionId,
    toolCallId,
    toolName,
    hiddenParameterNames: fc.constant(['amount', 'to']),
  }),
  fc.record({ type: fc.constantFrom('approval_request', 'ping', 'human_input'), executionId, approvalId }),
);

describe('what our own stream has seen', () => {
  test('stays as it was, in the store and in the held response, whatever is ingested', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(event, { minLength: 1, maxLength: 5 }), { maxLength: 4 }), async (all) => {
        await withHeld(async (rig) => {
          const before = await ownIn(rig.engine);
          for (const events of all) {
            const { status, body } = await ingest(rig, events);
            assert.equal(status, 202, body);
          }
          assert.deepEqual(await ownIn(rig.engine), before);
          // What our stream says afterwards is not coloured by what was ingested.
          const next = {
            ...run,
            approvalId: 'appr_9',
            toolCallId: 'call_3',
            toolName: 'mail',
            parameters: { to: 'x' },
          };
          rig.more({ type: 'approval_start', ...next });
          let seen: Approval | null = null;
          while (seen === null) {
            await new Promise(setImmediate);
            seen = await rig.engine.store.get(rig.engine.idOf('approval:appr_9'));
          }
          assert.deepEqual([seen.pause.asker, seen.pause.askerId, seen.pause.hidden], ['Order desk', 'agent_1', []]);
          // No other sender ends it.
          rig.more({ type: 'approval_complete', ...run, approvalId: 'appr_9', decision: 'denied' });
          while (seen?.phase !== 'settled') {
            await new Promise(setImmediate);
            seen = await rig.engine.store.get(rig.engine.idOf('approval:appr_9'));
          }
          assert.equal(seen.outcome, 'decided_elsewhere');
        });
      }),
      { numRuns: runs(12) },
    );
  });

  test('keeps its card in the room, and the cards of ingest are in a thread of their own', () =>
    withHeld(async (rig) => {
      const { engine } = rig;
      engine.outbox.start();
      await engine.until(() => (engine.messages.length === 4 ? true : undefined));
      const cards = engine.messages.map(({ cards: drawn }) => drawn.length);
      const other = { executionId: 'exec_2' };
      const asked = { type: 'approval_start', ...other, toolName: 'refund_order', parameters: {} };
      await ingest(rig, [
        { type: 'execution_start', ...other, kind: 'agent', agentId: 'agent_2', agentName: 'Order desk' },
        { ...asked, approvalId: 'appr_7' },
        { ...asked, approvalId: 'appr_8' },
        { type: 'approval_complete', ...run, approvalId: 'appr_1', decision: 'approved' },
      ]);
      await engine.until(() => (engine.messages.length === 8 ? true : undefined));
      assert.deepEqual(
        engine.messages.slice(0, 4).map(({ cards: drawn }) => drawn.length),
        cards,
        'no card of ours was drawn again',
      );
      const [first] = engine.messages.slice(4);
      assert.equal(first?.thread, null, 'the first card of ingest is in the room itself');
      assert.ok(engine.messages.slice(6).every(({ thread }) => Number(thread?.root.message) >= 4));
      const [approval] = await ownIn(engine);
      assert.equal(approval?.phase, 'open');
      const rows = await engine.store.audit(engine.idOf('approval:appr_1'));
      assert.deepEqual(
        rows.filter(({ ignored }) => ignored === 'not_ours_to_overwrite').map(({ input }) => input),
        ['resolved'],
      );
    }));
});

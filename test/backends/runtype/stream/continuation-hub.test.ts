/** The gateway holds on: an application without a word about approvals reads one run from its start to its end. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import type { RuntypeOptions as EmulatorOptions } from '../../../../src/sandbox/emulators/runtype/types.ts';
import { mountAt } from '../../../support/http.ts';
import { never } from '../support/answering.ts';
import { APP_KEY, decided, frame, readText, withGateway } from '../support/backend.ts';
import { beginStream } from '../support/caller.ts';
import { type Event, eventsOf, type HoldWorld, held, open, type Response, withHold } from '../support/held.ts';

const starts = new Set(['execution_start', 'agent_start', 'flow_start']);
const ends = new Set(['execution_complete', 'execution_error', 'agent_complete', 'flow_complete', 'flow_error']);

/** One stream, as if the run had not paused: one start, one end, and `seq` without a gap or a repetition. */
async function wholeRun(response: Response): Promise<Event[]> {
  assert.equal(await response.end, 'ended');
  const events = eventsOf(response.text());
  const kinds = events.map(({ type }) => type);
  assert.equal(kinds.filter((type) => starts.has(type)).length, 1, 'it starts once');
  assert.equal(kinds.filter((type) => ends.has(type)).length, 1, 'it ends once');
  assert.ok(ends.has(kinds.at(-1) ?? ''), 'and that is the last event');
  const seqs = events.flatMap(({ seq }) => (seq === undefined ? [] : [seq]));
  assert.deepEqual(
    seqs,
    seqs.map((_, index) => index),
  );
  return events;
}

async function approveAll(world: HoldWorld, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const result = await world.decide([await world.pause(index)], 'approve');
    assert.equal(result.type, 'recorded');
  }
}

const servers: [string, EmulatorOptions][] = [
  ['unified', {}],
  ['legacy', { vocabulary: 'legacy' }],
  ['older', { vocabulary: 'legacy', resumedStart: false, newToolCallIdAfterApproval: true }],
  ['without event names', { bareData: true }],
  ['renaming its runs', { virtualIdAtPause: true }],
];
for (const [name, emulator] of servers) {
  describe(`one uninterrupted stream, ${name}`, () => {
    test('with an approval', () =>
      withHold({ emulator }, async (world) => {
        const response = await world.dispatch('refund-agent');
        await approveAll(world, 1);
        const events = await wholeRun(response);
        assert.match(JSON.stringify(events.at(-1)), /Refunded 42\.50 EUR/);
        assert.equal(events.filter(({ type }) => type.endsWith('approval_complete')).length, 1);
      }));

    test('with two pauses', () =>
      withHold({ emulator }, async (world) => {
        const response = await world.dispatch('two-pauses');
        await approveAll(world, 2);
        assert.match(JSON.stringify((await wholeRun(response)).at(-1)), /4\.12\.0 is in production/);
      }));

    test('with a rejection', () =>
      withHold({ emulator }, async (world) => {
        const response = await world.dispatch('approval-flow');
        await world.decide([await world.pause()], 'reject', 'Wrong list.');
        assert.match(JSON.stringify(await wholeRun(response)), /declined.*Wrong list\./);
      }));

    test('with a take-over of two awaits', () =>
      withHold({ emulator }, async (world) => {
        const response = await world.dispatch('parallel-awaits');
        await world.intake.delivery('run_paused');
        await world.decide(world.intake.pauses, 'take_over', 'número 4 ✓');
        assert.match(JSON.stringify((await wholeRun(response)).at(-1)), /goes to número 4 ✓; the driver/);
      }));

    test('that ends in an error', () =>
      withHold({ emulator }, async (world) => {
        const response = await world.dispatch('failing');
        await approveAll(world, 1);
        assert.match(JSON.stringify((await wholeRun(response)).at(-1)), /550 no such mailbox/);
      }));
  });
}

describe('up to the pause it has Runtype’s own bytes, and ends with a whole frame', () => {
  const recording = (name: string) => readFileSync(new URL(`../../../fixtures/runtype/${name}.sse`, import.meta.url));
  const spelled = (change: (text: string) => string) => Buffer.from(change(recording('refund-to-pause').toString()));
  const streams: [string, Buffer][] = [
    ['unified', recording('refund-to-pause')],
    ['legacy', recording('legacy-refund-to-pause')],
    ['awaits', recording('awaits')],
    ['CRLF', spelled((text) => text.replaceAll('\n', '\r\n'))],
    ['CR, and comments', spelled((text) => `: hi\n\n${text}`.replaceAll('\n', '\r'))],
    ['two bytes to a letter', spelled((text) => text.replaceAll('lamp', 'Lämpchen ✓'))],
    ['no blank line at the end', spelled((text) => text.trimEnd())],
  ];
  for (const [name, bytes] of streams) {
    test(name, async () => {
      const upstream: RequestListener = async (request, response) => {
        const size = Number(new URL(request.url ?? '', 'http://x').searchParams.get('size'));
        beginStream(response);
        for (let at = 0; at < bytes.length; at += size) {
          response.write(bytes.subarray(at, at + size));
          if (size > 40) await new Promise(setImmediate);
        }
        response.end();
      };
      await withGateway(upstream, { hold: { on: true } }, async ({ gateway, backend, log }) => {
        const sizes = [1, 2, 3, 5, 7, 64, 101, 1000, 10_000];
        const responses: Response[] = [];
        for (const size of sizes) {
          responses.push(await open(gateway.url, `/v1/dispatch?size=${size}`, { key: APP_KEY, body: {} }));
        }
        await held({ log }, sizes.length);
        mountAt(backend, '/v1/').release?.();
        for (const response of responses) {
          assert.equal(await response.end, 'ended');
          const rest = response.bytes().subarray(bytes.length).toString();
          assert.ok(response.bytes().subarray(0, bytes.length).equals(bytes));
          assert.equal(rest, name.startsWith('no blank line') ? '\n\n' : '');
        }
      });
    });
  }

  test('and behind it, in pieces of any size, still one stream', async () => {
    for (const bytes of [1, 3, 64]) {
      await withHold({}, async (world) => {
        world.runtype.fail('/v1/dispatch', { kind: 'slice', bytes });
        world.runtype.fail('/v1/dispatch/resume', { kind: 'slice', bytes });
        const response = await world.dispatch('slot-flow');
        await world.intake.delivery('run_paused');
        await world.decide([await world.pause()], 'take_over', 'früh');
        assert.match(JSON.stringify((await wholeRun(response)).at(-1)), /booked: früh/);
      });
    }
  });
});

test('while it waits, it sends a comment every 15 s', () =>
  withHold({}, async (world) => {
    const response = await world.dispatch('refund-agent');
    await world.pause();
    await held(world);
    const before = response.text();
    for (let beats = 1; beats <= 3; beats += 1) {
      world.clock.advance(15_000);
      await response.until(new RegExp(`(?:\\n\\n: countersign waiting){${beats}}\\n\\n$`));
    }
    assert.equal(response.text(), `${before}${': countersign waiting\n\n'.repeat(3)}`);
    await approveAll(world, 1);
    await wholeRun(response);
  }));

describe('a decision at an unusual moment', () => {
  test('before the stream that announced the pause has ended', () =>
    withHold({ emulator: { paceMs: 1 } }, async (world) => {
      world.runtype.fail('/v1/dispatch', { kind: 'slice', bytes: 400 });
      const response = await world.dispatch('refund-agent');
      const early = world.intake.delivery('announced').then(({ pause }) => world.decide([pause], 'approve'));
      await wholeRun(response);
      assert.equal((await early).type, 'recorded');
    }));

  test('after tries that failed', () =>
    withHold({}, async (world) => {
      const response = await world.dispatch('refund-agent');
      const pause = await world.pause();
      world.runtype.fail('/v1/dispatch/approve', { kind: 'status', status: 429, when: 'before' });
      world.runtype.fail('/v1/dispatch/approve', { kind: 'reset', when: 'before' });
      world.runtype.fail('/v1/dispatch/approve', { kind: 'status', status: 403, when: 'before' });
      for (const expected of ['unsent', 'ambiguous', 'refused', 'recorded']) {
        assert.equal((await world.decide([pause], 'approve')).type, expected);
      }
      await wholeRun(response);
    }));

  test('but not from the call of another application', () =>
    withHold({}, async (world) => {
      const response = await world.dispatch('two-pauses');
      const { wire } = await world.pause();
      const { executionId, approvalId } = wire;
      const other = await world.call('/v1/dispatch/approve', {
        key: world.runtype.apiKey,
        body: { executionId, approvalId, decision: 'approved' },
      });
      assert.equal(await other.end, 'ended');
      assert.equal(await response.end, 'ended', 'nothing more will come on it');
      const waits = eventsOf(response.text()).filter(({ type }) => type === 'approval_complete');
      assert.deepEqual(waits, [], 'it ends where Runtype’s own ended');
      const theirs = eventsOf(other.text());
      assert.equal(theirs[0]?.type, 'execution_start', 'the bytes of Runtype, up to the next pause');
      assert.ok(!theirs.some(({ type }) => type === 'execution_complete'), 'where it is not held');
      assert.equal((await world.pause(1)).tool, 'deploy_service', 'which people still answer');
    }));

  test('under an id that the run takes at a later pause', async () => {
    const asks = (executionId: string, approvalId: string) =>
      frame({ type: 'approval_start', executionId, seq: 0, approvalId, toolName: 't' });
    const upstream: RequestListener = async (request, response) => {
      const body = await readText(request);
      beginStream(response);
      if (request.url === '/v1/dispatch') response.end(asks('exec_1', 'a1'));
      else if (body.includes('exec_1')) response.end(asks('virtual_2', 'a2'));
      else response.end(frame({ type: 'execution_complete', executionId: 'virtual_2', seq: 0, success: true }));
    };
    await withGateway(upstream, { hold: { on: true } }, async ({ gateway, backend, intake }) => {
      const response = await open(gateway.url, '/v1/dispatch', { key: APP_KEY, body: {} });
      for (const index of [0, 1]) {
        const pause = await intake.journal.until(`pause ${index}`, () => intake.pauses[index]);
        await (await backend.decide([decided(pause, 'approve')], never)).follow?.();
      }
      assert.equal(await response.end, 'ended');
      assert.deepEqual(
        eventsOf(response.text()).map(({ type, seq }) => [type, seq]),
        [
          ['approval_start', 0],
          ['approval_start', 1],
          ['execution_complete', 2],
        ],
      );
    });
  });
});

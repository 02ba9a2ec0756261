/** When a response is not held, or not for longer: it ends where Runtype's own ended. */
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { HELD_MAX_CHARACTERS } from '../../../../../src/backends/runtype/gateway/hold/continuation-queue.ts';
import { HOLD_MAX_MS } from '../../../../../src/backends/runtype/gateway/hold/held-response.ts';
import { never } from '../../support/answering.ts';
import { APP_KEY, decided, frame, withGateway } from '../../support/backend.ts';
import { beginStream } from '../../support/caller.ts';
import { eventsOf, type HoldWorld, held, logged, open, type Response, withHold } from '../../support/held.ts';

/** Its last event is the pause's, and behind it came nothing but heartbeats. */
async function endsAtPause(response: Response, tool: string): Promise<void> {
  assert.equal(await response.end, 'ended');
  const last = eventsOf(response.text()).at(-1);
  assert.deepEqual([/approval_start|await$/.test(last?.type ?? ''), last?.['toolName']], [true, tool]);
}

describe('never held', () => {
  test('with HOLD off, or with the header, which is not passed on', async () => {
    await withHold({ more: { hold: { on: false } } }, async (world) => {
      await endsAtPause(await world.dispatch('refund-agent'), 'refund_order');
    });
    const seen: unknown[] = [];
    const upstream: RequestListener = (request, response) => {
      seen.push(request.headers['x-countersign-hold']);
      beginStream(response);
      response.end(frame({ type: 'approval_start', executionId: 'e', approvalId: 'a', toolName: 't' }));
    };
    await withGateway(upstream, { hold: { on: true } }, async ({ gateway, intake }) => {
      for (const key of [APP_KEY, 'without-cards']) {
        const headers = { 'X-Countersign-Hold': 'OFF' };
        assert.equal(await (await open(gateway.url, '/v1/dispatch', { key, headers, body: {} })).end, 'ended');
      }
      const without = await open(gateway.url, '/v1/dispatch', { key: 'without-cards', body: {} });
      assert.equal(await without.end, 'ended', 'a caller without cards is none of ours');
      assert.deepEqual(seen, [undefined, undefined, undefined]);
      assert.equal((await intake.delivery('announced')).pause.tool, 't', 'the card is made all the same');
    });
  });

  test('a pause that the application answers itself, or that has no card', async () => {
    const asked = { type: 'approval_start', executionId: 'e', approvalId: 'a', toolName: 'refund' };
    const own = { type: 'await', executionId: 'e', toolName: 'pick', toolCallId: 't1' };
    const elicitation = { message: 'Which?', mode: 'form' };
    const mixed: [string, object[]][] = [
      ['offered as a client tool', [asked, own]],
      ['answered by its page', [{ ...own, toolName: 'x', origin: 'webmcp' }, asked]],
      ['an elicitation', [asked, { ...own, toolName: undefined, elicitation }]],
      ['without an executionId', [{ ...asked, executionId: undefined }]],
      ['not for people', [{ ...own, toolName: 'log_visit' }]],
    ];
    for (const [name, events] of mixed) {
      const upstream: RequestListener = (_, response) => {
        beginStream(response);
        response.end(events.map((event) => frame(event as { type: string })).join(''));
      };
      const more = { hold: { on: true }, awaitTools: () => ['pick*', 'ask_?', 'x'] };
      await withGateway(upstream, more, async ({ gateway }) => {
        const body = { clientTools: [{ name: 'pick' }] };
        const response = await open(gateway.url, '/v1/dispatch', { key: APP_KEY, body });
        assert.equal(await response.end, 'ended', name);
      });
    }
  });

  test('a pause whose card could not be recorded', () =>
    withHold({}, async (world) => {
      world.intake.onDeliver = ({ type }) => {
        if (type === 'announced') throw new Error('no such table');
      };
      await endsAtPause(await world.dispatch('refund-agent'), 'refund_order');
    }));
});

test('tools by pattern of now: what matches is held and carded, what doesn’t is neither', () => {
  let patterns = ['pick_*'];
  return withHold({ more: { awaitTools: () => patterns } }, async (world) => {
    patterns = ['confirm_*'];
    await endsAtPause(await world.dispatch('slot-flow'), 'pick_slot');
    assert.deepEqual(world.intake.pauses, []);
    const response = await world.dispatch('parallel-awaits');
    await held(world);
    await world.decide(world.intake.pauses, 'approve');
    assert.equal(await response.end, 'ended');
    assert.equal(eventsOf(response.text()).at(-1)?.type, 'execution_complete');
  });
});

describe('held no longer', () => {
  async function heldRun(world: HoldWorld, name = 'refund-agent'): Promise<Response> {
    const response = await world.dispatch(name);
    await held(world);
    return response;
  }

  test('after the longest time, anew at each pause', () =>
    withHold({ more: { hold: { on: true, maxMs: 20_000 } } }, async (world) => {
      const response = await heldRun(world, 'two-pauses');
      world.clock.advance(15_000);
      await response.until('waiting\n\n');
      await world.decide([await world.pause()], 'approve');
      await response.until('deploy_service');
      await world.intake.journal.until('both pauses', () =>
        world.intake.deliveries.filter(({ type }) => type === 'run_paused').length === 2 ? true : undefined,
      );
      world.clock.advance(15_000);
      await response.until(/waiting\n\n[\s\S]*waiting\n\n/);
      world.clock.advance(5_000);
      await endsAtPause(response, 'deploy_service');
      assert.equal((await world.decide([await world.pause(1)], 'approve')).type, 'recorded', 'the card still decides');
      assert.equal(HOLD_MAX_MS, 3_600_000);
    }));

  test('when it is stopped', () =>
    withHold({}, async (world) => {
      const response = await heldRun(world);
      await world.backend.stop();
      await endsAtPause(response, 'refund_order');
    }));

  test('when the pause was decided elsewhere, is gone, or is answered without a continuation', async () => {
    const ways: ((world: HoldWorld, approvalId: string) => void)[] = [
      ({ runtype }, approvalId) => runtype.decideElsewhere(approvalId, 'denied'),
      ({ runtype }) => runtype.expire(runtype.runs()[0]?.executionId ?? ''),
      ({ runtype }) => runtype.fail('/v1/dispatch/approve', { kind: 'status', status: 204, when: 'after' }),
    ];
    for (const change of ways) {
      await withHold({}, async (world) => {
        const response = await heldRun(world);
        const pause = await world.pause();
        change(world, String(pause.wire['approvalId']));
        assert.notEqual((await world.decide([pause], 'approve')).type, 'unsent');
        await endsAtPause(response, 'refund_order');
      });
    }
  });

  test('when its application decides with its own call, and reads the rest there', () =>
    withHold({}, async (world) => {
      const response = await heldRun(world);
      const { executionId, approvalId } = (await world.pause()).wire;
      const body = { executionId, approvalId, decision: 'approved' };
      const refused = await world.call('/v1/dispatch/approve', { body: { ...body, executionId: 'unknown' } });
      assert.deepEqual([refused.status, await refused.end], [404, 'ended']);
      const own = await world.call('/v1/dispatch/approve', { body });
      await endsAtPause(response, 'refund_order');
      assert.equal(await own.end, 'ended');
      const events = eventsOf(own.text());
      assert.deepEqual(
        [events[0]?.type, events[0]?.seq, events.at(-1)?.type],
        ['execution_start', 0, 'execution_complete'],
      );
    }));

  test('when its application goes away: the pause stays, and the rest is read', () =>
    withHold({}, async (world) => {
      const response = await heldRun(world);
      response.hangUp();
      assert.equal(await response.end, 'cut');
      assert.equal((await world.decide([await world.pause()], 'approve')).type, 'recorded');
      assert.equal((await world.intake.delivery('run_ended')).state, 'completed');
    }));

  test('when the continuation breaks off: it is cut, at a frame’s end', () =>
    withHold({}, async (world) => {
      const response = await heldRun(world);
      world.runtype.fail('/v1/dispatch/approve', { kind: 'cut', afterBytes: 700 });
      await world.decide([await world.pause()], 'approve');
      assert.equal(await response.end, 'cut');
      assert.equal(eventsOf(response.text()).at(-1)?.type, 'approval_complete');
      assert.equal((await world.intake.delivery('run_ended')).state, 'lost');
    }));

  test('when its application does not read: nothing waits for it, and it ends after a whole frame', async () => {
    const text = 'x'.repeat(64 * 1024);
    const count = Math.ceil((4 * HELD_MAX_CHARACTERS) / text.length);
    const deltas = (response: Parameters<RequestListener>[1]) => {
      beginStream(response);
      const frames = Array.from({ length: count }, (_, seq) => ({
        type: 'text_delta',
        executionId: 'e',
        seq,
        delta: text,
      }));
      const complete = {
        type: 'execution_complete',
        executionId: 'e',
        seq: count,
        success: true,
        finalOutput: 'Done.',
      };
      response.end([...frames, complete].map(frame).join(''));
    };
    const upstream: RequestListener = (request, response) => {
      if (request.url !== '/v1/dispatch') return deltas(response);
      beginStream(response);
      response.end(frame({ type: 'approval_start', executionId: 'e', seq: 0, approvalId: 'a', toolName: 't' }));
    };
    await withGateway(
      upstream,
      { hold: { on: true }, gateway: { keys: 'any' } },
      async ({ gateway, backend, intake, log }) => {
        const response = await open(gateway.url, '/v1/dispatch', { key: APP_KEY, body: {} });
        await held({ log });
        response.pause();
        const { pause } = await intake.delivery('announced');
        await (await backend.decide([decided(pause, 'approve')], never)).follow?.();
        assert.equal((await intake.delivery('run_ended')).state, 'completed');
        await logged(log, 'a held response ended');
        assert.ok(log.lines().some(({ outcome }) => outcome === 'too slow'));
        response.resume();
        assert.equal(await response.end, 'ended');
        const events = eventsOf(response.text());
        assert.ok(events.length < count, 'not all of it');
        assert.deepEqual(
          events.map(({ seq }) => seq),
          events.map((_, index) => index),
          'but no gap',
        );
      },
    );
  });
});

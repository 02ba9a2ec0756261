import assert from 'node:assert/strict';
import type { RequestListener, ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import type { RuntypeOptions } from '../../../../src/backends/runtype/index.ts';
import { StoreError } from '../../../../src/core/ports/errors.ts';
import { approval, never, withAnswers } from '../support/answering.ts';
import { decided, frame, sendJson, sendStream } from '../support/backend.ts';

describe('the continuation', () => {
  const start = { type: 'execution_start', executionId: 'exec_1', kind: 'agent', resumed: true };
  const complete = { type: 'execution_complete', executionId: 'exec_1', success: true, finalOutput: 'Refunded.' };
  const next = { type: 'approval_start', executionId: 'exec_1', approvalId: 'appr_2', toolName: 'mail' };

  async function followed(answer: (response: ServerResponse) => void, more: Partial<RuntypeOptions> = {}) {
    return withAnswers(
      (_, response) => answer(response),
      more,
      async ({ backend, intake }) => {
        const { result, follow } = await backend.decide([decided(approval(), 'approve')], never);
        assert.deepEqual(result, { type: 'recorded', following: follow !== undefined });
        await follow?.();
        return intake;
      },
    );
  }

  test('the result is known once the headers arrive, and the stream is read afterwards', async () => {
    let finish = () => {};
    const runtype: RequestListener = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      finish = () => response.end(frame(start) + frame(complete));
    };
    await withAnswers(runtype, {}, async ({ backend, intake }) => {
      const { result, follow } = await backend.decide([decided(approval(), 'approve')], never);
      assert.deepEqual(result, { type: 'recorded', following: true });
      const reading = follow?.();
      finish();
      await reading;
      const about = { backend: 'runtype', runId: 'exec_1' };
      assert.deepEqual(intake.deliveries, [{ type: 'run_ended', ...about, state: 'completed', text: 'Refunded.' }]);
    });
  });

  test('it may pause again; the asker is known from the first stream', async () => {
    const intake = await followed((response) => sendStream(response, frame(next)));
    assert.deepEqual(
      intake.deliveries.map(({ type }) => type),
      ['announced', 'run_paused'],
    );
    assert.equal(intake.pauses[0]?.asker, 'Order desk');
  });

  test('each delivery is committed before the next one, and one that fails stops nothing', async () => {
    const order: string[] = [];
    const runtype: RequestListener = (_, response) => sendStream(response, frame(next) + frame(complete));
    await withAnswers(runtype, {}, async ({ backend, intake, log }) => {
      intake.onDeliver = async (delivery) => {
        order.push(`begin ${delivery.type}`);
        await new Promise(setImmediate);
        order.push(`end ${delivery.type}`);
        if (delivery.type === 'announced') throw new Error('no such table');
      };
      await (await backend.decide([decided(approval(), 'approve')], never)).follow?.();
      assert.match(log.text(), /not recorded/);
    });
    assert.deepEqual(order, ['begin announced', 'end announced', 'begin run_ended', 'end run_ended']);
  });

  test('cut in the middle, or silent for too long: the rest of the run is reported as not seen', async () => {
    const lost = {
      type: 'run_ended',
      backend: 'runtype',
      runId: 'exec_1',
      state: 'lost',
      text: null,
      name: 'Order desk',
    };
    const begin = (response: ServerResponse, then: () => void) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(frame(start), then);
    };
    const cut = await followed((response) => begin(response, () => response.destroy()));
    assert.deepEqual(cut.deliveries, [lost]);
    const silent = await followed((response) => begin(response, () => {}), { timeouts: { idleMs: 60 } });
    assert.deepEqual(silent.deliveries, [lost]);
  });

  test('cut while its first delivery is committed: nothing that had arrived is lost', async () => {
    let cut = () => {};
    const runtype: RequestListener = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(frame(next));
      cut = () => {
        response.write(frame({ ...next, approvalId: 'appr_3' }), () => response.socket?.resetAndDestroy());
      };
    };
    await withAnswers(runtype, {}, async ({ backend, intake, log }) => {
      let isFirst = true;
      intake.onDeliver = async ({ type }) => {
        if (type !== 'announced' || !isFirst) return;
        isFirst = false;
        cut();
        await new Promise((resolve) => setTimeout(resolve, 100));
      };
      await (await backend.decide([decided(approval(), 'approve')], never)).follow?.();
      assert.deepEqual(
        intake.pauses.map(({ key }) => key),
        ['approval:appr_2', 'approval:appr_3'],
        log.text(),
      );
    });
  });

  test('pings keep it alive', async () => {
    const intake = await followed(
      (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        let pings = 0;
        const timer = setInterval(() => {
          pings += 1;
          response.write(frame({ type: 'ping', timestamp: 'x' }));
          if (pings < 10) return;
          clearInterval(timer);
          response.end(frame(complete));
        }, 20);
      },
      { timeouts: { idleMs: 120 } },
    );
    assert.deepEqual(
      intake.deliveries.map((delivery) => 'state' in delivery && delivery.state),
      ['completed'],
    );
  });

  test('in one piece, from a server that doesn’t stream', async () => {
    const whole = (body: unknown) => followed((response) => sendJson(response, 200, body));
    const done = await whole({ success: true, status: 'completed', executionId: 'exec_1', result: 'Refunded.' });
    assert.deepEqual(
      done.deliveries.map((one) => 'state' in one && [one.state, one.text]),
      [['completed', 'Refunded.']],
    );
    const failed = await whole({ success: false, status: 'failed', executionId: 'exec_1', error: 'No.' });
    assert.deepEqual(
      failed.deliveries.map((one) => 'state' in one && [one.state, one.text]),
      [['failed', 'No.']],
    );
    const pausedReason = {
      type: 'approval',
      executionId: 'exec_1',
      approvals: [{ approvalId: 'appr_2', toolName: 'mail' }],
    };
    const paused = await whole({ success: true, status: 'paused', executionId: 'exec_1', pausedReason });
    assert.deepEqual(
      paused.deliveries.map(({ type }) => type),
      ['announced', 'run_paused'],
    );
    const vague = await whole({ success: true, status: 'running' });
    assert.deepEqual(
      vague.deliveries.map((one) => 'state' in one && one.state),
      ['lost'],
    );
    assert.deepEqual((await whole({ success: true })).deliveries, [], 'nothing goes on that we would know of');
  });

  test('stopping cuts it, and reports that', async () => {
    const runtype: RequestListener = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(frame(start));
    };
    await withAnswers(runtype, {}, async ({ backend, intake }) => {
      const { follow } = await backend.decide([decided(approval(), 'approve')], never);
      const reading = follow?.();
      await backend.stop();
      await reading;
      assert.deepEqual(
        intake.deliveries.map((one) => 'state' in one && one.state),
        ['lost'],
      );
    });
  });

  test('a run’s end survives a store that is full for a moment', async () => {
    const runtype: RequestListener = (_, response) => sendStream(response, frame(next));
    await withAnswers(runtype, {}, async ({ backend, intake, clock }) => {
      let failures = 2;
      intake.onDeliver = () => {
        if (failures === 0) return;
        failures -= 1;
        setImmediate(() => clock.advance(60_000));
        throw new StoreError('disk full');
      };
      await (await backend.decide([decided(approval(), 'approve')], never)).follow?.();
      assert.deepEqual(
        intake.deliveries.map(({ type }) => type),
        ['announced', 'run_paused'],
      );
    });
  });
});

/** An application that went away while its response was held, and comes back on Runtype's own replay path. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { REPLAY_MAX_CHARACTERS, ReplayBuffer } from '../../../../../src/backends/runtype/gateway/hold/replay-buffer.ts';
import { REPLAY_KEPT_MS } from '../../../../../src/backends/runtype/gateway/hold/replay-buffers.ts';
import { BufferBudget } from '../../../../../src/core/ports/buffer-budget.ts';
import type { HttpReply } from '../../../../../src/core/ports/ports.ts';
import { mountAt } from '../../../../support/http.ts';
import { never } from '../../support/answering.ts';
import { frame } from '../../support/backend.ts';
import { eventsOf, type HoldWorld, held, type Response, type Sent, withHold } from '../../support/held.ts';

/** Leaves at the pause. @returns what it had read, and the way back */
async function leave(world: HoldWorld, name = 'refund-agent', extra: object = {}) {
  const response = await world.dispatch(name, { with: extra });
  await held(world);
  response.hangUp();
  await response.end;
  const had = eventsOf(response.text());
  const executionId = String(had[0]?.['executionId']);
  const back = (after: number, sent: Sent = {}) =>
    world.call(`/v1/agents/${name}/executions/${executionId}/events?conversationId=c&after=${after}`, {
      method: 'GET',
      ...sent,
    });
  return { had, back };
}

async function replayed(response: Response) {
  assert.equal(response.status, 200);
  assert.equal(await response.end, 'ended');
  return eventsOf(response.text());
}

describe('the application that started the run', () => {
  test('receives what it missed, also when it returns before the decision', () =>
    withHold({}, async (world) => {
      const { had, back } = await leave(world, 'two-pauses');
      const waiting = await back(had.length);
      await world.decide([await world.pause()], 'approve');
      await waiting.until('deploy_service');
      const again = await back(had.length + 2);
      await world.decide([await world.pause(1)], 'approve');
      const rest = await replayed(waiting);
      assert.equal(rest.at(-1)?.type, 'execution_complete');
      assert.deepEqual(
        [...had, ...rest].map(({ seq }) => seq),
        [...had, ...rest].map((_, index) => index),
        'nothing is missing, nothing comes twice',
      );
      assert.deepEqual(await replayed(again), rest.slice(2));
      assert.deepEqual(await replayed(await back(0)), [...had, ...rest], 'all of it, for a while after its end');
      assert.match(waiting.text(), new RegExp(`^id: ${had.length + 1}\n`), 'each frame says its number');
      world.clock.advance(REPLAY_KEPT_MS);
      assert.equal((await back(0)).status, 404, 'then it is Runtype’s to answer');
    }));

  test('of a run that Runtype keeps, by Runtype’s own row numbers', () =>
    withHold({}, async (world) => {
      const { had, back } = await leave(world, 'refund-agent', { conversationId: 'c' });
      await world.decide([await world.pause()], 'approve');
      const ours = await back(had.length);
      const rest = await replayed(ours);
      assert.deepEqual([rest[0]?.type, rest.at(-1)?.type], ['approval_complete', 'execution_complete']);
      assert.match(ours.text(), new RegExp(`^id: ${had.length + 2}\n`), 'its row, behind the start that was left out');
      assert.ok(world.runtype.journal.entries.every((entry) => entry.kind !== 'call' || entry.method !== 'GET'));
    }));
});

test('any other caller gets 404, and a run that is not held is replayed by Runtype', () =>
  withHold({}, async (world) => {
    const { back } = await leave(world);
    for (const key of [world.runtype.apiKey, 'rt_test_stranger']) {
      const other = await back(0, { key });
      assert.equal(other.status, 404);
      await other.end;
      assert.deepEqual(JSON.parse(other.text()), { error: 'Execution not found' });
    }
    const path = '/v1/agents/refund-agent/executions/exec_other/events?after=0';
    assert.equal((await world.call(path, { method: 'GET', key: 'rt_test_stranger' })).status, 401);
    mountAt(world.backend, '/v1/').release?.();
    await world.intake.delivery('run_paused');
    assert.equal((await back(0)).status, 404);
    const asked = world.runtype.journal.entries.filter((entry) => entry.kind === 'call' && entry.method === 'GET');
    assert.equal(asked.length, 2, 'no longer held: forwarded to Runtype');
  }));

test('a buffer keeps the last frames, and knows the first of them', async () => {
  const sent: string[] = [];
  const reply: HttpReply = {
    start: () => {},
    write: async (bytes) => void sent.push(Buffer.from(bytes).toString()),
    end: () => {},
    destroy: () => {},
  };
  const buffer = new ReplayBuffer('k', reply, new BufferBudget());
  buffer.left();
  buffer.paused();
  const size = 64 * 1024;
  const count = (2 * REPLAY_MAX_CHARACTERS) / size;
  for (let seq = 0; seq < count; seq += 1)
    await buffer.write(Buffer.from(frame({ type: 'x', seq, pad: 'x'.repeat(size) })));
  assert.deepEqual(sent, [], 'no application is connected');
  assert.deepEqual([buffer.reaches(0), buffer.reaches(count - 2), buffer.reaches(count)], [false, true, true]);
  buffer.end();
  await buffer.replay(count - 2, reply, never);
  assert.deepEqual(
    eventsOf(sent.join('')).map(({ seq }) => seq),
    [count - 2, count - 1],
  );
});

test('a buffer that rests has all of its frames in a fraction of their size, and gives them up like the others', async () => {
  const sent: string[] = [];
  const write = async (bytes: Uint8Array) => void sent.push(Buffer.from(bytes).toString());
  const reply: HttpReply = { start: () => {}, write, end: () => {}, destroy: () => {} };
  const room = new BufferBudget();
  const buffer = new ReplayBuffer('k', reply, room);
  buffer.left();
  const add = async (from: number, to: number, pad = '') => {
    for (let seq = from; seq <= to; seq += 1) await buffer.write(Buffer.from(frame({ type: 'é', seq, pad })));
  };
  await add(1, 300);
  const before = buffer.size;
  buffer.paused();
  buffer.rest();
  assert.ok(buffer.size < before / 4, `${buffer.size} bytes of ${before}`);
  assert.equal(room.used, buffer.size);
  await add(301, 600);
  buffer.rest();
  await add(601, 610);
  assert.deepEqual([buffer.reaches(0), buffer.reaches(610)], [true, true]);
  const listened = buffer.replay(250, reply, never);
  await add(611, 611);
  buffer.end();
  await listened;
  assert.deepEqual(
    eventsOf(sent.join('')).map(({ seq }) => seq),
    Array.from({ length: 361 }, (_, at) => 251 + at),
  );
  await add(612, 612, 'x'.repeat(REPLAY_MAX_CHARACTERS - 200));
  assert.deepEqual([buffer.reaches(600), buffer.reaches(611)], [false, true]);
  buffer.forget();
  assert.equal(room.used, 0);
});

/** Streams that break off: joined again where Runtype keeps the run, lost where it doesn't. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventsOf, type HoldWorld, held, withHold } from '../support/held.ts';

const conversation = { with: { conversationId: 'conv_1' } };

/** The calls for a run's events, once there are so many. */
function replays({ runtype }: HoldWorld, count: number): Promise<number[]> {
  return runtype.journal.until(`${count} replays`, (entries) => {
    const found = entries.flatMap((entry) =>
      entry.kind === 'call' && entry.path.endsWith('/events') ? [entry.status] : [],
    );
    return found.length >= count ? found : undefined;
  });
}

/** Lets time pass until it has happened. */
async function inTime<T>(world: HoldWorld, happens: Promise<T>): Promise<T> {
  const timer = setInterval(() => world.clock.advance(1_000), 5);
  try {
    return await happens;
  } finally {
    clearInterval(timer);
  }
}

describe('a run that is kept', () => {
  test('cut before its pause: the rest is read, and the card is made', () =>
    withHold({}, async (world) => {
      world.runtype.fail('/v1/dispatch', { kind: 'cut', afterBytes: 2_000 });
      const response = await world.dispatch('refund-agent', conversation);
      assert.equal(await response.end, 'cut', 'as Runtype’s was');
      assert.deepEqual(
        world.intake.deliveries.map(({ type }) => type),
        ['run_open'],
      );
      const { pause } = await inTime(world, world.intake.delivery('announced'));
      assert.deepEqual([pause.tool, pause.hidden], ['refund_order', ['tenantId']]);
      await world.intake.delivery('run_paused');
      assert.equal((await replays(world, 1)).length, 1);
    }));

  test('its continuation cut anywhere: a held response receives all of it', async () => {
    for (const afterBytes of [100, 150, 700, 1_201]) {
      await withHold({}, async (world) => {
        const response = await world.dispatch('refund-agent', conversation);
        await held(world);
        world.runtype.fail('/v1/dispatch/approve', { kind: 'cut', afterBytes });
        await inTime(world, world.decide([await world.pause()], 'approve'));
        assert.equal(await response.end, 'ended');
        const events = eventsOf(response.text());
        assert.deepEqual(
          events.map(({ seq }) => seq),
          events.map((_, index) => index),
        );
        const types = events.map(({ type }) => type);
        assert.equal(types.filter((type) => type === 'approval_complete').length, 1, `cut after ${afterBytes}`);
        assert.equal(types.filter((type) => type === 'execution_start').length, 1);
        assert.equal(types.at(-1), 'execution_complete');
        assert.match(
          events.flatMap(({ delta }) => delta ?? '').join(''),
          /RF-20417 and Mara gets a confirmation by e-mail\.$/,
        );
      });
    }
  });

  test('waits 1, 2, 4, 8 and 8 s, and no longer', () =>
    withHold({}, async (world) => {
      world.runtype.fail('/v1/dispatch', { kind: 'cut', afterBytes: 2_000 });
      world.runtype.fail(
        '/v1/agents/:id/executions/:executionId/events',
        { kind: 'status', status: 503, when: 'before' },
        9,
      );
      const begun = world.clock.monotonic();
      await (await world.dispatch('refund-agent', conversation)).end;
      const { state } = await inTime(world, world.intake.delivery('run_ended'));
      assert.equal(state, 'lost');
      assert.equal((await replays(world, 5)).length, 5);
      assert.ok(world.clock.monotonic() - begun >= 23_000);
    }));

  test('no longer at Runtype: lost; while stopping: left to the next process', () =>
    withHold({}, async (world) => {
      world.runtype.fail('/v1/dispatch', { kind: 'cut', afterBytes: 2_000 }, 2);
      world.runtype.fail('/v1/agents/:id/executions/:executionId/events', {
        kind: 'status',
        status: 404,
        when: 'before',
      });
      await (await world.dispatch('refund-agent', conversation)).end;
      assert.equal((await inTime(world, world.intake.delivery('run_ended'))).state, 'lost');
      await (await world.dispatch('refund-agent', conversation)).end;
      await world.backend.stop();
      assert.equal(world.intake.deliveries.filter(({ type }) => type === 'run_ended').length, 1);
      assert.equal(world.intake.deliveries.filter(({ type }) => type === 'run_open').length, 2);
      assert.equal((await replays(world, 1)).length, 1);
    }));
});

test('a run that is not kept is lost at once', async () => {
  const runs: [string, object][] = [
    ['refund-agent', {}],
    ['approval-flow', { conversationId: 'conv_1' }],
  ];
  for (const [name, extra] of runs) {
    await withHold({}, async (world) => {
      world.runtype.fail('/v1/dispatch', { kind: 'cut', afterBytes: 600 });
      await (await world.dispatch(name, { with: extra })).end;
      assert.equal((await world.intake.delivery('run_ended')).state, 'lost');
    });
  }
});

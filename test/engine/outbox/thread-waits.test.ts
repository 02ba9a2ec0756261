/** What waits in the thread of a card, and when a run's next card is posted in the room itself. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { countWaiting } from '../../../src/engine/outbox/thread-waits.ts';
import { announce, untilIdle } from '../../support/data/burst.ts';
import { slackRoom } from '../../support/data/pauses.ts';
import { type Engine, withEngine } from '../../support/worlds/engine.ts';

const HALF_HOUR = 30 * 60_000;
const options = { places: [slackRoom], resurfaceAfterMs: HALF_HOUR };
const SLOT = `card@slack:${slackRoom.room}`;

async function pauseAgain(engine: Engine, number: number) {
  await announce(engine, number, number, { runId: 'run', tool: `step_${number}` });
  await untilIdle(engine);
}

const threads = (engine: Engine) => engine.messages.map(({ thread }) => thread?.root.message ?? null);

describe('a run that pauses again', () => {
  test('within half an hour is in the thread of its first card, after that in the room, and from then on there', () =>
    withEngine(async (engine) => {
      await pauseAgain(engine, 1);
      engine.clock.advance(HALF_HOUR - 1);
      await pauseAgain(engine, 2);
      engine.clock.advance(HALF_HOUR - 1);
      await pauseAgain(engine, 3);
      assert.deepEqual(threads(engine), [null, '0', '0'], 'counted from the latest card');
      engine.clock.advance(HALF_HOUR);
      await pauseAgain(engine, 4);
      await pauseAgain(engine, 5);
      assert.deepEqual(threads(engine), [null, '0', '0', null, '3']);
    }, options));

  test('stays in its thread with RESURFACE_AFTER=off', () =>
    withEngine(
      async (engine) => {
        await pauseAgain(engine, 1);
        engine.clock.advance(24 * 60 * 60_000);
        await pauseAgain(engine, 2);
        assert.deepEqual(threads(engine), [null, '0']);
      },
      { places: [slackRoom] },
    ));

  test('is where it was after a post that may have arrived, and after a restart', () =>
    withEngine(async (engine) => {
      await pauseAgain(engine, 1);
      engine.clock.advance(HALF_HOUR);
      await pauseAgain(engine, 2);
      await engine.recover();
      engine.clock.advance(HALF_HOUR);
      await untilIdle(engine);
      assert.deepEqual(threads(engine), [null, null]);
    }, options));
});

test('what waits is counted for the card whose thread it is in, and no card in the room is counted', () =>
  withEngine(async (engine) => {
    for (const number of [1, 2, 3]) await pauseAgain(engine, number);
    const inThread = { inThread: 'shown' as const };
    const members = await engine.store.list({ backend: 'runtype', runId: 'run' });
    const [one, two, three] = members.map((member, index) => {
      const slot = member.slots[SLOT];
      if (slot === undefined) throw new Error('no slot');
      return { ...member, slots: { [SLOT]: index === 0 ? slot : { ...slot, ...inThread } } };
    });
    assert.ok(one !== undefined && two !== undefined && three !== undefined);
    assert.deepEqual([...countWaiting([one, two, three], SLOT)], [[one.id, 2]]);
    const up = { ...two, slots: { [SLOT]: { ...two.slots[SLOT], resurfaced: true as const } } } as typeof two;
    assert.deepEqual([...countWaiting([one, up, three], SLOT)], [[two.id, 1]]);
    assert.deepEqual([...countWaiting([one], SLOT)], []);
  }, options));

/** The fleet of a store that one process opens at a time. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFleetOfOne, ONLY_REPLICA } from '../../../../src/core/ports/store/fleet.ts';

describe('a fleet of one', () => {
  test('adopts the process before it, once', async () => {
    const fleet = createFleetOfOne();
    assert.deepEqual(await fleet.adopt(), [{ replica: ONLY_REPLICA, ended: 'died', lastBeat: null }]);
    await fleet.adopted(ONLY_REPLICA);
    assert.deepEqual(await fleet.adopt(), []);
  });

  test('is alive without a beat, has every duty, and is never told anything', async () => {
    const fleet = createFleetOfOne();
    const told: unknown[] = [];
    const end = fleet.onTold((word) => told.push(word));
    fleet.tell({ type: 'jobs' });
    end();
    assert.deepEqual(told, []);
    assert.equal(fleet.size(), 1);
    assert.equal(fleet.alive(), true);
    assert.deepEqual(await fleet.hold('house', 1), { epoch: 1 });
    assert.deepEqual(await fleet.hold('watch:sonzai', 1), { epoch: 1 });
  });
});

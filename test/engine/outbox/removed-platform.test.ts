/** A platform that was taken out of the settings, and comes back. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Platform } from '../../../src/core/ports/ports.ts';
import { createTestClock } from '../../support/clock.ts';
import { announce, burstPause, untilIdle } from '../../support/data/burst.ts';
import { sam } from '../../support/data/pauses.ts';
import { createTestEngine, type Engine } from '../../support/worlds/engine.ts';

const HOUR_MS = 3_600_000;

test('what was decided while a platform was away has no buttons there once it is back', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-removed-'));
  const [file, clock] = [join(directory, 'x.db'), createTestClock()];
  const buttons: string[] = [];
  const slack: Platform = {
    name: 'slack',
    start: async () => {},
    stop: async () => {},
    check: async () => {},
    canRead: async () => true,
    async post({ platform, room }, _, card) {
      buttons.push(card.buttons.map(({ label }) => label).join(' '));
      return { platform, room, message: '1' };
    },
    async update(_, card) {
      buttons.push(card.buttons.map(({ label }) => label).join(' '));
    },
  };
  const discord: Platform = {
    ...slack,
    name: 'discord',
    post: async ({ platform, room }) => ({ platform, room, message: '2' }),
    update: async () => {},
  };
  const started = async (platforms: readonly Platform[], run: (engine: Engine) => Promise<void>) => {
    const engine = createTestEngine({ file, clock, platforms });
    try {
      await engine.recover();
      engine.outbox.start();
      await run(engine);
      await untilIdle(engine);
    } finally {
      await engine.stop();
    }
  };
  try {
    await started([slack, discord], (engine) => announce(engine, 1, 1));
    await started([discord], async (engine) => {
      const approvalId = engine.idOf(burstPause(1).key);
      const fingerprint = (await engine.store.get(approvalId))?.fingerprint ?? '';
      await engine.onPress(engine.press({ platform: 'discord', actor: sam, buttonId: { approvalId, fingerprint } }));
      await untilIdle(engine);
      // An operator does not have to fix it.
      const { jobs } = await engine.store.stats(HOUR_MS);
      assert.equal(
        jobs.reduce((sum, { recentlyDead }) => sum + recentlyDead, 0),
        0,
      );
    });
    await started([slack, discord], async () => {});
    assert.deepEqual(buttons, ['Approve Reject Take over Details', 'Details']);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

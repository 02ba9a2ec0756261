/** Row 7: a pause that ends before, or while, its card is posted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PlatformError } from '../../../src/core/ports/errors.ts';
import type { Delivery } from '../../../src/core/ports/ports.ts';
import { pauseOf } from '../../support/data/pauses.ts';
import { runs } from '../../support/property.ts';
import { type Engine, withEngine } from '../../support/worlds/engine.ts';

const ends = {
  expired: { type: 'resolved', backend: 'runtype', key: 'approval:appr_1', verdict: 'timeout', reason: null },
  elsewhere: { type: 'resolved', backend: 'runtype', key: 'approval:appr_1', verdict: 'reject', reason: 'denied' },
  over: { type: 'run_ended', backend: 'runtype', runId: 'exec_1', state: 'completed', text: null },
  gone: { type: 'listed', backend: 'runtype', keys: [], begunAt: Number.MAX_SAFE_INTEGER },
} satisfies Record<string, Delivery>;

/** Resolves once the outbox has no jobs left, whatever their delays. */
async function untilIdle(engine: Engine) {
  for (let time = 0; time < 200; time += 1) {
    await engine.store.release('no-worker');
    await new Promise((resolve) => setImmediate(resolve));
    if (time % 4 === 3) engine.clock.advance(60_000);
    if (time > 20 && (await engine.store.msUntilNextJob()) === null) return;
  }
  assert.fail('the outbox does not become idle');
}

test('row 7: a pause that ends before its card is posted, or while it is, leaves no live button', async () => {
  const schedule = fc.record({
    end: fc.constantFrom(...Object.keys(ends)) as fc.Arbitrary<keyof typeof ends>,
    failing: fc.nat({ max: 4 }),
    /** The posts that are delayed until the pause has ended. */
    held: fc.nat({ max: 2 }),
    turns: fc.nat({ max: 6 }),
  });
  await fc.assert(
    fc.asyncProperty(schedule, ({ end, failing, held, turns }) =>
      withEngine(async (engine) => {
        const { promise: ended, resolve: go } = Promise.withResolvers<void>();
        for (let count = 0; count < held; count += 1) engine.gates.push(ended);
        for (let count = 0; count < failing; count += 1) engine.faults.post.push(new PlatformError('unsent', 'busy'));
        const announced = {
          type: 'announced',
          pause: pauseOf(),
          via: 'stream',
          streamOpen: false,
          inputId: null,
        } as const;
        const delivered = engine.intake.deliver(announced);
        for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        await delivered;
        await engine.intake.deliver(ends[end]);
        go();
        await untilIdle(engine);
        for (const { cards } of engine.messages) {
          const live = cards.at(-1)?.buttons.filter(({ action }) => action !== 'details');
          assert.deepEqual(live, []);
        }
        assert.equal(engine.calls.length, 0);
      }),
    ),
    { numRuns: runs(40) },
  );
});

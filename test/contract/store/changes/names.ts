/** Texts from outside, which no column may refuse or confuse. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { announced, pauseOf, pressed } from '../../../support/data/pauses.ts';
import { type OpenStore, put, withStore } from '../support.ts';

export function namesContract(name: string, open: OpenStore): void {
  describe(`${name}: names from outside`, () => {
    for (const [what, odd] of [
      ['NUL', 'a\0b'],
      ['half a surrogate pair', 'a\ud83db'],
      ['a very long one', 'é'.repeat(9_000)],
    ] as const) {
      test(`with ${what} are found again, and what people see keeps its spelling`, () =>
        withStore(open, async (store, clock) => {
          const pause = pauseOf({ key: odd, groupId: odd, runId: odd, tool: odd, parameters: { [odd]: odd } });
          const input = announced({ pause, source: { id: odd, max: 9 } });
          await put(store, clock, input, { inputId: `in ${odd}`, limit: { id: odd, max: 9 } });
          const again = await put(store, clock, input, { inputId: `in ${odd}` });
          assert.equal(again.duplicate, true);
          const state = await store.get('ap1');
          assert.deepEqual(state?.pause, pause);
          const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id);
          assert.deepEqual(ids(await store.list({ groupId: odd })), ['ap1']);
          assert.deepEqual(ids(await store.list({ backend: 'runtype', runId: odd })), ['ap1']);
          assert.equal((await store.awaited([odd], 5)).count, 1);
          const facts = { said: odd };
          await store.transact({
            approvalId: 'ap1',
            inputId: null,
            audit: { input: 'pressed', actor: { platform: 'slack', id: odd, name: odd }, facts },
            fn: (before) => step(before, pressed(), clock.now()),
          });
          const row = (await store.audit('ap1')).at(-1);
          assert.deepEqual([row?.facts, row?.actor?.name], [facts, odd]);
          const [job] = await store.claim({ decide: 1 }, 'w1');
          assert.ok(job);
          assert.deepEqual(ids(await store.list({ groupId: job.subject })), ['ap1'], 'by what its job says');
          const retry = { type: 'retry', waitMs: 0, error: odd, notArrived: true } as const;
          assert.ok(await store.settle(job, retry));
          assert.equal((await store.claim({ decide: 1 }, 'w1'))[0]?.id, job.id);
        }));
    }
  });
}

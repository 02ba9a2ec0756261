/** What one commit is. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval } from '../../../../src/core/approval/approval.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { StoreError } from '../../../../src/core/ports/errors.ts';
import type { Clock, Store } from '../../../../src/core/ports/ports.ts';
import { announced, pauseOf } from '../../../support/data/pauses.ts';
import { type OpenStore, put, withStore } from '../support.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

export function turnsContract(name: string, open: OpenStore): void {
  describe(`${name}: the changes of one turn`, () => {
    test('are seen all together, or none of them, by whoever reads meanwhile', () =>
      withStore(open, async (store, clock) => {
        for (let round = 0; round < 5; round += 1) {
          const added = announceMany(store, clock, `r${round}-`, 30);
          // Of the same turn, although asked for after a promise.
          const later = Promise.resolve().then(() => announceMany(store, clock, `l${round}-`, 10));
          const seen = new Set<number>();
          let isOver = false;
          const over = Promise.all([added, later]).then(() => {
            isOver = true;
          });
          while (!isOver) {
            seen.add((await store.unfinishedIds('runtype')).length);
            await turn();
          }
          await over;
          const counts = [round * 40, (round + 1) * 40];
          assert.deepEqual(
            [...seen].filter((count) => !counts.includes(count)),
            [],
          );
        }
      }));

    test('see what the earlier ones of them did, in their order', () =>
      withStore(open, async (store, clock) => {
        const fingerprints = ['d1', 'd2', 'd3'];
        const all = await Promise.all(fingerprints.map((fingerprint) => put(store, clock, announced({ fingerprint }))));
        assert.deepEqual(
          all.map((changed) => (changed.duplicate ? null : (changed.before?.fingerprint ?? null))),
          [null, 'd1', 'd2'],
        );
        const rows = await store.audit('ap1');
        assert.deepEqual(
          rows.map(({ from }) => from),
          ['none', 'open', 'open'],
        );
      }));

    test('leave out the one whose function throws, and the one that the database refuses', () =>
      withStore(open, async (store, clock) => {
        const refused = store.transact({
          approvalId: 'refused',
          inputId: 'refused',
          audit: { input: 'announced', actor: null, facts: {} },
          fn: () => {
            const next = step(null, announced({ id: 'refused' }), clock.now());
            // No column of a number takes it.
            return { ...next, state: { ...next.state, createdAt: Number.NaN } as Approval };
          },
        });
        const thrown = store.transact({
          approvalId: 'thrown',
          inputId: 'thrown',
          audit: { input: 'announced', actor: null, facts: {} },
          fn: () => {
            throw new Error('a bug');
          },
        });
        const ended = await Promise.allSettled([
          announceMany(store, clock, 'first-', 2),
          refused,
          thrown,
          announceMany(store, clock, 'last-', 2),
        ]);
        assert.deepEqual(
          ended.map(({ status }) => status),
          ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
        );
        for (const end of ended) assert.ok(end.status === 'fulfilled' || end.reason instanceof StoreError);
        assert.equal((await store.unfinishedIds('runtype')).length, 4);
        for (const id of ['refused', 'thrown']) {
          assert.deepEqual([await store.get(id), await store.audit(id)], [null, []]);
          const again = await put(store, clock, announced({ id, pause: pauseOf({ key: id }) }), { id, inputId: id });
          assert.equal(again.duplicate, false, 'the id of its input is free');
        }
      }));
  });
}

/** In one turn. */
function announceMany(store: Store, clock: Clock, prefix: string, count: number): Promise<unknown> {
  return Promise.all(
    Array.from({ length: count }, (_, index) => {
      const id = `${prefix}${index}`;
      return put(store, clock, announced({ id, pause: pauseOf({ key: id, groupId: id }) }), { id });
    }),
  );
}

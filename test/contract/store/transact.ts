/** Every change of an approval. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StoreError } from '../../../src/core/ports/errors.ts';
import { announced, dana, pressed } from '../../support/data/pauses.ts';
import { type OpenStore, one, put, withStore } from './support.ts';

export function transactContract(name: string, open: OpenStore): void {
  describe(`${name}: transact`, () => {
    test('saves the state that step returns', () =>
      withStore(open, async (store, clock) => {
        const changed = await put(store, clock, one);
        assert.equal(changed.duplicate, false);
        assert.deepEqual(await store.get('ap1'), changed.state);
        assert.equal(await store.get('other'), null);
      }));

    test('applies an input once', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, one);
        const press = pressed();
        const both = await Promise.all([
          put(store, clock, press, { inputId: 'press-1' }),
          put(store, clock, press, { inputId: 'press-1' }),
        ]);
        assert.deepEqual(
          both.map(({ duplicate }) => duplicate),
          [false, true],
        );
        assert.equal((await store.audit('ap1')).filter(({ input }) => input === 'pressed').length, 1);
      }));

    test('lets the first of several presses win', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, one);
        const presses = Array.from({ length: 20 }, (_, index) =>
          put(store, clock, pressed({ actor: { ...dana, id: `U${index}` } }), { inputId: `press-${index}` }),
        );
        const ignored = (await Promise.all(presses)).map((changed) => !changed.duplicate && changed.ignored);
        assert.deepEqual(ignored, [null, ...Array(19).fill('already_decided')]);
        assert.equal((await store.get('ap1'))?.decision?.actor.id, 'U0');
      }));

    test('a function that throws undoes its own change and no other', () =>
      withStore(open, async (store, clock) => {
        const bad = store.transact({
          approvalId: 'ap1',
          inputId: 'bad',
          audit: { input: 'bad', actor: null, facts: {} },
          fn: () => {
            throw new Error('no');
          },
        });
        const good = put(store, clock, one);
        await assert.rejects(bad, StoreError);
        await good;
        assert.equal((await store.audit('ap1')).length, 1);
        assert.equal(
          (await put(store, clock, pressed(), { inputId: 'bad' })).duplicate,
          false,
          'its input id is free again',
        );
      }));

    test('refuses what would be one more than a source may have unsettled, and keeps nothing of it', () =>
      withStore(open, async (store, clock) => {
        const source = { id: 'runtype:ingest', max: 2 };
        const announce = (id: string, inputId: string | null = null) =>
          put(store, clock, announced({ id, source }), { id, inputId, limit: source });
        const all = await Promise.all(['a', 'b', 'c'].map((id) => announce(id, `input ${id}`)));
        assert.deepEqual(
          all.map((changed) => !changed.duplicate && changed.ignored),
          [null, null, 'too_many'],
        );
        assert.deepEqual([await store.get('c'), await store.audit('c')], [null, []]);
        const other = { id: 'other', max: 2 };
        const elsewhere = await put(store, clock, announced({ id: 'd', source: other }), { id: 'd', limit: other });
        assert.equal(!elsewhere.duplicate && elsewhere.ignored, null, 'of another source');
        const again = await announce('a');
        assert.equal(!again.duplicate && again.ignored, 'known', 'what it has is not one more');
        const cancelled = { type: 'cancelled', reason: 'x' } as const;
        await put(store, clock, cancelled, { id: 'a' });
        const [, later] = await Promise.all([announce('b', 'input b'), announce('c', 'input c')]);
        assert.equal(later.duplicate, false, 'its input id is free again');
        assert.equal(later.state?.phase, 'open');
      }));

    test('also records a refused input in the audit log', () =>
      withStore(open, async (store, clock) => {
        await put(store, clock, one);
        await put(store, clock, pressed({ right: 'denied' }));
        const rows = await store.audit('ap1');
        assert.deepEqual(
          rows.map(({ input, from, to, ignored, actor }) => [input, from, to, ignored, actor?.id ?? null]),
          [
            ['announced', 'none', 'open', null, null],
            ['pressed', 'open', 'open', 'not_allowed', dana.id],
          ],
        );
      }));
  });
}

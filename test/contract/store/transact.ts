/** Every change of an approval. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StoreError } from '../../../src/core/ports/errors.ts';
import { dana, pressed } from '../../support/data/pauses.ts';
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

/** Every change of an approval. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval } from '../../../../src/core/approval/approval.ts';
import { KNOWN_SHAPE } from '../../../../src/core/approval/parts/shape.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';

import { StoreError } from '../../../../src/core/ports/errors.ts';
import type { Clock, Store } from '../../../../src/core/ports/ports.ts';
import { announced, dana, pauseOf, pressed } from '../../../support/data/pauses.ts';
import { type OpenStore, one, put, withStore } from '../support.ts';

export function transactContract(name: string, open: OpenStore): void {
  newerVersionContract(name, open);
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

    test('records what follows in the same commit, with its own row, and a record that it changes', () =>
      withStore(open, async (store, clock) => {
        const use = (id: string, max: number) =>
          store.transact({
            approvalId: id,
            inputId: null,
            audit: { input: 'announced', actor: null, facts: {} },
            fn: (state) => step(state, announced({ id, pause: pauseOf({ key: id, groupId: id }) }), clock.now()),
            followUp: {
              record: { kind: 'grant', id: 'g' },
              fn(before, state, value) {
                const used = Number(value);
                if (before !== null || value === undefined || used >= max) return null;
                const audit = { input: 'stood', actor: dana, facts: { use: used + 1 } };
                return { step: step(state, pressed(), clock.now()), audit, value: used + 1 };
              },
            },
          });
        const used = async () => (await store.records.list()).map(({ value }) => value);
        assert.equal((await use('none', 2)).state?.phase, 'open', 'there is no such record');
        await store.records.put({ kind: 'grant', id: 'g', value: 0 }, { input: 'granted', actor: dana, facts: {} });
        const all = await Promise.all(['a', 'b', 'c'].map((id) => use(id, 2)));
        assert.deepEqual(
          all.map(({ state }) => state?.phase),
          ['decided', 'decided', 'open'],
        );
        assert.deepEqual(await used(), [2]);
        assert.deepEqual(
          (await store.audit('b')).map(({ input, from, to, facts }) => [input, from, to, facts['use']]),
          [
            ['announced', 'none', 'open', undefined],
            ['stood', 'open', 'decided', 2],
          ],
        );
        const [first] = all;
        assert.equal(first?.duplicate === false && first.followed?.from.phase, 'open');
        await use('a', 9);
        assert.deepEqual(await used(), [2], 'nothing follows an input that did not apply');
      }));

    test('undoes both where what follows throws', () =>
      withStore(open, async (store, clock) => {
        const failing = store.transact({
          approvalId: 'ap1',
          inputId: null,
          audit: { input: 'announced', actor: null, facts: {} },
          fn: (state) => step(state, one, clock.now()),
          followUp: {
            fn: () => {
              throw new Error('a bug');
            },
          },
        });
        await assert.rejects(failing);
        assert.deepEqual([await store.get('ap1'), await store.audit('ap1')], [null, []]);
      }));
  });
}

/** Writes an approval as a newer version does. */
async function announceNewer(store: Store, clock: Clock, newer: object) {
  await store.transact({
    approvalId: 'ap1',
    inputId: null,
    audit: { input: 'announced', actor: null, facts: {} },
    fn: () => {
      const next = step(null, one, clock.now());
      return { ...next, state: { ...next.state, ...newer } as Approval };
    },
  });
}

function newerVersionContract(name: string, open: OpenStore): void {
  describe(`${name}: what a newer version has written`, () => {
    test('keeps its fields when this version changes it', () =>
      withStore(open, async (store, clock) => {
        await announceNewer(store, clock, { later: { seen: 1 } });
        await put(store, clock, pressed());
        const state = await store.get('ap1');
        assert.equal(state?.phase, 'decided');
        assert.deepEqual((state as { later?: unknown }).later, { seen: 1 });
      }));

    test('is not changed, where its shape is too new, and nothing of the attempt is recorded', () =>
      withStore(open, async (store, clock) => {
        await announceNewer(store, clock, { shape: KNOWN_SHAPE + 1 });
        const before = await store.get('ap1');
        const press = put(store, clock, pressed(), { inputId: 'press' });
        await assert.rejects(press, (error: Error) => {
          assert.ok(error instanceof StoreError);
          assert.match(error.message, /newer version of Countersign.*Nothing was recorded.*Finish the upgrade/);
          return true;
        });
        assert.deepEqual(await store.get('ap1'), before, 'it can be read');
        assert.equal((await store.audit('ap1')).length, 1);
        await put(store, clock, announced({ id: 'ap2' }), { id: 'ap2', inputId: 'press' });
        assert.equal((await store.get('ap2'))?.phase, 'open', 'the id of the input is still free');
      }));
  });
}

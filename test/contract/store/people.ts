/** What is kept for one person: drafts of forms, and home tabs. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Store } from '../../../src/core/ports/ports.ts';
import { mine } from '../../../src/core/view/list-query.ts';
import { dana } from '../../support/data/pauses.ts';
import { type OpenStore, one, put, withStore } from './support.ts';

export function peopleContract(name: string, open: OpenStore): void {
  describe(`${name}: drafts`, () => {
    const key = { approvalId: 'ap1', action: 'take_over', actor: dana, fingerprint: 'd1' } as const;
    const filled = { f0: 'Mara', f1: ['0', '2'] };

    test('are separate for each person, approval, action and fingerprint', () =>
      withStore(open, async (store) => {
        await store.drafts.save(key, filled);
        assert.deepEqual(await store.drafts.find(key), filled);
        await store.drafts.save(key, { f0: 'Mara L.' });
        assert.deepEqual(await store.drafts.find(key), { f0: 'Mara L.' });
        const others = [
          { ...key, approvalId: 'ap2' },
          { ...key, action: 'reject' } as const,
          { ...key, actor: { ...dana, id: 'U0NOBODY' } },
          { ...key, fingerprint: 'd2' },
        ];
        for (const other of others) assert.equal(await store.drafts.find(other), null);
      }));

    test('are deleted on request, after a day, and when their approval is settled', () =>
      withStore(open, async (store, clock) => {
        await store.drafts.save(key, filled);
        await store.drafts.delete('ap1');
        assert.equal(await store.drafts.find(key), null);
        await store.drafts.save(key, filled);
        clock.advance(24 * 60 * 60 * 1000 - 1);
        assert.deepEqual(await store.drafts.find(key), filled);
        clock.advance(1);
        assert.equal(await store.drafts.find(key), null);

        await put(store, clock, one);
        await store.drafts.save(key, filled);
        await put(store, clock, { type: 'cancelled', reason: 'over' });
        await store.drafts.save({ ...key, approvalId: 'ap2' }, filled);
        assert.equal(await store.drafts.find(key), null, 'at the latest when another one is saved');
      }));
  });

  describe(`${name}: home tabs`, () => {
    const tab = (id: string, page = 0) => ({ who: { actor: { ...dana, id } }, query: { ...mine('home'), page } });
    const seen = async (store: Store) => (await store.homeTabs.list()).map(({ who }) => who.actor.id);

    test('are one per person, the latest first, with the list that each shows', () =>
      withStore(open, async (store, clock) => {
        await store.homeTabs.save(tab('U1'));
        clock.advance(1);
        await store.homeTabs.save(tab('U2'));
        clock.advance(1);
        await store.homeTabs.save(tab('U1', 3));
        assert.deepEqual(await store.homeTabs.list(), [tab('U1', 3), tab('U2')]);
        await store.homeTabs.delete('slack', 'U1');
        await store.homeTabs.delete('discord', 'U2');
        assert.deepEqual(await seen(store), ['U2']);
      }));

    test('are deleted after two weeks, and beyond two hundred', () =>
      withStore(open, async (store, clock) => {
        await store.homeTabs.save(tab('U0'));
        clock.advance(14 * 24 * 60 * 60 * 1000);
        assert.deepEqual(await seen(store), []);
        for (let index = 1; index <= 201; index += 1) await store.homeTabs.save(tab(`U${index}`));
        const left = await seen(store);
        assert.equal(left.length, 200);
        assert.ok(!left.includes('U1'), 'the oldest one is deleted');
      }));
  });
}

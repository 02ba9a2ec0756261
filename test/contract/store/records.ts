/** What operators and reviewers set while the bot runs. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { POLICY_AUDIT_ID } from '../../../src/core/ports/store.ts';
import { dana } from '../../support/data/pauses.ts';
import { type OpenStore, withStore } from './support.ts';

export function recordsContract(name: string, open: OpenStore): void {
  const note = (input: string) => ({ input, actor: dana, facts: { why: 'a test' } });

  describe(`${name}: records of the policy`, () => {
    test('are one per kind and id, oldest first, with the JSON that was put', () =>
      withStore(open, async (store, clock) => {
        const value = { until: 12, uses: [1, 2], who: { id: 'U1', name: 'Mara ✓' }, none: null };
        await store.records.put({ kind: 'grant', id: 'a', value: 1 }, note('granted'));
        clock.advance(1);
        const at = clock.now();
        await store.records.put({ kind: 'link', id: 'a', value: 'x' }, note('linked'));
        clock.advance(1);
        await store.records.put({ kind: 'grant', id: 'a', value }, note('granted'));
        assert.deepEqual(await store.records.list(), [
          { kind: 'link', id: 'a', value: 'x', at },
          { kind: 'grant', id: 'a', value, at: clock.now() },
        ]);
      }));

    test('are deleted once, and only that kind and id', () =>
      withStore(open, async (store) => {
        await store.records.put({ kind: 'link', id: 'a', value: 1 }, note('linked'));
        await store.records.put({ kind: 'absence', id: 'a', value: 2 }, note('away'));
        assert.equal(await store.records.delete('link', 'b', note('unlinked')), false);
        assert.equal(await store.records.delete('link', 'a', note('unlinked')), true);
        assert.equal(await store.records.delete('link', 'a', note('unlinked')), false);
        assert.deepEqual(
          (await store.records.list()).map(({ kind, id }) => [kind, id]),
          [['absence', 'a']],
        );
      }));

    test('leave a row in the audit log for each change, and none for a delete of nothing', () =>
      withStore(open, async (store, clock) => {
        await store.records.put({ kind: 'stop', id: 's', value: true }, note('stopped'));
        await store.records.delete('stop', 's', note('continued'));
        await store.records.delete('stop', 's', note('continued'));
        const row = { at: clock.now(), approvalId: POLICY_AUDIT_ID, from: 'none', to: 'none', ignored: null };
        const rows = (await store.audit(POLICY_AUDIT_ID)).map(({ id: _, ...rest }) => rest);
        assert.deepEqual(rows, [
          { ...row, ...note('stopped') },
          { ...row, ...note('continued') },
        ]);
      }));
  });
}

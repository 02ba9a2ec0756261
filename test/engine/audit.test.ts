import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Input } from '../../src/core/approval/inputs.ts';
import { step } from '../../src/core/approval/steps/step.ts';
import { spanText } from '../../src/core/view/line-text.ts';
import { findAudit } from '../../src/engine/audit.ts';
import { factsOf } from '../../src/engine/facts.ts';
import { createSqliteStore } from '../../src/store/sqlite/index.ts';
import { createTestClock } from '../support/clock.ts';
import { announced, dana, pressed } from '../support/data/pauses.ts';
import { captureLog } from '../support/log.ts';

const clock = createTestClock();
const store = createSqliteStore({
  file: ':memory:',
  clock,
  log: captureLog().log,
  onFatal: (error) => {
    throw error;
  },
});
after(() => store.close());

const put = (input: Input) =>
  store.transact({
    approvalId: 'ap1',
    inputId: null,
    audit: { input: input.type, actor: 'actor' in input ? input.actor : null, facts: factsOf(input) },
    fn: (state) => step(state, input, clock.now()),
  });

describe('a page of the audit log', async () => {
  await put(announced());
  for (let count = 0; count < 1_200; count += 1) await put({ type: 'recovered' });
  await put({ type: 'named', person: { ...dana, name: 'Dana Reyes-Lopez' } });
  await put(pressed({ actor: { ...dana, name: 'dreyes' } }));
  const titleOf = (backend: string) => (backend === 'runtype' ? 'Runtype' : backend);
  const find = (query: Parameters<typeof findAudit>[2], slices?: number) => findAudit(store, titleOf, query, slices);

  test('has sentences, in which people have the names that were looked up', async () => {
    const { entries, next } = await find({ kinds: ['decision'], limit: 5 });
    assert.equal(next, null);
    assert.deepEqual(
      entries.map(({ title, event }) => [title, event.map(spanText).join('')]),
      [['Refund order A-1009 · amount 42.5', 'Dana Reyes-Lopez (Slack) pressed Approve.']],
    );
  });

  test('looks through as many slices as it takes, and says where it goes on when these are too many', async () => {
    assert.equal((await find({ kinds: ['request'], limit: 5 })).entries.length, 2, 'named and announced');
    const first = await find({ kinds: ['request'], limit: 5 }, 1);
    assert.equal(first.entries.length, 1);
    assert.ok(first.next !== null);
    const rest = await find({ kinds: ['request'], limit: 5, before: first.next });
    assert.deepEqual([rest.entries.length, rest.next], [1, null]);
  });

  test('is full at its limit', async () => {
    const { entries, next } = await find({ limit: 700 });
    assert.equal(entries.length, 700);
    assert.equal((await find({ limit: 700, before: next ?? '' })).entries.length, 503);
  });

  test('has what concerns no single approval', async () => {
    await store.records.put({ kind: 'stop', id: 's', value: 1 }, { input: 'stopped', actor: dana, facts: {} });
    const { entries } = await find({ approval: 'policy', limit: 5 });
    assert.deepEqual(
      entries.map(({ title, event }) => [title, event.map(spanText).join('')]),
      [[null, 'Dana Reyes (Slack) stopped everything.']],
    );
  });
});

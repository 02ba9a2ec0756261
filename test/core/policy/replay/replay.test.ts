/** A replay, compared with an oracle that was written separately. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { replayAll } from '../../../../src/cli/policy/replay.ts';
import { headline, summaryOf, summaryText } from '../../../../src/core/policy/replay/summary.ts';
import { documentOfText } from '../../../support/data/example-policies.ts';
import { approvalOf, newPolicy, oracle, seedsOf } from './history.ts';

const AT = Date.parse('2026-11-01T10:00:00Z');
const MINUTE_MS = 60_000;
const document = documentOfText(newPolicy, 'new.yml');

function summary(seeds: ReturnType<typeof seedsOf>) {
  return summaryOf(
    replayAll(
      seeds.map((one, index) => approvalOf(one, AT + index * MINUTE_MS)),
      document,
    ),
  );
}

for (const seed of [1, 2, 3]) {
  test(`300 requests give what the oracle gives (seed ${seed})`, () => {
    const seeds = seedsOf(300, seed);
    const { groups, requests, unchanged } = summary(seeds);
    const found = Object.fromEntries(
      groups.map(({ what, found: all }) => [what, all.map(({ approval }) => approval.id)]),
    );
    assert.deepEqual(found, oracle(seeds));
    const changed = new Set(Object.values(oracle(seeds)).flat());
    assert.deepEqual([requests, unchanged], [300, 300 - changed.size]);
  });
}

describe('what is said of it', () => {
  const base = { id: 'ap-1', backend: 'runtype', amount: 900, shape: 'number', by: 'mara' } as const;

  test('what passes without a person comes first, and each request is named', () => {
    const found = summary([
      { ...base, tool: 'refund_order', fate: 'approved' },
      { ...base, id: 'ap-2', tool: 'get_order', fate: 'rejected' },
    ]);
    assert.equal(
      headline(found),
      '2 requests: 1 that were rejected would have passed without a person, 1 would now need 2 people.',
    );
    assert.match(summaryText(found), /2026-11-01 10:01 UTC {2}get_order of “Order desk”, rule “reads” {2}ap-2/);
  });

  test('nothing differs', () => {
    const found = summary([{ ...base, tool: 'odd_call', fate: 'approved' }]);
    assert.equal(headline(found), '1 request: all as they were.');
  });

  test('a person who may not any more is named', () => {
    const found = summary([{ ...base, tool: 'send_mail', fate: 'rejected', by: 'jon' }]);
    assert.match(summaryText(found), /send_mail of “Order desk”, decided by “Jon”, rule “mail”/);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Quorum, type Signer, tally } from '../../../../../src/core/approval/steps/signing/tally.ts';
import { runs } from '../../../../support/property.ts';

const people = (...groups: readonly string[][]): Signer[] =>
  groups.map((own, index) => ({ person: `p${index}`, groups: own }));
const quorum = (more: Partial<Quorum> = {}): Quorum => ({
  by: ['finance', 'legal'],
  also: [],
  count: 1,
  each: 0,
  ...more,
});

describe('a tally', () => {
  test('counts people who belong to an entry of the rule', () => {
    assert.deepEqual(tally(quorum({ count: 2 }), people(['finance'])), {
      isComplete: false,
      counted: 1,
      more: 1,
      seats: 0,
      waitsFor: [],
    });
    assert.equal(tally(quorum({ count: 2 }), people(['finance'], ['finance'])).isComplete, true);
    assert.equal(tally(quorum(), people(['support'], [])).isComplete, false, 'of another group');
  });

  test('takes so many from each entry, and one person counts for one of them', () => {
    const each = quorum({ count: 2, each: 1 });
    const one = tally(each, people(['finance']));
    assert.deepEqual([one.more, one.seats, one.waitsFor], [1, 1, ['legal']]);
    assert.equal(tally(each, people(['finance', 'legal'])).isComplete, false, 'one person is not two');
    assert.equal(tally(each, people(['finance'], ['finance'])).isComplete, false);
    assert.equal(tally(each, people(['finance', 'legal'], ['finance'])).isComplete, true, 'the first stands for legal');
    assert.equal(tally(each, people(['finance'], ['finance', 'legal'])).isComplete, true);
  });

  test('waits for each entry that would be a step further', () => {
    const both = tally(quorum({ count: 2, each: 1 }), people(['finance', 'legal']));
    assert.deepEqual([both.more, both.waitsFor], [1, ['finance', 'legal']], 'either of them');
    const many = tally(quorum({ count: 3, each: 1 }), people(['finance']));
    assert.deepEqual([many.more, many.seats, many.waitsFor], [2, 1, ['legal']], 'one of legal, and anyone');
  });

  test('takes more people than its count where each entry needs its own', () => {
    const three = quorum({ by: ['a', 'b', 'c'], count: 1, each: 1 });
    assert.equal(tally(three, people(['a'], ['b'])).more, 1);
    assert.equal(tally(three, people(['a', 'b', 'c'], ['a', 'b'], ['a'])).isComplete, true);
  });

  test('counts those whom an escalation added as people, and for no entry', () => {
    const also = quorum({ also: ['oncall'], count: 2 });
    assert.equal(tally(also, people(['oncall'], ['finance'])).isComplete, true);
    const each = tally({ ...also, each: 1 }, people(['oncall'], ['finance']));
    assert.deepEqual([each.isComplete, each.waitsFor], [false, ['legal']]);
  });

  test('of an entry that is written twice is that of one', () => {
    assert.equal(tally(quorum({ by: ['a', 'a'], count: 1, each: 1 }), people(['a'])).isComplete, true);
  });
});

const entries = ['a', 'b', 'c', 'd'];
const anyQuorum = fc.record({
  by: fc.subarray(entries, { minLength: 1 }),
  also: fc.subarray(['e']),
  count: fc.integer({ min: 1, max: 5 }),
  each: fc.integer({ min: 0, max: 2 }),
});
const anySigners = fc
  .array(fc.subarray([...entries, 'e', 'f']), { maxLength: 7 })
  .map((groups) => people(...groups.map((own) => [...own])));

test('the order of signers makes no difference, and one more never makes it less complete', () => {
  fc.assert(
    fc.property(anyQuorum, anySigners, fc.subarray([...entries, 'e']), (rule, signers, extra) => {
      const before = tally(rule, signers);
      assert.deepEqual(tally(rule, [...signers].reverse()), before);
      const after = tally(rule, [...signers, { person: 'new', groups: extra }]);
      assert.ok(after.more <= before.more && after.more >= before.more - 1);
      assert.ok(!before.isComplete || after.isComplete);
    }),
    { numRuns: runs(300) },
  );
});

test('whom it waits for brings it further, and so many of them complete it', () => {
  fc.assert(
    fc.property(anyQuorum, anySigners, (rule, signers) => {
      const before = tally(rule, signers);
      for (const entry of before.waitsFor) {
        assert.equal(tally(rule, [...signers, { person: 'new', groups: [entry] }]).seats, before.seats - 1, entry);
      }
      assert.equal(before.seats === 0, before.waitsFor.length === 0);
      let all = signers;
      for (let left = before.more; left > 0; left -= 1) {
        const [entry = rule.by[0] ?? ''] = tally(rule, all).waitsFor;
        all = [...all, { person: `new${left}`, groups: [entry] }];
      }
      assert.equal(tally(rule, all).isComplete, true);
    }),
    { numRuns: runs(300) },
  );
});

/** Names as words: nothing that means something gets lost. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { humanise, isPlainName } from '../../../src/core/text/humanise.ts';
import { oddText } from '../../fuzz/arbitrary.ts';
import { runs } from '../../support/property.ts';

const names: readonly (readonly [name: string, words: string])[] = [
  ['refund_order', 'Refund order'],
  ['refundOrder', 'Refund order'],
  ['RefundOrder', 'Refund order'],
  ['delete:customers', 'Delete customers'],
  ['drop:production', 'Drop production'],
  ['force::push', 'Force push'],
  ['users.delete', 'Users delete'],
  ['db/drop_table', 'Db drop table'],
  ['mcp__github__delete_repo', 'Mcp github delete repo'],
  ['_internal_reset', 'Internal reset'],
  ['deleteAllUSERS', 'Delete all USERS'],
  ['sendSMS', 'Send SMS'],
  ['SMSSend', 'SMS send'],
  ['getURLById', 'Get URL by id'],
  ['listUserIDs', 'List user IDs'],
  ['parseHTTP2Frame', 'Parse HTTP2 frame'],
  ['s3_delete_v2', 'S3 delete v2'],
  ['set_price_1.50', 'Set price 1.50'],
  ['close-2026-09-02', 'Close 2026-09-02'],
  ['удалить_всех', 'Удалить всех'],
  ['删除_用户', '删除 用户'],
  ['löschenAlle', 'Löschen alle'],
  ['हटाएं_सब', 'हटाएं सब'],
  ['ΔιαγραφήΌλων', 'Διαγραφή όλων'],
  ['', 'Unnamed tool'],
  // Not plain: kept as it is.
  ['rm -rf', 'rm -rf'],
  ['DELETE /users/{id}', 'DELETE /users/{id}'],
  ['-rf', '-rf'],
  ['a--b---c', 'a--b---c'],
  ['✅ Approved', '⟨✅⟩ Approved'],
  ['Approved by Dana Reyes', 'Approved by Dana Reyes'],
  ['pay\u200bout', 'pay⟨U+200B⟩out'],
];

describe('humanise', () => {
  for (const [name, words] of names) {
    test(`reads ${JSON.stringify(name)} as ${JSON.stringify(words)}`, () => assert.equal(humanise(name), words));
  }

  test('keeps each letter and digit of a name, in its order', () => {
    const word = fc.string({ unit: fc.constantFrom(...'abzABZ019éßИыİıΣσς字'), minLength: 1, maxLength: 8 });
    const joined = fc
      .array(fc.tuple(word, fc.constantFrom('_', '-', '.', ':', '/', '::', '__', ' ', '')), {
        minLength: 1,
        maxLength: 6,
      })
      .map((parts) => parts.flat().join(''));
    const lettersOf = (text: string) =>
      [...text].filter((one) => /[\p{L}\p{N}]/u.test(one)).map((one) => one.toUpperCase().toLowerCase());
    fc.assert(
      fc.property(fc.oneof(joined, oddText(60)), (name) => {
        const whole = name.trim();
        if (!isPlainName(whole)) return;
        assert.deepEqual(lettersOf(humanise(whole)), lettersOf(whole));
      }),
      { numRuns: runs(3_000) },
    );
  });

  test('takes a plain name for no sentence', () => {
    for (const name of ['a b', 'a!', 'Approved.', '“a”', 'a\u00a0b', 'a\nb', 'a – b', '', ':a', 'a:']) {
      assert.equal(isPlainName(name), false, name);
    }
  });

  test('reads a megabyte of a name', () => {
    for (const unit of ['a', 'aB', 'a_', '_', 'A', 'a:b_', '1.', 'é']) humanise(unit.repeat(1_000_000 / unit.length));
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ButtonId, encodeButtonId, parseButtonId } from '../../../src/core/view/button-id.ts';
import { encodeTurn, parseFilter, parseListQuery, parseTurn } from '../../../src/core/view/list-query.ts';

const onCard: ButtonId = { approvalId: 'ap_1-x', action: 'take_over', fingerprint: 'd1' };

describe('a button', () => {
  const cases: [string, ButtonId, string][] = [
    ['on a card', onCard, 'cs2.ap_1-x.t.d1'],
    ['of a form with pages', { ...onCard, page: { at: 1, of: 3 } }, 'cs2.ap_1-x.t.d1.1.3'],
    [
      'in a list',
      { ...onCard, action: 'approve', list: { surface: 'home', page: 36, filter: { type: 'word', word: 'refund_*' } } },
      'cs2.ap_1-x.a.d1~h10.refund_*',
    ],
  ];
  for (const [name, id, text] of cases) {
    test(`${name} carries all that its press needs`, () => {
      assert.equal(encodeButtonId(id), text);
      assert.deepEqual(parseButtonId(text), id);
    });
  }

  test('of a card that an older version drew decides nothing, and still opens the details', () => {
    assert.deepEqual(parseButtonId('cs1.ap.a.d1'), { approvalId: 'ap', action: 'approve', fingerprint: 'outdated' });
    assert.deepEqual(parseButtonId('cs1.ap.d.0'), { approvalId: 'ap', action: 'details', fingerprint: '0' });
  });

  test('of another version, or of no one, is not ours', () => {
    const foreign = ['', 'cs1', 'cs1.ap.z.d1', 'cs3.ap.a.d1', 'cs1.ap.a.d1.0.2', 'cs2.ap.a.d1.2.2'];
    for (const text of [...foreign, 'cs1.ap.a.d1~', 'cs1.ap.a.d1~x0.mine', `cs1.${'x'.repeat(41)}.a.d1`]) {
      assert.equal(parseButtonId(text), null, text);
    }
  });
});

describe('a list query', () => {
  test('turns a list to its page', () => {
    const query = { surface: 'message', page: 2, filter: { type: 'all' } } as const;
    assert.equal(encodeTurn(query), 'csl.m2.all');
    assert.deepEqual(parseTurn('csl.m2.all'), query);
    assert.equal(parseTurn('cs1.ap.a.d1'), null);
    assert.equal(parseListQuery('m2.'), null);
  });

  test('has a filter of one word', () => {
    assert.deepEqual(parseFilter(''), { type: 'mine' });
    assert.deepEqual(parseFilter(' ALL '), { type: 'all' });
    assert.deepEqual(parseFilter('Billing'), { type: 'word', word: 'billing' });
    for (const wrong of ['two words', 'x'.repeat(33), '<@U1>']) assert.equal(parseFilter(wrong), null, wrong);
  });
});

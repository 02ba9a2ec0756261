import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditKindNames, kindsOf } from '../../../../src/core/view/audit/kinds.ts';
import { application, dana } from '../../../support/data/pauses.ts';

const row = { input: 'pressed', ignored: null, actor: dana, from: 'open', to: 'decided' };

test('a press that decides is a decision, one that signs or comes too late is none', () => {
  assert.deepEqual(kindsOf(row), ['press', 'decision']);
  assert.deepEqual(kindsOf({ ...row, to: 'open' }), ['press']);
  assert.deepEqual(kindsOf({ ...row, ignored: 'already_decided', from: 'settled', to: 'settled' }), [
    'press',
    'refused',
  ]);
  assert.deepEqual(kindsOf({ ...row, input: 'claimed', actor: application, to: 'sending' }), ['press', 'decision']);
  // Decided by a rule as it is announced.
  assert.deepEqual(kindsOf({ ...row, input: 'stood', from: 'none' }), ['press', 'decision']);
});

test('what nobody did is not refused, and what is refused by its nature is', () => {
  assert.deepEqual(kindsOf({ ...row, input: 'announced', actor: null, ignored: 'known' }), ['request']);
  assert.deepEqual(kindsOf({ ...row, input: 'foreign_press' }), ['press', 'refused']);
  assert.deepEqual(kindsOf({ ...row, input: 'forbidden', actor: application }), ['press', 'refused']);
});

test('a row of another version has no kind', () => {
  assert.deepEqual(kindsOf({ ...row, input: 'of_a_later_version' }), []);
});

test('every kind can be found', () => {
  const inputs = ['announced', 'pressed', 'sent', 'read', 'posted', 'time_ended', 'stopped'];
  const found = inputs.flatMap((input) => kindsOf({ ...row, input }));
  const refused = kindsOf({ ...row, ignored: 'not_allowed' });
  assert.deepEqual(new Set([...found, ...refused]), new Set(auditKindNames));
});

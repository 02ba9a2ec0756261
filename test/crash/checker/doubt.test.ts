import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DecisionCall } from '../world/backends.ts';
import { isLastRefused } from './doubt.ts';

test('“already resolved” leaves a decision unconfirmed only after a call that may have arrived, and only as the last word', () => {
  const call = (at: number, more: Partial<DecisionCall>): DecisionCall => {
    return { at, action: 'approve', effect: false, status: 200, lost: false, by: null, ...more };
  };
  const [lost, refused, counted] = [call(1, { status: 0, lost: true }), call(2, {}), call(3, { effect: true })];
  const never = () => false;
  assert.equal(isLastRefused([lost, refused], never), true);
  assert.equal(isLastRefused([call(1, { status: 0, lost: true, effect: true }), refused], never), true);
  assert.equal(isLastRefused([refused], never), false, 'nothing had gone wrong');
  assert.equal(isLastRefused([call(1, { status: 429 }), refused], never), false, 'it surely did not arrive');
  assert.equal(
    isLastRefused([refused], () => true),
    true,
    'its process ended before it',
  );
  assert.equal(
    isLastRefused([refused], (until) => until > 2),
    false,
    'its process ended after it',
  );
  assert.equal(isLastRefused([lost, refused, counted], never), false, 'it was tried again, and counted');
  assert.equal(isLastRefused([lost], never), false);
});

/** What is said of a request that asks for something else than it did. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeLines } from '../../../../src/core/view/content/changes.ts';
import { after, announced, pauseOf } from '../../../support/data/pauses.ts';

const key = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';

test('a secret in a tool’s former name is masked, as it is in its name now', () => {
  const before = { tool: `deploy ${key}`, parameters: {} };
  assert.deepEqual(changeLines(before, pauseOf({ tool: 'deploy', parameters: {} }), 'd2'), [
    'the tool was “deploy •••••• 40 characters”',
  ]);
});

test('a value is told from another whose names run together the same way', () => {
  const before = { tool: 'refund_order', parameters: { 'a.b': 1, a: { b: 2 } } };
  const now = pauseOf({ parameters: { 'a.b': 9, a: { b: 2 } } });
  assert.deepEqual(changeLines(before, now, 'd2'), ['a.b was 1']);
  const moved = pauseOf({ parameters: { a: { b: 1 } } });
  assert.notDeepEqual(changeLines({ tool: 'refund_order', parameters: { 'a.b': 1 } }, moved, 'd2'), []);
});

test('what was kept hidden then is not shown because it is not hidden now', () => {
  const parameters = { orderId: 'A-1', memo: 'for nobody’s eyes' };
  const first = announced({ pause: pauseOf({ parameters, hidden: ['memo'] }) });
  const second = announced({ pause: pauseOf({ parameters: { orderId: 'A-1', memo: 'open' } }), fingerprint: 'd2' });
  const { previous, pause, fingerprint } = after(first, second);
  assert.ok(previous !== null);
  assert.deepEqual(changeLines(previous, pause, fingerprint), ['memo is new', 'memo is no longer hidden']);
});

test('what was first shown is what it is compared with, however often it has changed since', () => {
  const asking = (a: number, b: number, fingerprint: string) =>
    announced({ pause: pauseOf({ parameters: { a, b } }), fingerprint });
  const { previous, pause, fingerprint } = after(asking(1, 1, 'd1'), asking(2, 1, 'd2'), asking(2, 2, 'd3'));
  assert.ok(previous !== null);
  assert.deepEqual(changeLines(previous, pause, fingerprint), ['a was 1', 'b was 1']);
});

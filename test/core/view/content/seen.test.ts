import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditRow } from '../../../../src/core/approval/audit.ts';
import type { Actor } from '../../../../src/core/approval/parts/decision.ts';
import { maskedValuesOf } from '../../../../src/core/view/content/masked-values.ts';
import { hasRead, hasSeenAll, isWhole } from '../../../../src/core/view/content/seen.ts';
import { after, announced, dana, pauseOf, sam } from '../../../support/data/pauses.ts';

const long = after(announced({ pause: pauseOf({ parameters: { note: 'word '.repeat(1_000) } }) }));
const masked = after(announced({ pause: pauseOf({ parameters: { password: 'x1'.repeat(100) } }) }));

function row(input: string, facts: Record<string, unknown> = {}, actor: Actor = dana): AuditRow {
  const at = { at: 1, approvalId: 'ap1', from: 'open', to: 'open', ignored: null };
  return { ...at, input, actor, facts: { shown: 'd1', ...facts } };
}

test('reading counts for this person, at this fingerprint, once it is recorded', () => {
  assert.equal(isWhole(long), false);
  assert.equal(hasRead(long, [], dana), false);
  assert.equal(hasRead(long, [row('read')], dana), true);
  assert.equal(hasRead(long, [row('read')], sam), false);
  assert.equal(hasRead(long, [row('read')], { ...sam, id: dana.id }), false, 'the same id on another platform');
  assert.equal(hasRead(long, [row('read', { shown: 'd0' })], dana), false);
  assert.equal(hasRead(long, [{ ...row('read'), ignored: 'changed' }], dana), false);
  assert.equal(hasRead(long, [row('pressed')], dana), false);
  assert.equal(hasSeenAll(long, [row('read')], dana), true);
});

test('a mask that hides much is seen once this person has opened it', () => {
  const mask = maskedValuesOf(masked)[0]?.id;
  assert.equal(hasSeenAll(masked, [row('read')], dana), false);
  assert.equal(hasSeenAll(masked, [row('read'), row('revealed', { mask: 'another' })], dana), false);
  assert.equal(hasSeenAll(masked, [row('read'), row('revealed', { mask }, sam)], dana), false);
  assert.equal(hasSeenAll(masked, [row('read'), row('revealed', { mask })], dana), true);
});

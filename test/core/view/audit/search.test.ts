import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AuditRow } from '../../../../src/core/approval/audit.ts';
import { type AuditFilter, auditMatcher } from '../../../../src/core/view/audit/search.ts';
import { after, announced, dana, pauseOf } from '../../../support/data/pauses.ts';

const row: AuditRow = {
  at: 1_000,
  approvalId: 'ap1',
  input: 'pressed',
  actor: dana,
  facts: { action: 'approve', text: 'The refund is due.' },
  from: 'open',
  to: 'decided',
  ignored: null,
};

const matches = (filter: AuditFilter, of: Partial<AuditRow> = {}) => auditMatcher(filter).row({ ...row, ...of });

describe('a row', () => {
  test('is found by whom it names, by ID or by a part of the name', () => {
    const found = (person: string, actor: AuditRow['actor'] = dana) => matches({ person }, { actor });
    for (const text of [dana.id, `${dana.platform}:${dana.id}`, dana.id.toLowerCase(), dana.name.slice(0, 3), ' '])
      assert.ok(found(text), text);
    for (const text of [dana.id.slice(0, -1), `other:${dana.id}`, 'nobody']) assert.ok(!found(text), text);
    assert.ok(!found('dana', null));
    const deputy = { ...dana, person: 'dana', inPlaceOf: { person: 'mara', name: 'Mara Lindt' } };
    for (const text of ['dana', 'mara', 'lindt']) assert.ok(found(text, deputy), text);
  });

  test('is found from a time on, and before a time', () => {
    assert.ok(matches({ from: 1_000, to: 1_001 }));
    assert.ok(!matches({ from: 1_001 }));
    assert.ok(!matches({ to: 1_000 }));
  });

  test('is found by its kind, and by its approval as a whole', () => {
    assert.ok(matches({ kinds: ['read', 'decision'] }));
    assert.ok(!matches({ kinds: ['read'] }));
    assert.ok(!matches({ kinds: [] }), 'none of no kinds');
    assert.ok(matches({ approval: 'ap1' }));
    assert.ok(!matches({ approval: 'ap' }));
  });
});

describe('a text', () => {
  const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
  const approval = after(
    announced({
      pause: pauseOf({ tool: 'refund_order', parameters: { order: 'Ä-4711', path: 'C:\\tmp', token: secret } }),
    }),
  );
  const stored = JSON.stringify(approval);
  const has = (text: string, of: Partial<AuditRow> = {}) =>
    auditMatcher({ text }).text?.({ ...row, ...of }, { stored, parse: () => approval });

  test('is looked for in the request and in the event, in any letter case', () => {
    for (const text of ['ä-4711', 'REFUND_order', 'due', 'refund_order due', 'c:\\tmp', dana.id, 'ap1'])
      assert.equal(has(text), true, text);
    for (const text of ['4712', 'refund_order overdue']) assert.equal(has(text), false, text);
  });

  test('is not found behind a mask, in the request or in what a person wrote', () => {
    assert.equal(has(secret), false);
    assert.equal(has(secret.slice(8, 20)), false);
    assert.equal(has(secret.slice(8, 20), { facts: { action: 'approve', text: `It is ${secret}` } }), false);
    assert.equal(has('approve', { facts: { action: 'approve', text: `It is ${secret}` } }), true);
  });

  test('draws only approvals whose JSON contains a word, and each of them once', () => {
    let drawn = 0;
    const found = {
      stored,
      parse: () => {
        drawn += 1;
        return approval;
      },
    };
    const { text } = auditMatcher({ text: 'zebra' });
    assert.equal(text?.(row, found), false);
    assert.equal(drawn, 0);
    const known = auditMatcher({ text: '4711' }).text;
    assert.ok(known?.(row, found) && known(row, found));
    assert.equal(drawn, 1);
  });

  test('of spaces is none', () => {
    assert.equal(auditMatcher({ text: ' ' }).text, null);
  });

  test('is looked for in the event alone where there is no approval', () => {
    assert.equal(auditMatcher({ text: 'due' }).text?.(row, null), true);
    assert.equal(auditMatcher({ text: '4711' }).text?.(row, null), false);
  });
});

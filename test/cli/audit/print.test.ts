import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { backendTitle, entryJson, entryLines, storyLines, timeText } from '../../../src/cli/audit/print.ts';
import type { FoundAudit } from '../../../src/core/approval/audit.ts';
import { auditEntry } from '../../../src/core/view/audit/entry.ts';
import { after, announced, dana, pressed } from '../../support/data/pauses.ts';

const approval = after(announced(), pressed());
const row = (more: Partial<FoundAudit>): FoundAudit => ({
  id: 1,
  at: Date.UTC(2026, 6, 20, 12),
  approvalId: 'ap1',
  input: 'announced',
  actor: null,
  facts: {},
  from: 'none',
  to: 'open',
  ignored: null,
  ...more,
});
const rows = [
  row({}),
  row({
    id: 2,
    input: 'pressed',
    actor: { ...dana, name: 'Dana \u001b[31mReyes' },
    facts: { action: 'approve' },
    from: 'open',
    to: 'decided',
  }),
];
const [first, second] = rows.map((one) => auditEntry(one, approval, rows, 'Runtype'));

describe('a moment', () => {
  test('has the offset of its zone', () => {
    const at = Date.UTC(2026, 6, 20, 22, 30, 5);
    assert.equal(timeText(at, 'UTC'), '2026-07-20 22:30:05 +00:00');
    assert.equal(timeText(at, 'Europe/Berlin'), '2026-07-21 00:30:05 +02:00');
    assert.equal(timeText(at, 'Asia/Kathmandu'), '2026-07-21 04:15:05 +05:45');
    assert.equal(timeText(at, 'America/St_Johns'), '2026-07-20 20:00:05 -02:30');
    assert.equal(timeText(8.64e15 + 1, 'UTC'), 'an unknown time');
  });
});

describe('entries', () => {
  test('have a heading where their approval changes, and can not control a terminal', () => {
    assert.ok(first && second);
    const lines = [...entryLines(second, null, 'UTC'), ...entryLines(first, second, 'UTC')];
    assert.equal(lines[0], 'Refund order A-1009 · amount 42.5 (ap1)');
    assert.match(lines[1] ?? '', /^ {2}2026-07-20 12:00:00 \+00:00 {2}Dana .*Reyes \(Slack\) pressed Approve\.$/);
    assert.match(lines[2] ?? '', /^ {2}2026-07-20 12:00:00 \+00:00 {2}Received from Runtype\.$/);
    assert.equal(lines.length, 3);
    assert.ok(!lines.join('').includes('\u001b'));
    assert.deepEqual(entryLines({ ...first, approvalId: 'policy', title: null }, second, 'UTC').slice(0, 2), [
      '',
      'policy',
    ]);
  });

  test('as JSON have whole names of fields', () => {
    assert.ok(second);
    const { person, event, ...rest } = entryJson(second);
    assert.deepEqual(rest, {
      id: 2,
      at: '2026-07-20T12:00:00.000Z',
      approval_id: 'ap1',
      title: 'Refund order A-1009 · amount 42.5',
      backend: 'runtype',
      kinds: ['press', 'decision'],
      input: 'pressed',
      ignored: null,
      from: 'open',
      to: 'decided',
    });
    assert.equal(person?.id, dana.id);
    assert.match(event, /pressed Approve/);
  });
});

test('a story says what was asked and what happened, oldest first', () => {
  const lines = storyLines('ap1', approval, rows, 'Europe/Berlin');
  assert.equal(lines[0], 'Refund order A-1009 · amount 42.5');
  assert.ok(lines.some((line) => line.includes('A-1009') && line.startsWith('  ')));
  const history = lines.slice(lines.indexOf('History') + 1);
  assert.deepEqual(
    history.map((line) => line.slice(0, 28)),
    ['  2026-07-20 14:00:00 +02:00', '  2026-07-20 14:00:00 +02:00'],
  );
  assert.match(history[0] ?? '', /Received from Runtype\.$/);
  assert.deepEqual(storyLines('policy', null, [], 'UTC'), ['policy', '', 'History']);
});

test('each backend has its own name', () => {
  assert.deepEqual(['runtype', 'sonzai', 'hookpulse', 'inbox'].map(backendTitle), [
    'Runtype',
    'Sonzai',
    'HookPulse',
    'Countersign',
  ]);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FoundAudit } from '../../../../src/core/approval/audit.ts';
import { auditEntry, auditEvent } from '../../../../src/core/view/audit/entry.ts';
import { auditKindNames } from '../../../../src/core/view/audit/kinds.ts';
import { spanText } from '../../../../src/core/view/line-text.ts';
import { after, announced, dana } from '../../../support/data/pauses.ts';

const row = (more: Partial<FoundAudit> = {}): FoundAudit => ({
  id: 1,
  at: 1_000,
  approvalId: 'ap1',
  input: 'announced',
  actor: null,
  facts: {},
  from: 'none',
  to: 'open',
  ignored: null,
  ...more,
});

const said = (more: Partial<FoundAudit>) =>
  auditEvent([row(more)], 0, 'Runtype')
    .map(spanText)
    .join('');

describe('an event in a sentence', () => {
  test('of an approval is the line of its history', () => {
    const facts = { action: 'approve', text: 'Fine.' };
    assert.equal(
      said({ input: 'pressed', actor: dana, facts, to: 'decided' }),
      'Dana Reyes (Slack) pressed Approve. “Fine.”',
    );
  });

  test('of what concerns no single approval', () => {
    const policy = { approvalId: 'policy', to: 'none', actor: dana };
    const until = Date.UTC(2026, 0, 2, 3, 4);
    const cases: [Partial<FoundAudit>, string][] = [
      [
        { input: 'stopped', facts: { reason: 'key is sk_live_4eC39HqLyjWDarjtT1zdp7dc' } },
        'Dana Reyes (Slack) stopped everything.',
      ],
      [{ input: 'restarted' }, 'Dana Reyes (Slack) ended the stop.'],
      [
        { input: 'linked', facts: { accounts: ['slack:U1', 'discord:2'] } },
        'Dana Reyes (Slack) linked two accounts: slack:U1 and discord:2.',
      ],
      [
        { input: 'unlinked', facts: { accounts: [] } },
        'Dana Reyes (Slack) ended the link of two accounts: 0 accounts.',
      ],
      [
        { input: 'away', facts: { deputy: { ...dana, name: 'Mara' }, until } },
        'Dana Reyes (Slack) is away until 2026-01-02T03:04:00.000Z; Mara decides meanwhile.',
      ],
      [
        { input: 'back', facts: { deputy: { ...dana, name: 'Mara' } } },
        'Dana Reyes (Slack) is back; Mara no longer decides instead.',
      ],
      [
        { input: 'grant_given', facts: { approval: 'ap7' } },
        'Dana Reyes (Slack) gave a standing answer, from the request ap7.',
      ],
      [
        { input: 'grant_ended', facts: { approval: 'ap7', why: 'ended' } },
        'Dana Reyes (Slack) ended the standing answer from the request ap7.',
      ],
    ];
    for (const [one, text] of cases)
      assert.ok(said({ ...policy, ...one }).startsWith(text), said({ ...policy, ...one }));
    assert.doesNotMatch(said({ ...policy, ...(cases[0]?.[0] ?? {}) }), /4eC39HqLyjWDarjtT1zdp7dc/);
    assert.match(
      said({ ...policy, actor: null, input: 'grant_ended', facts: { approval: 'ap7', why: 'used' } }),
      /^The standing answer from the request ap7 ended/,
    );
  });

  test('that no history shows says what it was, and why nothing changed', () => {
    assert.equal(said({ input: 'recovered' }), 'It was checked at the start of the bot.');
    assert.equal(
      said({ input: 'foreign_press', actor: dana, ignored: 'not_allowed' }),
      'Dana Reyes (Slack): A press of a stranger, or one that was made up, was refused. Nothing changed: not a reviewer.',
    );
    assert.equal(
      said({ input: 'resolved', facts: { verdict: 'approve' }, ignored: 'known' }),
      'The backend reported that it was decided. Nothing changed: the bot knew it already.',
    );
    assert.equal(
      said({ input: 'form_closed', actor: dana, ignored: 'nothing_held' }),
      'Dana Reyes (Slack): A form was closed without being sent. Nothing changed: nobody had a claim on it.',
    );
    assert.equal(
      said({ input: 'policy_changed', facts: { rule: 'Refunds' } }),
      'The policy was loaded again. Its rule: Refunds.',
    );
    assert.equal(said({ input: 'of_a_later_version' }), 'Of a later version.');
  });
});

test('an entry says what its request is, and reads the rows before it', () => {
  const approval = after(announced());
  const rows = [row(), row({ id: 2, ignored: 'known' })];
  const [first, second] = rows.map((one) => auditEntry(one, approval, rows, 'Runtype'));
  assert.equal(first?.title, 'Refund order A-1009 · amount 42.5');
  assert.equal(first?.backend, 'runtype');
  assert.deepEqual(first?.kinds, ['request']);
  assert.ok(first?.kinds.every((kind) => auditKindNames.includes(kind)));
  assert.notDeepEqual(first?.event, second?.event);
  const unknown = auditEntry(row(), null, [], '');
  assert.deepEqual([unknown.title, unknown.backend], [null, null]);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { confirmAnswer } from '../../../../src/core/view/operators/link-replies.ts';
import { notOperatorText, stopAnswer } from '../../../../src/core/view/operators/replies.ts';
import { type OperatorStatus, statusText } from '../../../../src/core/view/operators/status-text.ts';
import { sam } from '../../../support/data/pauses.ts';

const status: OperatorStatus = {
  stop: null,
  checks: [
    { name: 'store', ok: true, reason: null, advice: null },
    { name: 'event_loop', ok: true, reason: null, advice: null },
    { name: 'slack', ok: false, reason: 'Cards are delayed: invalid_auth.', advice: 'Check SLACK_BOT_TOKEN.' },
  ],
  open: 1,
  unsent: 0,
  oldest: { what: 'Refund order', backend: 'Runtype', waitedMs: 7_200_000 },
  due: 0,
  oldestDueMs: null,
  deadCards: 0,
  deadDecisions: 0,
  policy: { source: 'countersign.yml', version: 'a1b2', loadedMsAgo: 60_000 },
  release: '1.2.3',
  runningMs: 86_400_000,
};

describe('the state', () => {
  test('is a line for each thing that an operator asks first', () => {
    assert.equal(
      statusText(status),
      [
        'Running: decisions are sent.',
        '⚠️ slack: Cards are delayed: invalid_auth. Check SLACK_BOT_TOKEN.',
        'Healthy: store, event loop.',
        'Open: 1 approval. Oldest: Refund order (Runtype), 2 hours.',
        'Backlog: none.',
        'Abandoned: none.',
        'Policy: countersign.yml, version a1b2, loaded 1 minute ago.',
        'Countersign 1.2.3, running for 1 day.',
      ].join('\n'),
    );
  });

  test('counts what waits, what is due and what was abandoned', () => {
    const busy = { ...status, open: 0, unsent: 2, due: 9_000, oldestDueMs: 61_000, deadCards: 1, deadDecisions: 3 };
    const text = statusText(busy);
    assert.match(text, /Open: none\. 2 decisions not delivered yet\./);
    assert.match(text, /Backlog: 9,000 jobs due, the oldest for 1 minute\./);
    assert.match(
      text,
      /Abandoned: 1 card or note \(press Retry\), 3 of decisions \(press Try again on their cards\)\./,
    );
  });

  test('fits a private message of both platforms, whatever fails', () => {
    const reason = 'x'.repeat(500);
    const checks = Array.from({ length: 12 }, (_, index) => ({
      name: `part_${index}`,
      ok: false,
      reason,
      advice: reason,
    }));
    const stop = { by: { ...sam, name: 'S'.repeat(200) }, at: 0, reason: 'y'.repeat(500) };
    const text = statusText({ ...status, checks, stop });
    assert.ok(text.length <= 1_700);
    assert.match(text, /^Countersign is stopped/);
    // Every line that Discord escapes fits, too.
    assert.ok(text.replace(/[\\*_~`|>]/g, '\\$&').length <= 2_000);
  });
});

test('a refusal says who may, and what to do where no one may', () => {
  const right = () => 'denied' as const;
  const many = Array.from({ length: 200 }, (_, index) => `person${index}`);
  assert.ok(notOperatorText('denied', { right, named: many, source: 'countersign.yml' }).length < 450);
});

test('the answer to a stop says what happens, and how to end it', () => {
  assert.match(stopAnswer({ by: sam, at: 0, reason: null }, true), /End it with \/countersign start\.$/);
});

test('the name of an account that its person chose is quoted, beside its ID', () => {
  const { text } = confirmAnswer({ ...sam, name: 'you. Confirmed\nby the operator' }, false);
  assert.match(text, /^Is “you\. Confirmed .*by the operator” in Discord \(ID \d+\) you\? Confirm only then/);
  assert.ok(!text.includes('\n'));
});

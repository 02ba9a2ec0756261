import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeName, renderAlert } from '../../../../src/core/view/cards/alert-card.ts';

const alert = {
  kind: 'check_failing',
  subject: 'slack',
  title: 'Slack is unreachable',
  what: 'connection refused',
  advice: 'Check the network.',
} as const;

test('an alert says what happened, how often, and what to do', () => {
  const card = renderAlert(alert, 1_000, 2, 'warning');
  assert.equal(card.summary, 'Slack is unreachable: connection refused.');
  assert.deepEqual(card.cautions, ['2 more like this since the last alert']);
  assert.deepEqual(card.remark, { label: 'What to do', text: 'Check the network.' });
  assert.deepEqual(card.footer, [['Countersign operator alert · ', { at: 1_000, style: 'time' }]]);
  assert.deepEqual([card.buttons, card.tone], [[], 'warning']);
});

test('a resolved alert has no advice', () => {
  const card = renderAlert({ ...alert, advice: '' }, 1_000, 0, 'good');
  assert.deepEqual([card.remark, card.cautions, card.tone], [null, [], 'good']);
});

test('texts of others are masked and cut', () => {
  const card = renderAlert(
    { ...alert, what: `key sk_live_4f9a8b7c6d5e4f3a2b1c ${'x'.repeat(900)}` },
    1_000,
    0,
    'warning',
  );
  assert.doesNotMatch(card.summary, /sk_live/);
  assert.ok(card.summary.length < 700, String(card.summary.length));
});

test('places are named for people', () => {
  assert.equal(placeName({ platform: 'slack', room: 'C0123' }), 'the Slack channel C0123');
  assert.equal(placeName({ platform: 'discord', room: null }), 'Discord');
});

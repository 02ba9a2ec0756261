import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Input } from '../../../src/core/approval/inputs.ts';
import { refusalText } from '../../../src/core/view/refusals.ts';
import { after, announced, dana, pauseOf, pressed, sentAs } from '../../support/data/pauses.ts';

const sending: Input = { type: 'sending', resendable: true };

test('a refusal says who decided, where, and whether it was delivered', () => {
  assert.equal(
    refusalText('already_decided', after(announced(), pressed())),
    'Dana Reyes already pressed Approve in Slack. It is not confirmed yet: see the card.',
  );
  const failed = after(announced(), pressed(), sending, sentAs({ type: 'refused', reason: 'no' }, { last: true }));
  assert.equal(
    refusalText('already_decided', failed),
    'Dana Reyes already pressed Approve in Slack. It was not delivered: see the card.',
  );
  const answered = after(
    announced({ pause: pauseOf({ kind: 'await' }) }),
    pressed({ action: 'take_over', text: '10:30' }),
  );
  assert.equal(
    refusalText('already_decided', answered),
    'Dana Reyes already wrote an answer in Slack. It is not confirmed yet: see the card.',
  );
  const taken = after(announced(), pressed({ action: 'take_over', text: 'Done.' }));
  assert.equal(
    refusalText('already_decided', taken),
    'Dana Reyes already chose to take over in Slack. It is not confirmed yet: see the card.',
  );
});

test('a refusal says that it is too late, and why', () => {
  const expired = after(announced(), { type: 'resolved', verdict: 'timeout', reason: null });
  assert.equal(refusalText('already_decided', expired), 'Too late: this request has expired.');
  const elsewhere = after(announced(), { type: 'resolved', verdict: 'approve', reason: null });
  assert.equal(refusalText('already_decided', elsewhere), 'Too late: this was decided elsewhere.');
  const cancelled = after(announced(), { type: 'cancelled', reason: { code: 'run_ended' } });
  assert.equal(refusalText('already_decided', cancelled), 'Too late: the run has ended.');
});

test('a refusal says who has claimed it', () => {
  const fingerprint = after(announced()).fingerprint;
  const claimed = after(announced(), { type: 'held', actor: dana, fingerprint, until: 1_800_000, right: 'allowed' });
  assert.match(
    refusalText('held', claimed),
    /^Dana Reyes has claimed this in Slack, for up to \d+ minutes, until \d\d:\d\d UTC\.$/,
  );
  assert.match(refusalText('held', claimed, [], undefined, 1_740_000), /for up to 1 minute, until 00:30 UTC\.$/);
  assert.equal(refusalText('held', null), 'Someone else has claimed this.');
});

test('a refusal says what is missing', () => {
  const open = after(announced());
  assert.equal(refusalText('not_allowed', open), 'You can’t decide this request: you are not one of its reviewers.');
  const all = [
    { platform: 'slack', kind: 'user' as const, id: 'U1', name: 'Mara' },
    { platform: 'slack', kind: 'user' as const, id: 'U2', name: 'Jon' },
    { platform: 'slack', kind: 'group' as const, id: 'S1', name: 'finance' },
  ];
  assert.equal(
    refusalText('not_allowed', open, [], { all, platform: 'slack', setting: 'REVIEWERS' }),
    'You can’t decide this request: you are not one of its reviewers. Mara, Jon and the group @finance can.',
  );
  assert.equal(refusalText('unverified', open), 'Your permission could not be checked. Please try again in a minute.');
  assert.equal(
    refusalText('changed', open),
    'The request has changed. Nothing was sent. Read the updated card, then decide.',
  );
  assert.equal(refusalText('unknown', null), 'Countersign doesn’t know this request (restored from a backup?).');
});

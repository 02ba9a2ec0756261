import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval } from '../../../../src/core/approval/approval.ts';
import type { InputOf } from '../../../../src/core/approval/inputs.ts';
import type { Pause } from '../../../../src/core/approval/pause/pause.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { isAskedAnew } from '../../../../src/core/approval/steps/stood.ts';
import { after, announced, dana, discordRoom, pauseOf, pressed, slackRoom } from '../../../support/data/pauses.ts';

const rule = { platform: 'policy', id: 'rule:reads', name: 'reads' };
const stood = (more: Partial<InputOf<'stood'>> = {}): InputOf<'stood'> => ({
  type: 'stood',
  action: 'approve',
  actor: rule,
  fingerprint: 'd1',
  ...more,
});
const open = (pause: Partial<Pause> = {}, confirm = false) => after(announced({ pause: pauseOf(pause), confirm }));

describe('a decision without a person', () => {
  test('is sent like a press, and names its rule', () => {
    const { state, effects } = step(open(), stood(), 9);
    assert.deepEqual(
      [state?.phase, state?.decision],
      ['decided', { action: 'approve', actor: rule, text: null, at: 9 }],
    );
    assert.ok(effects.some(({ type }) => type === 'decide'));
  });

  test('may go to rooms of its own, unless its card is posted', () => {
    const slots = (state: Approval | null) => Object.values(state?.slots ?? {}).map(({ place }) => place);
    const elsewhere = stood({ places: [discordRoom] });
    assert.deepEqual(slots(step(open(), elsewhere, 9).state), [discordRoom]);
    const receipt = { ...slackRoom, message: '7' };
    const posted = after(announced(), { type: 'posted', slot: 'card@slack:C0ROOM', receipt });
    assert.equal(slots(step(posted, elsewhere, 9).state).length, 2);
  });

  const refusals: [string, Approval, Partial<InputOf<'stood'>>, string][] = [
    ['approves what can’t be shown', open({ unshowable: { why: 'size', bytes: 9, hash: 'h' } }), {}, 'not_possible'],
    [
      'rejects what can’t be shown',
      open({ unshowable: { why: 'size', bytes: 9, hash: 'h' } }),
      { action: 'reject' },
      'not_possible',
    ],
    ['answers what takes more than a yes or no', open({ kind: 'await', actions: ['take_over'] }), {}, 'not_possible'],
    ['approves what is dangerous', open({}, true), { standing: { by: dana, use: 1, of: 5 } }, 'not_possible'],
    ['approves what its backend does not describe', open({ unknownCall: true }), {}, 'not_possible'],
    ['decides another question than the one it was asked of', open(), { fingerprint: 'd0' }, 'changed'],
    ['decides what is decided', after(announced(), pressed()), {}, 'already_decided'],
    [
      'decides what a person has claimed',
      after(announced(), { type: 'held', actor: dana, fingerprint: 'd1', until: 9_999, right: 'allowed' }),
      {},
      'held',
    ],
  ];
  for (const [what, state, more, ignored] of refusals)
    test(`never ${what}`, () => {
      const next = step(state, stood(more), 1_500);
      assert.deepEqual([next.ignored, next.state], [ignored, state]);
    });

  test('rejects what is dangerous', () =>
    assert.equal(step(open({}, true), stood({ action: 'reject' }), 9).state?.decision?.action, 'reject'));

  test('is made only of what is asked anew', () => {
    const settled = after(announced(), { type: 'cancelled', reason: 'x' });
    assert.deepEqual(
      [null, settled, open()].map((before) => isAskedAnew(before, open())),
      [true, true, false],
    );
    assert.equal(isAskedAnew(null, settled), false);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Input } from '../../../../src/core/approval/inputs.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { after, announced, dana, pressed, sam, sentAs, started } from '../../../support/data/pauses.ts';

const handle = { ...dana, name: 'dana.reyes' };
const named: Input = { type: 'named', person: dana };

test('a person is named in what they did, whatever came of it, and nothing else changes', () => {
  const decided = after(announced(), pressed({ actor: handle, text: 'Fine' }));
  const sent = after(
    announced(),
    pressed({ actor: handle }),
    { type: 'sending', resendable: true },
    sentAs({ type: 'recorded', following: false }),
  );
  for (const before of [decided, sent, after(started({ actor: handle }))]) {
    const { state, effects } = step(before, named, 9_000);
    assert.ok(before.decision);
    assert.deepEqual(state, { ...before, decision: { ...before.decision, actor: dana } });
    assert.ok(effects.length > 0 && effects.every(({ type }) => type === 'draw'), 'nothing is sent again');
  }
});

test('also in a claim', () => {
  const claim: Input = { type: 'held', actor: handle, fingerprint: 'd1', until: 90_000, right: 'allowed' };
  const { state } = step(after(announced(), claim), named, 9_000);
  assert.deepEqual(state?.claim?.actor, dana);
});

test('a name that is known, and a person who did nothing, change nothing', () => {
  assert.equal(step(after(announced(), pressed({ actor: dana })), named, 9_000).ignored, 'known');
  assert.equal(step(after(announced(), pressed({ actor: sam })), named, 9_000).ignored, 'known');
  assert.equal(step(after(announced()), named, 9_000).ignored, 'known');
  const sameId = { ...handle, platform: 'discord' };
  assert.equal(step(after(announced(), pressed({ actor: sameId })), named, 9_000).ignored, 'known');
});

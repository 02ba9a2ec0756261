import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Input } from '../../../../src/core/approval/inputs.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { after, announced, dana, pressed, sam, sentAs, started } from '../../../support/data/pauses.ts';
import { requirementOf, signed } from '../../../support/data/requirements.ts';

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
    const signatures = before.signatures.map((one) => ({ ...one, actor: dana }));
    assert.deepEqual(state, { ...before, signatures, decision: { ...before.decision, actor: dana } });
    assert.ok(effects.length > 0 && effects.every(({ type }) => type === 'draw'), 'nothing is sent again');
  }
});

test('also in a claim', () => {
  const claim: Input = { type: 'held', actor: handle, fingerprint: 'd1', until: 90_000, right: 'allowed' };
  const { state } = step(after(announced(), claim), named, 9_000);
  assert.deepEqual(state?.claim?.actor, dana);
});

test('also in signatures, in those that no longer count, and beside a claim', () => {
  const asked = announced({ requirement: requirementOf() });
  const sign = signed({ ...handle, person: 'mara' }, { signing: { groups: ['finance'], earlier: [] } });
  const claim: Input = { type: 'held', actor: handle, fingerprint: 'd1', until: 90_000, right: 'allowed' };
  const both = step(after(asked, sign, claim), named, 9_000);
  assert.deepEqual(
    both.state?.signatures.map(({ actor }) => actor.name),
    [dana.name],
  );
  assert.equal(both.state?.claim?.actor.name, dana.name);
  const withdrawn = step(after(asked, sign, { type: 'unsigned', actor: { ...handle, person: 'mara' } }), named, 9_000);
  assert.deepEqual(
    withdrawn.state?.voided.map(({ actor }) => actor.name),
    [dana.name],
  );
  assert.ok(withdrawn.effects.length > 0, 'its cards are drawn again');
});

test('a name that is known, and a person who did nothing, change nothing', () => {
  assert.equal(step(after(announced(), pressed({ actor: dana })), named, 9_000).ignored, 'known');
  assert.equal(step(after(announced(), pressed({ actor: sam })), named, 9_000).ignored, 'known');
  assert.equal(step(after(announced()), named, 9_000).ignored, 'known');
  const sameId = { ...handle, platform: 'discord' };
  assert.equal(step(after(announced(), pressed({ actor: sameId })), named, 9_000).ignored, 'known');
});

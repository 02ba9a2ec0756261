/** What a stop holds back, also where it comes between a check and its commit: it is read inside the transaction. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval } from '../../../src/core/approval/approval.ts';
import type { Input } from '../../../src/core/approval/inputs.ts';
import { step } from '../../../src/core/approval/steps/step.ts';
import type { Change, Changed, Store } from '../../../src/core/ports/ports.ts';
import { createApply } from '../../../src/engine/apply.ts';
import { createTestClock } from '../../support/clock.ts';
import { after, announced, dana, pauseOf, pressed, sentAs, started } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';

const open = after(announced());
const decided = after(announced(), pressed());
const refused = sentAs({ type: 'refused', reason: 'no' }, { last: true });
const failed = after(announced(), pressed(), { type: 'sending', resendable: true }, refused);
const polled = pauseOf({ kind: 'item', backend: 'inbox', deadline: 9e12, expiry: 'fetched' });
const waiting = after(announced({ pause: polled }), pressed());

const held: Input = { type: 'held', actor: dana, fingerprint: 'd1', until: 9e12, right: 'allowed' };
const claimed: Input = { type: 'claimed', action: 'approve', actor: dana, text: null };
const stood: Input = { type: 'stood', action: 'approve', actor: dana, fingerprint: 'd1' };

/** Each with an approval on which it applies as long as nothing is stopped. */
const inputs: readonly [what: string, state: Approval | null, input: Input][] = [
  ['a press', open, pressed()],
  ['a claim', open, held],
  ['an application’s decision', open, claimed],
  ['a run from chat', null, started()],
  ['a decision of a rule', open, stood],
  ['another try', failed, { type: 'retried', actor: dana, right: 'allowed' }],
  ['a call to the backend', decided, { type: 'sending', resendable: true }],
  ['a decision that its asker fetches', waiting, { type: 'fetched' }],
];

/** A store whose transaction begins at once, and reads its row only once everything is stopped. */
function stoppedMeanwhile(state: Approval | null) {
  let isStopped = false;
  const transact = async ({ fn, followUp }: Change): Promise<Changed> => {
    isStopped = true;
    const first = fn(state);
    const followed = first.state === null ? null : (followUp?.fn(state, first.state, undefined) ?? null);
    const next = followed?.step ?? first;
    return { duplicate: false, before: state, state: next.state, ignored: first.ignored ?? null } as Changed;
  };
  const store = { transact } as Partial<Store> as Store;
  return createApply(store, createTestClock(), captureLog().log, undefined, () => isStopped);
}

describe('after a stop', () => {
  for (const [what, state, input] of inputs)
    test(`${what} is not committed`, async () => {
      assert.equal(step(state, input, 1_500).ignored, undefined, 'it would apply');
      const changed = await stoppedMeanwhile(state)('ap1', input);
      assert.deepEqual([changed.state, changed.duplicate ? null : changed.ignored], [state, 'stopped']);
    });

  test('a request is asked, and a rule that would decide it in the same commit does not', async () => {
    const apply = stoppedMeanwhile(null);
    const changed = await apply('ap1', announced(), null, null, { inputFor: () => ({ input: stood }) });
    assert.equal(changed.state?.phase, 'open');
  });
});

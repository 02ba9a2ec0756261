/** Whatever people without the right do, in any order and on either platform, no backend is called. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import type { Actor } from '../../../src/core/approval/parts/decision.ts';
import { documentOfText } from '../../support/data/example-policies.ts';
import { runs } from '../../support/property.ts';
import { type Act, anyAct, createRig, perform, policyText, type Rig } from './rig.ts';

const on = (platform: string, id: string, name: string): Actor => ({ platform, id, name });

/** Of these, mara has asked for what she could sign; the others have no right, or one that can't be looked up. */
const strangers = [
  on('slack', 'U0KIT0001', 'Kit'),
  on('discord', '210000000000000008', 'Kit'),
  on('slack', 'U0LEA0001', 'Jon Weber'),
  on('discord', '210000000000000009', 'jon'),
  on('slack', 'U0ANA0001', 'Ana'),
  on('discord', '210000000000000003', 'Ana'),
  on('slack', 'U0MARA001', 'Mara'),
  on('discord', '210000000000000001', 'Mara'),
];
const jon = [on('slack', 'U0JON0001', 'Jon'), on('discord', '210000000000000002', 'Jon')];

async function play(rig: Rig, people: readonly Actor[], acts: readonly Act[]): Promise<void> {
  for (const act of acts) await perform(act, rig, people);
  // What was asked for is sent by then.
  for (let turn = 0; turn < 10; turn += 1) await rig.engine.store.release('nobody');
}

/** By the law nothing is left of a case, so that all share an engine; what finds a hole is tried again on a new one. */
let shared: Promise<Rig> | null = null;
after(async () => (await shared)?.engine.stop());

describe('people without the right', () => {
  test('lead to no call, no decision and no signature, also over a reload of the policy', () =>
    fc.assert(
      fc.asyncProperty(fc.array(anyAct, { minLength: 60, maxLength: 120 }), async (acts) => {
        shared ??= createRig();
        const rig = await shared;
        try {
          await play(rig, strangers, acts);
          await rig.engine.setPolicy({ ...documentOfText(policyText()), version: `v${rig.count.presses}` });
          assert.deepEqual(rig.engine.calls, []);
          for (const { id } of rig.asked) {
            const approval = await rig.engine.store.get(id);
            const { phase, decision, signatures, claim } = approval ?? {};
            const untouched = { phase: 'open', decision: null, signatures: [], claim: null };
            assert.deepEqual({ phase, decision, signatures, claim }, untouched);
          }
          assert.equal(rig.engine.stopSwitch.current(), null);
        } catch (thrown) {
          shared = null;
          await rig.engine.stop();
          throw thrown;
        }
      }),
      { numRuns: runs(8) },
    ));

  test('do what leads to calls where they have it', async () => {
    const text = policyText().replaceAll(/by: \[[^\]]*\]/g, 'by: [mara, jon, ana]');
    const rig = await createRig(text.replaceAll('each: 1, ', '').replace('operators: [jon]\n', ''));
    try {
      await play(rig, [...strangers, ...jon], fc.sample(anyAct, { numRuns: 200, seed: 1 }));
      assert.ok(rig.engine.calls.length > 0);
    } finally {
      await rig.engine.stop();
    }
  });
});

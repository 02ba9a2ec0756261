/** The pure machine, on sequences of any length of what people without the right can put in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Input, Right } from '../../../src/core/approval/inputs.ts';
import type { Signing } from '../../../src/core/approval/parts/signature.ts';
import { actions } from '../../../src/core/approval/pause/pause.ts';
import { step } from '../../../src/core/approval/steps/step.ts';
import { after, announced, pauseOf } from '../../support/data/pauses.ts';
import { requirementOf, signed, twoPeople, verbRule, mara as whoMaySign } from '../../support/data/requirements.ts';
import { runs } from '../../support/property.ts';

const anyActor = fc.record({
  platform: fc.constantFrom('slack', 'discord', 'api'),
  id: fc.constantFrom('U0A', 'U0B', '4567'),
  name: fc.constantFrom('Mara Lind', 'Kit'),
  // The word for a person is the engine's: no press can bring that of another.
  person: fc.constantFrom('kit', 'ana'),
});

const shown = fc.constantFrom('d1', 'd1', 'd1', 'd2', 'outdated', '0');
const text = fc.constantFrom(null, '', 'yes', 'approve');
/** No right; or one that belongs to no entry of the rule, as of a race between two look-ups; or the requester’s. */
const powerless: fc.Arbitrary<{ right: Right; signing?: Signing }> = fc.oneof(
  fc.record({ right: fc.constantFrom<Right>('denied', 'unverified') }),
  fc.constant({ right: 'allowed' as const, signing: { groups: [], earlier: [] } }),
  fc.constant({ right: 'allowed' as const, signing: { groups: ['others'], earlier: [] } }),
  fc.constant({ right: 'allowed' as const, signing: { groups: ['finance', 'legal'], isRequester: true, earlier: [] } }),
);
const refused = fc.constantFrom<Right>('denied', 'unverified');
const of = <T extends Input['type']>(type: T, more: object) =>
  fc.record({ type: fc.constant(type), ...more }) as unknown as fc.Arbitrary<Input>;

const anyInput: fc.Arbitrary<Input> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .record({ action: fc.constantFrom(...actions), actor: anyActor, text, shown, powerless, confirmed: fc.boolean() })
      .map(({ shown: fingerprint, powerless: right, ...rest }) => ({
        type: 'pressed' as const,
        fingerprint,
        ...rest,
        ...right,
      })),
  },
  of('retried', { actor: anyActor, right: refused }),
  of('held', { actor: anyActor, fingerprint: shown, until: fc.constant(9_000_000), right: refused }),
  of('handed_back', { actor: anyActor, waited: fc.record({ right: refused, shown: fc.constant('c1') }) }),
  of('handed_back', { actor: anyActor }),
  of('form_not_shown', { actor: anyActor, press: fc.constant('p1') }),
  of('form_closed', { actor: anyActor, press: fc.constant('p1') }),
  of('unsigned', { actor: anyActor }),
  of('revealed', {
    actor: anyActor,
    fingerprint: shown,
    mask: fc.constant('m'),
    path: fc.constant('a'),
    right: refused,
  }),
  of('read', { actor: anyActor, fingerprint: shown }),
  of('digest_read', { actor: anyActor, digest: fc.constant('g1') }),
  of('foreign_press', { actor: anyActor, why: fc.constant('workspace'), action: fc.constant('approve') }),
  of('forbidden', { actor: anyActor, action: fc.constantFrom(...actions), runId: fc.constant('exec_1') }),
  of('redrawn', {}),
  of('reminder_due', {}),
  of('escalation_due', { mention: fc.constant(['oncall']), rooms: fc.constant([]) }),
  of('hold_ended', {}),
  of('deadline_passed', {}),
  of('recovered', {}),
);

const verbs = {
  approve: { ...twoPeople, notRequester: true },
  reject: verbRule({ notRequester: true }),
  answer: { ...twoPeople, notRequester: true },
  take_over: verbRule({ notRequester: true }),
};
const requirement = requirementOf({
  verbs,
  escalations: [{ at: 5_000, places: [], mention: ['oncall'] }],
});

test('no sequence of them decides, signs, claims or takes a signature back', () => {
  const anyStart = fc.record({
    kind: fc.constantFrom('approval' as const, 'await' as const),
    isSigned: fc.boolean(),
    inputs: fc.array(anyInput, { maxLength: 1_000, size: 'max' }),
  });
  fc.assert(
    fc.property(anyStart, ({ kind, isSigned, inputs }) => {
      const asked = announced({ requirement, pause: pauseOf({ kind, requester: 'ana' }) });
      const opened = isSigned ? after(asked, signed(whoMaySign)) : after(asked);
      assert.equal(opened.signatures.length, isSigned ? 1 : 0);
      let state = opened;
      for (const [index, input] of inputs.entries()) {
        const next = step(state, input, 2_000 + index * 10);
        const sends = next.effects.filter(({ type }) => type === 'decide');
        assert.deepEqual(sends, [], JSON.stringify(input));
        assert.ok(next.state);
        state = next.state;
        const { phase, decision, claim, signatures } = state;
        const untouched = { phase: 'open', decision: null, claim: null, signatures: opened.signatures };
        assert.deepEqual({ phase, decision, claim, signatures }, untouched, JSON.stringify(input));
      }
    }),
    { numRuns: runs(30) },
  );
});

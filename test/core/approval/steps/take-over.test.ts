import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Approval, approvalSchema } from '../../../../src/core/approval/approval.ts';
import type { Input, Step } from '../../../../src/core/approval/inputs.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { claimIn, claimMark, claimUntil, FORM_CLAIM_MS } from '../../../../src/core/approval/steps/take-over.ts';
import { after, announced, application, dana, pauseOf, pressed, sam } from '../../../support/data/pauses.ts';
import { runs } from '../../../support/property.ts';

const ask = announced();
const hold = (more: object = {}): Input => ({
  type: 'held',
  actor: dana,
  fingerprint: 'd1',
  until: 5_000,
  right: 'allowed',
  press: 'p1',
  ...more,
});
/** One of two questions that are answered together. */
const together = announced({ pause: pauseOf({ kind: 'await', groupId: 'g' }) });
const turn = { type: 'decide', groupId: 'g' } as const;

function last(...inputs: readonly Input[]): Step {
  const [input, ...before] = [...inputs].reverse();
  assert.ok(input);
  return step(before.length === 0 ? null : after(...before.reverse()), input, 2_000);
}

describe('taking over', () => {
  test('keeps everybody else out until it is finished, handed back, or over', () => {
    const theirs = after(ask, hold());
    assert.equal(theirs.phase, 'open');
    assert.deepEqual(theirs.claim?.actor, dana);
    const asSam = pressed({ actor: sam });
    assert.equal(step(theirs, asSam, 4_999).ignored, 'held');
    assert.equal(step(theirs, hold({ actor: sam }), 4_999).ignored, 'held');
    assert.equal(step(theirs, { type: 'handed_back', actor: sam }, 4_999).ignored, 'held');
    assert.equal(step(theirs, asSam, 5_000).state?.phase, 'decided', 'its time is over by itself');
    const finished = step(theirs, pressed({ action: 'take_over', text: 'Done by hand' }), 3_000).state;
    assert.deepEqual([finished?.phase, finished?.claim], ['decided', null]);
    const back = step(theirs, { type: 'handed_back', actor: dana }, 3_000).state;
    assert.deepEqual([back?.phase, back?.claim], ['open', null]);
  });

  test('wakes the cards when the time is over, and not before', () => {
    const { effects } = last(ask, hold());
    assert.deepEqual(effects.at(-1), { type: 'wake', at: 5_000 });
    const theirs = after(ask, hold());
    assert.equal(step(theirs, { type: 'hold_ended' }, 4_999).ignored, 'known');
    const over = step(theirs, { type: 'hold_ended' }, 5_000);
    assert.equal(over.state?.claim, null);
    assert.ok(over.effects.some(({ type }) => type === 'draw'));
    assert.deepEqual(step(theirs, { type: 'recovered' }, 3_000).effects.at(-1), { type: 'wake', at: 5_000 });
  });

  test('again keeps the moment it began, and needs the right, the same arguments, and a wire for it', () => {
    const again = step(after(ask, hold()), hold({ until: 9_000 }), 3_000).state?.claim;
    assert.deepEqual([again?.since, again?.until], [1_001, 9_000]);
    assert.equal(last(ask, hold({ right: 'denied' })).ignored, 'not_allowed');
    assert.equal(last(ask, hold({ fingerprint: 'd0' })).ignored, 'changed');
    const twoWays = announced({ pause: pauseOf({ actions: ['approve', 'reject'] }) });
    assert.equal(last(twoWays, hold()).ignored, 'not_possible');
    assert.equal(last(ask, pressed(), hold()).ignored, 'already_decided');
  });

  test('does not keep the backend’s word or the application’s own decision out', () => {
    const claim: Input = { type: 'claimed', action: 'approve', actor: application, text: null };
    assert.deepEqual([last(ask, hold(), claim).state?.phase, last(ask, hold(), claim).state?.claim], ['sending', null]);
    const expired = last(ask, hold(), { type: 'resolved', verdict: 'timeout', reason: null }).state;
    assert.deepEqual([expired?.outcome, expired?.claim], ['expired', null]);
  });
});

describe('a claim that a decided question waits for', () => {
  const theirs = after(together, hold());
  const shown = claimMark({ since: 1_001 });
  const release = (more: object = {}): Input => {
    return { type: 'handed_back', actor: sam, waited: { right: 'allowed', shown }, ...more };
  };

  test('can be ended by others who may decide it, and its card says who did', () => {
    const { state, effects } = step(theirs, release(), 3_000);
    assert.deepEqual([state?.phase, state?.claim, state?.released], ['open', null, { by: sam, holder: dana }]);
    assert.deepEqual(effects.at(-1), turn, 'the cards of the others are drawn again');
    assert.ok(state);
    const again = step(state, hold({ actor: sam }), 3_001).state;
    assert.deepEqual([again?.claim?.actor, again?.released], [sam, null]);
    const finished = step(state, pressed({ action: 'take_over', text: 'Written before' }), 3_001).state;
    assert.deepEqual([finished?.phase, finished?.released], ['decided', null], 'what its holder wrote still counts');
  });

  test('is not ended without the right, by a button of another claim, or where nothing waits for it', () => {
    const refused = (more: object) => step(theirs, release(more), 3_000).ignored;
    assert.equal(refused({ waited: { right: 'denied', shown } }), 'not_allowed');
    assert.equal(refused({ waited: { right: 'unverified', shown } }), 'unverified');
    assert.equal(refused({ waited: { right: 'allowed', shown: claimMark({ since: 1_000 }) } }), 'held');
    assert.equal(refused({ waited: { right: 'allowed', shown: 'd1' } }), 'held');
    assert.equal(refused({ waited: undefined }), 'held');
    assert.equal(step(theirs, release(), 5_000).ignored, 'nothing_held', 'it ends by time alone');
    assert.equal(step(theirs, release({ actor: dana, waited: undefined }), 3_000).ignored, undefined);
  });

  test('is a turn of its group whenever it begins, moves or ends, and of no group otherwise', () => {
    const holder = { ...dana, name: 'dana' };
    const inputs: [Input, number][] = [
      [hold({ until: 9_000 }), 3_000],
      [{ type: 'handed_back', actor: dana }, 3_000],
      [{ type: 'hold_ended' }, 5_000],
      [{ type: 'form_not_shown', actor: dana, press: 'p1' }, 3_000],
      [{ type: 'named', person: holder }, 3_000],
      [{ type: 'claimed', action: 'approve', actor: application, text: null }, 3_000],
      [{ type: 'cancelled', reason: 'over' }, 3_000],
    ];
    for (const [input, now] of inputs) {
      const { effects, ignored } = step(theirs, input, now);
      assert.equal(ignored, undefined, input.type);
      assert.ok(
        effects.some((effect) => effect.type === 'decide' && effect.groupId === 'g'),
        input.type,
      );
    }
    const alone = after(ask, hold());
    for (const [input, now] of inputs) {
      const { effects } = step(alone, input, now);
      assert.ok(!effects.some(({ type }) => type === 'decide'), input.type);
    }
  });

  test('is named by the decided one, which is drawn again only where that makes a difference', () => {
    const claims = [{ approvalId: 'ap2', claim: { actor: dana, since: 1, until: 5_000 } }];
    const waits: Input = { type: 'waiting', others: 1, claims };
    const decided = after(together, pressed());
    const { state, effects } = step(decided, waits, 3_000);
    assert.deepEqual([state?.waitsFor, state?.claimsAhead], [1, claims]);
    assert.ok(effects.every(({ type }) => type === 'draw') && effects.length > 0);
    assert.equal(step(state, waits, 3_001).ignored, 'known');
    const later = [{ approvalId: 'ap2', claim: { actor: dana, since: 1, until: 6_000 } }];
    assert.deepEqual(step(state, { ...waits, claims: later }, 3_001).state?.claimsAhead, later);
    assert.deepEqual(step(state, { type: 'waiting', others: 1 }, 3_001).state?.claimsAhead, []);
    assert.equal(step(after(together), waits, 3_000).ignored, 'known', 'what is open waits for nobody');
  });
});

describe('a claim whose form can’t be shown', () => {
  const lost = (press: string, more: object = {}): Input => ({ type: 'form_not_shown', actor: dana, press, ...more });

  test('ends, and so does nothing else', () => {
    const theirs = after(ask, hold());
    const { state, effects } = step(theirs, lost('p1'), 3_000);
    assert.deepEqual([state?.phase, state?.claim, state?.released], ['open', null, null]);
    assert.ok(effects.every(({ type }) => type === 'draw'));
    assert.equal(step(theirs, lost('p2'), 3_000).ignored, 'known');
    assert.equal(step(theirs, lost('p1', { actor: sam }), 3_000).ignored, 'known');
    assert.equal(step(after(ask), lost('p1'), 3_000).ignored, 'known');
    assert.equal(step(after(ask, pressed()), lost('p1'), 3_000).ignored, 'known');
  });

  test('stays where a later press of its holder has opened another form', () => {
    const twice = after(ask, hold(), hold({ press: 'p2', until: 6_000 }));
    const first = step(twice, lost('p1'), 3_000);
    assert.deepEqual([first.ignored, first.state?.claim?.forms, first.effects], [undefined, ['p2'], []]);
    assert.equal(step(first.state, lost('p2'), 3_000).state?.claim, null);
    assert.equal(step(first.state, lost('p1'), 3_000).ignored, 'known');
  });
});

describe('a claim whose form is closed', () => {
  const closed = (press: string, more: object = {}): Input => ({ type: 'form_closed', actor: dana, press, ...more });
  const theirs = after(ask, hold());

  test('ends, and its card is drawn again', () => {
    const { state, effects, ignored } = step(theirs, closed('p1'), 3_000);
    assert.deepEqual([ignored, state?.phase, state?.claim], [undefined, 'open', null]);
    assert.ok(effects.some(({ type }) => type === 'draw'));
  });

  test('stays when a form of another press is closed, of another person, or of an account of another platform', () => {
    assert.equal(step(theirs, closed('p2'), 3_000).ignored, 'known');
    assert.equal(step(theirs, closed('p1', { actor: sam }), 3_000).ignored, 'known');
    assert.equal(step(theirs, closed('p1', { actor: { ...dana, platform: 'discord' } }), 3_000).ignored, 'known');
  });

  test('stays until the last of the forms that one person has open is closed', () => {
    const twice = after(ask, hold(), hold({ press: 'p2' }));
    const other = step(twice, closed('p2'), 3_000).state;
    assert.deepEqual(other?.claim?.forms, ['p1']);
    assert.equal(step(other, closed('p1'), 3_000).state?.claim, null);
  });

  test('is over already: after the decision, after the lease, and the second time', () => {
    const late: Approval[] = [
      after(ask, hold(), pressed({ action: 'take_over', text: 'Done by hand' })),
      after(ask, hold(), closed('p1')),
      after(ask, hold(), { type: 'handed_back', actor: dana }),
      after(ask, hold(), { type: 'resolved', verdict: 'timeout', reason: null }),
    ];
    for (const state of late) assert.equal(step(state, closed('p1'), 3_000).ignored, 'known', state.phase);
    assert.equal(step(theirs, closed('p1'), 5_000).ignored, 'known');
  });

  test('does not end a newer claim, of the same person or of another', () => {
    const back: Input = { type: 'handed_back', actor: dana };
    assert.equal(step(after(ask, hold(), back, hold({ press: 'p2' })), closed('p1'), 3_000).ignored, 'known');
    assert.equal(step(after(ask, hold(), back, hold({ actor: sam })), closed('p1'), 3_000).ignored, 'known');
  });

  test('is not one that is kept to do the work: that stays, whatever form is closed', () => {
    const kept = after(ask, hold(), hold({ press: undefined, until: 9_000 }));
    assert.deepEqual([kept.claim?.forms, kept.claim?.since, kept.claim?.until], [undefined, 1_001, 9_000]);
    assert.equal(step(kept, closed('p1'), 3_000).ignored, 'known');
    const again = step(kept, hold({ press: 'p3', until: 3_001 }), 3_000);
    assert.deepEqual([again.state, again.effects, again.ignored], [kept, [], undefined]);
    assert.equal(step(kept, closed('p3'), 3_000).ignored, 'known');
  });
});

describe('the length of a claim', () => {
  const kept = fc.boolean();
  const max = fc.integer({ min: 1_000, max: 2 * 60 * 60_000 });
  const deadline = fc.option(fc.integer({ min: -60_000, max: 24 * 60 * 60_000 }));
  const at = (ms: number | null) => after(announced({ pause: pauseOf({ deadline: ms }) }));

  test('is at most a third of the time that is left, and at most the limit, also for who presses again and again', () =>
    fc.assert(
      fc.property(
        kept,
        max,
        deadline,
        fc.array(fc.nat(10 * 60_000), { maxLength: 6 }),
        (isKept, max, deadline, waits) => {
          let now = 10_000;
          let state = at(deadline === null ? null : now + deadline);
          for (const [index, wait] of [0, ...waits].entries()) {
            now += wait;
            const before = claimIn(state, now);
            const until = claimUntil(state, dana, now, { kept: isKept, max });
            const input = hold({ until, press: isKept ? undefined : `p${index}` });
            const next = step(state, input, now).state;
            const claim = next?.claim;
            assert.ok(next && claim);
            assert.ok(claim.until >= (before?.until ?? 0), 'a press makes no claim shorter');
            assert.ok(claim.until <= claim.since + max);
            const left = next.pause.deadline === null ? null : next.pause.deadline - claim.since;
            if (left !== null && left > 0) assert.ok(claim.until - claim.since <= left / 3);
            if (left !== null && left <= 0) assert.ok(claim.until - claim.since <= FORM_CLAIM_MS);
            state = next;
          }
        },
      ),
      { numRuns: runs(300) },
    ));

  test('is short while only a form is open, and no input makes it longer than a third', () => {
    const none = at(null);
    assert.equal(claimUntil(none, dana, 10_000, { kept: false, max: 30 * 60_000 }), 10_000 + FORM_CLAIM_MS);
    assert.equal(claimUntil(none, dana, 10_000, { kept: true, max: 30 * 60_000 }), 10_000 + 30 * 60_000);
    const soon = at(61_000);
    assert.equal(step(soon, hold({ until: 60_000 }), 1_000).state?.claim?.until, 21_000);
  });
});

test('rows of earlier versions load: a long claim that ends with its lease, and nothing else that they do not know', () => {
  const { released: _, claimsAhead: __, ...row } = after(ask, hold({ press: undefined }));
  const stored = { ...row, claim: { ...row.claim, press: 'p1' } };
  const loaded = approvalSchema.parse(JSON.parse(JSON.stringify(stored)));
  assert.deepEqual([loaded.claim?.actor, loaded.released, loaded.claimsAhead], [dana, null, []]);
  assert.equal(step(loaded, { type: 'form_not_shown', actor: dana, press: 'p1' }, 3_000).ignored, 'known');
  assert.equal(step(loaded, { type: 'form_closed', actor: dana, press: 'p1' }, 3_000).ignored, 'known');
});

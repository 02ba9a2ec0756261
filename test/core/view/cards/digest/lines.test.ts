/** A digest decides only what its lines show whole. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Approval } from '../../../../../src/core/approval/approval.ts';
import { digestOf } from '../../../../../src/core/approval/digest.ts';
import { slotKey } from '../../../../../src/core/approval/parts/slot.ts';
import type { Pause } from '../../../../../src/core/approval/pause/pause.ts';
import { renderDigest } from '../../../../../src/core/view/cards/digest/card.ts';
import { completeLines, completeTogether, incompleteIn } from '../../../../../src/core/view/cards/digest/lines.ts';
import { after, announced, pauseOf, pressed, slackRoom } from '../../../../support/data/pauses.ts';

const slot = slotKey('card', slackRoom);
const join = { type: 'gathered', slot, digest: { id: 'b1', at: 0, runId: null }, receipt: null, deletions: 0 } as const;

function member(number: number, more: Partial<Pause> = {}): Approval {
  const pause = pauseOf({ key: `k${number}`, reason: null, parameters: { orderId: `A-${number}` }, ...more });
  return { ...after(announced({ pause }), join), id: `ap${number}` };
}

const digest = (members: readonly Approval[]) => digestOf('b1', members) ?? assert.fail();
const linesOf = (members: readonly Approval[]) =>
  renderDigest(digest(members), { backend: 'Runtype' }).body?.text ?? '';

test('short requests are complete; what is cut, masked at length or changed is not', () => {
  const members = [
    member(1),
    member(2, { parameters: { orderId: 'A-2 '.repeat(200) } }),
    member(3, { parameters: { orderId: 'A-3', password: 'x1'.repeat(100) } }),
    { ...member(4), previous: { tool: 'refund_order', parameters: {} } },
    member(5),
  ];
  assert.deepEqual(completeLines(members), [true, false, false, false, true]);
  assert.deepEqual([...incompleteIn(digest(members))], ['ap2', 'ap3', 'ap4']);
  const decided = [...members.slice(0, 1), { ...member(2, { parameters: { orderId: 'A-2 '.repeat(200) } }) }];
  const [one = member(1), two = member(2)] = decided;
  const pressedTwo = { ...two, ...after(announced({ pause: two.pause }), join, pressed()), id: 'ap2' };
  assert.equal(incompleteIn(digest([one, pressedTwo])).size, 0, 'what is decided stays');
});

test('reasons that differ are on lines of their own, and one that does not fit has a card of its own', () => {
  const members = [member(1, { reason: 'Broken · shade' }), member(2, { reason: 'Late' }), member(3)];
  assert.deepEqual(completeLines(members), [true, true, true]);
  assert.deepEqual(linesOf(members).split('\n'), [
    '      orderId',
    '⏳ 1. A-1',
    '    ↳ Broken · shade',
    '⏳ 2. A-2',
    '    ↳ Late',
    '⏳ 3. A-3',
  ]);
  assert.deepEqual(completeLines([...members, member(4, { reason: 'word '.repeat(80) })]), [true, true, true, false]);
  const same = [1, 2].map((number) => member(number, { reason: 'Batch of Monday' }));
  assert.equal(renderDigest(digest(same), { backend: 'Runtype' }).quotes[0]?.text, 'Batch of Monday');
});

test('descriptions that differ are shown nowhere, so they are not complete', () => {
  assert.deepEqual(completeLines([member(1), member(2, { description: 'Another' })]), [false, false]);
});

test('the longest is left out until the others are complete, and those in the digest stay so', () => {
  const members = Array.from({ length: 12 }, (_, at) => member(at, { reason: `Reason ${at} `.repeat(at) }));
  const chosen = completeTogether([], members);
  assert.ok(chosen.length >= 5 && chosen.includes(members[0] ?? member(0)), String(chosen.length));
  assert.ok(completeLines(chosen).every((complete) => complete));
  const staying = Array.from({ length: 10 }, (_, at) => member(at, { reason: `${'because '.repeat(20)}${at}` }));
  const joined = completeTogether(staying, members);
  const after = completeLines([...staying, ...joined]);
  assert.deepEqual(after.slice(0, 10), completeLines(staying));
});

test('whatever they say, a complete line shows all of its values and its reason', () => {
  const text = fc.oneof(fc.string({ maxLength: 30 }), fc.stringMatching(/^[a-z ]{0,200}$/));
  const one = fc.record({ orderId: text, note: text, reason: fc.option(text) });
  fc.assert(
    fc.property(fc.array(one, { minLength: 2, maxLength: 20 }), (all) => {
      const members = all.map(({ reason, ...parameters }, at) =>
        member(at, { reason, parameters: { ...parameters, mark: `mark-${at}-end` } }),
      );
      const body = linesOf(members);
      assert.ok(body.length <= 2_400, String(body.length));
      const lines = body.split('\n');
      for (const [at, complete] of completeLines(members).entries()) {
        const line = lines.find((text) => text.includes(` ${at + 1}. `) && /^\S+ \d+\. /.test(text));
        if (complete) assert.match(line ?? '', new RegExp(`mark-${at}-end`));
      }
    }),
    { numRuns: 200 },
  );
});

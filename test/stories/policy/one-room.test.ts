/** `examples/one-room.yml` in the real bot, on both platforms. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { jon, kit, mara, onExample } from '../../support/worlds/example.ts';

const slack = 'slack:C0APPROVE';
const discord = 'discord:310000000000000001';
const both = [slack, discord];

describe('everything to one room', () => {
  const stage = onExample('one-room.yml');

  test('each of the two people decides any request, on either platform', async () => {
    const { ask, press, says, decisions } = stage();
    const refund = await ask('refund_order', { amount: 900 });
    await says(both, refund, /Needs a decision\.[\s\S]*Rule “everything”: mara or jon/);
    await press(mara, slack, refund, 'Approve');
    await says(both, refund, 'Approved by Mara Lind');
    const note = await ask('send_note');
    await press(jon, discord, note, 'Approve');
    await says(both, note, 'Approved by Jon Weber');
    assert.deepEqual(decisions(), ['approved', 'approved']);
  });

  test('others who read along decide nothing, and learn who does', async () => {
    const { ask, press, answer, decisions, says } = stage();
    const word = await ask('send_note');
    for (const place of both) {
      const text = await answer(kit, () => press(kit, place, word, 'Approve'));
      assert.match(text, /You can’t decide this request: .*Mara/s);
    }
    await says(both, word, 'Needs a decision.');
    assert.deepEqual(decisions(), []);
  });

  test('what deletes asks twice', async () => {
    const { ask, press, fill, says, decisions } = stage();
    const word = await ask('delete_branch');
    await says(both, word, 'Dangerous');
    await press(jon, slack, word, 'Approve');
    assert.deepEqual(decisions(), []);
    await fill(jon, slack, { 'Are you sure?': 'Yes' });
    await says(both, word, 'Approved by Jon Weber');
    assert.deepEqual(decisions(), ['approved']);
  });
});

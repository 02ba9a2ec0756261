/** `examples/agent-platform.yml` in the real bot, on both platforms. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ana, jon, lea, mara, onExample } from '../../support/worlds/example.ts';

const platform = ['slack:C0PLATF01', 'discord:310000000000000001'] as const;
const billing = ['slack:C0BILL001', 'discord:310000000000000002'] as const;

describe('a platform of many agents', () => {
  const stage = onExample('agent-platform.yml', { members: [{ ...lea, groups: ['S0SUPPORT'] }] });

  test('reads are approved by the rule: one call each, a row in the audit log, and no one is mentioned', async () => {
    const { ask, card, says, decisions, audit, world } = stage();
    const word = await ask('get_customer', { id: 77 });
    await says(platform, word, 'Approved by the rule “reads”');
    for (const place of platform) assert.doesNotMatch(JSON.stringify(await card(place, word)), /<@|"user_id"/);
    assert.deepEqual(decisions(), ['approved']);
    const rows = (await audit(word)).filter(({ input }) => input === 'stood' || input === 'pressed');
    assert.deepEqual(
      rows.map(({ input, actor, ignored }) => [input, actor?.name, ignored]),
      [['stood', 'reads', null]],
    );
    assert.equal(world.runtype.runs().at(-1)?.state, 'complete');
  });

  test('an export is not a read, whatever it is called: the platform team decides it', async () => {
    const { ask, press, answer, says, decisions } = stage();
    const word = await ask('get_customer_export');
    await says(platform, word, /Needs a decision\.[\s\S]*Rule “everything else”/);
    const text = await answer(jon, () => press(jon, platform[1], word, 'Approve'));
    assert.match(text, /You can’t decide this request/);
    await press(mara, platform[1], word, 'Approve');
    await says(platform, word, 'Approved by Mara Lind');
    assert.deepEqual(decisions(), ['approved']);
  });

  test('what no agent may do is rejected by the rule, and no one is disturbed', async () => {
    const { ask, says, decisions } = stage();
    const word = await ask('grant_admin', { user: 'eve' });
    await says(platform, word, 'Rejected by the rule “never”');
    assert.deepEqual(decisions(), ['denied']);
  });

  test('a rule that is tried decides nothing, and the audit log has what it would have decided', async () => {
    const { ask, press, fill, answer, says, decisions, audit } = stage();
    const word = await ask('refund_order', { amount: 5 });
    await says(billing, word, /Needs a decision\.[\s\S]*Rule “billing”/);
    const text = await answer(ana, () => press(ana, billing[0], word, 'Approve'));
    assert.match(text, /You can’t decide this request/);
    assert.deepEqual(decisions(), []);
    await press(jon, billing[0], word, 'Approve');
    await fill(jon, billing[0], { Note: 'Checked the invoice' });
    await says(billing, word, 'Approved by Jon Weber');
    assert.deepEqual(decisions(), ['approved']);
    const [first] = await audit(word);
    assert.match(JSON.stringify(first?.facts), /refunds up to 20 pass/);
  });

  test('support reads what reaches a customer: also those who are in its user group alone', async () => {
    const { ask, press, says, decisions } = stage();
    const first = await ask('send_mail', { to: 'a@example.com' });
    await press(lea, platform[0], first, 'Approve');
    await says(platform, first, 'Approved by Lea Okafor');
    const second = await ask('reply_ticket', { to: 'b@example.com' });
    await press(ana, platform[1], second, 'Approve');
    await says(platform, second, 'Approved by Ana Prado');
    assert.deepEqual(decisions(), ['approved', 'approved']);
  });
});

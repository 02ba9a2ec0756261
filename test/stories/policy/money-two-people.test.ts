/** `examples/money-two-people.yml` in the real bot, on both platforms. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { secretOf } from '../../support/data/secrets.ts';
import { ana, jon, kit, lea, mara, onExample, type Stage } from '../../support/worlds/example.ts';

const slack = 'slack:C0MONEY01';
const discord = 'discord:310000000000000002';
const money = [slack, discord];
const support = ['slack:C0SUPPORT', 'discord:310000000000000001'];

const token = secretOf('support-desk');
/** Of finance, by the Slack user group alone; of legal, by the Discord role alone. */
const members = [
  { ...lea, groups: ['S0FINANCE'] },
  { ...kit, roles: ['410000000000000003'] },
];
const sure = { 'Are you sure?': 'Yes' };

/** As the support desk, which asks in Countersign’s own inbox. @returns what it gets */
async function desk({ world }: Stage, path: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${world.app().port}/api/v1/approvals${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, unknown>;
}

describe('money above 500 euros', () => {
  const stage = onExample('money-two-people.yml', { members, env: { ASKERS: `support-desk token=${token}` } });

  test('takes one of finance and one of legal: one call, once both have signed', async () => {
    const { ask, press, fill, answer, says, decisions } = stage();
    const word = await ask('refund_order', { amount: 900, currency: 'EUR' });
    await says(money, word, /2 .*finance.*legal/);
    await press(mara, slack, word, 'Approve');
    await fill(mara, slack, sure);
    await says(money, word, /1 of 2 approvals: Mara Lind[\s\S]*legal/);
    // A second one of finance does not stand for legal, also by the user group of Slack.
    await press(lea, slack, word, 'Approve');
    await fill(lea, slack, sure);
    await says(money, word, /Mara Lind.*Lea Okafor/);
    const again = await answer(mara, () => press(mara, discord, word, 'Approve'));
    assert.match(again, /one person signs once/);
    const refused = await answer(ana, () => press(ana, discord, word, 'Approve'));
    assert.match(refused, /You can’t decide this request/);
    assert.deepEqual(decisions(), []);
    await press(jon, discord, word, 'Approve');
    await fill(jon, discord, sure);
    await says(money, word, /Approved by .*Jon Weber/);
    assert.deepEqual(decisions(), ['approved']);
  });

  test('is not signed by the person who asked for it', async () => {
    const { press, fill, answer, says } = stage();
    const { approval_id: id } = await desk(stage(), '', {
      type: 'refund_order',
      context: 'Refund desk1x',
      payload: { amount: 900, currency: 'EUR' },
      requested_by: 'mara',
    });
    for (const place of money) {
      const text = await answer(mara, () => press(mara, place, 'desk1x', 'Approve'));
      assert.match(text, /You asked for this, so others decide it\./);
    }
    await press(lea, slack, 'desk1x', 'Approve');
    await fill(lea, slack, sure);
    await says(money, 'desk1x', /1 of 2 approvals: Lea Okafor/);
    await press(kit, discord, 'desk1x', 'Approve');
    await fill(kit, discord, sure);
    await says(money, 'desk1x', /Approved by .*Kit Moreau/);
    const { status, signatures } = await desk(stage(), `/${id}`);
    assert.equal(status, 'approved');
    assert.deepEqual(
      (signatures as { name: string }[]).map(({ name }) => name),
      ['Lea Okafor', 'Kit Moreau'],
    );
  });

  test('is ended by one rejection with a reason; a small refund takes one of finance, and no money takes support', async () => {
    const { ask, press, fill, answer, says, decisions } = stage();
    const large = await ask('payout_vendor', { amount: 700, currency: 'EUR' });
    await press(jon, discord, large, 'Reject');
    await fill(jon, discord, { 'Why?': 'No invoice' });
    await says(money, large, /Rejected by Jon Weber/);
    const small = await ask('refund_order', { amount: 20, currency: 'EUR' });
    const [place = ''] = support;
    const refused = await answer(ana, () => press(ana, place, small, 'Approve'));
    assert.match(refused, /You can’t decide this request/);
    await press(mara, place, small, 'Approve');
    await says(support, small, 'Approved by Mara Lind');
    const none = await ask('send_note');
    await press(ana, place, none, 'Approve');
    await says(support, none, 'Approved by Ana Prado');
    assert.deepEqual(decisions(), ['denied', 'approved', 'approved']);
  });

  test('in another currency it takes both groups, too', async () => {
    const { ask, says } = stage();
    const word = await ask('bank_transfer', { amount: 3, currency: 'USD' });
    await says(money, word, /2 .*finance.*legal/);
  });
});

/** A burst on the sandbox page: one digest in each room, five requests decided together, the others split up. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { skipBrowser } from '../support/people/browser.ts';
import { sandboxPage } from '../support/people/sandbox-page.ts';

/** Longer than a busy machine takes to start twelve runs. */
const PAUSE_S = 8;

describe('twelve refunds at once on the sandbox page', { skip: skipBrowser }, () => {
  const at = sandboxPage();
  const { become, shoot } = at;
  const digest = (room: Locator) => room.getByTestId('message').filter({ hasText: /\d+ × Refund order/ });
  // The first request may have its own card in one room and a line of the digest in the other.
  const choose = async (...orders: string[]) => {
    for (const order of orders) await at.form.getByRole('checkbox', { name: new RegExp(order) }).check();
  };
  const decided = () => at.decided().map(({ body }) => body as { decision: string; reason?: string });

  test('five are rejected in the Slack room with one reason', async () => {
    // Both rooms pause once, so that all twelve wait together however slowly this machine starts them.
    at.sandbox.slack.fail('chat.postMessage', { kind: 'rate_limited', retryAfterSeconds: PAUSE_S });
    at.sandbox.discord.fail('POST /channels/:id/messages', { kind: 'rate_limited', retryAfterMs: PAUSE_S * 1_000 });
    await at.page.locator('button[data-run="refund-burst"]').click();
    for (const room of [at.slack, at.discord]) await digest(room).getByText('A-2012').waitFor();
    await shoot('30-digest');
    await become('dana');
    await at.slack.getByRole('button', { name: 'Reject…' }).click();
    const { form } = at;
    await choose('A-2005', 'A-2006', 'A-2007', 'A-2008', 'A-2009');
    await form.getByRole('textbox').fill('Ask the shop first');
    await shoot('31-digest-form-slack');
    await form.getByRole('button', { name: 'Reject' }).click();
    await form.getByText('You pressed Reject for 5 requests').waitFor();
    await shoot('32-digest-recorded');
    await form.getByRole('button', { name: 'Close', exact: true }).click();
    for (const room of [at.slack, at.discord])
      await digest(room)
        .getByText(/5 rejected/)
        .last()
        .waitFor();
    assert.equal(decided().length, 5);
    for (const { decision, reason } of decided())
      assert.deepEqual([decision, reason], ['denied', 'Ask the shop first']);
    await shoot('33-digest-decided');
  });

  test('two are approved in the Discord room', async () => {
    await become('sam');
    await at.discord.getByRole('button', { name: 'Approve…' }).click();
    const { form } = at;
    await choose('A-2011', 'A-2012');
    await shoot('34-digest-form-discord');
    await form.getByRole('button', { name: /Submit|Approve/ }).click();
    await at.discord.getByText('You pressed Approve for 2 requests').waitFor();
    for (const room of [at.slack, at.discord])
      await digest(room)
        .getByText(/2 approved/)
        .last()
        .waitFor();
    assert.equal(decided().length, 7);
    await shoot('35-digest-approved');
  });

  test('the others are split up, and the digest stays for the decided ones', async () => {
    await at.discord.getByRole('button', { name: 'Split up' }).click();
    await digest(at.discord)
      .getByText(/moved to their own messages/)
      .last()
      .waitFor();
    await at.discord.getByText('Needs a decision.').last().waitFor();
    await shoot('36-one-by-one');
    await digest(at.discord).getByRole('button', { name: 'Details' }).click();
    await at.discord
      .getByText(/Countersign ID/)
      .first()
      .waitFor();
    await shoot('37-digest-details');
  });
});

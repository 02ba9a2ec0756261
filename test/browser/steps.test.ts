/** A step of HookPulse on the sandbox page: its card shows the call, and one press decides it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipBrowser } from '../support/people/browser.ts';
import { sandboxPage } from '../support/people/sandbox-page.ts';

describe('a step of HookPulse', { skip: skipBrowser }, () => {
  const at = sandboxPage();
  const { become, sees, shoot } = at;
  const decided = () =>
    at.sandbox.hookpulse.journal.entries.flatMap((entry) => (entry.kind === 'call' && entry.effect ? [entry] : []));

  test('its card shows the call in both rooms, and a press decides it', async () => {
    await at.startRun('hookpulse-payout');
    for (const room of [at.slack, at.discord]) {
      await sees(room, 'https://api.northbank.example/v2/payouts');
      const card = (await at.cards(room).last().textContent()) ?? '';
      for (const part of [/Vendor payout/, /Release funds/, /POST/, /Pays the invoices of a vendor/, /Authorization/])
        assert.match(card, part);
      // The values of headers are credentials.
      assert.doesNotMatch(card, /Bearer|#northbank/);
    }
    await shoot('50-step');
    assert.deepEqual(decided(), []);
    await become('dana');
    await at.slack.getByRole('button', { name: 'Approve' }).click();
    for (const room of [at.slack, at.discord]) await sees(room, 'Approved by Dana Reyes.');
    const [call, ...others] = decided();
    assert.equal((call?.body as { action?: string } | undefined)?.action, 'approve');
    assert.deepEqual(others, []);
    await shoot('51-step-approved');
  });
});

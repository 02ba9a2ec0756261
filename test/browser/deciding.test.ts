/** Quick reasons, claims and simultaneous decisions on the sandbox page. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipBrowser } from '../support/people/browser.ts';
import { pressSlack } from '../support/people/room.ts';
import { sandboxPage } from '../support/people/sandbox-page.ts';
import { dana } from '../support/worlds/world.ts';

describe('deciding', { skip: skipBrowser }, () => {
  const at = sandboxPage();
  const { become, decided, sees, shoot, startRun } = at;
  const reasonOf = (index: number) => (decided()[index]?.body as { reason?: string } | undefined)?.reason;

  test('a refund is rejected with a quick reason, in the Slack room', async () => {
    await startRun('refund-agent');
    await become('dana');
    await at.slack.getByRole('button', { name: 'Reject' }).click();
    await at.form.getByRole('combobox').selectOption('Wrong amount');
    await shoot('30-quick-reason-slack');
    await at.form.getByRole('button', { name: 'Reject' }).click();
    for (const room of [at.slack, at.discord]) {
      await sees(room, 'Rejected by Dana Reyes.');
      await sees(room, /Wrong amount/);
    }
    assert.equal(reasonOf(0), 'Wrong amount');
    await shoot('31-quick-reason-given');
  });

  test('the same in the Discord room, with a note of the reviewer’s own', async () => {
    await startRun('refund-agent');
    await become('sam');
    await at.discord.getByRole('button', { name: 'Reject' }).click();
    await at.form.getByRole('combobox').selectOption('Not without a receipt');
    await at.form.getByRole('textbox').fill('The one in the mail is for another order');
    await shoot('32-quick-reason-discord');
    await at.form.getByRole('button', { name: 'Submit' }).click();
    for (const room of [at.slack, at.discord]) await sees(room, 'Rejected by Sam Okafor.');
    assert.match(reasonOf(1) ?? '', /Not without a receipt.*another order/s);
  });

  test('a claimed request can’t be decided by others until it is released', async () => {
    await startRun('slot-flow');
    await become('dana');
    await at.slack.getByRole('button', { name: 'Answer' }).click();
    await at.form.waitFor();
    for (const room of [at.slack, at.discord]) await sees(room, /Claimed by @?Dana Reyes/);
    await at.page.keyboard.press('Escape');
    await shoot('33-taken-over');

    await become('sam');
    await at.discord.getByRole('button', { name: 'Answer' }).click();
    await sees(at.discord, /Claimed by @?Dana Reyes/);
    await shoot('34-claimed-by-another');
    assert.equal(decided().length, 2);

    await become('dana');
    await at.slack.getByRole('button', { name: 'Release' }).click();
    for (const room of [at.slack, at.discord]) await room.getByRole('button', { name: 'Decline' }).waitFor();
    await shoot('35-handed-back');
  });

  test('a second reviewer is told who decided first', async () => {
    await startRun('refund-agent');
    await become('sam');
    await at.discord.getByRole('button', { name: 'Approve' }).waitFor();
    await at.slack.getByRole('button', { name: 'Approve' }).waitFor();
    // Both see the same card; the second press was already sent when the first one arrived.
    const late = at.sandbox.slack
      .state()
      .messages.findLast(({ blocks, onlyFor }) => blocks.length > 0 && onlyFor === null);
    assert.ok(late);
    await at.discord.getByRole('button', { name: 'Approve' }).click();
    for (const room of [at.slack, at.discord]) await sees(room, 'Approved by Sam Okafor.');
    assert.ok((await pressSlack(at.sandbox, dana, late, 'Approve')).acked);
    await become('dana');
    await sees(at.slack, /Sam Okafor already (?:approved this|pressed Approve)/);
    await shoot('36-decided-first-by-another');
    assert.equal(decided().length, 3);
  });
});

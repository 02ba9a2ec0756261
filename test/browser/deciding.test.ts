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

  /** Both rooms offer *Take over* again. */
  const free = async () => {
    for (const room of [at.slack, at.discord]) await room.getByRole('button', { name: 'Take over' }).waitFor();
  };
  const claimed = async (by: RegExp) => {
    for (const room of [at.slack, at.discord]) await sees(room, by);
  };

  test('a request is claimed while its form is open in Slack, and free again when that is closed', async () => {
    await startRun('refund-agent');
    await become('dana');
    await at.slack.getByRole('button', { name: 'Take over' }).click();
    await at.form.waitFor();
    await sees(at.form, /leave the text empty/);
    await claimed(/Claimed by @?Dana Reyes/);
    await shoot('33-taken-over');
    await at.page.keyboard.press('Escape');
    await free();
  });

  test('in Discord a note beside the form offers Release, and others read who holds it', async () => {
    await become('sam');
    await at.discord.getByRole('button', { name: 'Take over' }).click();
    await at.form.waitFor();
    await claimed(/Claimed by @?Sam Okafor/);
    await at.page.keyboard.press('Escape');
    await sees(at.discord, /Closed it without sending it\?/);
    await shoot('34-release-note');

    await become('dana');
    await at.slack.getByRole('button', { name: 'Mark as done' }).click();
    await sees(at.slack, /Sam Okafor has claimed this in Discord/);
    await shoot('34-claimed-by-another');
    assert.equal(decided().length, 2);

    await become('sam');
    await at.discord.getByRole('button', { name: 'Release' }).last().click();
    await free();
    await shoot('35-handed-back');
  });

  test('a claim is kept to do the work, and the work is marked as done', async () => {
    await become('dana');
    await at.slack.getByRole('button', { name: 'Take over' }).click();
    await at.form.getByRole('button', { name: 'Take over' }).click();
    await at.form.waitFor({ state: 'detached' });
    await claimed(/Claimed by @?Dana Reyes/);
    await at.slack.getByRole('button', { name: 'Mark as done' }).click();
    await at.form.getByRole('textbox').fill('Refunded in the shop');
    await shoot('35-mark-as-done');
    await at.form.getByRole('button', { name: 'Mark as done' }).click();
    for (const room of [at.slack, at.discord]) await sees(room, 'Taken over by Dana Reyes.');
    assert.match(reasonOf(2) ?? '', /Refunded in the shop/);
  });

  test('the holder of a claim may approve instead', async () => {
    await startRun('refund-agent');
    await become('sam');
    await at.discord.getByRole('button', { name: 'Take over' }).click();
    await at.form.waitFor();
    await at.page.keyboard.press('Escape');
    await claimed(/Claimed by @?Sam Okafor/);
    await at.discord.getByRole('button', { name: 'Approve' }).click();
    for (const room of [at.slack, at.discord]) await sees(room, 'Approved by Sam Okafor.');
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
    assert.equal(decided().length, 5);
  });
});

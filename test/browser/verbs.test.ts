/** The verbs of questions that wait for an output, on the sandbox page in both rooms. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipBrowser } from '../support/people/browser.ts';
import { sandboxPage } from '../support/people/sandbox-page.ts';

describe('the verbs of a question', { skip: skipBrowser }, () => {
  const at = sandboxPage();
  const { become, decided, openThread, sees, shoot, startRun } = at;
  const outputs = (index: number) => {
    const body = decided()[index]?.body as { toolOutputs?: object } | undefined;
    return Object.values(body?.toolOutputs ?? {}) as unknown[];
  };

  test('a slot is picked from the list in the Slack room, and its value is sent', async () => {
    await startRun('slot-flow');
    await become('dana');
    assert.equal(await at.slack.getByRole('button', { name: 'Approve' }).count(), 0);
    await at.slack.getByRole('button', { name: 'Answer' }).click();
    await at.form.getByText('Espresso machine loses pressure').waitFor();
    await shoot('40-options-slack');
    const menu = at.form.getByRole('combobox');
    // Below its words, the option shows the value that is sent.
    const noon = await menu.locator('option').filter({ hasText: '12:00 to 13:30, Tomasz' }).getAttribute('value');
    await menu.selectOption(noon);
    await at.form.getByRole('button', { name: 'Send answer' }).click();
    for (const room of [at.slack, at.discord]) await sees(room, 'Answered by Dana Reyes.');
    assert.deepEqual(outputs(0), ['noon']);
    await shoot('41-option-sent');
  });

  test('something else is written in the Discord room, and sent as text', async () => {
    await startRun('slot-flow');
    await become('sam');
    await at.discord.getByRole('button', { name: 'Answer' }).click();
    await at.form.getByText('Espresso machine loses pressure').waitFor();
    await at.form.getByRole('textbox').fill('42');
    await shoot('42-options-discord');
    await at.form.getByRole('button', { name: 'Submit' }).click();
    for (const room of [at.slack, at.discord]) await sees(room, 'Answered by Sam Okafor.');
    assert.deepEqual(outputs(1), ['42']);
  });

  test('one yes or no is approved in Discord with one press, the other declined in Slack with a reason', async () => {
    await startRun('parallel-awaits');
    await openThread(at.slack);
    await at.slack.getByRole('button', { name: 'Approve' }).nth(1).waitFor();
    await shoot('43-yes-or-no');
    await become('sam');
    await at.discord.getByRole('button', { name: 'Approve' }).click();
    await sees(at.slack, /Sam Okafor.*pressed Approve/);
    await become('dana');
    await at.slack.getByRole('button', { name: 'Decline' }).last().click();
    await at.form.getByRole('textbox').fill('Wrong number');
    await shoot('44-decline');
    await at.form.getByRole('button', { name: 'Decline' }).click();
    await sees(at.slack, 'Rejected by Dana Reyes.');
    for (const room of [at.slack, at.discord]) await sees(room, 'Approved by Sam Okafor.');
    const approvals = outputs(2) as { approved: boolean }[];
    assert.deepEqual(approvals.map(({ approved }) => approved).sort(), [false, true]);
    await shoot('45-answered-together');
  });
});

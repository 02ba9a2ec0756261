/** The sandbox page, used with the mouse, by the labels of the buttons. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { skipBrowser } from '../support/people/browser.ts';
import { sandboxPage } from '../support/people/sandbox-page.ts';

describe('the sandbox page', { skip: skipBrowser }, () => {
  const at = sandboxPage();
  const { become, decided, openThread, sayings, seeOnceMore, sees, shoot, startRun, typeIn } = at;

  const bodyOf = (index: number) => decided()[index]?.body as { decision: string; reason: string } | undefined;

  test('a refund is approved in the Slack room, and both rooms and Runtype agree', async () => {
    await startRun('refund-agent');
    await shoot('1-open');
    await at.slack.getByRole('button', { name: 'Approve' }).click();
    for (const room of [at.slack, at.discord]) {
      await sees(room, 'Approved by Dana Reyes.');
      await room.getByText('1 reply').or(room.getByText('1 Message')).waitFor();
      assert.equal(await room.getByText(/Refunded 42\.50 EUR/).count(), 0, 'a thread is folded');
      assert.equal(await room.getByRole('button', { name: 'Approve' }).count(), 0);
    }
    await shoot('2-folded');
    for (const room of [at.slack, at.discord]) {
      await openThread(room);
      await sees(room, /Refunded 42\.50 EUR/);
    }
    assert.equal(decided().length, 1);
    assert.equal(bodyOf(0)?.decision, 'approved');
    await shoot('2-approved');
  });

  test('a bystander is refused in private, and no one else sees it', async () => {
    await startRun('refund-agent');
    await become('kit');
    await at.slack.getByRole('button', { name: 'Approve' }).click();
    await sees(at.slack, /You can’t decide this request/);
    await at.discord.getByRole('button', { name: 'Reject' }).click();
    await sees(at.discord, /You can’t decide this request/);
    await shoot('3-bystander');
    await become('dana');
    await at.slack.getByText(/You can’t decide this request/).waitFor({ state: 'detached' });
    assert.equal(decided().length, 1);
  });

  test('the same refund is rejected in the Discord room, with a reason', async () => {
    await become('sam');
    await at.discord.getByRole('button', { name: 'Reject' }).click();
    const { form } = at;
    await form.getByRole('textbox').fill('Ask for the receipt first');
    await shoot('4-reject-form');
    await form.getByRole('button', { name: /Submit|Reject/ }).click();
    for (const room of [at.slack, at.discord]) {
      await sees(room, 'Rejected by Sam Okafor.');
      await sees(room, 'Ask for the receipt first');
    }
    assert.equal(bodyOf(1)?.reason, 'Ask for the receipt first');
    await shoot('5-rejected');
  });

  test('a flow’s question is answered by a person in the Slack room', async () => {
    await startRun('slot-flow');
    await become('dana');
    await at.slack.getByRole('button', { name: 'Answer' }).click();
    const { form } = at;
    await form.getByRole('textbox').fill('Thursday at 10:30');
    await shoot('6-answer-form');
    await form.getByRole('button', { name: 'Send answer' }).click();
    for (const room of [at.slack, at.discord]) await sees(room, 'Answered by Dana Reyes.');
    await sees(at.slack, /Thursday at 10:30/);
    assert.equal(decided().length, 3);
    await shoot('7-answered');
  });

  test('the bot is stopped between card and press, and the old button works afterwards', async () => {
    const already = decided().length;
    await startRun('hostile');
    await shoot('8-hostile');
    await at.page.getByRole('button', { name: 'Stop bot' }).click();
    await at.page.locator('[data-testid="bot"][data-state="stopped"]').waitFor();
    await at.page.getByRole('button', { name: 'Start bot' }).click();
    await at.page.locator('[data-testid="bot"][data-state="running"]').waitFor();
    const approved = await sayings('Approved by Dana Reyes.');
    // Most of what it asks for is not on the card: the first press opens Details, whose last page has the buttons.
    await at.discord.getByRole('button', { name: 'Approve' }).click();
    await sees(at.discord, 'Read this first');
    await shoot('9-read-first');
    assert.equal(decided().length, already);
    await at.discord.getByRole('button', { name: 'To the end »' }).click();
    await at.discord.getByRole('button', { name: 'Approve' }).nth(1).click();
    // The policy asks twice for a deletion.
    await at.form.getByRole('combobox').selectOption({ label: 'Yes, Delete records' });
    assert.equal(decided().length, already);
    await at.form.getByRole('button', { name: /Submit|Approve/ }).click();
    await seeOnceMore('Approved by Dana Reyes.', approved);
    assert.equal(decided().length, already + 1);
    await shoot('9-after-restart');
  });

  test('a run is started by a command in the Slack room, and has one thread in both rooms', async () => {
    await become('kit');
    await typeIn(at.discord, '/countersign run refund');
    await sees(at.discord, /You can’t start refund/);
    await become('dana');
    await typeIn(at.slack, '/countersign run refund The lamp arrived broken');
    await sees(at.slack, /Starting refund\. Follow it in this channel\./);
    for (const room of [at.slack, at.discord]) {
      await sees(room, 'Run refund');
      await sees(room, 'The lamp arrived broken');
      await openThread(room.locator('.s-entry, .d-entry').filter({ hasText: 'The lamp arrived broken' }).last());
      // In Slack the reply is also in the channel.
      await room.getByRole('button', { name: 'Approve' }).first().waitFor();
      await sees(room, '1 more decision waits in this thread.');
    }
    await shoot('12-run-started');
    const thread = (room: Locator) => room.getByTestId('thread').last();
    await thread(at.discord).getByRole('button', { name: 'Approve' }).click();
    for (const room of [at.slack, at.discord]) {
      await thread(room)
        .getByText(/Refunded 42\.50 EUR/)
        .waitFor();
      await sees(room, 'Finished.');
    }
    await shoot('13-run-finished');
  });

  test('a server’s form is filled in with one wrong field first, in the Slack room', async () => {
    await startRun('elicitation-agent');
    await become('dana');
    const already = decided().length;
    const answered = await sayings('Answered by Dana Reyes.');
    await at.slack.getByRole('button', { name: 'Answer' }).click();
    const { form } = at;
    await form.getByLabel('Full name').fill('Mara Lindqvist');
    await form.getByLabel('E-mail').fill('mara');
    await form.getByRole('radio', { name: /Team/ }).check();
    for (const day of ['Monday', 'Thursday']) await form.getByRole('checkbox', { name: day }).check();
    await form.getByLabel('First day').fill('2026-09-02');
    await form.getByRole('button', { name: 'Send answer' }).click();
    await form.getByText('Write an e-mail address').waitFor();
    await shoot('12-slack-form-wrong-field');
    await form.getByLabel('E-mail').fill('mara@amsel.example');
    await form.getByRole('button', { name: 'Send answer' }).click();
    await seeOnceMore('Answered by Dana Reyes.', answered);
    const content = {
      name: 'Mara Lindqvist',
      email: 'mara@amsel.example',
      seats: 2,
      plan: 'team',
      days: ['Monday', 'Thursday'],
      start: '2026-09-02',
    };
    const sent = decided()[already]?.body as { toolOutputs: object } | undefined;
    assert.deepEqual(Object.values(sent?.toolOutputs ?? {}), [{ action: 'accept', content }]);
    await shoot('13-slack-form-answered');
  });

  test('the same form has two pages in the Discord room, with Fix and Continue', async () => {
    await startRun('elicitation-agent');
    await become('sam');
    const already = decided().length;
    const answered = await sayings('Answered by Sam Okafor.');
    await at.discord.getByRole('button', { name: 'Answer' }).click();
    const { form } = at;
    await form.getByLabel('Full name').fill('Mara Lindqvist');
    await form.getByLabel('E-mail').fill('mara');
    await form.getByLabel('Plan').selectOption({ index: 2 });
    await shoot('14-discord-form-page-1');
    await form.getByRole('button', { name: 'Submit' }).click();
    await sees(at.discord, /Write an e-mail address/);
    await shoot('15-discord-note-fix');
    await at.discord.getByRole('button', { name: 'Fix' }).click();
    assert.equal(await form.getByLabel('Full name').inputValue(), 'Mara Lindqvist');
    assert.equal(
      await form.getByLabel('Plan').locator('option').nth(2).getAttribute('value'),
      await form.getByLabel('Plan').inputValue(),
    );
    await form.getByLabel('E-mail').fill('mara@amsel.example');
    await form.getByRole('button', { name: 'Submit' }).click();
    await at.discord.getByRole('button', { name: 'Continue to page 2' }).click();
    for (const day of ['Monday', 'Thursday']) await form.getByRole('checkbox', { name: day }).check();
    await form.getByLabel('First day').fill('2026-09-02');
    await shoot('16-discord-form-page-2');
    await form.getByRole('button', { name: 'Submit' }).click();
    await seeOnceMore('Answered by Sam Okafor.', answered);
    await sees(at.discord, 'Recorded.');
    assert.equal(decided().length, already + 1);
    await shoot('17-discord-form-answered');
  });

  test('questions with choices, a link to open, and a question that only the application can answer', async () => {
    const answered = await sayings('Answered by Dana Reyes.');
    await startRun('question-agent');
    await shoot('18-question-card');
    await at.discord.getByRole('button', { name: 'Answer' }).click();
    await at.form.waitFor();
    await shoot('19-question-in-discord');
    await at.page.keyboard.press('Escape');
    // Discord never reports a dismissed form: the card and the private note beside it offer *Release*.
    await at.discord.getByRole('button', { name: 'Release' }).first().click();
    await sees(at.slack, 'Needs an answer.');
    await become('dana');
    await at.slack.getByRole('button', { name: 'Answer' }).click();
    const { form } = at;
    const menu = form.getByRole('combobox');
    await menu.selectOption(await menu.locator('option').filter({ hasText: 'Train' }).getAttribute('value'));
    await form.getByRole('checkbox', { name: 'Dinner' }).check();
    await shoot('20-question-in-slack');
    await form.getByRole('button', { name: 'Send answer' }).click();
    await seeOnceMore('Answered by Dana Reyes.', answered);
    await startRun('elicitation-url');
    await shoot('21-address');
    await at.slack.getByRole('button', { name: 'Done' }).click();
    for (const room of [at.slack, at.discord]) {
      await openThread(room.locator('.s-entry, .d-entry').filter({ hasText: 'calendar-server' }));
      await sees(room, /"action":"accept"/);
    }
    await at.page.locator('button[data-run="external-agent"]').click();
    for (const room of [at.slack, at.discord]) await sees(room, 'Answer this in your application;');
    await shoot('22-only-the-application');
  });

  test('a message of Sonzai’s agent is taken over, and HookPulse’s payout is decided in HookPulse’s dashboard', async () => {
    await become('dana');
    await at.page.getByRole('button', { name: 'Sonzai: approve a message' }).click();
    await at.discord.getByRole('button', { name: 'Take over' }).click();
    const { form } = at;
    await form.getByRole('textbox').fill('I write to them myself');
    await form.getByRole('button', { name: /Submit|Mark as done/ }).click();
    for (const room of [at.slack, at.discord]) await sees(room, 'Taken over by Dana Reyes.');
    await at.page.getByRole('button', { name: 'HookPulse: vendor payout' }).click();
    for (const room of [at.slack, at.discord]) await room.getByRole('button', { name: 'Approve' }).waitFor();
    await shoot('10-other-backends');
    await at.page.getByTestId('dashboards').getByRole('button', { name: 'Reject' }).click();
    for (const room of [at.slack, at.discord]) await sees(room, 'Decided elsewhere (directly in HookPulse).');
    await shoot('11-decided-elsewhere');
  });

  test('/approvals lists pending approvals in both rooms; they are decided from the list and from App Home', async () => {
    const before = decided().length;
    await become('dana');
    for (const name of ['refund-agent', 'slot-flow', 'refund-agent', 'hostile']) await startRun(name);
    const list = (room: Locator) =>
      room.getByTestId('message').filter({ has: at.page.getByRole('button', { name: 'Refresh' }) });
    for (const [index, room] of [at.slack, at.discord].entries()) {
      await typeIn(room, '/approvals');
      await list(room)
        .getByText(/pending requests for you/)
        .waitFor();
      await list(room).getByText('Page 1 of 2').waitFor();
      await list(room).scrollIntoViewIfNeeded();
      await shoot(`${20 + index}-approvals-${index === 0 ? 'slack' : 'discord'}`);
    }
    await list(at.discord).getByRole('button', { name: 'Next ›' }).click();
    await list(at.discord).getByText('Page 2 of 2').waitFor();
    await list(at.discord).getByRole('button', { name: '‹ Previous' }).click();
    await list(at.discord).getByText('Page 1 of 2').waitFor();
    await list(at.discord).getByRole('button', { name: 'Approve' }).first().click();
    await list(at.discord)
      .getByText(/You pressed Approve for “Refund order”/)
      .waitFor();
    // The other list still shows it: a press says who decided first, and removes the button.
    await list(at.slack).getByRole('button', { name: 'Reject' }).first().click();
    await list(at.slack)
      .getByText(/Dana Reyes already (?:approved this|pressed Approve) in Discord/)
      .waitFor();
    await shoot('22-approvals-decided');

    await at.slack.getByRole('button', { name: 'App Home' }).click();
    const home = at.slack.getByTestId('slack-home');
    await home.getByText(/pending requests for you/).waitFor();
    await shoot('23-app-home');
    await home.getByRole('button', { name: 'Approve' }).first().click();
    await home.getByText(/You pressed Approve for “/).waitFor();
    await shoot('24-app-home-decided');
    await become('kit');
    await home.getByText(/No pending requests for you/).waitFor();
    await home.getByRole('button', { name: 'Show all' }).click();
    await home
      .getByText(/You can’t decide this\./)
      .first()
      .waitFor();
    await shoot('25-app-home-bystander');
    await become('dana');
    await at.page.locator('[data-channel]').first().click();
    assert.equal(decided().length, before + 2);
  });
});

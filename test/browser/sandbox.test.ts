/** The sandbox page, used as a newcomer would: with the mouse, by what stands on the buttons. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { type OpenPage, openPage, skipBrowser } from '../rig/browser.ts';

describe('the sandbox page', { skip: skipBrowser }, () => {
  let sandbox: Sandbox;
  let open: OpenPage;
  let page: Page;
  let slack: Locator;
  let discord: Locator;

  before(async () => {
    sandbox = await startSandbox({ port: 0, quiet: true });
    open = await openPage(sandbox.url);
    page = open.page;
    slack = page.getByTestId('slack-room');
    discord = page.getByTestId('discord-room');
  });
  after(async () => {
    await open?.close();
    await sandbox?.close();
  });

  const become = (person: 'dana' | 'sam' | 'kit') => page.locator(`label[data-person="${person}"]`).click();
  /** The newest card in the room itself, with what hangs beneath it. */
  const cards = (room: Locator) => room.getByTestId('message').filter({ has: page.getByRole('button') });
  const sees = (room: Locator, text: string | RegExp) => room.getByText(text).last().waitFor();
  const decided = () =>
    sandbox.runtype.journal.entries.flatMap((entry) => (entry.kind === 'call' && entry.effect ? [entry] : []));

  const bodyOf = (index: number) => decided()[index]?.body as { decision: string; reason: string } | undefined;

  /** How often both rooms say it by now; one more is what a step waits for. */
  const sayings = (text: string) => Promise.all([slack, discord].map((room) => room.getByText(text).count()));
  async function seeOnceMore(text: string, before: readonly number[]) {
    for (const [index, room] of [slack, discord].entries())
      await room
        .getByText(text)
        .nth(before[index] ?? 0)
        .waitFor();
  }

  async function startRun(name: string) {
    const open = await Promise.all([slack, discord].map((room) => cards(room).count()));
    await page.locator(`button[data-run="${name}"]`).click();
    for (const [index, room] of [slack, discord].entries())
      await cards(room)
        .nth(open[index] ?? 0)
        .waitFor();
  }

  test('a refund is approved in the Slack room, and both rooms and Runtype agree', async () => {
    await startRun('refund-agent');
    await open.shoot('1-open');
    await slack.getByRole('button', { name: 'Approve' }).click();
    for (const room of [slack, discord]) {
      await sees(room, 'Approved by Dana Reyes.');
      await sees(room, /Refunded 42\.50 EUR/);
      assert.equal(await room.getByRole('button', { name: 'Approve' }).count(), 0);
    }
    assert.equal(decided().length, 1);
    assert.equal(bodyOf(0)?.decision, 'approved');
    await open.shoot('2-approved');
  });

  test('a bystander is told off in private, and nobody else sees it', async () => {
    await startRun('refund-agent');
    await become('kit');
    await slack.getByRole('button', { name: 'Approve' }).click();
    await sees(slack, /You are not a reviewer/);
    await discord.getByRole('button', { name: 'Reject' }).click();
    await sees(discord, /You are not a reviewer/);
    await open.shoot('3-bystander');
    await become('dana');
    await slack.getByText(/You are not a reviewer/).waitFor({ state: 'detached' });
    assert.equal(decided().length, 1);
  });

  test('the same refund is rejected in the Discord room, with a reason', async () => {
    await become('sam');
    await discord.getByRole('button', { name: 'Reject' }).click();
    const form = page.getByRole('dialog');
    await form.getByRole('textbox').fill('Ask for the receipt first');
    await open.shoot('4-reject-form');
    await form.getByRole('button', { name: /Submit|Reject/ }).click();
    for (const room of [slack, discord]) {
      await sees(room, 'Rejected by Sam Okafor.');
      await sees(room, 'Ask for the receipt first');
    }
    assert.equal(bodyOf(1)?.reason, 'Ask for the receipt first');
    await open.shoot('5-rejected');
  });

  test('a flow’s question is answered by a person in the Slack room', async () => {
    await startRun('slot-flow');
    await become('dana');
    await slack.getByRole('button', { name: 'Take over' }).click();
    const form = page.getByRole('dialog');
    await form.getByRole('textbox').fill('Thursday at 10:30');
    await open.shoot('6-answer-form');
    await form.getByRole('button', { name: 'Send answer' }).click();
    for (const room of [slack, discord]) await sees(room, 'Answered by Dana Reyes.');
    await sees(slack, /Thursday at 10:30/);
    assert.equal(decided().length, 3);
    await open.shoot('7-answered');
  });

  test('the bot is stopped between card and press, and the old button works afterwards', async () => {
    await startRun('nasty');
    await open.shoot('8-nasty');
    await page.getByRole('button', { name: 'Stop bot' }).click();
    await page.locator('[data-testid="bot"][data-state="stopped"]').waitFor();
    await page.getByRole('button', { name: 'Start bot' }).click();
    await page.locator('[data-testid="bot"][data-state="running"]').waitFor();
    await discord.getByRole('button', { name: 'Approve' }).click();
    for (const room of [slack, discord]) await room.getByText('Approved by Dana Reyes.').nth(1).waitFor();
    assert.equal(decided().length, 4);
    await open.shoot('9-after-restart');
  });

  test('a run is started by a command in the Slack room, and stands in one thread in both', async () => {
    const typeIn = async (room: Locator, line: string) => {
      await room.getByRole('textbox', { name: 'Command' }).fill(line);
      await room.getByRole('button', { name: 'Send' }).click();
    };
    await become('kit');
    await typeIn(discord, '/countersign run refund');
    await sees(discord, /You may not start refund/);
    await become('dana');
    await typeIn(slack, '/countersign run refund The lamp came broken');
    await sees(slack, /Starting refund\. Its card and its result come in this room\./);
    for (const room of [slack, discord]) {
      await sees(room, 'Run refund');
      await sees(room, 'The lamp came broken');
      await room.getByRole('button', { name: 'Approve' }).waitFor();
    }
    await open.shoot('12-run-started');
    const thread = (room: Locator) => room.getByTestId('thread').last();
    await thread(discord).getByRole('button', { name: 'Approve' }).click();
    for (const room of [slack, discord]) {
      await thread(room)
        .getByText(/Refunded 42\.50 EUR/)
        .waitFor();
      await sees(room, 'Finished.');
    }
    await open.shoot('13-run-finished');
  });

  test('a server’s form is filled in with one wrong field first, in the Slack room', async () => {
    await startRun('elicitation-agent');
    await become('dana');
    const already = decided().length;
    const answered = await sayings('Answered by Dana Reyes.');
    await slack.getByRole('button', { name: 'Answer' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Full name').fill('Mara Lindqvist');
    await form.getByLabel('E-mail').fill('mara');
    await form.getByRole('radio', { name: /Team/ }).check();
    for (const day of ['Monday', 'Thursday']) await form.getByRole('checkbox', { name: day }).check();
    await form.getByLabel('First day').fill('2026-09-02');
    await form.getByRole('button', { name: 'Send answer' }).click();
    await form.getByText('Write an e-mail address').waitFor();
    await open.shoot('12-slack-form-wrong-field');
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
    await open.shoot('13-slack-form-answered');
  });

  test('the same form goes over two pages in the Discord room, with Fix and Continue', async () => {
    await startRun('elicitation-agent');
    await become('sam');
    const already = decided().length;
    const answered = await sayings('Answered by Sam Okafor.');
    await discord.getByRole('button', { name: 'Answer' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Full name').fill('Mara Lindqvist');
    await form.getByLabel('E-mail').fill('mara');
    await form.getByLabel('Plan').selectOption({ index: 2 });
    for (const day of ['Monday', 'Thursday']) await form.getByRole('checkbox', { name: day }).check();
    await open.shoot('14-discord-form-page-1');
    await form.getByRole('button', { name: 'Submit' }).click();
    await sees(discord, /Write an e-mail address/);
    await open.shoot('15-discord-note-fix');
    await discord.getByRole('button', { name: 'Fix' }).click();
    assert.equal(await form.getByLabel('Full name').inputValue(), 'Mara Lindqvist');
    assert.ok(await form.getByRole('checkbox', { name: 'Thursday' }).isChecked());
    await form.getByLabel('E-mail').fill('mara@amsel.example');
    await form.getByRole('button', { name: 'Submit' }).click();
    await discord.getByRole('button', { name: 'Continue to page 2' }).click();
    await form.getByLabel('First day').fill('2026-09-02');
    await open.shoot('16-discord-form-page-2');
    await form.getByRole('button', { name: 'Submit' }).click();
    await seeOnceMore('Answered by Sam Okafor.', answered);
    await sees(discord, 'Recorded.');
    assert.equal(decided().length, already + 1);
    await open.shoot('17-discord-form-answered');
  });

  test('questions with choices, an address, and what only the application can answer', async () => {
    const answered = await sayings('Answered by Dana Reyes.');
    await startRun('question-agent');
    await open.shoot('18-question-card');
    await discord.getByRole('button', { name: 'Answer' }).click();
    await open.shoot('19-question-in-discord');
    await page.keyboard.press('Escape');
    // A dismissed form is never reported by Discord, so it stays Sam's until he hands it back.
    await discord.getByRole('button', { name: 'Hand back' }).click();
    await sees(slack, 'Waiting for an answer.');
    await become('dana');
    await slack.getByRole('button', { name: 'Answer' }).click();
    const form = page.getByRole('dialog');
    await form.getByRole('combobox').selectOption({ index: 1 });
    await form.getByRole('checkbox', { name: 'Dinner' }).check();
    await open.shoot('20-question-in-slack');
    await form.getByRole('button', { name: 'Send answer' }).click();
    await seeOnceMore('Answered by Dana Reyes.', answered);
    await startRun('elicitation-url');
    await open.shoot('21-address');
    await slack.getByRole('button', { name: 'Done' }).click();
    for (const room of [slack, discord]) await sees(room, /"action":"accept"/);
    await page.locator('button[data-run="external-agent"]').click();
    for (const room of [slack, discord]) await sees(room, 'Waiting for your application.');
    await open.shoot('22-only-the-application');
  });

  test('a message that Sonzai’s agent wants to send is taken over, and HookPulse’s payout decided in its own dashboard', async () => {
    await page.getByRole('button', { name: 'Sonzai: approve a message' }).click();
    await discord.getByRole('button', { name: 'Take over' }).click();
    const form = page.getByRole('dialog');
    await form.getByRole('textbox').fill('I write to them myself');
    await form.getByRole('button', { name: /Submit|Take over/ }).click();
    for (const room of [slack, discord]) await sees(room, 'Taken over by Dana Reyes.');
    await page.getByRole('button', { name: 'HookPulse: vendor payout' }).click();
    for (const room of [slack, discord]) await room.getByRole('button', { name: 'Approve' }).waitFor();
    await open.shoot('10-other-backends');
    await page.getByTestId('dashboards').getByRole('button', { name: 'Reject' }).click();
    for (const room of [slack, discord]) await sees(room, 'Decided elsewhere.');
    await open.shoot('11-decided-elsewhere');
  });

  test('what waits is asked for with /approvals in both rooms, decided from the list, and from App Home', async () => {
    const before = decided().length;
    await become('dana');
    for (const name of ['refund-agent', 'slot-flow', 'refund-agent', 'nasty']) await startRun(name);
    const typeIn = async (room: Locator, line: string) => {
      await room.getByRole('textbox', { name: 'Command' }).fill(line);
      await room.getByRole('button', { name: 'Send' }).click();
    };
    const list = (room: Locator) =>
      room.getByTestId('message').filter({ has: page.getByRole('button', { name: 'Refresh' }) });
    for (const [index, room] of [slack, discord].entries()) {
      await typeIn(room, '/approvals');
      await list(room)
        .getByText(/requests wait for you/)
        .waitFor();
      await list(room).getByText('Page 1 of 2').waitFor();
      await list(room).scrollIntoViewIfNeeded();
      await open.shoot(`${20 + index}-approvals-${index === 0 ? 'slack' : 'discord'}`);
    }
    await list(discord).getByRole('button', { name: 'Next ›' }).click();
    await list(discord).getByText('Page 2 of 2').waitFor();
    await list(discord).getByRole('button', { name: '‹ Previous' }).click();
    await list(discord).getByText('Page 1 of 2').waitFor();
    await list(discord).getByRole('button', { name: 'Approve' }).first().click();
    await list(discord)
      .getByText(/You approved “Refund order”/)
      .waitFor();
    // The other list still shows it: its button says who was faster, and goes.
    await list(slack).getByRole('button', { name: 'Reject' }).first().click();
    await list(slack)
      .getByText(/Already approved by Dana Reyes in Discord/)
      .waitFor();
    await open.shoot('22-approvals-decided');

    await slack.getByRole('button', { name: 'App Home' }).click();
    const home = slack.getByTestId('slack-home');
    await home.getByText(/requests wait for you/).waitFor();
    await open.shoot('23-app-home');
    await home.getByRole('button', { name: 'Approve' }).first().click();
    await home.getByText(/You approved “/).waitFor();
    await open.shoot('24-app-home-decided');
    await become('kit');
    await home.getByText(/Nothing waits for you/).waitFor();
    await home.getByRole('button', { name: 'Show all' }).click();
    await home
      .getByText(/You may not decide this/)
      .first()
      .waitFor();
    await open.shoot('25-app-home-bystander');
    await become('dana');
    await page.locator('[data-channel]').first().click();
    assert.equal(decided().length, before + 2);
  });
});

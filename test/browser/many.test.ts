/** A burst on the sandbox page: one digest in each room, five decided at once, the others shown one by one. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { type OpenPage, openPage, skipBrowser } from '../rig/browser.ts';

describe('twelve refunds at once on the sandbox page', { skip: skipBrowser }, () => {
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
  const digest = (room: Locator) => room.getByTestId('message').filter({ hasText: /\d+ × Refund order/ });
  const decided = () =>
    sandbox.runtype.journal.entries.flatMap((entry) =>
      entry.kind === 'call' && entry.effect ? [entry.body as { decision: string; reason?: string }] : [],
    );

  test('five are rejected in the Slack room with one reason', async () => {
    await page.locator('button[data-run="refund-burst"]').click();
    for (const room of [slack, discord]) await digest(room).getByText('A-2012').waitFor();
    await open.shoot('30-digest');
    await become('dana');
    await slack.getByRole('button', { name: 'Reject several' }).click();
    const form = page.getByRole('dialog');
    for (const number of [1, 2, 3, 4, 5]) await form.getByRole('checkbox').nth(number).check();
    await form.getByRole('textbox').fill('Ask the shop first');
    await open.shoot('31-digest-form-slack');
    await form.getByRole('button', { name: 'Reject' }).click();
    await form.getByText('5 rejections are recorded').waitFor();
    await open.shoot('32-digest-recorded');
    await form.getByRole('button', { name: 'Close', exact: true }).click();
    for (const room of [slack, discord])
      await digest(room)
        .getByText(/5 rejected/)
        .last()
        .waitFor();
    assert.equal(decided().length, 5);
    for (const { decision, reason } of decided())
      assert.deepEqual([decision, reason], ['denied', 'Ask the shop first']);
    await open.shoot('33-digest-decided');
  });

  test('two are approved in the Discord room', async () => {
    await become('sam');
    await discord.getByRole('button', { name: 'Approve several' }).click();
    const form = page.getByRole('dialog');
    for (const number of [0, 1]) await form.getByRole('checkbox').nth(number).check();
    await open.shoot('34-digest-form-discord');
    await form.getByRole('button', { name: /Submit|Approve/ }).click();
    await discord.getByText('2 approvals are recorded').waitFor();
    for (const room of [slack, discord])
      await digest(room)
        .getByText(/2 approved/)
        .last()
        .waitFor();
    assert.equal(decided().length, 7);
    await open.shoot('35-digest-approved');
  });

  test('the others are shown one by one, and the digest stays for what was decided', async () => {
    await discord.getByRole('button', { name: 'Show one by one' }).click();
    await digest(discord)
      .getByText(/shown apart/)
      .last()
      .waitFor();
    await discord.getByText('Waiting for a decision.').last().waitFor();
    await open.shoot('36-one-by-one');
    await digest(discord).getByRole('button', { name: 'Details' }).click();
    await discord
      .getByText(/Countersign calls it/)
      .first()
      .waitFor();
    await open.shoot('37-digest-details');
  });
});

/** The sandbox page with cards in further places: a person's direct messages, and a forum. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { type OpenPage, openPage, skipBrowser } from '../rig/browser.ts';

describe('the sandbox page with direct messages and a forum', { skip: skipBrowser }, () => {
  let sandbox: Sandbox;
  let open: OpenPage;
  let page: Page;
  let slack: Locator;
  let discord: Locator;

  before(async () => {
    sandbox = await startSandbox({ port: 0, quiet: true, direct: true, forum: true });
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
  const direct = (room: Locator) => room.getByRole('button', { name: '@ Countersign' });

  test('a run is a post of the forum; who has direct messages has a tab for them, and nobody else has', async () => {
    await page.locator('button[data-run="refund-agent"]').click();
    const post = discord.getByTestId('post');
    await post.getByRole('button', { name: 'Approve' }).waitFor();
    assert.match((await post.textContent()) ?? '', /^Refund order/);
    await become('kit');
    assert.equal(await direct(slack).count(), 0);
    assert.equal(await direct(discord).count(), 0);
    await become('sam');
    await direct(slack).click();
    await direct(discord).click();
    await slack.getByRole('button', { name: 'Approve' }).waitFor();
    await open.shoot('places-direct');
    await discord.getByRole('button', { name: 'Approve' }).click();
    for (const room of [slack, discord]) {
      await room.getByText('Approved by Sam Okafor.').first().waitFor();
      await room
        .getByText(/Refunded 42\.50 EUR/)
        .first()
        .waitFor();
    }
    await open.shoot('places-direct-done');
    await discord.getByRole('button', { name: '# approvals' }).click();
    await post.getByText('Approved by Sam Okafor.').waitFor();
    await post.getByText(/Refunded 42\.50 EUR/).waitFor();
    assert.equal(await post.count(), 1);
    await open.shoot('places-forum');
  });
});

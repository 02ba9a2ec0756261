/** The sandbox page with cards in direct messages and in a forum. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { skipBrowser } from '../support/people/browser.ts';
import { inAnyRoom, sandboxPage } from '../support/people/sandbox-page.ts';

describe('the sandbox page with direct messages and a forum', { skip: skipBrowser }, () => {
  const at = sandboxPage({ direct: true, forum: true });
  const { become, openThread, shoot } = at;
  const direct = (room: Locator) => room.getByRole('button', { name: '@ Countersign' });

  test('a run is a post of the forum; only people with direct messages have a tab for them', async () => {
    await at.page.locator('button[data-run="refund-agent"]').click();
    const post = at.discord.getByTestId('post');
    await openThread(post);
    await post.getByRole('button', { name: 'Approve' }).waitFor();
    assert.match((await post.textContent()) ?? '', /^Refund order/);
    await become('kit');
    assert.equal(await direct(at.slack).count(), 0);
    assert.equal(await direct(at.discord).count(), 0);
    await become('sam');
    await direct(at.slack).click();
    await direct(at.discord).click();
    await at.slack.getByRole('button', { name: 'Approve' }).waitFor();
    await shoot('places-direct');
    await at.discord.getByRole('button', { name: 'Approve' }).click();
    for (const room of [at.slack, at.discord])
      await room.getByText(inAnyRoom('Approved by Sam Okafor.')).first().waitFor();
    // Discord's direct messages have no threads: the result is a reply to the card.
    await openThread(at.slack);
    for (const room of [at.slack, at.discord]) {
      await room
        .getByText(/Refunded 42\.50 EUR/)
        .first()
        .waitFor();
    }
    await shoot('places-direct-done');
    await at.discord.getByRole('button', { name: '# approvals' }).click();
    await openThread(post);
    await post.getByText('Approved by Sam Okafor.').waitFor();
    await post.getByText(/Refunded 42\.50 EUR/).waitFor();
    assert.equal(await post.count(), 1);
    await shoot('places-forum');
  });
});

/** Every state of a card, drawn by the bot's renderers, within both platforms' limits and in a browser. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkMessage } from '../../src/sandbox/emulators/discord/checks/message.ts';
import { checkBlocks } from '../../src/sandbox/emulators/slack/checks/blocks.ts';
import { checkView } from '../../src/sandbox/emulators/slack/checks/view.ts';
import { drawGallery } from '../../src/sandbox/page/state/gallery.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { openPage, skipBrowser } from '../support/people/browser.ts';
import { quickBot } from '../support/people/sandbox-page.ts';

test('every state is within both platforms’ limits', async () => {
  const states = await drawGallery();
  assert.ok(states.length >= 20);
  for (const { name, slack, discord, slackDetails } of states) {
    assert.deepEqual(checkBlocks(slack.blocks), [], name);
    assert.deepEqual(checkMessage(discord, 0), [], name);
    assert.deepEqual(checkView(slackDetails), [], name);
  }
});

test('the gallery shows every state in both themes', { skip: skipBrowser, timeout: 60_000 }, async () => {
  const sandbox = await startSandbox({ port: 0, bot: quickBot() });
  const address = (theme: string) => `${sandbox.url}/gallery?theme=${theme}`;
  const opened = await openPage(address('light'));
  try {
    for (const theme of ['light', 'dark']) {
      if (opened.page.url() !== address(theme)) await opened.page.goto(address(theme));
      await opened.page.getByTestId('state').first().waitFor();
      const boxes = await opened.page
        .getByTestId('state')
        .evaluateAll((states) => states.map((state) => state.getBoundingClientRect().height));
      assert.ok(boxes.length >= 20);
      assert.ok(Math.min(...boxes) > 100, `every state is drawn: ${boxes}`);
      await opened.shoot(`gallery-${theme}`, { whole: true });
    }
    await opened.page.setViewportSize({ width: 390, height: 844 });
    const [slack, discord] = await opened.page
      .getByTestId('state')
      .first()
      .evaluate((state) => [...state.querySelectorAll('.g-card')].map((card) => card.getBoundingClientRect().toJSON()));
    assert.ok(slack.width > 300 && discord.top >= slack.bottom, 'a phone shows one room below the other');
  } finally {
    await opened.close();
    await sandbox.close();
  }
});

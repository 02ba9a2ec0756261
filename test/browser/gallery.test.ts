/** Every state of a card, drawn by the bot's renderers, within both platforms' limits and in a browser. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkMessage } from '../../src/sandbox/emulators/discord/checks/message.ts';
import { checkBlocks } from '../../src/sandbox/emulators/slack/checks/blocks.ts';
import { checkView } from '../../src/sandbox/emulators/slack/checks/view.ts';
import { drawGallery } from '../../src/sandbox/page/state/gallery.ts';
import { skipBrowser } from '../support/people/browser.ts';
import { inSandbox } from '../support/people/in-sandbox.ts';
import { quickBot } from '../support/people/sandbox-page.ts';
import { withOwnPage } from '../support/people/shared-browser.ts';

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
  const options = { path: '/gallery?theme=light', sandbox: { bot: quickBot() } };
  await inSandbox(
    options,
    async ({ page, shoot }, url) => {
      for (const theme of ['light', 'dark']) {
        const address = `${url}/gallery?theme=${theme}`;
        if (page.url() !== address) await page.goto(address);
        await page.getByTestId('state').first().waitFor();
        const boxes = await page
          .getByTestId('state')
          .evaluateAll((states) => states.map((state) => state.getBoundingClientRect().height));
        assert.ok(boxes.length >= 20);
        assert.ok(Math.min(...boxes) > 100, `every state is drawn: ${boxes}`);
        await shoot(`gallery-${theme}`, { whole: true });
      }
      await page.setViewportSize({ width: 390, height: 844 });
      const [slack, discord] = await page
        .getByTestId('state')
        .first()
        .evaluate((state) =>
          [...state.querySelectorAll('.g-card')].map((card) => card.getBoundingClientRect().toJSON()),
        );
      assert.ok(slack.width > 300 && discord.top >= slack.bottom, 'a phone shows one room below the other');
    },
    withOwnPage,
  );
});

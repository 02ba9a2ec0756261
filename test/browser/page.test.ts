/** The sandbox page itself: its first step, guide, phone, unread marks, keyboard, and narrow screens. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipBrowser } from '../support/people/browser.ts';
import { sandboxPage } from '../support/people/sandbox-page.ts';

describe('the page around the rooms', { skip: skipBrowser }, () => {
  const at = sandboxPage();
  const { become, sees, shoot, startRun } = at;
  const guide = () => at.page.getByTestId('guide');
  const guideAt = (step: string) =>
    guide()
      .and(at.page.locator(`[data-step="${step}"]`))
      .waitFor();

  test('before anything happened, nothing is red, three numbered examples come first, and the console is clean', async () => {
    await at.page.locator('[data-testid="bot"][data-state="running"]').waitFor();
    const check = at.page.getByTestId('runtype-call').first();
    await check.waitFor();
    assert.match((await check.textContent()) ?? '', /health check by the bot/);
    assert.equal(await at.page.locator('.tag-error').count(), 0, 'a health check that gets its 404 is not an error');
    assert.deepEqual(
      await at.page.locator('.first-example').evaluateAll((all) => all.map((one) => one.textContent?.charAt(0))),
      ['1', '2', '3'],
    );
    assert.equal(await guide().getAttribute('data-step'), 'approve');
    assert.equal(await at.page.locator('[data-run="refund-agent"].is-next').count(), 1);
    await shoot('60-first');
    // Any error in the console fails the suite when the page is closed.
  });

  test('More is one line of buttons that can be pressed, and a list with explanations once it is opened', async () => {
    const more = at.page.getByRole('button', { name: 'More', exact: true });
    assert.equal(await more.getAttribute('aria-expanded'), 'false');
    const box = () => at.page.locator('#more-examples').boundingBox();
    assert.ok(((await box())?.height ?? 0) < 45, 'one line');
    await more.click();
    await at.page.getByText('Untrusted text that tries to break the card.').waitFor();
    await at.page.getByRole('button', { name: 'Less', exact: true }).click();
  });

  test('the guide leads through approve, reject with a reason, answer and stop-the-bot, and remembers', async () => {
    await become('dana');
    await startRun('refund-agent');
    await guide()
      .getByText(/on its card/)
      .waitFor();
    await at.slack.getByRole('button', { name: 'Approve' }).click();
    await guideAt('reject');
    await sees(at.slack, 'Approved by Dana Reyes.');

    await startRun('refund-agent');
    await guide()
      .getByText(/write why/)
      .waitFor();
    await at.discord.getByRole('button', { name: 'Reject' }).click();
    await at.form.getByRole('textbox').fill('Not without a photo');
    await at.form.getByRole('button', { name: 'Submit' }).click();
    await guideAt('answer');

    await startRun('slot-flow');
    await at.slack.getByRole('button', { name: /^(?:Answer|Take over)$/ }).click();
    await at.form.getByRole('textbox').fill('Thursday at 10:30');
    await at.form.locator('button[type="submit"]').click();
    await guideAt('restart');

    await startRun('refund-agent');
    await guide().getByText('Stop bot').waitFor();
    await at.page.getByRole('button', { name: 'Stop bot' }).click();
    await guide()
      .getByText(/the room says that it failed/)
      .waitFor();
    await at.slack.getByRole('button', { name: 'Approve' }).click();
    await at.slack.getByTestId('press-failed').waitFor();
    await shoot('61-guide-stopped');
    await at.page.getByRole('button', { name: 'Start bot' }).click();
    await guide()
      .getByText(/again: the old button still works/)
      .waitFor();
    await at.slack.getByRole('button', { name: 'Approve' }).click();
    await guideAt('done');
    await shoot('62-guide-done');

    await guide().getByRole('button', { name: 'Close the guide' }).click();
    await at.page.reload();
    await at.page.getByRole('button', { name: 'Start here' }).click();
    assert.equal(await guide().getAttribute('data-step'), 'done');
    await guide().getByRole('button', { name: 'Start over' }).click();
    await guideAt('approve');
  });

  test('the phone shows the first line of a new card, and a tap leads to it', async () => {
    await startRun('refund-agent');
    const phone = at.page.getByTestId('phone');
    for (const platform of ['slack', 'discord']) {
      const newest = phone.locator(`[data-platform="${platform}"]`).first();
      assert.match((await newest.textContent()) ?? '', /#approvals.*Refund order/s);
    }
    await phone.locator('[data-platform="slack"]').first().click();
    await at.slack.and(at.page.locator(':focus')).waitFor();
    const shown = await phone.getByTestId('notification').count();
    await at.slack.getByRole('button', { name: 'Approve' }).click();
    await sees(at.discord, 'Approved by Dana Reyes.');
    assert.equal(await phone.getByTestId('notification').count(), shown, 'an edit does not notify');
  });

  test('a reply in a folded thread is marked as new until the thread is opened', async () => {
    for (const [platform, room] of [
      ['slack', at.slack],
      ['discord', at.discord],
    ] as const) {
      // The thread of the newest card, which may not be there yet: the last thread on the page may be an older card’s.
      const newest = at.page.getByTestId('phone').locator(`[data-platform="${platform}"]`).first();
      const card = await newest.getAttribute('data-message');
      const thread = room.locator(`[data-testid="thread"][data-of="${card}"]`);
      await thread.and(at.page.locator('[data-unread="1"]')).waitFor();
      await thread.locator('button[aria-expanded]').click();
      await thread.and(at.page.locator('[data-unread="0"]')).waitFor();
      await thread.locator('button[aria-expanded]').click();
      assert.equal(await thread.getAttribute('data-unread'), '0');
    }
  });

  test('Escape closes a form after an error, in both rooms, and the focus returns to the card', async () => {
    for (const room of [at.slack, at.discord]) {
      // Its first field is required.
      await startRun('elicitation-agent');
      await room
        .getByRole('button', { name: /^(?:Answer|Take over)$/ })
        .last()
        .press('Enter');
      await at.form.waitFor();
      await at.form.locator('button[type="submit"]').click();
      const wrong = at.form.locator('[aria-invalid="true"]:focus');
      await wrong.waitFor();
      assert.match((await wrong.getAttribute('aria-describedby')) ?? '', /-error$/, 'its error is read with it');
      // As a pressed button does that is disabled while its press is pending.
      await at.page.evaluate('document.activeElement.blur()');
      await at.page.keyboard.press('Escape');
      await at.form.waitFor({ state: 'detached' });
      await room
        .locator(':focus')
        .or(room.and(at.page.locator(':focus')))
        .waitFor();
    }
  });

  test('Tab stays inside an open form', async () => {
    await become('sam');
    await startRun('refund-agent');
    await at.slack.getByRole('button', { name: 'Reject' }).last().click();
    await at.form.waitFor();
    for (let presses = 0; presses < 8; presses += 1) {
      await at.page.keyboard.press('Tab');
      await at.form.locator(':focus').waitFor();
    }
    await at.page.keyboard.press('Escape');
    await at.form.waitFor({ state: 'detached' });
  });

  test('the page follows the dark mode of the system', async () => {
    const brightness = () =>
      at.page.evaluate<number[]>(
        `['body', '.slack', '.discord', '.panel'].map((selector) =>
          Number(getComputedStyle(document.querySelector(selector)).backgroundColor.match(/\\d+/)[0]))`,
      );
    await at.page.emulateMedia({ colorScheme: 'dark' });
    await at.page.locator('html[data-theme="dark"]').waitFor();
    for (const red of await brightness()) assert.ok(red < 80, `${red}`);
    await shoot('63-dark');
    await at.page.emulateMedia({ colorScheme: 'light' });
    await at.page.locator('html[data-theme="light"]').waitFor();
    for (const red of await brightness()) assert.ok(red > 200, `${red}`);
  });

  test('at 390 px nothing is wider than the screen, cards are whole, and forms cover the screen', async () => {
    await at.page.setViewportSize({ width: 390, height: 844 });
    const width = await at.page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(width <= 390, `${width} px`);
    for (const room of [at.slack, at.discord]) {
      const list = room.locator('.room-messages');
      const hidden = await list.evaluate((part) => part.scrollHeight - part.clientHeight);
      assert.ok(hidden <= 0, 'a room scrolls with the page, not inside it');
    }
    await shoot('64-narrow');
    await at.slack.getByRole('button', { name: 'Reject' }).last().click();
    const box = await at.form.boundingBox();
    assert.ok(box !== null && box.y >= 0 && box.y + box.height <= 844, 'the form is on the screen');
    await shoot('65-narrow-form');
    await at.page.keyboard.press('Escape');
    await at.page.getByRole('link', { name: 'Every state of a card' }).click();
    await at.page.getByTestId('state').first().waitFor();
    const gallery = await at.page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(gallery <= 390, `the gallery is ${gallery} px wide`);
    await shoot('66-gallery-narrow');
    await at.page.getByRole('link', { name: 'Back to the sandbox' }).click();
    await at.slack.waitFor();
  });
});

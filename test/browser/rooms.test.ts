/** A refused card in its smallest form, and what waits in a folded thread, on the sandbox page. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipBrowser } from '../support/people/browser.ts';
import { quickBot, sandboxPage } from '../support/people/sandbox-page.ts';

const bot = quickBot();

describe('a refused card', { skip: skipBrowser }, () => {
  const at = sandboxPage();
  const { become, sees, shoot } = at;

  test('is posted again in its smallest form, and approved after its Details were read', async () => {
    at.sandbox.discord.refuseContent({ code: 200_000, containing: 'A-1009' });
    at.sandbox.slack.refuseContent({ code: 'invalid_blocks', containing: 'A-1009' });
    await at.startRun('refund-agent');
    await sees(at.slack, /Slack refused the full card \(invalid layout\)/);
    await sees(at.discord, /Discord refused the full card \(blocked by AutoMod\)/);
    for (const room of [at.slack, at.discord]) assert.doesNotMatch((await room.textContent()) ?? '', /A-1009/);
    await shoot('40-refused-card');
    await become('dana');
    await at.slack.getByRole('button', { name: 'Approve' }).click();
    await at.form.getByText('Read this first').waitFor();
    await at.form
      .getByText(/A-1009/)
      .first()
      .waitFor();
    await shoot('41-refused-card-details');
    assert.equal(at.decided().length, 0);
    await at.form.getByRole('button', { name: 'Approve' }).click();
    await at.page.keyboard.press('Escape');
    // A settled card is short; it names the order, so it is refused, too, and stays small.
    for (const room of [at.slack, at.discord]) await sees(room, 'Approved by Dana Reyes.');
    assert.equal(at.decided().length, 1);
    await shoot('42-refused-card-approved');
  });
});

describe('two approvals in one stream', { skip: skipBrowser }, () => {
  // An hour, at the pace of a test: the reminder shows that it has passed.
  const remind = (first: string) => first.replace(/(name: everything else)/, '$1\n    remind: { after: [2s] }');
  const at = sandboxPage({ policy: remind, bot: { ...bot, env: { ...bot.env, RESURFACE_AFTER: '1s' } } });
  const { become, sees, shoot } = at;

  test('the second waits in the thread, is seen in both rooms, and is counted on the first card', async () => {
    await at.startRun('two-approvals');
    for (const room of [at.slack, at.discord]) await sees(room, '1 more decision waits in this thread.');
    await sees(at.slack, 'replied to a thread, also sent to the channel:');
    await sees(at.discord, 'Needs a decision, in the thread of the card above.');
    await shoot('43-two-approvals');
    await become('dana');
    await at.slack.getByRole('button', { name: 'Approve' }).first().click();
    await sees(at.slack, /Dana Reyes/);
    await become('sam');
    assert.equal(await at.page.getByTestId('application-run').first().getAttribute('data-end'), 'open');
    // The reminder of the second comes long after the first was decided, in the room.
    for (const room of [at.slack, at.discord]) await sees(room, /Reminder: Pay out balance/);
    await shoot('44-two-approvals-later');
    await at.slack.getByRole('button', { name: 'Approve' }).last().click();
    for (const room of [at.slack, at.discord]) {
      await room.getByText('1 more decision waits in this thread.').waitFor({ state: 'detached' });
      await sees(room, 'No longer waiting.');
    }
    const verdicts = at.decided().map(({ body }) => (body as { decision?: string }).decision);
    assert.deepEqual(verdicts, ['approved', 'approved']);
    // Its response was held meanwhile, and gets the result.
    const run = at.page.getByTestId('application-run').first();
    await run.and(at.page.locator('[data-end="complete"]')).waitFor();
    for (const room of [at.slack, at.discord])
      assert.doesNotMatch((await room.textContent()) ?? '', /cut off|not seen/);
    await shoot('45-two-approvals-decided');
  });

  test('a run whose next pause comes after an hour has its card in the room', async () => {
    await at.startRun('two-pauses');
    const first = at.slack.getByText('Run migration').last();
    await first.waitFor();
    for (const room of [at.slack, at.discord]) await sees(room, 'Reminder: Run migration');
    await become('dana');
    await at.slack.getByRole('button', { name: 'Approve' }).last().click();
    for (const room of [at.slack, at.discord]) {
      const entry = room.locator('.s-entry, .d-entry').filter({ hasText: 'Deploy service' }).first();
      await entry.getByRole('button', { name: 'Approve' }).waitFor();
      assert.doesNotMatch((await entry.textContent()) ?? '', /replied to a thread|Run migration/);
    }
    await shoot('46-resurfaced');
  });
});

/** Rows 11 to 13 for users: the whole bot on a bad disk, compared with what Slack and Runtype received. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { skipDisk } from '../../support/disk/disk.ts';
import { textOf } from '../../support/people/room.ts';
import { runs } from '../../support/property.ts';
import { withBots } from '../../support/worlds/bots.ts';

const PRESS_MS = 3_000;
const AT_ONCE = 50;
const slackOnly = { platforms: ['slack'] } as const;

describe('the bot on a bad disk', { skip: skipDisk }, () => {
  test('row 11: a press whose sync fails is not acknowledged; after the restart it has one decision or can be pressed again', () =>
    withBots(async (world) => {
      const when = join(world.folder, 'when');
      const bot = await world.start({ disk: { DISK_WHEN: when, DISK_SYNC_EIO: 1 } });
      await world.dispatch(bot);
      const card = await world.until('the card', () => world.slackCards()[0]);
      writeFileSync(when, '');
      const pressed = world.press(card);
      assert.equal(await bot.ended, 74);
      assert.match(bot.lines.join('\n'), /The disk failed during a write.*Restart it: recorded data is intact\./);
      assert.equal((await pressed).acked, false, 'an acknowledgement would confirm the press');
      assert.deepEqual(world.privateTexts(), []);
      assert.deepEqual(world.decisions(), []);

      await world.start();
      const [message] = world.slackCards();
      assert.ok(message);
      // It may have been written: then it is sent automatically; if not, the button still works.
      const kept = await world.until('the decision, or a pending card', () => {
        if (world.decisions().length > 0) return true;
        return textOf(world.slackCards()[0] ?? message).includes('Needs a decision') ? false : undefined;
      });
      if (!kept) assert.equal((await world.press(message)).acked, true);
      await world.until('the card to say so', () =>
        textOf(world.slackCards()[0] ?? message).includes('Approved by') ? true : undefined,
      );
      assert.equal(world.decisions().length, 1);
      assert.equal(world.slackCards().length, 1);
    }, slackOnly));

  test('row 12: a press on a full disk is answered in time that nothing was recorded; with space it works again', () =>
    withBots(async (world) => {
      const full = join(world.folder, 'full');
      const bot = await world.start({ disk: { DISK_FULL_FROM: 1, DISK_FULL_UNTIL: full } });
      await world.dispatch(bot);
      const card = await world.until('the card', () => world.slackCards()[0]);
      // The card's place is recorded, too, so no other write is in progress.
      await bot.until(/"outcome":"posted","ms":\d+,"msg":"job done"/);
      writeFileSync(full, '');
      const refused = await world.press(card);
      assert.ok(refused.afterMs !== null && refused.afterMs < PRESS_MS, `answered after ${refused.afterMs} ms`);
      await world.until('the private answer', () => (world.privateTexts().length === 1 ? true : undefined));
      assert.match(world.privateTexts()[0] ?? '', /Nothing was recorded\. Please press again/);
      assert.match(textOf(world.slackCards()[0] ?? card), /Needs a decision/);
      assert.deepEqual(world.decisions(), []);

      rmSync(full);
      assert.equal((await world.press(card)).acked, true);
      await world.until('the card to say so', () =>
        textOf(world.slackCards()[0] ?? card).includes('Approved by') ? true : undefined,
      );
      assert.equal(world.decisions().length, 1);
      assert.equal(world.privateTexts().length, 1, 'the second press was accepted');
    }, slackOnly));

  test('row 12: posts and answers from while the disk was full are recorded once there is space, and not repeated', () =>
    withBots(async (world) => {
      const full = join(world.folder, 'full');
      const bot = await world.start({ disk: { DISK_FULL_FROM: 1, DISK_FULL_UNTIL: full } });
      // The disk is full from the moment the message is in the room, before Slack has answered.
      const stop = world.slack.onChange(() => {
        if (world.slackCards().length > 0) writeFileSync(full, '');
      });
      await world.dispatch(bot);
      await bot.until(/"msg":"what happened is not recorded yet"/);
      stop();
      rmSync(full);
      const card = await world.until('the card', () => world.slackCards()[0]);
      await bot.until(/"outcome":"posted","ms":\d+,"msg":"job done"/);
      assert.equal((await world.press(card)).acked, true);
      await world.until('the card to say so', () =>
        textOf(world.slackCards()[0] ?? card).includes('Approved by') ? true : undefined,
      );
      assert.equal(world.slackCards().length, 1, 'a card whose place was forgotten would be posted twice');
      assert.equal(world.decisions().length, 1);
    }, slackOnly));

  for (const ms of runs(0) > 0 ? [50, 500] : [500]) {
    test(`row 13: syncs take ${ms} ms, and ${AT_ONCE} presses at once are acknowledged in time; a warning names the disk`, () =>
      withBots(async (world) => {
        const when = join(world.folder, 'when');
        const bot = await world.start({ disk: { DISK_WHEN: when, DISK_SYNC_MS: ms } });
        await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => world.ask(bot, `Question ${index}`)));
        await world.until('all cards', () => (world.slackCards().length === AT_ONCE ? true : undefined));
        writeFileSync(when, '');
        const results = await Promise.all(world.slackCards().map((card) => world.press(card)));
        const slowest = Math.max(...results.map(({ afterMs }) => afterMs ?? Number.POSITIVE_INFINITY));
        assert.ok(slowest < PRESS_MS, `the slowest was acknowledged after ${slowest} ms`);
        assert.deepEqual(world.privateTexts(), [], 'all presses were accepted');
        await bot.until(/"msg":"the disk of the database is slow/);
      }, slackOnly));
  }
});

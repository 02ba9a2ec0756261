/** `npm run backup` while a bot is running, and a bot that starts from the backup. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startChild } from '../../support/child.ts';
import { textOf } from '../../support/people/room.ts';
import { type BotWorld, withBots } from '../../support/worlds/bots.ts';

const PRESS_MS = 3_000;
const slackOnly = { platforms: ['slack'] } as const;

async function backUp(world: BotWorld, name = 'backup.db'): Promise<string> {
  const file = join(world.folder, name);
  const child = startChild('src/cli/backup.ts', { env: { DATABASE_URL: `file:${world.file}` }, args: [file] });
  assert.equal(await child.ended, 0, child.lines.join('\n'));
  assert.match(
    child.lines.at(-1) ?? '',
    /^Wrote .*backup\.db \(\d+ kB\): \d+ approvals, \d+ of them unfinished\. Verified\.$/,
  );
  return file;
}

/** Restores as docs/backup.md says: the one file, into an empty folder. */
function restore(world: BotWorld, backup: string): string {
  const folder = join(world.folder, 'restored');
  mkdirSync(folder);
  const file = join(folder, 'countersign.db');
  copyFileSync(backup, file);
  return file;
}

const untilCardSays = (world: BotWorld, index: number, text: string) =>
  world.until(`card ${index} to say “${text}”`, () => {
    const card = world.slackCards()[index];
    return card !== undefined && textOf(card).includes(text) ? true : undefined;
  });

describe('a backup', () => {
  test('made under load contains every press acknowledged before it, and its cards still work', () =>
    withBots(async (world) => {
      const bot = await world.start();
      const items = await Promise.all(Array.from({ length: 24 }, (_, index) => world.ask(bot, `Question ${index}`)));
      await world.until('all cards', () => (world.slackCards().length === items.length ? true : undefined));
      const cards = world.slackCards();
      const indexOf = (item: number) =>
        cards.findIndex(
          (card) => textOf(card).includes(`Question ${item}`) && !textOf(card).includes(`Question ${item}0`),
        );
      const pressItem = (item: number) => {
        const card = cards[indexOf(item)];
        assert.ok(card);
        return world.press(card);
      };
      const before = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(pressItem));
      assert.ok(before.every(({ acked }) => acked));

      let over = false;
      const backup = backUp(world).finally(() => {
        over = true;
      });
      let slowest = 0;
      let during = 8;
      for (; during < 20 && !over; during += 1)
        slowest = Math.max(slowest, (await pressItem(during)).afterMs ?? PRESS_MS);
      const file = await backup;
      assert.ok(slowest < PRESS_MS, `a press during the backup was acknowledged after ${slowest} ms`);
      await world.stop(bot, 'SIGKILL');

      const again = await world.start({ file: restore(world, file) });
      for (const id of items.slice(0, 8)) {
        const { status } = await world.item(again, id);
        assert.equal(status, 'approved', `${id} was acknowledged before the backup`);
      }
      const open = items.slice(20);
      for (const id of open) assert.equal((await world.item(again, id)).status, 'pending');
      const index = indexOf(23);
      await untilCardSays(world, index, 'It may already be decided.');
      assert.match(
        world.slackCards().map(textOf)[index] ?? '',
        /restored from a backup of \d{4}-\d\d-\d\d \d\d:\d\d UTC, and does not know what happened since/,
      );
      assert.equal((await pressItem(23)).acked, true);
      await untilCardSays(world, index, 'Approved by');
      assert.equal(world.slackCards().length, items.length, 'no card was posted twice');
      assert.deepEqual(readdirSync(join(world.folder, 'restored')).includes('countersign.db'), true);
    }, slackOnly));

  test('that was restored sends again only what is refused a second time; the rest is shown as unconfirmed', () =>
    withBots(async (world) => {
      const bot = await world.start({ env: { AWAIT_YES_NO: 'pick_*' } });
      await world.dispatch(bot, { agent: { agentId: 'refund-agent' } });
      await world.until('the guarded card', () => world.slackCards()[0]);
      await world.dispatch(bot, { flow: { id: 'slot-flow' } });
      await world.until('the unguarded card', () => world.slackCards()[1]);
      // Pending, and certainly not arrived yet: the backup is made while both wait for their next try.
      const later = { kind: 'status', status: 429, when: 'before', headers: { 'retry-after': '1' } } as const;
      world.runtype.fail('/v1/dispatch/approve', later, 1_000);
      world.runtype.fail('/v1/dispatch/resume', later, 1_000);
      const results = await Promise.all(world.slackCards().map((card) => world.press(card)));
      assert.ok(results.every(({ acked }) => acked));
      await untilCardSays(world, 0, 'Not delivered yet');
      await untilCardSays(world, 1, 'Not delivered yet');
      const file = await backUp(world);
      world.runtype.heal();
      await untilCardSays(world, 0, 'Approved by');
      await untilCardSays(world, 1, 'Approved by');
      const on = (route: string) => world.decisions().filter(({ path }) => path.split('?')[0]?.endsWith(route));
      const effects = () => world.decisions().filter(({ effect }) => effect).length;
      assert.equal(effects(), 2);
      await world.stop(bot, 'SIGKILL');
      const counts = () => [on('/approve').length, on('/resume').length];
      const [approves = 0, resumes = 0] = counts();

      const again = await world.start({ file: restore(world, file) });
      // The card said “Approved by” before; the restored bot shows what it knows.
      await again.until(/"input":"sent".*"outcome":"approved"/);
      await untilCardSays(world, 0, 'Approved by');
      await untilCardSays(world, 1, 'Unconfirmed.');
      const said = world.slackCards().map(textOf)[1] ?? '';
      // The backup may have been made during a try.
      const why = /does not know what happened since|Countersign stopped while sending/;
      assert.match(said, /We don’t know whether Runtype received it/);
      assert.match(said, why);
      assert.equal(effects(), 2);
      assert.deepEqual(counts(), [approves + 1, resumes], 'the guarded call again');
    }, slackOnly));
});

/**
 * A rolling upgrade under presses: an older version on two replicas, and a newer one that takes the place of each in turn. How
 * long a press takes is measured from the press until its card says so.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { newerVersion, withField } from '../support/fleet/newer-version.ts';
import { textOf } from '../support/people/room.ts';
import { createDatabase, skipPostgres } from '../support/postgres/index.ts';
import { runs } from '../support/property.ts';
import { type Bot, type BotWorld, withBots } from '../support/worlds/bots.ts';

/**
 * What waits for a replica to count as dead waits for at least this long, ms: 12 s after its last beat, and it beats every 3 s.
 * No press may wait for that where each says that it stops.
 */
const DEAD_WAIT_MS = 9_000;
/** Presses in each step of the upgrade, at least. */
const PRESSES = Math.min(20, runs(1));
/** Between two of them, ms: Slack takes 50 edits a minute of an app, and each replica makes its part of them. */
const EVERY_MS = 2_500;
/** How often one press may be refused by the platform: the connection that it was sent over had just ended. */
const TRIES = 3;

interface Pressed {
  id: string;
  ms: number;
  /** How often the person had to press. */
  presses: number;
}

const cardOf = (world: BotWorld, text: string) =>
  world.slackCards().find((card) => card.threadTs === null && textOf(card).includes(text));

/** Asks at one of them, and presses. */
async function askAndPress(world: BotWorld, bot: Bot, text: string): Promise<Pressed> {
  const id = await world.ask(bot, text);
  const card = await world.until(`the card “${text}”`, () => cardOf(world, text));
  const startedAt = performance.now();
  let presses = 1;
  while (!(await world.press(card)).acked) {
    presses += 1;
    assert.ok(presses <= TRIES, `“${text}” was refused ${TRIES} times`);
  }
  await world.until(`“${text}” to be approved`, () => {
    const now = cardOf(world, text);
    return now !== undefined && /Approved by/.test(textOf(now)) ? true : undefined;
  });
  return { id, ms: performance.now() - startedAt, presses };
}

test('row 60: a rolling upgrade under presses loses and delays none of them, with two versions beside each other', {
  skip: skipPostgres,
}, async (t) => {
  const script = newerVersion(withField);
  const database = await createDatabase();
  const all: Bot[] = [];
  const run = async (world: BotWorld) => {
    let asked = 0;
    const measured = new Map<string, Pressed[]>();
    const start = async (name: string, of: { script?: string } = {}) => {
      const env = { DATABASE_URL: database.connectionString, SLACK_CONNECTIONS: '1', REPLICA: name };
      const bot = await world.start({ env, ...of });
      all.push(bot);
      return bot;
    };
    /** People ask and press one after the other while this is done, and at least some of them. */
    const during = async <T>(what: string, bot: Bot, work: () => Promise<T>): Promise<T> => {
      const list: Pressed[] = [];
      measured.set(what, list);
      let isDone = false;
      const pressing = (async () => {
        while (!isDone || list.length < PRESSES) {
          asked += 1;
          const paced = wait(EVERY_MS);
          list.push(await askAndPress(world, bot, `Deploy version ${asked}.`));
          await paced;
        }
      })();
      const done = await work().finally(() => {
        isDone = true;
      });
      await pressing;
      return done;
    };

    const one = await start('one');
    const two = await start('two');
    await during('before', two, async () => {});
    await during('the first stops', two, async () => assert.equal((await world.stop(one, 'SIGTERM')).end, 0));
    const newOne = await during('the first starts as the newer version', two, () => start('one', { script }));
    await during('both versions, at the newer one', newOne, async () => {});
    await during('both versions, at the older one', two, async () => {});
    await during('the second stops', newOne, async () => assert.equal((await world.stop(two, 'SIGTERM')).end, 0));
    await during('the second starts as the newer version', newOne, () => start('two', { script }));
    await during('after', newOne, async () => {});

    for (const [what, list] of measured) {
      const [times, most] = [list.map(({ ms }) => Math.round(ms)), Math.max(...list.map(({ ms }) => ms))];
      const again = list.filter(({ presses }) => presses > 1).length;
      t.diagnostic(`${what}: ${times.join(', ')} ms; ${again} pressed again`);
      assert.ok(most < DEAD_WAIT_MS, `${what}: one took ${most} ms`);
      for (const { id } of list) assert.equal((await world.item(newOne, id)).status, 'approved');
    }
    const total = [...measured.values()].flat();
    const rows = await database.query("SELECT approval_id FROM audit WHERE input = 'pressed'", []);
    assert.equal(rows.length, total.length, 'each was recorded once');
    const roots = world.slackCards().filter(({ threadTs }) => threadTs === null);
    assert.equal(roots.filter((card) => textOf(card).includes('Deploy version')).length, total.length, 'one card each');
    const lines = all.flatMap((bot) => bot.log());
    assert.deepEqual(
      lines.filter(({ alert, ended }) => alert === 'crashed' || ended === 'died'),
      [],
    );
  };
  try {
    await withBots(run, { platforms: ['slack'] });
  } finally {
    await database.drop();
  }
});

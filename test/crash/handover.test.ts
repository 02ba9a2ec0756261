/**
 * Two whole bots on one PostgreSQL under presses: one is killed, or each is stopped and started again in turn. What took how
 * long is read from the database's own times.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { textOf } from '../support/people/room.ts';
import { createDatabase, type Database, skipPostgres } from '../support/postgres/index.ts';
import { type Bot, type BotWorld, withBots } from '../support/worlds/bots.ts';
import { ADOPTED_WITHIN_MS } from './checker/shared-database.ts';

/** After so long without a beat, a replica counts as dead, ms. What has stopped in order waits for less. */
const DEAD_MS = 12_000;
const CARDS = 8;
const ADOPTED = /"msg":"the work of another replica is taken over"/;

interface Replica {
  id: string;
  state: string;
  waited: string | null;
}

interface Rig {
  world: BotWorld;
  database: Database;
  start(name: string): Promise<Bot>;
  /** The processes that ran under this name, the first first. */
  replicas(name: string): Promise<Replica[]>;
}

async function withRig(run: (rig: Rig) => Promise<void>): Promise<void> {
  const database = await createDatabase();
  const env = { DATABASE_URL: database.connectionString, SLACK_CONNECTIONS: '1' };
  try {
    await withBots(
      (world) =>
        run({
          ...{ world, database },
          start: (name) => world.start({ env: { ...env, REPLICA: name } }),
          replicas: (name) =>
            database.query<Replica>(
              'SELECT id, state, adopted_at - beat_at AS waited FROM replicas WHERE name = $1 ORDER BY started_at',
              [name],
            ),
        }),
      { platforms: ['slack'] },
    );
  } finally {
    await database.drop();
  }
}

const what = (index: number) => `Deploy version ${index} of the shop`;
const cardOf = (world: BotWorld, index: number) =>
  world.slackCards().find((card) => card.threadTs === null && textOf(card).includes(`${what(index)}.`));
const isDecided = (world: BotWorld, index: number): boolean => {
  const card = cardOf(world, index);
  return card !== undefined && /Approved by/.test(textOf(card));
};

/** Asks at both in turn. @returns the items' ids */
async function askAll({ world }: Rig, bots: readonly Bot[]): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < CARDS; index++) {
    const bot = bots[index % bots.length];
    assert.ok(bot !== undefined);
    ids.push(await world.ask(bot, `${what(index)}.`));
  }
  return ids;
}

/** One press on its card. @returns whether it was accepted: then it may never be lost */
async function pressOn({ world }: Rig, index: number): Promise<boolean> {
  const card = await world.until(`card ${index}`, () => cardOf(world, index));
  const { acked } = await world.press(card);
  return acked;
}

/** Presses those again that were not accepted, as a person would; then all are recorded, and every card says so. */
async function expectAll(rig: Rig, ids: readonly string[], accepted: readonly boolean[], bot: Bot): Promise<void> {
  const { world, database } = rig;
  for (const [index, id] of ids.entries()) {
    if (accepted[index]) assert.equal((await world.item(bot, id)).status, 'approved', `the press on card ${index}`);
    else if (!isDecided(world, index) && (await world.item(bot, id)).status === 'pending')
      assert.ok(await pressOn(rig, index));
    await world.until(`card ${index} to follow`, () => (isDecided(world, index) ? true : undefined));
    assert.equal((await world.item(bot, id)).status, 'approved');
  }
  const roots = world.slackCards().filter(({ threadTs }) => threadTs === null);
  assert.equal(roots.filter((card) => textOf(card).includes('of the shop.')).length, CARDS, 'one card each');
  const gaps = await database.query(
    'SELECT approval_id FROM audit GROUP BY approval_id HAVING count(*) <> max(seq)',
    [],
  );
  assert.deepEqual(gaps, []);
}

describe('two bots under presses', { skip: skipPostgres }, () => {
  test('row 50: kill -9 of one: the other has taken over within 15 s of its last beat, no accepted press is lost', () =>
    withRig(async (rig) => {
      const [one, two] = [await rig.start('one'), await rig.start('two')];
      const ids = await askAll(rig, [one, two]);
      const accepted: boolean[] = [];
      const presses = ids.map(async (_, index) => {
        accepted[index] = await pressOn(rig, index);
        if (accepted.filter(Boolean).length === 2) one.kill('SIGKILL');
      });
      await Promise.all(presses);
      one.kill('SIGKILL');
      await one.ended;
      await two.until(ADOPTED);
      const [dead, ...others] = await rig.replicas('one');
      assert.equal(others.length, 0);
      const waited = Number(dead?.waited);
      assert.ok(waited >= DEAD_MS && waited <= ADOPTED_WITHIN_MS, `taken over ${waited} ms after the last beat`);
      await expectAll(rig, ids, accepted, two);
      const [other] = await rig.replicas('two');
      assert.equal(other?.state, 'working', 'the one that took over was alive all the time');
      assert.equal(two.log().filter(({ msg }) => msg === 'the work of another replica is taken over').length, 1);
    }));

  test('row 51: SIGTERM and a new start of each in turn: nothing is lost, and nothing waits for a replica to count as dead', () =>
    withRig(async (rig) => {
      const { world, database } = rig;
      const bots = [await rig.start('one'), await rig.start('two')];
      const all = [...bots];
      const ids = await askAll(rig, bots);
      const accepted: boolean[] = [];
      for (const [turn, name] of ['one', 'two'].entries()) {
        const bot = bots[turn];
        assert.ok(bot !== undefined);
        const half = ids.map((_, index) => index).filter((index) => index % 2 === turn);
        const presses = half.map(async (index) => {
          accepted[index] = await pressOn(rig, index);
        });
        assert.equal((await world.stop(bot, 'SIGTERM')).end, 0);
        const [row] = await rig.replicas(name);
        assert.match(row?.state ?? '', /^(?:stopped|gone)$/, 'it said that it stops');
        const left = await database.query(
          `SELECT 'job' AS kind, job_key AS what FROM jobs WHERE locked_by = $1
           UNION ALL SELECT 'hold', lane FROM holds WHERE replica = $1
           UNION ALL SELECT 'duty', name FROM duties WHERE holder = $1 AND until > 0`,
          [row?.id],
        );
        assert.deepEqual(left, [], 'its work is released');
        const next = await rig.start(name);
        bots[turn] = next;
        all.push(next);
        await Promise.all(presses);
      }
      const [last] = bots;
      assert.ok(last !== undefined);
      await expectAll(rig, ids, accepted, last);
      for (const name of ['one', 'two']) {
        const [stopped] = await rig.replicas(name);
        assert.equal(stopped?.state, 'gone');
        assert.ok(Number(stopped?.waited) < DEAD_MS, `taken over ${stopped?.waited} ms after the last beat`);
      }
      const lines = all.flatMap((bot) => bot.log());
      assert.deepEqual(
        lines.filter(({ alert, ended }) => alert === 'crashed' || ended === 'died'),
        [],
      );
    }));
});

/**
 * Rows 60 and 63: older and newer versions of the bot on one PostgreSQL, and replicas whose settings differ. The newer version is a
 * copy of the source with a change, as a later release would have it.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { KNOWN_SHAPE } from '../../../src/core/approval/parts/shape.ts';
import { newerVersion, withField } from '../../support/fleet/newer-version.ts';
import { textOf } from '../../support/people/room.ts';
import { createDatabase, type Database, skipPostgres } from '../../support/postgres/index.ts';
import { type Bot, type BotWorld, withBots } from '../../support/worlds/bots.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Adds a step to the schema behind all others. */
const withStep = (step: string) =>
  ({
    'src/store/postgres/schema/migrate.ts': [
      "from './migrations.ts';",
      `from './migrations.ts';\n(postgresMigrations as Migration[]).push(${step});`,
    ],
  }) as const;

async function withDatabase(run: (world: BotWorld, database: Database) => Promise<void>): Promise<void> {
  const database = await createDatabase();
  try {
    await withBots((world) => run(world, database), { platforms: ['slack'] });
  } finally {
    await database.drop();
  }
}

const envOf = (database: Database, replica: string) => ({ DATABASE_URL: database.connectionString, REPLICA: replica });

async function untilCard(world: BotWorld, text: string) {
  return world.until(`a card with ${text}`, () => world.slackCards().find((card) => textOf(card).includes(text)));
}

async function untilStatus(world: BotWorld, bot: Bot, id: string, status: string): Promise<void> {
  while ((await world.item(bot, id)).status !== status) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe('versions beside each other', { skip: skipPostgres }, () => {
  test('an older replica works on with what a newer one has stored, starts on its schema, and keeps its fields', () =>
    withDatabase(async (world, database) => {
      const script = newerVersion({ ...withField, ...withStep("'ALTER TABLE approvals ADD COLUMN later text'") });
      const older = await world.start({ env: envOf(database, 'older') });
      const newer = await world.start({ env: envOf(database, 'newer'), script });
      const first = await world.ask(newer, 'Asked at the newer one');
      const card = await untilCard(world, 'Asked at the newer one');
      assert.equal((await world.stop(newer, 'SIGTERM')).end, 0);
      assert.ok((await world.press(card)).acked);
      await untilStatus(world, older, first, 'approved');
      const [row] = await database.query<{ state: string }>('SELECT state FROM approvals WHERE state LIKE $1', [
        '%Asked at the newer one%',
      ]);
      assert.equal(JSON.parse(row?.state ?? '{}').later, 'noted');
      await world.stop(older, 'SIGTERM');
      const again = await world.start({ env: envOf(database, 'older') });
      const second = await world.ask(again, 'Asked after going back');
      await world.press(await untilCard(world, 'Asked after going back'));
      await untilStatus(world, again, second, 'approved');
      const upgraded = await world.start({ env: envOf(database, 'newer'), script });
      for (const id of [first, second]) assert.equal((await world.item(upgraded, id)).status, 'approved');
    }));

  test('an older replica does not change what it would misread, and says so; the newer one does', () =>
    withDatabase(async (world, database) => {
      const file = 'src/core/approval/parts/shape.ts';
      const shaped = newerVersion({
        ...withField,
        [file]: [`KNOWN_SHAPE = ${KNOWN_SHAPE}`, `KNOWN_SHAPE = ${KNOWN_SHAPE + 1}`],
      });
      const path = join(root, shaped, '../..', file);
      writeFileSync(
        path,
        readFileSync(path, 'utf8').replace(/WRITTEN_SHAPE = \d+/, `WRITTEN_SHAPE = ${KNOWN_SHAPE + 1}`),
      );
      const newer = await world.start({ env: envOf(database, 'newer'), script: shaped });
      const id = await world.ask(newer, 'Of a newer shape');
      const card = await untilCard(world, 'Of a newer shape');
      await world.stop(newer, 'SIGTERM');
      const older = await world.start({ env: envOf(database, 'older') });
      await world.press(card);
      await world.until('the refusal', () => world.privateTexts().find((text) => /[Nn]othing was recorded/.test(text)));
      assert.equal((await world.item(older, id)).status, 'pending');
      assert.match(JSON.stringify(older.log()), /newer version of Countersign has written this approval/);
      const upgraded = await world.start({ env: envOf(database, 'newer'), script: shaped });
      await world.stop(older, 'SIGTERM');
      await world.press(card);
      await untilStatus(world, upgraded, id, 'approved');
      assert.equal(world.slackCards().length, 1);
    }));

  test('an older replica ends when a newer one takes away what it needs, and does not start again', () =>
    withDatabase(async (world, database) => {
      const older = await world.start({ env: envOf(database, 'older') });
      const step = '{ sql: "SELECT 1", readableFrom: postgresMigrations.length + 1 }';
      await world.start({ env: envOf(database, 'newer'), script: newerVersion(withStep(step)) });
      assert.notEqual(await older.ended, 0);
      assert.match(older.lines.join('\n'), /changed by a newer version of Countersign/);
      const refused = await world.start({ env: envOf(database, 'older'), untilReady: false });
      assert.equal(await refused.ended, 1);
      assert.match(
        refused.lines.join('\n'),
        /changed by a newer version of Countersign.*Start that version, or restore/,
      );
    }));

  test('replicas with other settings are reported by each of them, and work on', () =>
    withDatabase(async (world, database) => {
      await world.start({ env: envOf(database, 'one') });
      const two = await world.start({ env: { ...envOf(database, 'two'), CONFIRM: 'refund*' } });
      const read = async () =>
        (await (await fetch(`http://127.0.0.1:${two.port}/readyz`)).json()) as {
          status: string;
          replicas: { all: { name: string }[]; difference: string };
        };
      const { status, replicas } = await read();
      assert.equal(status, 'ready');
      assert.deepEqual(
        replicas.all.map(({ name }) => name),
        ['one', 'two'],
      );
      assert.match(replicas.difference, /^Replicas have different settings\. one: .*; two: /);
      assert.match(JSON.stringify(two.log()), /Replicas have different settings/);
    }));
});

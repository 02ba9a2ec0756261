/** The doctor changes nothing, also while people decide. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { examineHere } from '../../src/doctor/here.ts';
import { systemClock } from '../../src/system/clock.ts';
import { secretOf } from '../support/data/secrets.ts';
import { captureLog } from '../support/log.ts';
import { pressSlack, textOf } from '../support/people/room.ts';
import { withBots } from '../support/worlds/bots.ts';
import { type DoctorWorld, inDoctorWorld, linesOf } from './world.ts';

const dana = { slackId: 'U0REVIEW1', discordId: '200000000000000001' };
const QUESTIONS = 12;

/** Each file and folder with its rights, its time and its bytes. */
function filesOf({ folder }: Pick<DoctorWorld, 'folder'>, isRead: (name: string) => boolean = () => true): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .filter(isRead)
    .map((name) => {
      const path = join(folder, name);
      const found = statSync(path);
      const { mode, mtimeMs, size, ino } = found;
      const bytes = found.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';
      return JSON.stringify({ name, mode, mtimeMs, size, ino, bytes });
    });
}

/** What only asks. It opens no connection: it gives the address of one. */
const reads =
  /^(?:auth\.test|apps\.connections\.open|bots\.info|team\.info|users\.|usergroups\.|conversations\.(?:info|members|list|history|replies))/;

/** The calls at the emulators that change something. */
function writesOf({ emulators: { slack, discord, runtype, sonzai, hookpulse } }: DoctorWorld): string[] {
  const byMethod = [discord, runtype, sonzai, hookpulse].flatMap(({ journal: { entries } }) =>
    (entries as readonly { kind: string; method?: string; path?: string }[]).flatMap(({ kind, method, path }) =>
      kind === 'call' && method !== 'GET' ? [`${method} ${path}`] : [],
    ),
  );
  const bySlack = slack.journal.entries.flatMap((entry) =>
    entry.kind === 'call' && !reads.test(entry.method) ? [entry.method] : [],
  );
  return [...bySlack, ...byMethod].sort();
}

function ask(port: number, context: string): Promise<Response> {
  const headers = { authorization: `Bearer ${secretOf('ask')}`, 'content-type': 'application/json' };
  return fetch(`http://127.0.0.1:${port}/api/v1/approvals`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ context }),
  });
}

describe('the doctor changes nothing', () => {
  test('without a bot: not a byte, a time or a right of a file, nor anything at the emulators', () =>
    inDoctorWorld(async (world) => {
      await world.start();
      await world.stop();
      const { slack, discord } = world.emulators;
      const [files, writes] = [filesOf(world), writesOf(world)];
      assert.deepEqual(linesOf(await world.look()), []);
      assert.deepEqual(filesOf(world), files);
      assert.deepEqual(writesOf(world), writes);
      assert.equal(slack.state().connections + discord.state().connections, 0, 'no press may come to it');
    }));

  test('after a crash: the database is looked at with its log, and both are as they were', () =>
    withBots(async (world) => {
      const bot = await world.start();
      await world.ask(bot, 'Before the crash');
      bot.kill('SIGKILL');
      await bot.ended;
      const files = filesOf(world);
      assert.ok(files.some((one) => one.includes('countersign.db-wal')));
      const report = await examineHere({
        environment: { DATABASE_URL: `file:${world.file}` },
        envFile: join(world.folder, '.env'),
        clock: systemClock,
        log: captureLog([]).log,
        release: null,
        local: true,
      });
      const database = report.groups.find(({ title }) => title === 'Database');
      assert.deepEqual(database?.findings, []);
      assert.ok(database.fine.some(({ check }) => check === 'database.file'));
      assert.deepEqual(filesOf(world), files);
    }));

  test('while a bot runs: each press is answered in time and sent once, and nothing else is written', () =>
    inDoctorWorld(async (world) => {
      world.policy.push('defaults: { digest: off }');
      world.write();
      const { port } = await world.start();
      const { slack } = world.emulators;
      const cards = () => world.emulators.slackCards();
      const isSaid = (text: string) => cards().filter((card) => textOf(card).includes(text)).length;
      const until = (what: string, isSo: () => boolean) =>
        world.emulators.until(
          what,
          () => (isSo() ? true : undefined),
          30_000,
          () => cards().map(textOf).join('\n'),
        );
      const connections = slack.state().connections;
      // Not the database: closing a file that this process has open would lose its locks.
      const isOther = (name: string) => !name.startsWith('data');
      const files = filesOf(world, isOther);

      await Promise.all(Array.from({ length: QUESTIONS }, (_, index) => ask(port, `Question ${index}.`)));
      await until('all cards', () => cards().length === QUESTIONS);
      const posted = [...cards()];
      let isOver = false;
      const looking = (async () => {
        const reports = [];
        do reports.push(await world.look());
        while (!isOver);
        return reports;
      })();
      const presses = await Promise.all(posted.map((card) => pressSlack(world.emulators, dana, card, 'Approve')));
      await until('all decided', () => isSaid('Approved by') === QUESTIONS);
      isOver = true;
      const reports = await looking;

      for (const report of reports) assert.deepEqual(linesOf(report), []);
      for (const { acked, afterMs } of presses) assert.ok(acked && (afterMs ?? 0) < 3_000, `after ${afterMs} ms`);
      assert.deepEqual(filesOf(world, isOther), files);
      assert.equal(slack.state().connections, connections);
      const posts = writesOf(world).filter((call) => call === 'chat.postMessage');
      assert.equal(posts.length, QUESTIONS, 'one card for each question, and nothing of the doctor');
      const others = writesOf(world).filter((call) => !/^chat\.(?:postMessage|update)$/.test(call));
      assert.deepEqual(
        others.filter((call) => !/commands$|^POST .*interactions|views\.publish|^response_url/.test(call)),
        [],
      );
    }));
});

import assert from 'node:assert/strict';
import { chownSync, existsSync, linkSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getuid } from 'node:process';
import { describe, test } from 'node:test';
import { type Report, reportOf } from '../../../src/doctor/report.ts';
import { askBot, NoAnswer } from '../../../src/doctor/socket/ask.ts';
import { socketPathOf } from '../../../src/doctor/socket/path.ts';
import { serveDoctor } from '../../../src/doctor/socket/serve.ts';
import { captureLog } from '../../support/log.ts';

const report = reportOf([{ title: 'Slack', findings: [], fine: [], untold: [] }], {
  source: 'bot',
  release: '1.2.3',
  at: '2026-11-30T09:00:00.000Z',
  durationMs: 12,
});

/** Any user who is not root. */
const STRANGER = 65_534;

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-socket-'));
  try {
    await run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function served(
  file: string,
  use: (log: ReturnType<typeof captureLog>) => Promise<void>,
  answer: (local: boolean) => Promise<Report> = async () => report,
) {
  const log = captureLog([]);
  const socket = await serveDoctor(file, answer, log.log);
  try {
    await use(log);
  } finally {
    await socket.stop();
  }
}

describe('the socket beside the database', () => {
  test('answers its owner, and is gone after a stop', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'countersign.db');
      await served(file, async () => {
        assert.equal(statSync(`${file}.sock`).mode & 0o777, 0o600);
        assert.deepEqual(await askBot(file, false), report);
      });
      assert.equal(existsSync(`${file}.sock`), false);
      assert.equal(await askBot(file, false), null);
    }));

  test('of a killed process is no bot, and the next one takes its place', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'countersign.db');
      // Closed without being removed, as a kill leaves it.
      const dead = createServer();
      await new Promise<void>((resolve) => dead.listen(join(folder, 'other.sock'), resolve));
      linkSync(join(folder, 'other.sock'), `${file}.sock`);
      await new Promise((resolve) => dead.close(resolve));
      assert.ok(existsSync(`${file}.sock`));
      assert.equal(await askBot(file, false), null);
      await served(file, async () => assert.deepEqual(await askBot(file, false), report));
    }));

  test(
    'works beside a database whose path is longer than the system has room for',
    { skip: process.platform !== 'linux' },
    () =>
      inFolder(async (folder) => {
        const deep = join(folder, 'x'.repeat(60), 'y'.repeat(60));
        mkdirSync(deep, { recursive: true });
        const file = join(deep, 'countersign.db');
        await served(file, async ({ text }) => {
          assert.equal(text(), '');
          assert.deepEqual(await askBot(file, false), report);
          assert.ok(existsSync(`${file}.sock`));
        });
        assert.equal(existsSync(`${file}.sock`), false);
      }),
  );

  test('passes on whether a call may leave the machine', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'countersign.db');
      const asked: boolean[] = [];
      const ask = async () => {
        for (const local of [true, false]) await askBot(file, local);
      };
      await served(file, ask, async (local) => {
        asked.push(local);
        return report;
      });
      assert.deepEqual(asked, [true, false]);
    }));

  test('that can’t be made is in the log, and nothing else happens', () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, 'file'), '');
      await served(join(folder, 'file', 'countersign.db'), async ({ text }) => {
        assert.match(text(), /countersign doctor can’t ask this bot: its socket can’t be made/);
      });
      // There is none for a database in memory, which no other process can have.
      await served(':memory:', async ({ text }) => assert.equal(text(), ''));
      assert.equal(socketPathOf(':memory:'), null);
    }));

  test(
    'of a stranger is not believed: in a shared folder anyone can make one',
    { skip: getuid?.() === 0 ? false : 'only root can give a socket to another user' },
    () =>
      inFolder(async (folder) => {
        const file = join(folder, 'countersign.db');
        writeFileSync(file, '');
        await served(file, async () => {
          chownSync(`${file}.sock`, STRANGER, STRANGER);
          const isRefused = (error: unknown) => error instanceof NoAnswer && /of another user/.test(error.message);
          await assert.rejects(askBot(file, false), isRefused);
          // Root asks the bot of the user whose database it is.
          chownSync(file, STRANGER, STRANGER);
          assert.deepEqual(await askBot(file, false), report);
        });
      }),
  );

  test('says that a bot of another version runs, and that its doctor failed', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'countersign.db');
      const another = { ...report, version: 2 } as unknown as Report;
      const isAnother = (error: unknown) => error instanceof NoAnswer && /of another version/.test(error.message);
      await served(
        file,
        () => assert.rejects(askBot(file, false), isAnother),
        async () => another,
      );
      const hasFailed = (error: unknown) => error instanceof NoAnswer && /answered 500/.test(error.message);
      await served(
        file,
        async ({ text }) => {
          await assert.rejects(askBot(file, false), hasFailed);
          assert.match(text(), /the doctor failed/);
        },
        () => Promise.reject(new Error('no')),
      );
    }));
});

/** `npm run trace`: see `usage`. */
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandLineOrExit } from '../test/support/command-line.ts';
import { pressSlack, textOf, untilCardsSay } from '../test/support/people/room.ts';
import { dana, inWorld, type World } from '../test/support/worlds/world.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const usage = `Usage: npm run trace -- [flags]

Prints how many of the bot's files and functions one pause and one press run through, counted by V8 on the real bot, and how
often each card is edited. A file in which only the bot's timers run is on no path, and is left out.

  --files   lists the files with their functions, each with its line (default: only the numbers)
  --help    prints this

Example: npm run trace -- --files`;

const { values } = commandLineOrExit(usage, { files: { type: 'boolean', default: false } });

/** The functions of the bot that ran since the last call, by file. */
async function ranSince(session: Session): Promise<Map<string, Set<string>>> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const files = new Map<string, Set<string>>();
  for (const { url, functions } of result) {
    const file = url.startsWith('file:') ? relative(root, fileURLToPath(url)) : '';
    if (!file.startsWith('src/') || file.startsWith('src/sandbox/')) continue;
    const ran = functions
      // The first range of a module is the module itself, which runs once, when it is loaded.
      .filter(({ functionName, ranges: [range] }) => (functionName !== '' || range?.startOffset !== 0) && range?.count)
      .map(({ functionName, ranges: [range] }) => `${functionName || '(anonymous)'}@${range?.startOffset}`);
    if (ran.length > 0) files.set(file, new Set(ran));
  }
  return files;
}

/** @param idle what the timers run while nothing happens */
function report(what: string, all: Map<string, Set<string>>, idle: Map<string, Set<string>>): void {
  const files = [...all].filter(([file, ran]) => !ran.isSubsetOf(idle.get(file) ?? new Set()));
  const functions = files.reduce((sum, [, { size }]) => sum + size, 0);
  console.log(`${what}: ${files.length} files, ${functions} functions`);
  if (!values.files) return;
  for (const [file, ran] of files.sort())
    console.log(`  ${file}: ${[...ran].map((one) => named(file, one)).join(' ')}`);
}

/** The name of a function, and its line. */
function named(file: string, ran: string): string {
  const [, name = '', offset = ''] = /^(.*)@(\d+)$/.exec(ran) ?? [];
  const line = readFileSync(`${root}/${file}`, 'utf8').slice(0, Number(offset)).split('\n').length;
  return `${name}:${line}`;
}

/** The edits of messages that both platforms have received so far. */
function edits({ slack, discord }: World): Record<string, number> {
  return {
    Slack: slack.journal.entries.filter((entry) => entry.kind === 'call' && entry.method === 'chat.update').length,
    Discord: discord.journal.entries.filter(
      (entry) => entry.kind === 'call' && entry.method === 'PATCH' && entry.path.includes('/messages/'),
    ).length,
  };
}

/** The health checks run once, at the start: they are on no path. */
const SLOW_CHECKS = { healthPace: 1_000 };

/** How long nothing may change outside before the bot counts as idle, ms: longer than any step of a healthy run. */
const IDLE_MS = 500;

/** Resolves when nothing outside has changed for a while; it asks the bot nothing, for that would be counted. */
function untilIdle({ slack, discord, runtype }: World): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      for (const stop of stops) stop();
      resolve();
    }, IDLE_MS);
    const stops = [slack, discord, runtype].map((emulator) => emulator.onChange(() => timer.refresh()));
  });
}

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
await inWorld(async (world) => {
  await untilIdle(world);
  await ranSince(session);
  await untilIdle(world);
  const idle = await ranSince(session);
  await world.dispatch('refund-agent');
  const card = await world.slackCard();
  await world.discordCard();
  await untilIdle(world);
  report('A pause', await ranSince(session), idle);
  const before = edits(world);
  await pressSlack(world, dana, card, 'Approve');
  await untilCardsSay(world, 'Approved by');
  await world.until('the result in the thread', () =>
    world.slack.state().messages.find((message) => textOf(message).includes('Refunded')),
  );
  await untilIdle(world);
  report('A press', await ranSince(session), idle);
  const after = edits(world);
  for (const [platform, count] of Object.entries(after)) {
    console.log(`Edits on ${platform}: ${count - (before[platform] ?? 0)}`);
  }
}, SLOW_CHECKS);

/** The bot as a process of its own, with the emulators in this one: for what blocks the event loop or ends a process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDiscordEmulator } from '../../../src/sandbox/emulators/discord/index.ts';
import type { DiscordEmulator } from '../../../src/sandbox/emulators/discord/types.ts';
import { createRuntypeEmulator } from '../../../src/sandbox/emulators/runtype/index.ts';
import type { RuntypeEmulator } from '../../../src/sandbox/emulators/runtype/types.ts';
import { createSlackEmulator } from '../../../src/sandbox/emulators/slack/index.ts';
import type { SlackEmulator, SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { discordUsers, reviewerSetting, slackUsers } from '../../../src/sandbox/page/personas.ts';
import { inheritedMutation } from '../mutate.ts';
import { compiled } from './compiled.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const WAIT_MS = 30_000;

export interface Bot {
  readonly port: number;
  readonly pid: number;
  /** Every line of its log, parsed; what is no JSON stands under `text`. */
  lines(): Record<string, unknown>[];
  /** Resolves with the first line for which `find` says so, now or later. */
  untilLine(what: string, find: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  signal(signal: NodeJS.Signals): void;
  /** How it ended, and after how long since it was asked here, ms. */
  ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null; ms: number }>;
}

export interface Outside {
  slack: SlackEmulator;
  discord: DiscordEmulator;
  runtype: RuntypeEmulator;
  /** Starts the bot; resolves once it says that it is ready. */
  start(options?: BotOptions): Promise<Bot>;
  /** Sends a dispatch through the gateway of this bot, as an application would. */
  dispatch(bot: Bot, name: string): Promise<string>;
  /** Resolves once `find` gives something; looked at after every change of an emulator. */
  until<T>(what: string, find: () => T | undefined): Promise<T>;
  /** What stands in the Slack room of the cards. */
  slackCards(): SlackMessage[];
}

export interface BotOptions {
  env?: Record<string, string>;
  /** Of Node, before the script. */
  flags?: readonly string[];
  /** Shell commands before it: `ulimit -n 60`. */
  limits?: string;
  /** False: resolves as soon as it runs. */
  untilReady?: boolean;
}

/** A place with emulators and a database; whatever bots still run in the end are killed. */
export async function withOutside(run: (outside: Outside) => Promise<void>): Promise<void> {
  const [slack, discord, runtype] = await Promise.all([
    createSlackEmulator({ users: slackUsers() }),
    createDiscordEmulator({ users: discordUsers() }),
    createRuntypeEmulator(),
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bot-'));
  const children = new Set<ReturnType<typeof spawn>>();
  /** Of each bot, in the order they were started. */
  const logs: Record<string, unknown>[][] = [];
  const base: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    PORT: '0',
    DATABASE_URL: `file:${join(folder, 'countersign.db')}`,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_CHANNEL: slack.channel,
    SLACK_API_URL: slack.url,
    DISCORD_TOKEN: discord.token,
    DISCORD_CHANNEL: discord.channel,
    DISCORD_API_URL: discord.url,
    RUNTYPE_API_URL: runtype.url,
    RUNTYPE_API_KEY: runtype.apiKey,
    REVIEWERS: reviewerSetting(),
    // Many alike, and each with its own card.
    DIGEST_FROM: 'off',
  };

  async function start({ env = {}, flags = [], limits = 'true', untilReady = true }: BotOptions = {}): Promise<Bot> {
    const inherited = inheritedMutation();
    const command = [process.execPath, ...inherited.flags, ...flags, join(root, 'src/main.ts')];
    const child = spawn('sh', ['-c', `${limits}; exec "$@"`, 'sh', ...command], {
      cwd: folder,
      env: { ...compiled, ...base, ...inherited.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    const exit = once(child, 'close');
    const written: Record<string, unknown>[] = [];
    logs.push(written);
    const listeners = new Set<() => void>();
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.on('data', (chunk: Buffer) => {
        const parts = (rest + chunk).split('\n');
        rest = parts.pop() ?? '';
        written.push(...parts.map(parse));
        for (const listener of listeners) listener();
      });
    }

    const bot: Bot = {
      get port() {
        return Number(written.find(({ msg }) => msg === 'ready')?.['port']);
      },
      pid: child.pid ?? 0,
      lines: () => written,
      untilLine: (what, find) =>
        new Promise((resolve, reject) => {
          const fail = (why: string) =>
            reject(new Error(`${why} while ${what} was awaited:\n${JSON.stringify(written.slice(-15), null, 1)}`));
          const timer = setTimeout(() => fail('time was up'), WAIT_MS);
          const look = () => {
            const line = written.find(find);
            if (line === undefined) return;
            clearTimeout(timer);
            listeners.delete(look);
            resolve(line);
          };
          listeners.add(look);
          void exit.then(() => {
            look();
            clearTimeout(timer);
            fail('it ended');
          });
          look();
        }),
      signal: (signal) => void child.kill(signal),
      async ended() {
        const since = performance.now();
        const timer = setTimeout(() => child.kill('SIGKILL'), WAIT_MS);
        const [code, signal] = await exit;
        clearTimeout(timer);
        return { code, signal, ms: performance.now() - since };
      },
    };
    if (untilReady) await bot.untilLine('ready', ({ msg }) => msg === 'ready');
    return bot;
  }

  function until<T>(what: string, find: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const stops: (() => void)[] = [];
      const timer = setTimeout(() => {
        for (const stop of stops) stop();
        reject(
          new Error(`Waited for ${what}. The end of the bot's log:\n${logs.at(-1)?.slice(-20).map(line).join('\n')}`),
        );
      }, WAIT_MS);
      const look = () => {
        const found = find();
        if (found === undefined) return;
        clearTimeout(timer);
        for (const stop of stops) stop();
        resolve(found);
      };
      stops.push(...[slack, discord, runtype].map((emulator) => emulator.onChange(look)));
      stops.push(...[slack.journal, discord.journal].map((journal) => journal.onEntry(look)));
      look();
    });
  }

  try {
    await run({
      slack,
      discord,
      runtype,
      start,
      until,
      async dispatch(bot, name) {
        const answer = await fetch(`http://127.0.0.1:${bot.port}/v1/dispatch`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${runtype.applicationKey}`,
            'content-type': 'application/json',
            'x-countersign-hold': 'off',
          },
          body: JSON.stringify({
            agent: { agentId: name },
            messages: [{ role: 'user', content: 'Go.' }],
            options: { streamResponse: true },
          }),
        });
        return answer.text();
      },
      slackCards: () =>
        slack.state().messages.filter((one) => one.channel === slack.channel && one.blocks.length > 0 && !one.onlyFor),
    });
  } finally {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
    await Promise.all([slack.close(), discord.close(), runtype.close()]);
    rmSync(folder, { recursive: true });
  }
}

function line(entry: Record<string, unknown>): string {
  return JSON.stringify(entry);
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return { text: line };
  }
}

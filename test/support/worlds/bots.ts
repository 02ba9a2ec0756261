/** The shipped bot in child processes that may be killed or get a bad disk; the emulators run in this process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DiscordEmulatorOptions } from '../../../src/sandbox/emulators/discord/types.ts';
import type { SlackEmulatorOptions } from '../../../src/sandbox/emulators/slack/index.ts';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { discordUsers, slackUsers } from '../../../src/sandbox/page/personas.ts';
import { type Child, type ChildOptions, startChild } from '../child.ts';
import { secretOf } from '../data/secrets.ts';
import { type DiskFaults, onBadDisk } from '../disk/disk.ts';
import { slackButtons } from '../people/room.ts';
import { createEmulators, type Emulators, type PlatformName } from './emulators.ts';
import { reviewerSetting } from './reviewers.ts';
import { dana } from './world.ts';

const ASK_TOKEN = secretOf('ask');
const WAIT_MS = 30_000;

export interface Bot extends Child {
  /** Of its HTTP server; 0 until it is ready. */
  readonly port: number;
  /** The lines of its log, parsed; a line that is not JSON is under `text`. */
  log(): Record<string, unknown>[];
}

export interface BotOptions extends Partial<Pick<ChildOptions, 'env' | 'flags' | 'limits'>> {
  disk?: DiskFaults;
  /** Default: the source's, or its bundle. */
  script?: string;
  /** The database. Default: the same file for all bots of this world. */
  file?: string;
  /** Default: resolves when the bot is ready. False: as soon as it runs. */
  untilReady?: boolean;
}

export interface BotWorld extends Pick<Emulators, 'slack' | 'discord' | 'runtype' | 'slackCards'> {
  readonly folder: string;
  readonly file: string;
  /** Of every bot: the emulators' addresses and tokens, and who may decide. */
  readonly settings: Readonly<Record<string, string>>;
  start(options?: BotOptions): Promise<Bot>;
  /** Stops the bot, and kills it if it does not exit. @returns its exit code or signal, and after how many ms */
  stop(bot: Bot, signal: NodeJS.Signals): Promise<{ end: number | string; ms: number }>;
  until<T>(what: string, find: () => T | undefined): Promise<T>;
  /** Dispatches a run through the gateway of this bot. */
  dispatch(bot: Pick<Bot, 'port'>, target?: object): Promise<string>;
  /** Asks for an approval over the inbox's HTTP API. @returns the item's id */
  ask(bot: Bot, context: string): Promise<string>;
  item(bot: Bot, id: string): Promise<{ status: string; detail?: string }>;
  press(message: SlackMessage, label?: string, person?: { slackId: string }): ReturnType<Emulators['slack']['press']>;
  /** The private messages that this person received in Slack. */
  privateTexts(person?: { slackId: string }): string[];
  /** The calls with a decision that reached Runtype. */
  decisions(): Extract<Emulators['runtype']['journal']['entries'][number], { kind: 'call' }>[];
}

/** Runs a test in its own world; bots that still run afterwards are killed. */
export async function withBots(
  run: (world: BotWorld) => Promise<void>,
  {
    platforms = ['slack', 'discord'],
    ...options
  }: { platforms?: readonly PlatformName[]; slack?: SlackEmulatorOptions; discord?: DiscordEmulatorOptions } = {},
): Promise<void> {
  const emulators = await createEmulators({
    slack: { users: slackUsers(), ...options.slack },
    discord: { users: discordUsers(), ...options.discord },
  });
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bot-'));
  const bots: Child[] = [];
  try {
    await run(createBotWorld(emulators, folder, bots, platforms));
  } finally {
    for (const bot of bots) bot.kill('SIGKILL');
    await Promise.all(bots.map(({ ended }) => ended));
    await emulators.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function createBotWorld(
  emulators: Emulators,
  folder: string,
  bots: Child[],
  platforms: readonly PlatformName[],
): BotWorld {
  const { slack, discord, runtype, slackCards } = emulators;
  const database = join(folder, 'data', 'countersign.db');
  const settings = {
    ...emulators.settings(platforms),
    ASK_TOKENS: ASK_TOKEN,
    REVIEWERS: reviewerSetting(),
    // Each request gets its own card.
    DIGEST_FROM: 'off',
  };
  const base = { HOME: folder, PORT: '0', ...settings };
  const api = (bot: Bot, path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${bot.port}/api/v1/approvals${path}`, {
      ...init,
      headers: { authorization: `Bearer ${ASK_TOKEN}`, 'content-type': 'application/json' },
    });

  return {
    ...{ slack, discord, runtype, slackCards, folder, file: database, settings },
    async start({ env = {}, disk = {}, file = database, untilReady = true, script = 'src/main.ts', ...options } = {}) {
      const faults = Object.keys(disk).length === 0 ? {} : onBadDisk(file, disk);
      const child = startChild(script, {
        ...options,
        cwd: folder,
        env: { ...base, DATABASE_URL: `file:${file}`, ...faults, ...env },
      });
      bots.push(child);
      const log = () => child.lines.map(parse);
      if (untilReady) await child.until(/"msg":"ready"/);
      return { ...child, log, port: Number(log().find(({ msg }) => msg === 'ready')?.['port'] ?? 0) };
    },
    async stop(bot, signal) {
      const since = performance.now();
      bot.kill(signal);
      const timer = setTimeout(() => bot.kill('SIGKILL'), WAIT_MS);
      const end = await bot.ended;
      clearTimeout(timer);
      return { end, ms: performance.now() - since };
    },
    until: (what, find) =>
      emulators.until(what, find, WAIT_MS, () => `The bot's log:\n${bots.at(-1)?.lines.slice(-20).join('\n')}`),
    dispatch: (bot, target = { agent: { agentId: 'refund-agent' } }) => emulators.dispatch(bot.port, target),
    async ask(bot, context) {
      const answer = await api(bot, '', { method: 'POST', body: JSON.stringify({ context }) });
      if (!answer.ok) throw new Error(`the request was answered ${answer.status}: ${await answer.text()}`);
      return ((await answer.json()) as { approval_id: string }).approval_id;
    },
    item: async (bot, id) => (await (await api(bot, `/${id}`)).json()) as { status: string },
    press(message, label = 'Approve', person = dana) {
      const button = slackButtons(message).find((each) => each.label.includes(label));
      if (button === undefined) throw new Error(`there is no button ${label}`);
      const { channel, ts } = message;
      return slack.press({ userId: person.slackId, channel, ts, actionId: button.actionId });
    },
    privateTexts: (person = dana) =>
      slack
        .state()
        .messages.filter(({ onlyFor }) => onlyFor === person.slackId)
        .map(({ text }) => text),
    decisions: () =>
      runtype.journal.entries.flatMap((entry) =>
        entry.kind === 'call' && /\/(?:approve|resume)$/.test(entry.path.split('?')[0] ?? '') ? [entry] : [],
      ),
  };
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return { text: line };
  }
}

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, type Surroundings, startApp } from '../../../src/app.ts';
import { readConfig } from '../../../src/config/config.ts';
import type { Clock } from '../../../src/core/ports/ports.ts';
import { createDiscordEmulator } from '../../../src/sandbox/emulators/discord/index.ts';
import type {
  DiscordChannelOptions,
  DiscordEmulator,
  DiscordMessage,
} from '../../../src/sandbox/emulators/discord/types.ts';
import { createHookPulseEmulator } from '../../../src/sandbox/emulators/hookpulse/index.ts';
import type { HookPulseEmulator } from '../../../src/sandbox/emulators/hookpulse/types.ts';
import { createRuntypeEmulator } from '../../../src/sandbox/emulators/runtype/index.ts';
import type { RuntypeEmulator, RuntypeOptions } from '../../../src/sandbox/emulators/runtype/types.ts';
import { createSlackEmulator } from '../../../src/sandbox/emulators/slack/index.ts';
import type { SlackEmulator, SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { createSonzaiEmulator } from '../../../src/sandbox/emulators/sonzai/index.ts';
import type { SonzaiEmulator } from '../../../src/sandbox/emulators/sonzai/types.ts';
import {
  discordUsers,
  personas,
  reviewerSetting,
  slackUsers,
  starterSetting,
} from '../../../src/sandbox/page/personas.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { captureLog } from '../log.ts';

export const [dana, sam, kit] = personas as [
  (typeof personas)[number],
  (typeof personas)[number],
  (typeof personas)[number],
];

export interface World {
  slack: SlackEmulator;
  discord: DiscordEmulator;
  runtype: RuntypeEmulator;
  sonzai: SonzaiEmulator;
  hookpulse: HookPulseEmulator;
  ingestSecret: string;
  /** The bot, while it runs. */
  app(): App;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Everything the bot has logged. */
  logText(): string;
  /** Sends a dispatch through the gateway, as an application would. @returns the whole answer */
  dispatch(name: string, kind?: 'agent' | 'flow'): Promise<string>;
  /** Resolves once `find` gives something; looked at after every change of an emulator. */
  until<T>(what: string, find: () => T | undefined): Promise<T>;
  slackCard(index?: number): Promise<SlackMessage>;
  discordCard(index?: number): Promise<DiscordMessage>;
  close(): Promise<void>;
}

const WAIT_MS = 10_000;

export type Person = { name: string; slackId: string; discordId: string };

export function crowdOf(count: number): Person[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `Racer ${index + 1}`,
    slackId: `U0RACER${String(index + 1).padStart(3, '0')}`,
    discordId: `30000000000000${String(index + 1).padStart(4, '0')}`,
  }));
}

const asSlackUser = ({ name, slackId }: Person) => ({ id: slackId, name, groups: [] });
const asDiscordUser = ({ name, discordId }: Person) => ({
  id: discordId,
  username: discordId,
  globalName: name,
  roles: [],
});
const reviewerEntries = ({ slackId, discordId }: Person) => [`slack:${slackId}`, `discord:${discordId}`];

/** The real bot, its real libraries, and the emulators of everything outside; started unless told otherwise. */
export async function createWorld(
  options: {
    env?: Record<string, string>;
    runtype?: RuntypeOptions;
    platforms?: ('slack' | 'discord')[];
    /** Sonzai and HookPulse, too, looked at every second. */
    polled?: boolean;
    /** So many more reviewers, each on both platforms. */
    crowd?: number;
    /** The operator is told in Slack's second channel and in Discord's; health is looked at every few milliseconds. */
    alerts?: boolean;
    /** In place of Discord's text channel: the first one is where cards go. */
    discordChannels?: DiscordChannelOptions[];
    clock?: Clock;
    timeouts?: Surroundings['timeouts'];
    failPoint?: Surroundings['failPoint'];
  } = {},
): Promise<World> {
  const crowd = crowdOf(options.crowd ?? 0);
  const [slack, discord, runtype, sonzai, hookpulse] = await Promise.all([
    createSlackEmulator({ users: [...slackUsers(), ...crowd.map(asSlackUser)] }),
    createDiscordEmulator({
      users: [...discordUsers(), ...crowd.map(asDiscordUser)],
      channels: options.discordChannels ?? [],
    }),
    createRuntypeEmulator(options.runtype ?? {}),
    createSonzaiEmulator(),
    // Its hourly limit would stretch the looks to seven seconds.
    createHookPulseEmulator({ rateLimit: 100_000 }),
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'countersign-story-'));
  const ingestSecret = `whsec_${randomBytes(24).toString('base64')}`;
  const platforms = options.platforms ?? ['slack', 'discord'];
  const environment: Record<string, string> = {
    PORT: '0',
    DATABASE_URL: `file:${join(folder, 'countersign.db')}`,
    ...(platforms.includes('slack') && {
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
      SLACK_CHANNEL: slack.channel,
      SLACK_API_URL: slack.url,
    }),
    ...(platforms.includes('discord') && {
      DISCORD_TOKEN: discord.token,
      DISCORD_CHANNEL: discord.channel,
      DISCORD_API_URL: discord.url,
    }),
    ...(options.polled && {
      SONZAI_API_URL: sonzai.url,
      SONZAI_TOKEN: sonzai.token,
      SONZAI_POLL_MS: '1000',
      HOOKPULSE_API_URL: hookpulse.url,
      HOOKPULSE_API_KEY: hookpulse.apiKey,
      HOOKPULSE_BRAND_UUID: hookpulse.brandUuid,
      HOOKPULSE_POLL_MS: '1000',
    }),
    RUNTYPE_API_URL: runtype.url,
    RUNTYPE_API_KEY: runtype.apiKey,
    INGEST_SECRET: ingestSecret,
    REVIEWERS: [reviewerSetting(), ...crowd.flatMap(reviewerEntries)].join(),
    RUNS: 'refunds=agent:refund-agent, visits=flow:slot-flow, two=agent:two-pauses, hours=agent:plain, bills=agent:failing',
    RUN_STARTERS: starterSetting(),
    ...(options.alerts && {
      ALERTS: [
        ...(platforms.includes('slack') ? ['slack:C0000000002'] : []),
        ...(platforms.includes('discord') ? [`discord:${discord.channel}`] : []),
      ].join(),
    }),
    ...options.env,
  };
  const config = readConfig(environment);
  const captured = captureLog(config.secrets);
  const fatal = (error: Error) => {
    throw error;
  };
  let app: App | null = null;

  async function until<T>(what: string, find: () => T | undefined): Promise<T> {
    let stop: (() => void)[] = [];
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        const look = () => {
          const found = find();
          if (found !== undefined) resolve(found);
        };
        stop = [slack, discord, runtype, sonzai, hookpulse].map((emulator) => emulator.onChange(look));
        stop.push(...[slack.journal, discord.journal, runtype.journal].map((journal) => journal.onEntry(look)));
        timer = setTimeout(() => {
          const shown = [...slack.state().messages.map(({ text }) => text), ...errors(captured.lines())];
          reject(new Error(`Waited for ${what}. The Slack room and the log's errors:\n${shown.join('\n')}`));
        }, WAIT_MS);
        look();
      });
    } finally {
      clearTimeout(timer);
      for (const end of stop) end();
    }
  }

  const world: World = {
    slack,
    discord,
    runtype,
    sonzai,
    hookpulse,
    ingestSecret,
    app() {
      if (app === null) throw new Error('the bot is stopped');
      return app;
    },
    async start() {
      app = await startApp(config, {
        clock: options.clock ?? systemClock,
        log: captured.log,
        onFatal: fatal,
        ...(options.alerts && { healthPace: 0.01 }),
        ...(options.timeouts && { timeouts: options.timeouts }),
        ...(options.failPoint && { failPoint: options.failPoint }),
      });
    },
    async stop() {
      await app?.stop();
      app = null;
    },
    logText: captured.text,
    async dispatch(name, kind = 'agent') {
      const target = kind === 'agent' ? { agent: { agentId: name } } : { flow: { id: name } };
      const answer = await fetch(`http://127.0.0.1:${world.app().port}/v1/dispatch`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${runtype.applicationKey}`,
          'content-type': 'application/json',
          // A story goes on beside the run; what a held response brings has tests of its own.
          'x-countersign-hold': 'off',
        },
        body: JSON.stringify({
          ...target,
          messages: [{ role: 'user', content: 'Go.' }],
          options: { streamResponse: true },
        }),
      });
      if (!answer.ok) throw new Error(`dispatch answered ${answer.status}: ${await answer.text()}`);
      return answer.text();
    },
    until,
    slackCard: (index = 0) =>
      until(`Slack card ${index}`, () => slack.state().messages.filter(hasButtonsOrBlocks)[index]),
    discordCard: (index = 0) =>
      until(`Discord card ${index}`, () => discord.state().messages.filter(({ embeds }) => embeds.length > 0)[index]),
    async close() {
      await world.stop();
      await Promise.all([slack, discord, runtype, sonzai, hookpulse].map((emulator) => emulator.close()));
      rmSync(folder, { recursive: true });
    },
  };
  await world.start();
  return world;
}

function hasButtonsOrBlocks({ blocks, onlyFor }: SlackMessage): boolean {
  return blocks.length > 0 && onlyFor === null;
}

function errors(lines: readonly Record<string, unknown>[]): string[] {
  return lines.filter(({ level }) => Number(level) >= 40).map((line) => JSON.stringify(line));
}

/** Runs a story in a world of its own, and ends that world whatever happens. */
export async function inWorld(run: (world: World) => Promise<void>, options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld(options);
  try {
    await run(world);
  } finally {
    await world.close();
  }
}

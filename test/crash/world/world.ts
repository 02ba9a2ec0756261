/** Everything outside the bot, in the rig's own process, and the bot beside it. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDiscordEmulator } from '../../../src/sandbox/emulators/discord/index.ts';
import type { DiscordEmulator } from '../../../src/sandbox/emulators/discord/types.ts';
import { createHookPulseEmulator } from '../../../src/sandbox/emulators/hookpulse/index.ts';
import type { HookPulseEmulator } from '../../../src/sandbox/emulators/hookpulse/types.ts';
import { createRuntypeEmulator } from '../../../src/sandbox/emulators/runtype/index.ts';
import type { RuntypeEmulator } from '../../../src/sandbox/emulators/runtype/types.ts';
import { createSlackEmulator } from '../../../src/sandbox/emulators/slack/index.ts';
import type { SlackEmulator } from '../../../src/sandbox/emulators/slack/types.ts';
import { createSonzaiEmulator } from '../../../src/sandbox/emulators/sonzai/index.ts';
import type { SonzaiEmulator } from '../../../src/sandbox/emulators/sonzai/types.ts';
import { discordUsers, reviewerSetting, slackUsers } from '../script/people.ts';
import { Bot } from './bot-process.ts';
import type { FaultName } from './faults.ts';
import { createReceiver, type Receiver } from './receiver.ts';

/** Changes come in bursts: looked at once a burst, ms. */
const LOOK_AFTER_MS = 15;
/** Two cores and four bots that start at once. */
const START_MS = 60_000;
/** Node's longest timer. */
const LONGEST_MS = 2 ** 31 - 1;

export interface World {
  slack: SlackEmulator;
  discord: DiscordEmulator;
  runtype: RuntypeEmulator;
  sonzai: SonzaiEmulator;
  hookpulse: HookPulseEmulator;
  receiver: Receiver;
  bot: Bot;
  /** The bot runs on the rig's own entry. */
  own: boolean;
  /** `http://127.0.0.1:<port>` */
  url: string;
  ingestSecret: string;
  askToken: string;
  /** What the rig itself did, and what became of the bot. */
  events: { at: number; text: string }[];
  note: (text: string) => void;
  /** Which faults were ordered, and how often. */
  faults: Map<FaultName, number>;
  pause(ms: number, signal?: AbortSignal): Promise<void>;
  /** The first thing that `find` gives, now or after a change outside; null when it takes too long, or `signal` ends. */
  until<T>(find: () => T | undefined | null, ms: number, signal?: AbortSignal): Promise<T | null>;
  close(): Promise<void>;
}

export interface WorldOptions {
  own: boolean;
  /** Where compiled code is kept between starts. */
  cache: string;
  mutation?: string;
  /** Before the first start. */
  prepare?: (bot: Bot) => void;
}

export async function createWorld({ own, cache, mutation, prepare }: WorldOptions): Promise<World> {
  const secret = () => `whsec_${randomBytes(24).toString('base64')}`;
  const [ingestSecret, callbackSecret, askToken] = [secret(), secret(), randomBytes(16).toString('hex')];
  const [slack, discord, runtype, sonzai, hookpulse, receiver, port] = await Promise.all([
    createSlackEmulator({ users: slackUsers() }),
    createDiscordEmulator({ users: discordUsers() }),
    createRuntypeEmulator(),
    createSonzaiEmulator(),
    // Its hourly limit would stretch the looks to seven seconds.
    createHookPulseEmulator({ rateLimit: 1_000_000, pageSize: 50 }),
    createReceiver(callbackSecret),
    freePort(),
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'countersign-torture-'));
  const events: World['events'] = [];
  const note = (text: string) => void events.push({ at: Date.now(), text });
  const listeners = new Set<() => void>();
  let burst: NodeJS.Timeout | null = null;
  const changed = () => {
    burst ??= setTimeout(() => {
      burst = null;
      for (const listener of listeners) listener();
    }, LOOK_AFTER_MS);
  };
  const emulators = [slack, discord, runtype, sonzai, hookpulse];
  const stops = [...emulators.map((one) => one.onChange(changed)), receiver.journal.onEntry(changed)];
  stops.push(slack.journal.onEntry(changed), discord.journal.onEntry(changed), runtype.journal.onEntry(changed));

  const bot = new Bot({
    own,
    folder,
    note,
    onChange: changed,
    env: {
      NODE_COMPILE_CACHE: cache,
      ...(mutation !== undefined && { TORTURE_MUTATION: mutation }),
      PORT: String(port),
      DATABASE_URL: `file:${join(folder, 'countersign.db')}`,
      REVIEWERS: reviewerSetting,
      // As many digests as can be; what is broken on purpose elsewhere shows on cards.
      DIGEST_FROM: mutation === undefined || mutation.startsWith('digest-') ? '2' : 'off',
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
      SLACK_CHANNEL: slack.channel,
      SLACK_API_URL: slack.url,
      DISCORD_TOKEN: discord.token,
      DISCORD_CHANNEL: discord.channel,
      DISCORD_API_URL: discord.url,
      RUNTYPE_API_URL: runtype.url,
      RUNTYPE_API_KEY: runtype.apiKey,
      INGEST_SECRET: ingestSecret,
      SONZAI_API_URL: sonzai.url,
      SONZAI_TOKEN: sonzai.token,
      SONZAI_POLL_MS: '1000',
      HOOKPULSE_API_URL: hookpulse.url,
      HOOKPULSE_API_KEY: hookpulse.apiKey,
      HOOKPULSE_BRAND_UUID: hookpulse.brandUuid,
      HOOKPULSE_POLL_MS: '1000',
      ASK_TOKENS: askToken,
      CALLBACK_SECRET: callbackSecret,
      CALLBACK_HOSTS: receiver.host,
    },
  });
  prepare?.(bot);
  bot.start();

  const world: World = {
    ...{ slack, discord, runtype, sonzai, hookpulse, receiver, bot, own, ingestSecret, askToken, events, note },
    url: `http://127.0.0.1:${port}`,
    faults: new Map(),
    pause: (ms, signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        signal?.addEventListener('abort', done);
        if (signal?.aborted) done();
      }),
    until: (find, ms, signal) =>
      new Promise((resolve, reject) => {
        const finish = () => {
          clearTimeout(timer);
          listeners.delete(look);
          signal?.removeEventListener('abort', giveUp);
        };
        const giveUp = () => {
          finish();
          resolve(null);
        };
        const look = () => {
          try {
            const found = find();
            if (found === undefined || found === null) return;
            finish();
            resolve(found);
          } catch (error) {
            finish();
            reject(error);
          }
        };
        const timer = setTimeout(giveUp, Math.min(ms, LONGEST_MS));
        listeners.add(look);
        signal?.addEventListener('abort', giveUp);
        if (signal?.aborted) giveUp();
        else look();
      }),
    async close() {
      await bot.end();
      for (const stop of stops) stop();
      if (burst !== null) clearTimeout(burst);
      await Promise.all([...emulators, receiver].map((one) => one.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await bot.untilUp(START_MS);
  } catch (error) {
    await world.close();
    throw error;
  }
  return world;
}

/** Free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, type Surroundings, startApp } from '../../../src/app.ts';
import { readConfig } from '../../../src/config/config.ts';
import type { Clock } from '../../../src/core/ports/ports.ts';
import { loadPolicy } from '../../../src/policy/load.ts';
import type { DiscordChannelOptions, DiscordMessage } from '../../../src/sandbox/emulators/discord/types.ts';
import type { HookPulseOptions } from '../../../src/sandbox/emulators/hookpulse/types.ts';
import type { RuntypeOptions } from '../../../src/sandbox/emulators/runtype/types.ts';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import type { SonzaiOptions } from '../../../src/sandbox/emulators/sonzai/types.ts';
import { discordUsers, personaOf, slackUsers } from '../../../src/sandbox/page/personas.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { setProxy } from '../../../src/system/proxy.ts';
import { readRelease } from '../../../src/system/release.ts';
import { captureLog } from '../log.ts';
import type { Database } from '../postgres/index.ts';
import { createEmulators, type Emulators, type PlatformName } from './emulators.ts';
import { reviewerSetting, starterSetting } from './reviewers.ts';
import { WAIT_MS } from './wait-ms.ts';

export const [dana, sam, kit] = [personaOf('dana'), personaOf('sam'), personaOf('kit')];

export interface World extends Pick<Emulators, 'slack' | 'discord' | 'runtype' | 'sonzai' | 'hookpulse'> {
  ingestSecret: string;
  /** The bot, while it runs; of several replicas the first that runs, or this one. */
  app(replica?: number): App;
  /** All replicas that do not run, or this one. */
  start(replica?: number): Promise<void>;
  /** All replicas that run, or this one. */
  stop(replica?: number): Promise<void>;
  /** How many bots share the work. */
  replicas: number;
  /** The database that the replicas share; null: a file. */
  database: Database | null;
  /** The bot's log so far. */
  logText(): string;
  /** Sends a dispatch through the gateway, as an application would. @returns the whole answer */
  dispatch(name: string, kind?: 'agent' | 'flow', headers?: Record<string, string>): Promise<string>;
  /** Resolves with the first defined value of `find`, called after every change of an emulator. */
  until<T>(what: string, find: () => T | undefined): Promise<T>;
  slackCard(index?: number): Promise<SlackMessage>;
  discordCard(index?: number): Promise<DiscordMessage>;
  close(): Promise<void>;
}

export type Person = { name: string; handle: string; slackId: string; discordId: string };

export function crowdOf(count: number): Person[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `Racer ${index + 1}`,
    handle: `racer.${index + 1}`,
    slackId: `U0RACER${String(index + 1).padStart(3, '0')}`,
    discordId: `30000000000000${String(index + 1).padStart(4, '0')}`,
  }));
}

const asSlackUser = ({ name, handle, slackId }: Person) => ({ id: slackId, handle, displayName: name, groups: [] });
const asDiscordUser = ({ name, handle, discordId }: Person) => ({
  id: discordId,
  username: handle,
  globalName: name,
  roles: [],
});
const reviewerEntries = ({ slackId, discordId }: Person) => [`slack:${slackId}`, `discord:${discordId}`];

/** The real bot with its real libraries, and emulators of everything outside it. Started, unless `start` is false. */
export async function createWorld(
  options: {
    env?: Record<string, string>;
    /** Where Slack and Discord can be reached from outside: for the addresses of their sockets. */
    origins?: { slack: string; discord: string };
    /** Settings that need the emulators’ addresses or keys. */
    envOf?: (emulators: Emulators) => Record<string, string>;
    runtype?: RuntypeOptions;
    sonzai?: SonzaiOptions;
    hookpulse?: HookPulseOptions;
    platforms?: PlatformName[];
    /** Also start Sonzai and HookPulse, polled every second. */
    polled?: boolean;
    /** Number of additional reviewers, each on both platforms. */
    crowd?: number;
    /** Send alerts to Slack's second channel and to Discord's; health is checked every few milliseconds. */
    alerts?: boolean;
    /** The intervals of the health checks, times this. Default: 0.01 with alerts, else 1. */
    healthPace?: number;
    /** Replaces Slack's two channels: without a policy, cards go to the first of these. */
    slackChannels?: { id: string; name: string }[];
    /** Replaces Discord's text channel: without a policy, cards go to the first of these. */
    discordChannels?: DiscordChannelOptions[];
    /** One that a test moves: then it is one bot with a file, for the time of PostgreSQL can't be moved. */
    clock?: Clock;
    timeouts?: Surroundings['timeouts'];
    failPoint?: Surroundings['failPoint'];
    roomCheckMs?: number;
    /**
     * How many bots share the work. More than one are on PostgreSQL, each with its own surroundings; platforms deliver to
     * them in turn. Default: one, or what `STORY_REPLICAS` in the environment says.
     */
    replicas?: number;
    /** Default: `sqlite`, a file, for one bot; `postgres` for several, and where `STORY_STORE` says so. */
    store?: 'sqlite' | 'postgres';
    /** Each replica listens in another database of the server, where nothing is said: no word reaches it. */
    listenElsewhere?: boolean;
    /** The metrics of Node and of this process are among the bot’s. */
    ownProcess?: boolean;
  } = {},
): Promise<World> {
  const crowd = crowdOf(options.crowd ?? 0);
  const emulators = await createEmulators({
    slack: {
      users: [...slackUsers(), ...crowd.map(asSlackUser)],
      ...(options.slackChannels && { channels: options.slackChannels }),
      ...(options.origins && { origin: options.origins.slack }),
    },
    discord: {
      users: [...discordUsers(), ...crowd.map(asDiscordUser)],
      channels: options.discordChannels ?? [],
      ...(options.origins && { origin: options.origins.discord }),
    },
    ...(options.runtype && { runtype: options.runtype }),
    ...(options.sonzai && { sonzai: options.sonzai }),
    ...(options.hookpulse && { hookpulse: options.hookpulse }),
  });
  const { slack, discord, runtype, sonzai, hookpulse } = emulators;
  const { healthPace = options.alerts ? 0.01 : 1 } = options;
  const folder = mkdtempSync(join(tmpdir(), 'countersign-story-'));
  const asked = options.clock === undefined ? process.env : {};
  const { replicas = Number(asked['STORY_REPLICAS'] ?? 1) } = options;
  const store = options.store ?? (replicas > 1 ? 'postgres' : asked['STORY_STORE']);
  const database = store === 'postgres' ? await (await import('../postgres/index.ts')).createDatabase() : null;
  const ingestSecret = `whsec_${randomBytes(24).toString('base64')}`;
  const platforms = options.platforms ?? ['slack', 'discord'];
  const environment: Record<string, string> = {
    PORT: '0',
    DATABASE_URL: database?.connectionString ?? `file:${join(folder, 'countersign.db')}`,
    ...(database !== null &&
      options.listenElsewhere && {
        DATABASE_LISTEN_URL: Object.assign(new URL(database.connectionString), { pathname: '/postgres' }).href,
      }),
    ...emulators.settings(platforms),
    ...(options.polled && emulators.polledSettings()),
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
    ...options.envOf?.(emulators),
  };
  const policyPath = environment['POLICY_FILE'];
  const policyFile =
    policyPath === undefined ? null : { path: policyPath, text: readFileSync(policyPath, 'utf8'), loadPolicy };
  const nameOf = (replica: number) => (database === null ? {} : { REPLICA: `replica-${replica + 1}` });
  const configs = Array.from({ length: replicas }, (_, replica) =>
    readConfig({ ...nameOf(replica), ...environment }, null, policyFile),
  );
  const [config] = configs;
  if (config === undefined) throw new Error('a world needs a bot');
  const captured = captureLog(config.secrets);
  const resetProxy = config.proxy === null ? () => {} : setProxy(config.proxy, captured.log);
  const fatal = (error: Error) => {
    throw error;
  };
  const apps: (App | null)[] = configs.map(() => null);
  const chosen = (replica: number | undefined) => (replica === undefined ? [...apps.keys()] : [replica]);

  const explain = () => {
    const texts = [...slack.state().messages.map(({ text }) => text), ...errors(captured.lines())];
    return `The Slack channels and the log's errors:\n${texts.join('\n')}`;
  };
  const until: World['until'] = (what, find) => emulators.until(what, find, WAIT_MS, explain);

  const world: World = {
    slack,
    discord,
    runtype,
    sonzai,
    hookpulse,
    ingestSecret,
    replicas,
    database,
    app(replica) {
      const app = replica === undefined ? apps.find((one) => one !== null) : apps[replica];
      if (app === undefined || app === null) throw new Error('the bot is stopped');
      return app;
    },
    async start(replica) {
      for (const index of chosen(replica)) {
        apps[index] ??= await startApp(configs[index] ?? config, {
          clock: options.clock ?? systemClock,
          log: captured.log,
          release: readRelease(),
          onFatal: fatal,
          healthPace,
          ...(options.ownProcess && { ownProcess: true }),
          ...(options.timeouts && { timeouts: options.timeouts }),
          ...(options.failPoint && { failPoint: options.failPoint }),
          ...(options.roomCheckMs !== undefined && { roomCheckMs: options.roomCheckMs }),
        });
      }
    },
    async stop(replica) {
      const stopping = chosen(replica).map((index) => {
        const app = apps[index];
        apps[index] = null;
        return app?.stop();
      });
      await Promise.all(stopping);
    },
    logText: captured.text,
    dispatch: (name, kind = 'agent', headers = {}) =>
      emulators.dispatch(
        world.app().port,
        kind === 'agent' ? { agent: { agentId: name } } : { flow: { id: name } },
        headers,
      ),
    until,
    slackCard: (index = 0) => until(`Slack card ${index}`, () => emulators.slackCards()[index]),
    discordCard: (index = 0) =>
      until(`Discord card ${index}`, () => discord.state().messages.filter(({ embeds }) => embeds.length > 0)[index]),
    async close() {
      await world.stop();
      await emulators.close();
      resetProxy();
      await database?.drop();
      rmSync(folder, { recursive: true });
    },
  };
  await world.start();
  return world;
}

function errors(lines: readonly Record<string, unknown>[]): string[] {
  return lines.filter(({ level }) => Number(level) >= 40).map((line) => JSON.stringify(line));
}

/** Runs a story in its own world, and always stops that world afterwards. */
export async function inWorld(run: (world: World) => Promise<void>, options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld(options);
  try {
    await run(world);
  } finally {
    await world.close();
  }
}

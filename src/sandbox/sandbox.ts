import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { botEnvironment, botSettings, DATABASE } from './bot-environment.ts';
import { BotProcess, isHealthy } from './bot-process.ts';
import { createDiscordEmulator } from './emulators/discord/index.ts';
import type { DiscordEmulator } from './emulators/discord/types.ts';
import { createHookPulseEmulator } from './emulators/hookpulse/index.ts';
import type { HookPulseEmulator } from './emulators/hookpulse/types.ts';
import { createRuntypeEmulator } from './emulators/runtype/index.ts';
import type { RuntypeEmulator } from './emulators/runtype/types.ts';
import {
  createOpsgenieEmulator,
  createPagerDutyEmulator,
  type OpsgenieEmulator,
  type PagerDutyEmulator,
} from './emulators/schedules/index.ts';
import { createSlackEmulator } from './emulators/slack/index.ts';
import type { SlackEmulator } from './emulators/slack/types.ts';
import { createSonzaiEmulator } from './emulators/sonzai/index.ts';
import type { SonzaiEmulator } from './emulators/sonzai/types.ts';
import { type PageServer, startPageServer } from './page/http/server.ts';
import { discordUsers, personaOf, slackUsers } from './page/personas.ts';
import { Application } from './page/state/application.ts';
import { PolicyDesk } from './policy/desk.ts';
import { firstPolicy, OPSGENIE_SCHEDULE, PAGERDUTY_SCHEDULE, POLICY_FILE } from './policy/first-text.ts';
import { writeRehearsal } from './rehearsal/folder.ts';
import { OwnBot } from './rehearsal/own-bot.ts';

export interface SandboxOptions {
  /** The page's port; 0 takes any free one. */
  port: number;
  /** The bot logs warnings only, and runs stream without delays. */
  quiet?: boolean;
  /** Also sends every card to finance by direct message. */
  direct?: boolean;
  /** Makes another policy of the one that the sandbox starts with. */
  policy?: (first: string) => string;
  /** Discord's channel for cards is a forum. */
  forum?: boolean;
  /** No bot: a folder that gets the settings of one, which a person starts there. */
  rehearsal?: string | null;
  /** Another file that starts the bot, and settings to add to its environment. */
  bot?: { script: string; env: Record<string, string> };
}

export interface Sandbox {
  /** The page's URL, without a trailing slash. */
  readonly url: string;
  readonly slack: SlackEmulator;
  readonly discord: DiscordEmulator;
  readonly runtype: RuntypeEmulator;
  readonly sonzai: SonzaiEmulator;
  readonly hookpulse: HookPulseEmulator;
  readonly pagerduty: PagerDutyEmulator;
  readonly opsgenie: OpsgenieEmulator;
  /** The policy file of the bot. */
  readonly policyFile: string;
  readonly bot: {
    readonly port: number;
    readonly running: boolean;
    start(): Promise<void>;
    stop(): Promise<void>;
  };
  /** Stops the bot, then everything else, and removes the temporary folder. */
  close(): Promise<void>;
}

/** Milliseconds between two pieces of a streamed text, so that a person can follow it. */
const STREAM_PACE_MS = 40;

/** A forum channel: each run is a post there. */
const FORUM = { id: '700000000000000001', name: 'approvals', type: 15 };

/** Polling every second exceeds HookPulse's 1000 requests an hour. */
const HOOKPULSE_RATE_LIMIT = 100_000;

/**
 * Starts the emulators, the real bot with a policy file, and the page, all on loopback.
 * @throws Error with the end of the bot's log when the bot does not start; Error with code `EADDRINUSE` when the port is
 * taken. Nothing is left running then.
 */
export async function startSandbox({
  port,
  quiet = false,
  direct = false,
  forum = false,
  policy = (first) => first,
  rehearsal = null,
  bot: program,
}: SandboxOptions): Promise<Sandbox> {
  const endings: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (let end = endings.pop(); end; end = endings.pop()) await end();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-sandbox-'));
    endings.push(() => rm(folder, { recursive: true, force: true }));
    const slack = await createSlackEmulator({ users: slackUsers() });
    endings.push(() => slack.close());
    const discord = await createDiscordEmulator({ users: discordUsers(), channels: forum ? [FORUM] : [] });
    endings.push(() => discord.close());
    const runtype = await createRuntypeEmulator(quiet ? {} : { paceMs: STREAM_PACE_MS });
    endings.push(() => runtype.close());
    const sonzai = await createSonzaiEmulator();
    endings.push(() => sonzai.close());
    const msPerDelaySecond = quiet ? 0 : 1000;
    const hookpulse = await createHookPulseEmulator({ rateLimit: HOOKPULSE_RATE_LIMIT, msPerDelaySecond });
    endings.push(() => hookpulse.close());
    const emulators = { slack, discord, runtype, sonzai, hookpulse };
    const onCall = { pagerduty: await createPagerDutyEmulator(), opsgenie: await createOpsgenieEmulator() };
    endings.push(() => Promise.all(Object.values(onCall).map((service) => service.close())));
    putOnCall(onCall);
    const policyFile = join(rehearsal ?? folder, POLICY_FILE);
    const rooms = { slackChannel: slack.channel, discordChannel: discord.channel, direct };
    const first = policy(firstPolicy(rooms));

    let page: PageServer | null = null;
    const onChange = () => page?.touch();
    const botPort = await freePort();
    const surroundings = { folder, port: botPort, quiet, ...emulators, ...onCall };
    let bot: BotProcess | OwnBot;
    if (rehearsal === null) {
      await writeFile(policyFile, first);
      const script = program?.script ?? fileURLToPath(new URL('../main.ts', import.meta.url));
      const env = { ...botEnvironment(surroundings), ...program?.env };
      bot = new BotProcess({ script, env, folder, port: botPort, onChange });
    } else {
      await writeRehearsal(rehearsal, { settings: botSettings(surroundings), rooms, policy: first });
      const onLook = () => desk.reread();
      bot = new OwnBot({ port: botPort, folder: rehearsal, onChange, onLook, isHealthy });
    }
    const application = new Application({
      gateway: () => `http://127.0.0.1:${botPort}`,
      key: runtype.applicationKey,
      vocabulary: () => runtype.vocabulary,
      onChange,
    });
    const desk = new PolicyDesk({
      file: policyFile,
      first,
      database: join(folder, DATABASE),
      scripts: () => runtype.scripts.values(),
      bot: () => (bot.running ? `http://127.0.0.1:${botPort}` : null),
      onChange,
    });
    endings.push(async () => desk.close());
    page = await startPageServer(port, { ...emulators, bot, application, policy: desk });
    endings.push(() => Promise.resolve(page?.close()));
    const stops = Object.values(emulators).map((emulator) => emulator.onChange(onChange));
    endings.push(async () => {
      for (const stop of stops) stop();
      application.close();
    });
    endings.push(async () => (bot instanceof OwnBot ? bot.unwatch() : bot.stop()));
    await (bot instanceof OwnBot ? bot.watch() : bot.start());
    await page.ready;
    return { url: page.url, ...emulators, ...onCall, policyFile, bot, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Kit by PagerDuty, Remy by Opsgenie. */
function putOnCall({ pagerduty, opsgenie }: Pick<Sandbox, 'pagerduty' | 'opsgenie'>): void {
  const user = { id: 'PKIT001', name: personaOf('kit').name, email: 'kit@lamps.example' };
  pagerduty.onCall([{ schedule: PAGERDUTY_SCHEDULE, user }]);
  opsgenie.schedule(OPSGENIE_SCHEDULE, [{ id: 'REMY01', name: 'remy@lamps.example', type: 'user' }]);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port was found.');
  return address.port;
}

/** Emulators of everything outside the bot, and the settings that point the bot to them. */
import { createDiscordEmulator } from '../../../src/sandbox/emulators/discord/index.ts';
import type { DiscordEmulator, DiscordEmulatorOptions } from '../../../src/sandbox/emulators/discord/types.ts';
import { createHookPulseEmulator } from '../../../src/sandbox/emulators/hookpulse/index.ts';
import type { HookPulseEmulator, HookPulseOptions } from '../../../src/sandbox/emulators/hookpulse/types.ts';
import { createRuntypeEmulator } from '../../../src/sandbox/emulators/runtype/index.ts';
import type { RuntypeEmulator, RuntypeOptions } from '../../../src/sandbox/emulators/runtype/types.ts';
import { createSlackEmulator, type SlackEmulatorOptions } from '../../../src/sandbox/emulators/slack/index.ts';
import type { SlackEmulator, SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { createSonzaiEmulator } from '../../../src/sandbox/emulators/sonzai/index.ts';
import type { SonzaiEmulator, SonzaiOptions } from '../../../src/sandbox/emulators/sonzai/types.ts';

export type PlatformName = 'slack' | 'discord';

export interface Emulators {
  slack: SlackEmulator;
  discord: DiscordEmulator;
  runtype: RuntypeEmulator;
  sonzai: SonzaiEmulator;
  hookpulse: HookPulseEmulator;
  /** The bot's settings for these platforms and for Runtype. */
  settings(platforms?: readonly PlatformName[]): Record<string, string>;
  /** The bot's settings for Sonzai and HookPulse, polled every second. */
  polledSettings(): Record<string, string>;
  /** Calls back after every change and every call; returns the way to stop. */
  onChange(listener: () => void): () => void;
  /**
   * Resolves with the first defined value that `find` returns, now or after a change.
   * @throws Error that names `what` and ends with `explain()`, after `timeoutMs`
   */
  until<T>(what: string, find: () => T | undefined, timeoutMs: number, explain: () => string): Promise<T>;
  /** Dispatches a run through the gateway of the bot on this port, as an application would. @returns the whole answer */
  dispatch(port: number, target: object, headers?: Record<string, string>): Promise<string>;
  /** The messages with a card in Slack's channels, in order. */
  slackCards(): SlackMessage[];
  close(): Promise<void>;
}

/** HookPulse's real hourly limit would slow polling down to once in seven seconds. */
const UNLIMITED = 1_000_000;

export async function createEmulators(
  options: {
    slack?: SlackEmulatorOptions;
    discord?: DiscordEmulatorOptions;
    runtype?: RuntypeOptions;
    hookpulsePageSize?: number;
    sonzai?: SonzaiOptions;
    hookpulse?: HookPulseOptions;
  } = {},
): Promise<Emulators> {
  const { hookpulsePageSize: pageSize } = options;
  const [slack, discord, runtype, sonzai, hookpulse] = await Promise.all([
    createSlackEmulator(options.slack),
    createDiscordEmulator(options.discord),
    createRuntypeEmulator(options.runtype),
    createSonzaiEmulator(options.sonzai),
    createHookPulseEmulator({
      rateLimit: UNLIMITED,
      ...(pageSize !== undefined && { pageSize }),
      ...options.hookpulse,
    }),
  ]);
  const all = [slack, discord, runtype, sonzai, hookpulse];

  function onChange(listener: () => void): () => void {
    const stops = [
      ...all.map((emulator) => emulator.onChange(listener)),
      ...[slack.journal, discord.journal, runtype.journal].map((journal) => journal.onEntry(listener)),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  return {
    ...{ slack, discord, runtype, sonzai, hookpulse, onChange },
    settings: (platforms = ['slack', 'discord']) => ({
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
      RUNTYPE_API_URL: runtype.url,
      RUNTYPE_API_KEY: runtype.apiKey,
      GATEWAY_KEYS: runtype.applicationKey,
    }),
    polledSettings: () => ({
      SONZAI_API_URL: sonzai.url,
      SONZAI_TOKEN: sonzai.token,
      SONZAI_POLL_MS: '1000',
      HOOKPULSE_API_URL: hookpulse.url,
      HOOKPULSE_API_KEY: hookpulse.apiKey,
      HOOKPULSE_BRAND_UUID: hookpulse.brandUuid,
      HOOKPULSE_POLL_MS: '1000',
    }),
    async until(what, find, timeoutMs, explain) {
      let stop = () => {};
      let timer: NodeJS.Timeout | undefined;
      try {
        return await new Promise((resolve, reject) => {
          const look = () => {
            const found = find();
            if (found !== undefined) resolve(found);
          };
          stop = onChange(look);
          timer = setTimeout(() => reject(new Error(`Waited for ${what}. ${explain()}`)), timeoutMs);
          look();
        });
      } finally {
        clearTimeout(timer);
        stop();
      }
    },
    async dispatch(port, target, headers = {}) {
      const answer = await fetch(`http://127.0.0.1:${port}/v1/dispatch`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${runtype.applicationKey}`,
          'content-type': 'application/json',
          // The response ends at the pause; held responses have tests of their own.
          'x-countersign-hold': 'off',
          ...headers,
        },
        body: JSON.stringify({
          ...target,
          messages: [{ role: 'user', content: 'Go.' }],
          options: { streamResponse: true },
        }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`dispatch answered ${answer.status}: ${text}`);
      return text;
    },
    slackCards: () => slack.state().messages.filter(({ blocks, onlyFor }) => blocks.length > 0 && onlyFor === null),
    async close() {
      await Promise.all(all.map((emulator) => emulator.close()));
    },
  };
}

/** What the sandbox's bot is configured with. */
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { DiscordEmulator } from './emulators/discord/types.ts';
import type { HookPulseEmulator } from './emulators/hookpulse/types.ts';
import type { RuntypeEmulator } from './emulators/runtype/types.ts';
import type { OpsgenieEmulator, PagerDutyEmulator } from './emulators/schedules/index.ts';
import type { SlackEmulator } from './emulators/slack/types.ts';
import type { SonzaiEmulator } from './emulators/sonzai/types.ts';
import { POLICY_FILE } from './policy/first-text.ts';

/** The bot's database, in its folder. */
export const DATABASE = 'countersign.db';

/** Poll interval of Sonzai and HookPulse in milliseconds, short so that cards appear at once. */
const POLL_MS = 1000;

export interface BotSurroundings {
  folder: string;
  port: number;
  quiet: boolean;
  slack: SlackEmulator;
  discord: DiscordEmulator;
  runtype: RuntypeEmulator;
  sonzai: SonzaiEmulator;
  hookpulse: HookPulseEmulator;
  pagerduty: PagerDutyEmulator;
  opsgenie: OpsgenieEmulator;
}

/** The bot's environment, without anything from this process's own, which may hold real tokens. */
export function botEnvironment(surroundings: BotSurroundings): Record<string, string> {
  const { folder, quiet } = surroundings;
  return {
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: folder,
    ...botSettings(surroundings),
    POLICY_FILE,
    LOG_LEVEL: quiet ? 'warn' : 'info',
  };
}

/** The settings that connect a bot to the emulators. */
export function botSettings(surroundings: Omit<BotSurroundings, 'quiet'>): Record<string, string> {
  const { folder, port, slack, discord, runtype, sonzai, hookpulse, pagerduty, opsgenie } = surroundings;
  return {
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: `file:${join(folder, DATABASE)}`,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.url,
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.url,
    RUNTYPE_API_URL: runtype.url,
    RUNTYPE_API_KEY: runtype.apiKey,
    GATEWAY_KEYS: runtype.applicationKey,
    SONZAI_API_URL: sonzai.url,
    SONZAI_TOKEN: sonzai.token,
    SONZAI_POLL_MS: String(POLL_MS),
    HOOKPULSE_API_URL: hookpulse.url,
    HOOKPULSE_API_KEY: hookpulse.apiKey,
    HOOKPULSE_BRAND_UUID: hookpulse.brandUuid,
    HOOKPULSE_POLL_MS: String(POLL_MS),
    INGEST_SECRET: `whsec_${randomBytes(24).toString('base64')}`,
    PAGERDUTY_API_URL: pagerduty.url,
    PAGERDUTY_TOKEN: pagerduty.token,
    OPSGENIE_API_URL: opsgenie.url,
    OPSGENIE_TOKEN: opsgenie.token,
  };
}

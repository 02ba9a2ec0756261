/** Whether Discord takes the token, and how the application is set up. Tested in test/platforms/discord/checkups/application.test.ts. */
import { ApplicationFlags } from 'discord.js';
import { type Asked, networkFound } from '../../../core/ports/doctor/network.ts';
import { coerceError } from '../../../core/ports/errors.ts';
import type { Found } from '../../../core/ports/ports.ts';
import { counted } from '../../../core/text/numbers.ts';
import { DiscordRefusal } from '../api/errors.ts';
import { approvalsDefinition } from '../inbound/list-command.ts';
import { commandDefinition, isRegistered } from '../inbound/run-command.ts';
import type { LookUps } from './look-ups.ts';

const RESET = 'Reset it in the Developer Portal (“Bot” → “Reset Token”), copy it into DISCORD_TOKEN, and restart.';
/** A start takes one, and a lost connection may take one. */
const SESSIONS_LOW = 10;

/** `discord.token`. */
export async function tokenFound(lookUps: LookUps, asked: Asked): Promise<Found[]> {
  const where = 'DISCORD_TOKEN';
  try {
    const { bot } = await lookUps.self();
    if (bot === true) return [];
    return [{ level: 'fault', what: 'DISCORD_TOKEN is the token of a person, not of a bot.', remedy: RESET, where }];
  } catch (error) {
    const unreachable = networkFound(error, asked);
    if (unreachable !== null) return [unreachable];
    if (error instanceof DiscordRefusal && error.status === 401) {
      return [{ level: 'fault', what: 'Discord does not accept DISCORD_TOKEN (401).', remedy: RESET, where }];
    }
    const { url, urlSetting } = asked;
    const what = `Discord did not answer as it should at ${url}: ${coerceError(error).message}`;
    const remedy = `Check ${urlSetting} (default: https://discord.com/api), and a proxy if there is one; then run the doctor again.`;
    return [{ level: 'fault', what, remedy, where: urlSetting }];
  }
}

const PRIVILEGED: readonly (readonly [name: string, flags: number])[] = [
  ['Presence', ApplicationFlags.GatewayPresence | ApplicationFlags.GatewayPresenceLimited],
  ['Server Members', ApplicationFlags.GatewayGuildMembers | ApplicationFlags.GatewayGuildMembersLimited],
  ['Message Content', ApplicationFlags.GatewayMessageContent | ApplicationFlags.GatewayMessageContentLimited],
];

/** `discord.application`. */
export async function applicationFound(lookUps: LookUps): Promise<Found[]> {
  const { interactions_endpoint_url: endpoint, flags } = await lookUps.application();
  const { remaining, reset_after: resetMs } = await lookUps.sessions();
  const found: Found[] = [];
  if (endpoint != null && endpoint !== '') {
    found.push({
      level: 'fault',
      what: `Discord sends presses to ${endpoint}, and none to the bot.`,
      remedy: 'Empty “Interactions Endpoint URL” under “General Information” in the Developer Portal.',
    });
  }
  const intents = PRIVILEGED.flatMap(([name, bits]) => (((flags ?? 0) & bits) === 0 ? [] : [name]));
  if (intents.length > 0) {
    found.push({
      level: 'warning',
      what: `Privileged intents are on that Countersign does not use: ${intents.join(', ')}. Who gets hold of the token can read more.`,
      remedy: 'Switch them off under “Bot” → “Privileged Gateway Intents” in the Developer Portal.',
    });
  }
  if (remaining <= SESSIONS_LOW) {
    const hours = counted(Math.max(1, Math.round(resetMs / 3_600_000)), 'hour');
    found.push({
      level: remaining === 0 ? 'fault' : 'warning',
      what: `Discord lets this bot connect ${counted(remaining, 'more time')} within the next ${hours}.`,
      remedy: 'Look for a process that starts again and again with the same token, and stop it.',
    });
  }
  return found;
}

const INVITE = 'Open the invitation of docs/discord.md again: its scopes are bot and applications.commands.';

/** `discord.commands`. @param runs of what is registered by a bot that runs; null: none runs here */
export async function commandsFound(
  lookUps: LookUps,
  guilds: readonly string[],
  runs: readonly string[] | null,
): Promise<Found[] | null> {
  const { id } = await lookUps.application();
  const [guild] = guilds;
  if (guild === undefined) return null;
  const commands = await lookUps.commands(id, guild);
  if (commands.type === 'refused') {
    const what = 'The bot was invited without applications.commands: /approvals and /countersign do not exist.';
    return [{ level: 'warning', what, remedy: INVITE }];
  }
  // They are registered at the start.
  if (runs === null) return [];
  const wanted = [approvalsDefinition, commandDefinition(runs)];
  const missing = wanted.filter((command) => !isRegistered(commands.it, command)).map(({ name }) => `/${String(name)}`);
  if (missing.length === 0) return [];
  const what = `Not registered as they are now: ${missing.join(' and ')}.`;
  return [{ level: 'warning', what, remedy: 'Restart the bot; if it lasts, the log says why (“slash commands”).' }];
}

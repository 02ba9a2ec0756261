/** Whether Discord takes the token, and how the application is set up. Tested in test/platforms/discord/checkups/application.test.ts. */
import { ApplicationFlags } from 'discord.js';
import { type Asked, networkFound } from '../../../core/ports/doctor/network.ts';
import { coerceError } from '../../../core/ports/errors.ts';
import type { Found } from '../../../core/ports/ports.ts';
import { counted } from '../../../core/text/numbers.ts';
import { DiscordRefusal } from '../api/errors.ts';
import { ENDPOINT_PATH } from '../endpoint/interactions-endpoint.ts';
import { approvalsDefinition } from '../inbound/list-command.ts';
import { commandDefinition, isRegistered } from '../inbound/run-command.ts';
import type { Application, LookUps } from './look-ups.ts';

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

/** How presses come. */
export interface Arrival {
  /** Signed with this key to our own server; null: over the gateway. */
  publicKey: string | null;
  /** How many such requests have come; null: over the gateway. */
  arrived: () => { readonly signed: number; readonly refused: number } | null;
}

/** `discord.application`. */
export async function applicationFound(lookUps: LookUps, arrival: Arrival): Promise<Found[]> {
  const application = await lookUps.application();
  const { interactions_endpoint_url: endpoint, flags } = application;
  const found: Found[] = [];
  if (arrival.publicKey !== null) found.push(...endpointFound(application, arrival.publicKey, arrival.arrived()));
  else if (endpoint != null && endpoint !== '') {
    found.push({
      level: 'fault',
      what: `Discord sends presses to ${endpoint}, and none to the bot.`,
      remedy:
        'Empty “Interactions Endpoint URL” under “General Information” in the Developer Portal; or, if the address is this bot’s, set DISCORD_PUBLIC_KEY.',
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
  if (arrival.publicKey === null) found.push(...(await sessionsFound(lookUps)));
  return found;
}

const PORTAL = '“General Information” in the Developer Portal';

/** Discord saves the address only where it is answered with the right key, but the key here may be changed later. */
function endpointFound(
  { id, interactions_endpoint_url: endpoint, verify_key: key }: Application,
  publicKey: string,
  arrived: ReturnType<Arrival['arrived']>,
): Found[] {
  const where = 'DISCORD_PUBLIC_KEY';
  if (key != null && key !== publicKey) {
    const what = `DISCORD_PUBLIC_KEY is not of the application ${id}, so every press is refused.`;
    return [{ level: 'fault', what, remedy: `Copy “Public Key” again: ${PORTAL}.`, where }];
  }
  if (endpoint == null || endpoint === '') {
    const what = 'Discord has no address for presses: none arrives.';
    const remedy = `Set “Interactions Endpoint URL” under ${PORTAL} to https://<your address>${ENDPOINT_PATH}, while the bot runs; or remove DISCORD_PUBLIC_KEY to use the gateway.`;
    return [{ level: 'fault', what, remedy, where }];
  }
  if (!endpoint.endsWith(ENDPOINT_PATH)) {
    const what = `Discord sends presses to ${endpoint}, and the bot expects them at ${ENDPOINT_PATH}.`;
    const remedy = `Correct “Interactions Endpoint URL” under ${PORTAL}, unless a proxy changes the path.`;
    return [{ level: 'warning', what, remedy }];
  }
  if (arrived === null || arrived.refused === 0 || arrived.signed > 0) return [];
  const what = 'Requests have come for presses, and none with a right signature.';
  const remedy =
    'Look for a proxy that changes bodies, and check this machine’s clock (it may differ by five minutes).';
  return [{ level: 'warning', what, remedy }];
}

/** Only for the gateway. */
async function sessionsFound(lookUps: LookUps): Promise<Found[]> {
  const { remaining, reset_after: resetMs } = await lookUps.sessions();
  const found: Found[] = [];
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

import { Routes } from 'discord.js';
import { z } from 'zod';
import { backoff } from '../../../core/ports/backoff.ts';
import { coerceError, PlatformError } from '../../../core/ports/errors.ts';
import type { Clock, Log } from '../../../core/ports/ports.ts';
import type { SendRequest } from '../api/rest.ts';
import { approvalsDefinition } from './list-command.ts';
import { commandDefinition, isRegistered } from './run-command.ts';

/** With its waits, about a minute of Discord not answering; then the command stays as it was registered last. */
const TRIES = 6;
/** Of the whole of it, one try. */
const TRY_MS = 20_000;
const ADVICE =
  'Invite the bot again with the scope applications.commands (see the README); until then there are no commands on Discord.';

const channelSchema = z.object({ guild_id: z.string().optional() });
const applicationSchema = z.object({ id: z.string() });

export interface Registration {
  /** The server where cards go; null while it is not known. */
  guild(): string | null;
  /** Resolves after the first try; further ones follow by themselves. Never rejects: cards work without commands, too. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Tells Discord of our commands, in the one server where cards go. It says nothing where nothing has changed, and leaves
 * other commands of the application alone.
 */
export function createRegistration(options: {
  /** The channel for cards, as Discord describes it; null where there is none. */
  readChannel: ((signal: AbortSignal) => Promise<unknown>) | null;
  /** Where the bot is, if it is in one server only; without a channel, that is where commands are taken from. */
  onlyGuild: () => string | null;
  runs: readonly string[];
  send: SendRequest;
  clock: Clock;
  log: Log;
}): Registration {
  const { readChannel, onlyGuild, runs, send, clock, log } = options;
  const stopping = new AbortController();
  let known: string | null = null;
  let goingOn: Promise<void> = Promise.resolve();

  async function guildOf(signal: AbortSignal): Promise<string | null> {
    if (readChannel === null) return onlyGuild();
    return channelSchema.parse(await readChannel(signal)).guild_id ?? null;
  }

  async function register(signal: AbortSignal): Promise<string> {
    known = await guildOf(signal);
    if (known === null) return readChannel === null ? 'in several servers, or in none' : 'not in a server';
    const me = applicationSchema.parse(await send({ method: 'GET', route: Routes.currentApplication(), signal }));
    const route = Routes.applicationGuildCommands(me.id, known);
    const registered = await send({ method: 'GET', route, signal });
    // Without a run there is nothing to start.
    const wanted = [approvalsDefinition, ...(runs.length === 0 ? [] : [commandDefinition(runs)])];
    const missing = wanted.filter((one) => !isRegistered(registered, one));
    // Each takes the place of one with the same name.
    for (const body of missing) await send({ method: 'POST', route, body, signal });
    return missing.length === 0 ? 'unchanged' : 'registered';
  }

  /** @returns how long to wait before the next try, ms; null when there is to be none */
  async function attempt(tries: number): Promise<number | null> {
    try {
      const outcome = await register(AbortSignal.any([stopping.signal, AbortSignal.timeout(TRY_MS)]));
      log.info({ outcome, runs: runs.length }, 'slash commands');
      return null;
    } catch (thrown) {
      const error = coerceError(thrown);
      if (stopping.signal.aborted) return null;
      const passing = error instanceof PlatformError && (error.kind === 'unsent' || error.kind === 'ambiguous');
      if (passing && tries < TRIES) return Math.max(backoff(tries, clock.random()), error.retryAfterMs ?? 0);
      log.error({ err: error }, `The slash commands could not be registered. ${ADVICE}`);
      return null;
    }
  }

  async function goOn(first: number): Promise<void> {
    let wait: number | null = first;
    for (let tries = 2; wait !== null && !stopping.signal.aborted; tries += 1) {
      await clock.sleep(wait, stopping.signal).catch(() => {});
      wait = stopping.signal.aborted ? null : await attempt(tries);
    }
  }

  return {
    guild: () => known,
    async start() {
      const wait = await attempt(1);
      if (wait !== null) goingOn = goOn(wait);
    },
    async stop() {
      stopping.abort();
      await goingOn;
    },
  };
}

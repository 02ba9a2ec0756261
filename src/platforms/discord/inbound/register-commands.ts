/**
 * Registers our slash commands with Discord.
 * Tested in test/platforms/discord/inbound/run-command.test.ts.
 */
import { Routes } from 'discord.js';
import { z } from 'zod';
import { backoff } from '../../../core/ports/backoff.ts';
import { coerceError, PlatformError } from '../../../core/ports/errors.ts';
import type { Clock, Log } from '../../../core/ports/ports.ts';
import type { Fleet } from '../../../core/ports/store/fleet.ts';
import { DiscordRefusal } from '../api/errors.ts';
import type { SendRequest } from '../api/rest.ts';
import { approvalsDefinition } from './list-command.ts';
import { registrationAdvice } from './registration-advice.ts';
import { commandDefinition, isRegistered } from './run-command.ts';

/** With the backoff, about a minute; then the commands stay as they were registered last. */
const MAX_ATTEMPTS = 6;
/** Time limit of one attempt. */
const ATTEMPT_MS = 20_000;

const channelSchema = z.object({ guild_id: z.string().optional() });
const applicationSchema = z.object({ id: z.string() });

/** The server of a channel, as Discord describes it; null: it has none. */
export function guildIn(channel: unknown): string | null {
  return channelSchema.safeParse(channel).data?.guild_id ?? null;
}

export interface RegistrationOptions {
  /** Reads the channel for cards; null without one. */
  readChannel: ((signal: AbortSignal) => Promise<unknown>) | null;
  /** The server of the bot, if it is in exactly one; used without a channel. */
  onlyGuild: () => string | null;
  /** The names of the runs of now. */
  runs: () => readonly string[];
  send: SendRequest;
  /** One of all replicas registers them. */
  fleet: Pick<Fleet, 'hold'>;
  clock: Clock;
  log: Log;
}

/**
 * Registers the commands in the server with the cards. Sends nothing if nothing changed, and does not touch other commands
 * of the application.
 */
export class CommandRegistration {
  readonly #options: RegistrationOptions;
  readonly #stopping = new AbortController();
  #guild: string | null = null;
  #hasStarted = false;
  #retries: Promise<void> = Promise.resolve();

  constructor(options: RegistrationOptions) {
    this.#options = options;
  }

  /** The server with the cards; null until it is known. */
  get guild(): string | null {
    return this.#guild;
  }

  /** Resolves after the first attempt; further ones follow in the background. Never rejects: cards need no commands. */
  async start(): Promise<void> {
    this.#hasStarted = true;
    const wait = await this.#attempt(1);
    if (wait !== null) this.#retries = this.#retry(wait);
  }

  /** Registers them again, after what is still being tried, as the runs are others now. Nothing before the start. */
  again(): void {
    if (!this.#hasStarted) return;
    this.#retries = this.#retries.then(async () => {
      const wait = await this.#attempt(1);
      if (wait !== null) await this.#retry(wait);
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#retries;
  }

  async #retry(firstWait: number): Promise<void> {
    const { signal } = this.#stopping;
    let wait: number | null = firstWait;
    for (let attempts = 2; wait !== null && !signal.aborted; attempts += 1) {
      await this.#options.clock.sleep(wait, signal).catch(() => {});
      wait = signal.aborted ? null : await this.#attempt(attempts);
    }
  }

  /** @returns how long to wait before the next attempt, ms; null for no further attempt */
  async #attempt(attempts: number): Promise<number | null> {
    const { clock, log } = this.#options;
    const { signal } = this.#stopping;
    try {
      const outcome = await this.#register(AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]));
      log.info({ outcome, runs: this.#options.runs().length }, 'slash commands');
      return null;
    } catch (thrown) {
      const error = coerceError(thrown);
      if (signal.aborted) return null;
      const temporary = error instanceof PlatformError && (error.kind === 'unsent' || error.kind === 'ambiguous');
      if (temporary && attempts < MAX_ATTEMPTS)
        return Math.max(backoff(attempts, clock.random()), error.retryAfterMs ?? 0);
      const refusal = error instanceof DiscordRefusal ? { status: error.status, code: error.code } : {};
      log.error(
        { ...refusal, err: error },
        `the slash commands could not be registered. ${registrationAdvice(error)}`.trim(),
      );
      return null;
    }
  }

  async #register(signal: AbortSignal): Promise<string> {
    const { readChannel, onlyGuild, runs, send, fleet } = this.#options;
    this.#guild =
      readChannel === null ? onlyGuild() : (channelSchema.parse(await readChannel(signal)).guild_id ?? null);
    if (this.#guild === null) return readChannel === null ? 'in several servers or in none' : 'not in a server';
    if ((await fleet.hold('commands', ATTEMPT_MS)) === null) return 'registered by another replica';
    const application = applicationSchema.parse(
      await send({ method: 'GET', route: Routes.currentApplication(), signal }),
    );
    const route = Routes.applicationGuildCommands(application.id, this.#guild);
    const registered = await send({ method: 'GET', route, signal });
    const wanted = [approvalsDefinition, commandDefinition(runs())];
    const changed = wanted.filter((command) => !isRegistered(registered, command));
    // A POST replaces a command of the same name.
    for (const body of changed) await send({ method: 'POST', route, body, signal });
    return changed.length === 0 ? 'unchanged' : 'registered';
  }
}

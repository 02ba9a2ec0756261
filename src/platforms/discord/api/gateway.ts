/**
 * The gateway connection over discord.js: it delivers interactions, and owns the library’s client.
 * Tested in test/platforms/discord/index.test.ts and test/faults/platform/discord-gateway.test.ts.
 */
import { Client, Events, GatewayDispatchEvents, GatewayIntentBits, type Guild, Options, Status } from 'discord.js';
import { SetupError } from '../../../core/ports/errors.ts';
import type { Clock, Log } from '../../../core/ports/ports.ts';
import { closeAdvice, toSetupError } from './errors.ts';
import { createGatewayGuard, type GatewayGuard } from './gateway-guard.ts';
import { restOptions } from './rest.ts';

/** A guild that is unavailable must not delay the start: presses arrive without its data, too. */
const WAIT_FOR_GUILDS_MS = 3_000;
/** Time limit of the closing handshake. */
export const STOP_GRACE_MS = 2_000;

/** A channel with what decides who reads it. */
export interface GuildRoom {
  guild: string;
  /** The owner of the server. */
  owner: string;
  type: number;
  parent: string | null;
  /** Permissions by role; `@everyone` has the id of the server. */
  roles: ReadonlyMap<string, bigint>;
  /** Of roles and of people. */
  overwrites: ReadonlyMap<string, { allow: bigint; deny: bigint }>;
}

export interface GatewayOptions {
  token: string;
  apiUrl: string;
  /** Time limit of one REST request, ms. */
  timeoutMs: number;
  /** Time limit from login until the gateway is ready, ms. */
  startTimeoutMs: number;
  clock: Clock;
  log: Log;
  /** When a connection may identify itself. Default: the library’s own pace. */
  buildIdentifyThrottler?: IdentifyThrottlerBuilder;
}

type IdentifyThrottlerBuilder = NonNullable<NonNullable<Client['options']['ws']>['buildIdentifyThrottler']>;

export class DiscordGateway {
  readonly #options: GatewayOptions;
  readonly #guard: GatewayGuard;
  readonly #client: Client;
  readonly #leaving = new AbortController();
  #disconnected: Promise<void> | null = null;
  #closeCode: number | null = null;

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { log, buildIdentifyThrottler } = options;
    this.#guard = createGatewayGuard((error) => log.error({ err: error }, 'discord.js could not read a dispatch'));
    this.#client = new Client({
      intents: [GatewayIntentBits.Guilds],
      allowedMentions: { parse: [] },
      waitGuildTimeout: WAIT_FOR_GUILDS_MS,
      makeCache: Options.cacheWithLimits({ ...Options.DefaultMakeCacheSettings, MessageManager: 0 }),
      ws: {
        buildStrategy: this.#guard.buildStrategy,
        ...(buildIdentifyThrottler !== undefined && { buildIdentifyThrottler }),
      },
      rest: restOptions(options),
    });
    logEvents(this.#client, log, (code) => {
      this.#closeCode = code;
    });
  }

  /** Id of the bot user; null until it is known. */
  get botUserId(): string | null {
    return this.#client.user?.id ?? null;
  }

  /** Id of the bot's application; null until it is known. */
  get applicationId(): string | null {
    return this.#client.application?.id ?? null;
  }

  /** The server of a channel that the gateway has named; else null. */
  guildOf(channel: string): string | null {
    return this.#guildWith(channel)?.id ?? null;
  }

  /** As the gateway keeps it current; null for one that it has not named, such as an archived thread. */
  room(id: string): GuildRoom | null {
    const guild = this.#guildWith(id);
    const channel = guild?.channels.cache.get(id);
    if (guild === undefined || channel === undefined) return null;
    const overwrites = channel.isThread() ? [] : [...channel.permissionOverwrites.cache.values()];
    return {
      guild: guild.id,
      owner: guild.ownerId,
      type: channel.type,
      parent: channel.parentId,
      roles: new Map(guild.roles.cache.map((role) => [role.id, role.permissions.bitfield])),
      overwrites: new Map(
        overwrites.map(({ id: of, allow, deny }) => [of, { allow: allow.bitfield, deny: deny.bitfield }]),
      ),
    };
  }

  /** As clients show it; null where the gateway has not named it. */
  roleName(guild: string, role: string): string | null {
    return this.#client.guilds.cache.get(guild)?.roles.cache.get(role)?.name ?? null;
  }

  #guildWith(channel: string): Guild | undefined {
    return this.#client.guilds.cache.find(({ channels }) => channels.cache.has(channel));
  }

  /** The server of the bot, if it is in exactly one. */
  get onlyGuild(): string | null {
    const { cache } = this.#client.guilds;
    return cache.size === 1 ? (cache.firstKey() ?? null) : null;
  }

  /** The code with which Discord closed the gateway for good; null while it can reconnect. */
  get closeCode(): number | null {
    return this.#closeCode;
  }

  get connected(): boolean {
    return this.#client.ws.shards.every(({ status }) => status === Status.Ready);
  }

  /** Passes on the raw dispatch: discord.js’s own objects would only be another form of it. */
  onInteraction(listener: (dispatch: unknown) => void): void {
    this.#client.ws.on(GatewayDispatchEvents.InteractionCreate, (dispatch: unknown) => listener(dispatch));
  }

  /** Resolves when the gateway is ready. @throws SetupError */
  async connect(): Promise<void> {
    try {
      await this.#login();
    } catch (thrown) {
      await this.disconnect();
      throw toSetupError(thrown, this.#options.apiUrl, this.#closeCode);
    }
  }

  async #login(): Promise<void> {
    const { token, apiUrl, startTimeoutMs, clock } = this.#options;
    const client = this.#client;
    const ready = new Promise<void>((resolve) => {
      client.once(Events.ClientReady, () => resolve());
    });
    const closed = new Promise<never>((_, reject) => {
      client.once(Events.ShardDisconnect, ({ code }) => reject(new SetupError(closeAdvice(code))));
    });
    const done = new AbortController();
    const signal = AbortSignal.any([done.signal, this.#leaving.signal]);
    const timeout = clock.sleep(startTimeoutMs, signal).then(() => {
      throw new SetupError(
        `Discord’s gateway was not ready after ${startTimeoutMs} ms. Check the network, and DISCORD_API_URL (${apiUrl}).`,
      );
    });
    try {
      await Promise.race([Promise.all([client.login(token), ready]), closed, timeout]);
    } finally {
      done.abort();
    }
  }

  /** Closes the connection once. Takes at most 1.5 times STOP_GRACE_MS and never rejects. */
  disconnect(): Promise<void> {
    this.#disconnected ??= this.#disconnect();
    return this.#disconnected;
  }

  async #disconnect(): Promise<void> {
    this.#leaving.abort();
    this.#guard.park();
    // The library can’t close its socket during a handshake.
    const connecting = this.#client.ws.shards.some(({ status }) => status === Status.Connecting);
    if (connecting) await within(STOP_GRACE_MS / 2, this.#guard.held, this.#options);
    await within(STOP_GRACE_MS, this.#client.destroy(), this.#options);
  }
}

/** Waits for work at most `ms`. Never rejects. */
export async function within(
  ms: number,
  work: Promise<unknown>,
  { clock, log }: Pick<GatewayOptions, 'clock' | 'log'>,
): Promise<void> {
  const done = new AbortController();
  const timeout = clock.sleep(ms, done.signal).catch(() => {});
  await Promise.race([work, timeout]).catch((error: unknown) => log.warn({ err: error }, 'an error during the stop'));
  done.abort();
}

/** @param onClose gets the code with which Discord closes the gateway for good */
function logEvents(client: Client, log: Log, onClose: (code: number) => void): void {
  client.on(Events.Error, (error) => log.error({ err: error }, 'discord.js reports an error'));
  client.on(Events.ShardError, (error) => log.warn({ err: error }, 'the gateway connection has an error'));
  client.on(Events.Warn, (message) => log.warn({ message }, 'discord.js warns'));
  client.on(Events.ShardReconnecting, () => log.info({}, 'reconnecting to the gateway'));
  client.on(Events.ShardResume, (_, replayed) => log.info({ replayed }, 'gateway session resumed'));
  client.on(Events.ShardDisconnect, ({ code }) => {
    onClose(code);
    log.error({ code }, closeAdvice(code));
  });
}

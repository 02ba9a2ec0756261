/**
 * What the gateway would keep current, asked over REST: for a bot, or a replica of it, that has no connection to the
 * gateway. Tested in test/platforms/discord/endpoint/server-view.test.ts.
 */
import { Routes } from 'discord.js';
import { z } from 'zod';
import { PlatformError } from '../../../core/ports/errors.ts';
import type { Clock } from '../../../core/ports/ports.ts';
import type { GuildRoom } from '../api/gateway.ts';
import type { SendRequest } from '../api/rest.ts';
import { type Application, LookUps, shown } from '../checkups/look-ups.ts';
import { roomRulesOf } from '../checkups/rooms.ts';

/** A change of permissions counts after this, ms. Each channel and server is asked for once in that time. */
const KEPT_MS = 60_000;

const guildsSchema = z.array(z.object({ id: z.string() }));

export class ServerView {
  readonly #send: SendRequest;
  readonly #clock: Clock;
  readonly #lifetime: AbortSignal;
  #kept: { lookUps: LookUps; until: number } | null = null;
  #self: { application: Application; botUserId: string; onlyGuild: string | null } | null = null;

  /** @param lifetime ends the calls: an answer serves several callers */
  constructor(send: SendRequest, clock: Clock, lifetime: AbortSignal) {
    this.#send = send;
    this.#clock = clock;
    this.#lifetime = lifetime;
  }

  /** Null before the start, as all below. */
  get application(): Application | null {
    return this.#self?.application ?? null;
  }

  get botUserId(): string | null {
    return this.#self?.botUserId ?? null;
  }

  /** The server of the bot, if it is in exactly one. */
  get onlyGuild(): string | null {
    return this.#self?.onlyGuild ?? null;
  }

  /** Learns who the bot is. @throws PlatformError */
  async start(): Promise<void> {
    const [application, { id: botUserId }, listed] = await Promise.all([
      this.#look((lookUps) => lookUps.application()),
      this.#look((lookUps) => lookUps.self()),
      this.#send({
        method: 'GET',
        route: Routes.userGuilds(),
        query: new URLSearchParams({ limit: '2' }),
        signal: this.#lifetime,
      }),
    ]);
    const guilds = guildsSchema.safeParse(listed);
    if (!guilds.success) throw new PlatformError('refused', 'Discord’s list of servers is not what it documents.');
    const [only, ...others] = guilds.data;
    this.#self = { application, botUserId, onlyGuild: others.length > 0 ? null : (only?.id ?? null) };
  }

  /** A channel with the rules of its server; null for a direct message. @throws PlatformError */
  async room(id: string): Promise<GuildRoom | null> {
    return await this.#look(async (lookUps) => {
      const channel = shown(await lookUps.channel(id));
      return channel.guild_id == null ? null : roomRulesOf(channel, shown(await lookUps.guild(channel.guild_id)));
    });
  }

  /** As clients show it; null if there is no such role. @throws PlatformError */
  async roleName(guild: string, role: string): Promise<string | null> {
    const { roles } = await this.#look(async (lookUps) => shown(await lookUps.guild(guild)));
    return roles.find(({ id }) => id === role)?.name ?? null;
  }

  /** A failure is not kept. */
  async #look<T>(look: (lookUps: LookUps) => Promise<T>): Promise<T> {
    const now = this.#clock.monotonic();
    if (this.#kept === null || this.#kept.until <= now) {
      this.#kept = { lookUps: new LookUps(this.#send, this.#clock, this.#lifetime), until: now + KEPT_MS };
    }
    const used = this.#kept;
    try {
      return await look(used.lookUps);
    } catch (thrown) {
      if (this.#kept === used) this.#kept = null;
      throw thrown;
    }
  }
}

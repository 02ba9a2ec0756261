/**
 * What the doctor asks Discord in one run: each thing once, however many looks need it.
 * Tested in test/platforms/discord/checkups/all.test.ts.
 */
import { Routes } from 'discord.js';
import { z } from 'zod';
import { PlatformError } from '../../../core/ports/errors.ts';
import type { Clock } from '../../../core/ports/ports.ts';
import { DiscordRefusal } from '../api/errors.ts';
import type { SendRequest } from '../api/rest.ts';

/** A limit that is waited for, ms: Discord's limits of such calls are a few a second. */
const WAIT_MAX_MS = 10_000;
const TRIES = 4;
const FORBIDDEN = 403;
const NOT_FOUND = 404;

const bits = z.string().transform(BigInt);
const selfSchema = z.object({ id: z.string(), bot: z.boolean().nullish() });
const applicationSchema = z.object({
  id: z.string(),
  flags: z.number().nullish(),
  interactions_endpoint_url: z.string().nullish(),
  verify_key: z.string().nullish(),
});
const gatewaySchema = z.object({ session_start_limit: z.object({ remaining: z.number(), reset_after: z.number() }) });
const channelSchema = z.object({
  id: z.string(),
  type: z.number(),
  name: z.string().nullish(),
  guild_id: z.string().nullish(),
  parent_id: z.string().nullish(),
  permission_overwrites: z.array(z.object({ id: z.string(), allow: bits, deny: bits })).nullish(),
  thread_metadata: z.object({ archived: z.boolean(), locked: z.boolean().nullish() }).nullish(),
});
const guildSchema = z.object({
  id: z.string(),
  name: z.string(),
  owner_id: z.string(),
  roles: z.array(z.object({ id: z.string(), name: z.string(), permissions: bits, managed: z.boolean().nullish() })),
});
const memberSchema = z.object({
  nick: z.string().nullish(),
  roles: z.array(z.string()),
  user: z.object({ username: z.string(), global_name: z.string().nullish(), bot: z.boolean().nullish() }),
});
const countsSchema = z.record(z.string(), z.number());

export type Application = z.infer<typeof applicationSchema>;
export type Channel = z.infer<typeof channelSchema>;
export type Guild = z.infer<typeof guildSchema>;
export type Member = z.infer<typeof memberSchema>;
/** `refused`: Discord does not show it, or there is none. */
export type Shown<T> = { type: 'shown'; it: T } | { type: 'refused'; error: DiscordRefusal };

export class LookUps {
  readonly #send: SendRequest;
  readonly #clock: Clock;
  readonly #lifetime: AbortSignal;
  readonly #known = new Map<string, Promise<Shown<unknown>>>();

  /** @param lifetime ends the calls: an answer serves several looks */
  constructor(send: SendRequest, clock: Clock, lifetime: AbortSignal) {
    this.#send = send;
    this.#clock = clock;
    this.#lifetime = lifetime;
  }

  /** The bot. @throws PlatformError */
  async self(): Promise<z.infer<typeof selfSchema>> {
    return shown(await this.#get(Routes.user(), selfSchema));
  }

  /** Whether the token works: if not, that is the one finding. */
  async isKnown(): Promise<boolean> {
    return await this.self().then(
      () => true,
      () => false,
    );
  }

  /** @throws PlatformError */
  async application(): Promise<Application> {
    return shown(await this.#get(Routes.currentApplication(), applicationSchema));
  }

  /** @throws PlatformError */
  async sessions(): Promise<z.infer<typeof gatewaySchema>['session_start_limit']> {
    return shown(await this.#get(Routes.gatewayBot(), gatewaySchema)).session_start_limit;
  }

  /** @throws PlatformError */
  channel(id: string): Promise<Shown<Channel>> {
    return this.#get(Routes.channel(id), channelSchema);
  }

  /** @throws PlatformError */
  guild(id: string): Promise<Shown<Guild>> {
    return this.#get(Routes.guild(id), guildSchema);
  }

  /** @throws PlatformError */
  member(guild: string, user: string): Promise<Shown<Member>> {
    return this.#get(Routes.guildMember(guild, user), memberSchema);
  }

  /** How many members each role has: no privileged intent is needed. @throws PlatformError */
  memberCounts(guild: string): Promise<Shown<Readonly<Record<string, number>>>> {
    return this.#get(`/guilds/${guild}/roles/member-counts`, countsSchema);
  }

  /** The commands of the application in a server. @throws PlatformError */
  commands(application: string, guild: string): Promise<Shown<unknown[]>> {
    return this.#get(Routes.applicationGuildCommands(application, guild), z.array(z.unknown()));
  }

  #get<T>(route: `/${string}`, schema: z.ZodType<T>): Promise<Shown<T>> {
    const known = this.#known.get(route) ?? this.#load(route, schema);
    this.#known.set(route, known);
    // Safe: a route has one schema.
    return known as Promise<Shown<T>>;
  }

  async #load<T>(route: `/${string}`, schema: z.ZodType<T>): Promise<Shown<T>> {
    for (let tries = 1; ; tries += 1) {
      try {
        const answer = schema.safeParse(await this.#send({ method: 'GET', route, signal: this.#lifetime }));
        if (answer.success) return { type: 'shown', it: answer.data };
        throw new PlatformError('refused', `Discord’s answer to ${route} is not what it documents.`);
      } catch (error) {
        if (isRefusal(error)) return { type: 'refused', error };
        const waitMs = error instanceof PlatformError ? error.retryAfterMs : null;
        if (waitMs === null || waitMs > WAIT_MAX_MS || tries >= TRIES) throw error;
        await this.#clock.sleep(waitMs, this.#lifetime);
      }
    }
  }
}

/** Without a code an answer is not of Discord's API, but of another server or of a proxy. */
function isRefusal(error: unknown): error is DiscordRefusal {
  if (!(error instanceof DiscordRefusal) || (error.code ?? 0) === 0) return false;
  return error.status === FORBIDDEN || error.status === NOT_FOUND;
}

/** @throws DiscordRefusal */
export function shown<T>(answer: Shown<T>): T {
  if (answer.type === 'refused') throw answer.error;
  return answer.it;
}

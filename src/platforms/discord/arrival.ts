/**
 * How interactions arrive, over the gateway or as signed requests, and who describes the server to the bot.
 * Tested in test/platforms/discord/index.test.ts and test/platforms/discord/endpoint/interactions-endpoint.test.ts.
 */
import type { BufferBudget } from '../../core/ports/buffer-budget.ts';
import { PlatformError, SetupError } from '../../core/ports/errors.ts';
import type { SignedWebhook } from '../../core/ports/http/signed-webhook.ts';
import type { CallGuard, HttpMount } from '../../core/ports/http.ts';
import type { Fleet } from '../../core/ports/store/fleet.ts';
import { closeAdvice, toSetupError } from './api/errors.ts';
import { type DiscordGateway, type GatewayOptions, type GuildRoom, STOP_GRACE_MS, within } from './api/gateway.ts';
import type { SendRequest } from './api/rest.ts';
import { assertSeated, GatewaySeat } from './api/seat.ts';
import { ENDPOINT_PATH, InteractionsEndpoint } from './endpoint/interactions-endpoint.ts';
import { ServerView } from './endpoint/server-view.ts';
import type { InteractionHandler } from './inbound/answer-interactions.ts';

export interface ArrivalOptions extends GatewayOptions {
  /** Null: over the gateway. */
  publicKey: string | null;
  buffers: BufferBudget;
  guard: Pick<CallGuard, 'wrongSecret'>;
  send: SendRequest;
  /** Which replicas have a connection to the gateway. */
  fleet: Pick<Fleet, 'hold'>;
  /** Ends the calls. */
  lifetime: AbortSignal;
}

export class Arrival {
  readonly #options: ArrivalOptions;
  readonly #endpoint: InteractionsEndpoint | null;
  readonly #seat: GatewaySeat | null;
  readonly #view: ServerView;
  readonly #inProgress = new Set<Promise<void>>();
  #state: 'new' | 'started' | 'stopping' = 'new';

  constructor(options: ArrivalOptions) {
    const { publicKey, send, clock, lifetime } = options;
    this.#options = options;
    this.#endpoint = publicKey === null ? null : new InteractionsEndpoint({ ...options, publicKey });
    this.#seat = publicKey === null ? new GatewaySeat({ ...options, onLost: () => this.#lookLater() }) : null;
    this.#view = new ServerView(send, clock, lifetime);
  }

  get #gateway(): DiscordGateway | null {
    return this.#seat?.gateway ?? null;
  }

  /** What our server serves; null: presses come over the gateway. */
  get mount(): HttpMount | null {
    return this.#endpoint?.webhook.mount ?? null;
  }

  /** How many signed requests have come; null: presses come over the gateway. */
  get requests(): SignedWebhook['requests'] | null {
    return this.#endpoint?.webhook.requests ?? null;
  }

  /** Presses arrive now. */
  get isOpen(): boolean {
    return this.#state === 'started' && this.#gateway?.connected !== false;
  }

  /** Id of the bot user; null until it is known. */
  get botUserId(): string | null {
    return this.#gateway?.botUserId ?? this.#view.botUserId;
  }

  /** Id of the bot's application; null until it is known. */
  get applicationId(): string | null {
    return this.#gateway?.applicationId ?? this.#view.application?.id ?? null;
  }

  /** The server of the bot, if it is in exactly one. */
  get onlyGuild(): string | null {
    return this.#gateway?.onlyGuild ?? this.#view.onlyGuild;
  }

  /** The server of a channel that the gateway has named; else null. */
  guildOf(channel: string): string | null {
    return this.#gateway?.guildOf(channel) ?? null;
  }

  /** A channel with the rules of its server; null where it is not known. @throws PlatformError */
  room(id: string): GuildRoom | null | Promise<GuildRoom | null> {
    return this.#gateway === null ? this.#view.room(id) : this.#gateway.room(id);
  }

  /** As clients show it; null where it is not known. @throws PlatformError */
  roleName(guild: string, role: string): string | null | Promise<string | null> {
    return (this.#gateway ?? this.#view).roleName(guild, role);
  }

  /** From now on `handle` gets what arrives. @throws SetupError */
  async start(handle: InteractionHandler): Promise<void> {
    this.#seat?.onInteraction((dispatch) => {
      if (this.#state === 'stopping') return;
      const done = handle(dispatch).finally(() => this.#inProgress.delete(done));
      this.#inProgress.add(done);
    });
    await this.#seat?.start();
    // In place of the gateway, which says who the bot is.
    if (this.#gateway === null) await this.#lookAround();
    this.#endpoint?.start(handle);
    if (this.#state === 'new') this.#state = 'started';
  }

  /** @throws PlatformError where Discord has closed the gateway for good */
  assertNotClosed(): void {
    const closeCode = this.#gateway?.closeCode ?? null;
    if (closeCode !== null) throw new PlatformError('refused', closeAdvice(closeCode));
  }

  /** @throws PlatformError where no press arrives at the moment */
  assertOpen(): void {
    if (this.#seat !== null) assertSeated(this.#seat);
    if (this.#gateway?.connected === false) {
      throw new PlatformError('unsent', 'Discord’s gateway is reconnecting: presses do not arrive at the moment.');
    }
  }

  /** Nothing new is handled. Waits for what is, and for `work`, for a while. Never rejects. */
  async drain(work: Promise<void>): Promise<void> {
    this.#state = 'stopping';
    const handled = within(STOP_GRACE_MS, Promise.all([...this.#inProgress, work]), this.#options);
    await Promise.all([this.#endpoint?.stop(), handled]);
  }

  /** Never rejects. */
  async close(): Promise<void> {
    await this.#seat?.stop();
  }

  /** The gateway is gone, and with it what it said of the bot. */
  #lookLater(): void {
    const { log } = this.#options;
    if (this.#state !== 'started' || this.#view.application !== null) return;
    this.#view.start().catch((error: unknown) => log.warn({ err: error }, 'Discord did not say who the bot is'));
  }

  /** @throws SetupError */
  async #lookAround(): Promise<void> {
    const { apiUrl, publicKey, log } = this.#options;
    await this.#view.start().catch((error: unknown) => {
      throw toSetupError(error, apiUrl, null);
    });
    if (publicKey === null) return;
    const { id, verify_key: key, interactions_endpoint_url: address } = this.#view.application ?? {};
    if (key != null && key !== publicKey) {
      throw new SetupError(
        `DISCORD_PUBLIC_KEY is not of the application ${id} of DISCORD_TOKEN: copy both from the same application.`,
      );
    }
    if (address == null || address === '') {
      const advice = `set “Interactions Endpoint URL” in the Developer Portal to https://<your address>${ENDPOINT_PATH}`;
      log.warn({}, `Discord does not send presses here yet: ${advice}`);
    }
  }
}

/**
 * The gateway connection of this replica, while it is one of the two that have one. Both get each press, and the store
 * records one of them: if one connection dies, nothing is lost. Tested in test/platforms/discord/api/seat.test.ts.
 */
import { Routes } from 'discord.js';
import { z } from 'zod';
import { coerceError, PlatformError } from '../../../core/ports/errors.ts';
import type { Duty, Fleet } from '../../../core/ports/store/fleet.ts';
import { counted } from '../../../core/text/numbers.ts';
import { DiscordGateway, type GatewayOptions } from './gateway.ts';
import { createIdentifyPace, type NoLogins } from './identify.ts';
import type { SendRequest } from './rest.ts';

const SEATS: readonly Duty[] = ['discord-1', 'discord-2'];
/** How long a seat is kept without a renewal: as long as a replica may be silent before it counts as dead. */
const LEASE_MS = 12_000;
/** Three renewals may fail. */
const RENEW_MS = 3_000;
/** After a failure to connect: others may try meanwhile. */
const RETRY_MS = 60_000;
const HOUR_MS = 3_600_000;

const gatewaySchema = z.object({ session_start_limit: z.object({ remaining: z.number(), reset_after: z.number() }) });

export interface SeatOptions extends GatewayOptions {
  fleet: Pick<Fleet, 'hold'>;
  send: SendRequest;
  /** This replica’s connection is another’s now, or can’t be made. */
  onLost: () => void;
}

export class GatewaySeat {
  readonly #options: SeatOptions;
  readonly #pace: ReturnType<typeof createIdentifyPace>;
  readonly #stopping = new AbortController();
  #listener: (dispatch: unknown) => void = () => {};
  #seat: Duty | null = null;
  #gateway: DiscordGateway | null = null;
  #problem: string | null = null;
  #retryAt = Number.NEGATIVE_INFINITY;
  #kept: Promise<void> = Promise.resolve();
  #leaving: Promise<void> = Promise.resolve();

  constructor(options: SeatOptions) {
    this.#options = options;
    this.#pace = createIdentifyPace(options);
  }

  /** Null: others have the connections, or it can’t be made at the moment. */
  get gateway(): DiscordGateway | null {
    return this.#gateway;
  }

  /** Why there is no connection, though it would be this replica’s. */
  get problem(): string | null {
    return this.#problem;
  }

  onInteraction(listener: (dispatch: unknown) => void): void {
    this.#listener = listener;
  }

  /** Resolves when the gateway is ready, or it is known that this replica has none. @throws SetupError */
  async start(): Promise<void> {
    this.#seat = await this.#take().catch(() => null);
    if (this.#seat !== null) await this.#connect();
    this.#kept = this.#keep();
  }

  /** Never rejects. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#kept;
    const { fleet, log } = this.#options;
    if (this.#seat !== null) {
      // Before the connection ends: another replica may open its own meanwhile.
      await fleet.hold(this.#seat, 0).catch((error: unknown) => log.debug({ err: error }, 'the seat was not freed'));
      this.#seat = null;
    }
    this.#leave();
    await this.#leaving;
  }

  async #keep(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await clock.sleep(RENEW_MS, signal).catch(() => {});
      if (signal.aborted) return;
      // While the store can’t be asked, a connection is kept: people are then told that nothing was recorded.
      await this.#renew().catch((error: unknown) => log.debug({ err: error }, 'the seat at Discord was not renewed'));
    }
  }

  async #renew(): Promise<void> {
    const { fleet, clock, log, onLost } = this.#options;
    if (this.#seat !== null) {
      if ((await fleet.hold(this.#seat, LEASE_MS)) !== null) return;
      this.#seat = null;
      log.info({}, 'another replica has the connection to Discord now');
      this.#leave();
      onLost();
    }
    if (clock.monotonic() < this.#retryAt) return;
    this.#seat = await this.#take();
    if (this.#seat === null) return;
    try {
      await this.#connect();
    } catch (thrown) {
      this.#giveUp(`Discord’s gateway does not accept this replica: ${coerceError(thrown).message}`, RETRY_MS);
    }
  }

  /** @throws StoreError */
  async #take(): Promise<Duty | null> {
    for (const seat of SEATS) {
      if ((await this.#options.fleet.hold(seat, LEASE_MS)) !== null) return seat;
    }
    return null;
  }

  /** @throws SetupError */
  async #connect(): Promise<void> {
    await this.#leaving;
    const { promise: refused, resolve: refuse } = Promise.withResolvers<NoLogins>();
    const buildIdentifyThrottler = this.#pace(refuse);
    const gateway = new DiscordGateway({ ...this.#options, buildIdentifyThrottler });
    gateway.onInteraction((dispatch) => this.#listener(dispatch));
    this.#gateway = gateway;
    const connecting = gateway.connect();
    const connected = connecting.then(
      () => null,
      async (thrown: unknown) => {
        if (this.#gateway !== gateway) return null;
        const why = await this.#logins().catch(() => null);
        if (why === null || why.remaining > 0) throw thrown;
        return why;
      },
    );
    // After the start, too: a session may end and ask for a new login.
    void refused.then((why) => this.#noLogins(gateway, why));
    const why = await Promise.race([connected, refused]);
    connected.catch(() => {});
    if (why !== null) return this.#noLogins(gateway, why);
    this.#problem = null;
  }

  /** How many are left, as Discord says now: the library’s error does not say it to a program. @throws Error */
  async #logins(): Promise<NoLogins> {
    const { send } = this.#options;
    const answer = await send({ method: 'GET', route: Routes.gatewayBot(), signal: this.#stopping.signal });
    const { remaining, reset_after: resetMs } = gatewaySchema.parse(answer).session_start_limit;
    return { remaining, resetMs };
  }

  #noLogins(gateway: DiscordGateway, { remaining, resetMs }: NoLogins): void {
    if (this.#gateway !== gateway) return;
    const hours = counted(Math.max(1, Math.ceil(resetMs / HOUR_MS)), 'hour');
    this.#giveUp(
      `Discord allows ${counted(remaining, 'more login')} in the next ${hours}; the bot keeps the last ones. Look for a process that starts again and again with the same token, and stop it.`,
      Math.min(resetMs, 10 * RETRY_MS),
    );
  }

  #giveUp(problem: string, retryMs: number): void {
    const { clock, log, onLost } = this.#options;
    this.#problem = problem;
    this.#retryAt = clock.monotonic() + retryMs;
    this.#seat = null;
    log.error({}, problem);
    this.#leave();
    onLost();
  }

  #leave(): void {
    const gateway = this.#gateway;
    this.#gateway = null;
    if (gateway !== null) this.#leaving = Promise.all([this.#leaving, gateway.disconnect()]).then(() => {});
  }
}

/** @throws PlatformError where this replica should have a connection, and has none */
export function assertSeated({ problem }: Pick<GatewaySeat, 'problem'>): void {
  if (problem !== null) throw new PlatformError('unsent', problem);
}

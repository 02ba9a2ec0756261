/** One Socket Mode connection. Tested in test/platforms/slack/connection/socket-receiver.test.ts. */
import type { Socket } from 'node:net';
import type { Logger, ReceiverEvent } from '@slack/bolt';
import { SocketModeClient } from '@slack/socket-mode';
import type { WebClientOptions } from '@slack/web-api';
import type { Clock, Log } from '../../../core/ports/ports.ts';
import type { DispatcherThrough } from './proxy-dispatcher.ts';

/**
 * Time limit for Slack’s answer to a ping: the library’s default. The library also waits for it before a reconnect, so
 * people shorten it; our receiver reconnects without it, and a short limit only closes good connections on slow networks.
 */
const PONG_LIMIT_MS = 5_000;
/** Slack’s time limit for an acknowledgement; a later one is lost. */
const DRAIN_MS = 3_000;
/** How long an old connection waits for its replacement; Slack closes it after about that time. */
const REPLACEMENT_MS = 10_000;
/** Time limit of the closing handshake; then the socket is destroyed. */
const CLOSE_MS = 1_000;

export interface ConnectionOptions {
  appToken: string;
  /** With an explicit `retryConfig`: otherwise Socket Mode writes its own 100 retries into it. */
  clientOptions: WebClientOptions;
  /** Absent or null: the connection is direct. */
  through?: DispatcherThrough | null;
  logger: Logger;
  log: Log;
  clock: Clock;
  /** Never rejects. */
  onEvent: (event: ReceiverEvent) => Promise<void>;
}

/**
 * One Socket Mode connection from `start` to its end; it is not reused. The library’s reconnecting is off: it waits five
 * seconds first, rejects unobserved when it is stopped meanwhile, and closes a socket before pending acknowledgements.
 */
export class SocketConnection extends SocketModeClient {
  /** Resolves when another connection is needed: Slack announced a refresh, or this one closed. */
  readonly leaving: Promise<void>;
  readonly #leave: () => void;
  readonly #replacement = Promise.withResolvers<void>();
  readonly #closed: Promise<void>;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #handling = new Set<Promise<void>>();
  /** Through a proxy. */
  readonly #sockets = new Set<Socket>();

  constructor({ appToken, clientOptions, through = null, logger, log, clock, onEvent }: ConnectionOptions) {
    const proxied = through === null ? {} : { dispatcher: through((socket) => this.#sockets.add(socket)) };
    const usual = { appToken, clientOptions, logger, autoReconnectEnabled: false, clientPingTimeout: PONG_LIMIT_MS };
    super({ ...usual, ...proxied });
    this.#log = log;
    this.#clock = clock;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.leaving = promise;
    this.#leave = resolve;
    this.#closed = new Promise((closed) => this.once('disconnected', () => closed()));
    this.once('disconnected', () => this.#leave());
    this.on('slack_event', ({ body, ack, retry_num: retryNum, retry_reason: retryReason }) => {
      const done = onEvent({ body, ack, retryNum, retryReason }).finally(() => this.#handling.delete(done));
      this.#handling.add(done);
    });
  }

  /** Another connection is open: after Slack’s announcement this one need not wait any longer. */
  replaced(): void {
    this.#replacement.resolve();
  }

  /** Destroys the socket if the closing handshake takes too long. */
  async close(): Promise<void> {
    void this.disconnect();
    await this.#within(CLOSE_MS, this.#closed);
    // The second call destroys a socket that is still closing, and clears the 30-second timer that the first call leaves
    // behind when it interrupts the handshake.
    this.websocket?.disconnect();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Resolves when no press is in progress, at the latest after Slack’s time limit. */
  async drain(): Promise<void> {
    await this.#within(DRAIN_MS, Promise.allSettled(this.#handling));
  }

  /** Runs for each frame. Its promise is not observed: an error here would end the process. */
  protected override async onWebSocketMessage(data: string | ArrayBuffer, isBinary: boolean): Promise<void> {
    try {
      if (isDisconnect(data)) {
        this.#leave();
        await this.#within(REPLACEMENT_MS, Promise.race([this.#replacement.promise, this.#closed]));
        await this.drain();
      }
      await super.onWebSocketMessage(data, isBinary);
    } catch (error) {
      this.#log.warn({ err: error }, 'a frame from Slack could not be read');
    }
  }

  async #within(ms: number, promise: Promise<unknown>): Promise<void> {
    const timer = new AbortController();
    await Promise.race([promise, this.#clock.sleep(ms, timer.signal).catch(() => {})]);
    timer.abort();
  }
}

/** Slack is about to close this connection and expects another one. */
function isDisconnect(data: string | ArrayBuffer): boolean {
  if (typeof data !== 'string' || !data.includes('"disconnect"')) return false;
  try {
    return JSON.parse(data)?.type === 'disconnect';
  } catch {
    return false;
  }
}

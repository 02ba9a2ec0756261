import type { Logger, ReceiverEvent } from '@slack/bolt';
import { SocketModeClient } from '@slack/socket-mode';
import type { WebClientOptions } from '@slack/web-api';
import type { Clock, Log } from '../../../core/ports/ports.ts';

/**
 * How long Slack may take to answer a ping before the connection counts as dead: the library's own default. There it
 * is the wait before a reconnect, too, so shortening it is the usual advice; our receiver reconnects by itself, and a
 * short limit would only tear down sound connections on a slow network.
 */
const PONG_LIMIT_MS = 5_000;
/** Slack's own time for an acknowledgement: whoever is not done after it has lost it anyway. */
const DRAIN_MS = 3_000;
/** How long an old connection is kept for its replacement's sake; Slack itself closes it about then. */
const RELIEF_MS = 10_000;
/** For the closing handshake; then the socket is cut. */
const CLOSE_MS = 1_000;

export interface ConnectionOptions {
  appToken: string;
  /** With an explicit `retryConfig`: otherwise Socket Mode writes its own 100 retries into it. */
  clientOptions: WebClientOptions;
  logger: Logger;
  log: Log;
  clock: Clock;
  /** Never rejects. */
  onEvent: (event: ReceiverEvent) => Promise<void>;
}

/**
 * One Socket Mode connection, from `start` to its end; it is never used again. The library's own reconnecting is off:
 * it waits five seconds first, rejects into the void when stopped meanwhile, and closes a socket at once on which
 * acknowledgements are still owed.
 */
export class SocketConnection extends SocketModeClient {
  /** Resolves as soon as another connection is needed: Slack said goodbye, or this one closed. */
  readonly leaving: Promise<void>;
  readonly #leave: () => void;
  readonly #relief = Promise.withResolvers<void>();
  readonly #closed: Promise<void>;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #handling = new Set<Promise<void>>();

  constructor({ appToken, clientOptions, logger, log, clock, onEvent }: ConnectionOptions) {
    super({ appToken, clientOptions, logger, autoReconnectEnabled: false, clientPingTimeout: PONG_LIMIT_MS });
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

  /** Another connection stands: after Slack's goodbye, this one need not wait for it any longer. */
  relieve(): void {
    this.#relief.resolve();
  }

  /** Cuts the socket when the closing handshake takes too long. */
  async close(): Promise<void> {
    void this.disconnect();
    await this.#within(CLOSE_MS, this.#closed);
    // Once more: it destroys a socket that is still closing, and clears the half-minute timer that the first one leaves
    // behind when it comes in the middle of the handshake.
    this.websocket?.disconnect();
  }

  /** Resolves when no press is being answered, at the latest after Slack's own time for an answer. */
  async drain(): Promise<void> {
    await this.#within(DRAIN_MS, Promise.allSettled(this.#handling));
  }

  /** Runs for each frame, unobserved: an error in here would end the process. */
  protected override async onWebSocketMessage(data: string | ArrayBuffer, isBinary: boolean): Promise<void> {
    try {
      if (isGoodbye(data)) {
        this.#leave();
        await this.#within(RELIEF_MS, Promise.race([this.#relief.promise, this.#closed]));
        await this.drain();
      }
      await super.onWebSocketMessage(data, isBinary);
    } catch (error) {
      this.#log.warn({ err: error }, 'A frame from Slack could not be read');
    }
  }

  async #within(ms: number, promise: Promise<unknown>): Promise<void> {
    const timer = new AbortController();
    await Promise.race([promise, this.#clock.sleep(ms, timer.signal).catch(() => {})]);
    timer.abort();
  }
}

/** Slack is about to close this connection and expects another one. */
function isGoodbye(data: string | ArrayBuffer): boolean {
  if (typeof data !== 'string' || !data.includes('"disconnect"')) return false;
  try {
    return JSON.parse(data)?.type === 'disconnect';
  } catch {
    return false;
  }
}

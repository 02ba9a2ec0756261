import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import type { ProxyEnv } from '../../../core/ports/adapter.ts';
import { backoff } from '../../../core/ports/backoff.ts';
import type { Metrics } from '../../../core/ports/metrics.ts';
import type { Log } from '../../../core/ports/ports.ts';
import { createFetch } from '../api/client.ts';
import { toPlatformError } from '../api/errors.ts';
import { measured } from './answer-times.ts';
import { type ConnectionOptions, SocketConnection } from './socket-connection.ts';

/** Time limit from `apps.connections.open` to Slack’s hello. */
const CONNECT_MS = 15_000;
/** A connection that ends sooner counts as a failed attempt, so that a peer that hangs up is not called in a loop. */
const SHORT_LIFE_MS = 5_000;
/** Longest backoff. Shorter than the outbox’s, because presses are lost while there is no connection. */
const MAX_BACKOFF_MS = 15_000;
const STOP_MS = 4_000;
/** What Slack allows an app, of all its replicas together. */
export const MAX_CONNECTIONS = 10;
/**
 * Delay between the first openings of two connections. Slack renews each connection by its age and announces that ten
 * seconds before, so two of them are never renewed at the same time.
 */
const STAGGER_MS = 30_000;
/** How often a further connection looks whether it is still this replica’s. */
const SHARE_MS = 30_000;

export interface ReceiverOptions extends Omit<ConnectionOptions, 'onEvent' | 'through'> {
  metrics: Pick<Metrics, 'observe'>;
  /** Absent or null: connections are direct. */
  proxy?: ProxyEnv | null;
  /** Connections that are open at the same time. Slack sends each press to one of them and allows ten. */
  connections: () => number;
  /** Delay between their first openings, ms. */
  staggerMs?: number;
}

/**
 * Receives events for Bolt over Socket Mode. When Slack announces a refresh, the next connection is opened while the old
 * one still receives and acknowledges presses, so a refresh leaves no gap.
 */
export class SocketReceiver implements Receiver {
  readonly #options: ReceiverOptions;
  readonly #stopping = new AbortController();
  readonly #live = new Set<SocketConnection>();
  /** One loop per connection that is kept open. */
  readonly #loops: Promise<void>[] = [];
  #app: App | null = null;

  constructor(options: ReceiverOptions) {
    const clientOptions = { ...options.clientOptions, fetch: createFetch(this.#stopping.signal) };
    this.#options = { ...options, clientOptions };
  }

  init(app: App): void {
    this.#app = app;
  }

  /** Whether presses arrive at the moment. */
  get connected(): boolean {
    return this.#live.size > 0;
  }

  /** Resolves once the first connection is open. @throws the error of `apps.connections.open` */
  async start(): Promise<void> {
    const first = this.#connect();
    this.#loops.push(
      first.then(
        () => {},
        () => {},
      ),
    );
    this.#loops.push(this.#keepOpen(await first));
    const { staggerMs = STAGGER_MS } = this.#options;
    for (let count = 1; count < MAX_CONNECTIONS; count += 1) this.#loops.push(this.#keepFurther(count, staggerMs));
  }

  /** A further connection, while it is this replica’s: their number changes with the number of replicas. */
  async #keepFurther(count: number, staggerMs: number): Promise<void> {
    const { connections, clock } = this.#options;
    const { signal } = this.#stopping;
    const isOurs = () => connections() > count;
    await clock.sleep(count * staggerMs, signal).catch(() => {});
    while (!this.#stopped) {
      if (isOurs()) await this.#keepOpen(null, isOurs);
      await clock.sleep(SHARE_MS, signal).catch(() => {});
    }
  }

  /** Resolves when it is not this replica’s any more. Never rejects. */
  async #surplus(isOurs: () => boolean, signal: AbortSignal): Promise<void> {
    while (isOurs() && !signal.aborted) await this.#options.clock.sleep(SHARE_MS, signal).catch(() => {});
  }

  /** Waits for presses in progress, then closes. Never rejects; takes at most STOP_MS. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const { clock, log } = this.#options;
    const closed = Promise.all([...this.#live].map((connection) => connection.drain().then(() => connection.close())));
    const timer = new AbortController();
    await Promise.race([
      Promise.allSettled([closed, ...this.#loops]),
      clock.sleep(STOP_MS, timer.signal).then(
        () => log.warn({}, 'a connection to Slack did not close in time'),
        () => {},
      ),
    ]);
    timer.abort();
  }

  /** Replaces a connection for as long as the receiver runs and `isOurs` holds. Never rejects. */
  async #keepOpen(first: SocketConnection | null, isOurs?: () => boolean): Promise<void> {
    const { clock, log } = this.#options;
    let connection = first;
    let failures = 0;
    let retryAfterMs = 0;
    while (!this.#stopped) {
      const since = clock.monotonic();
      if (connection !== null) {
        const waiting = new AbortController();
        const until = AbortSignal.any([waiting.signal, this.#stopping.signal]);
        const surplus = isOurs === undefined ? [] : [this.#surplus(isOurs, until)];
        await Promise.race([connection.leaving, ...surplus]);
        waiting.abort();
        if (this.#stopped) return;
        if (isOurs?.() === false) return await this.#giveBack(connection);
        log.info({}, 'Slack announced a refresh, or the connection was lost');
      }
      failures = connection !== null && clock.monotonic() - since >= SHORT_LIFE_MS ? 0 : failures + 1;
      const ms = Math.max(delayBefore(failures, clock.random()), retryAfterMs);
      if (ms > 0) await clock.sleep(ms, this.#stopping.signal).catch(() => {});
      if (this.#stopped) return;
      try {
        const next = await this.#connect();
        connection?.replaced();
        connection = next;
        retryAfterMs = 0;
      } catch (thrown) {
        connection = null;
        const error = toPlatformError(thrown);
        retryAfterMs = error.retryAfterMs ?? 0;
        if (!this.#stopped) log.warn({ err: error, failures }, 'no connection to Slack: presses do not arrive');
      }
    }
  }

  /** Presses in progress are answered first; Slack sends the next ones to the others. Never rejects. */
  async #giveBack(connection: SocketConnection): Promise<void> {
    const { log } = this.#options;
    log.info({}, 'more replicas share Slack’s connections: one is closed');
    try {
      await connection.drain();
      await connection.close();
    } catch (thrown) {
      log.warn({ err: thrown }, 'a connection to Slack did not close');
    }
  }

  async #connect(): Promise<SocketConnection> {
    const { proxy = null, clock, log } = this.#options;
    // Its library is large, and used for nothing else.
    const through = proxy && (await import('./proxy-dispatcher.ts')).dispatcherThrough(proxy);
    const connection = new SocketConnection({ ...this.#options, through, onEvent: (event) => this.#onEvent(event) });
    const timer = new AbortController();
    const signal = AbortSignal.any([timer.signal, this.#stopping.signal]);
    const late = () => Promise.reject(new Error('Slack did not say hello in time'));
    try {
      await Promise.race([connection.start(), clock.sleep(CONNECT_MS, signal).then(late)]);
      // `stop()` was called meanwhile and did not see this connection.
      if (this.#stopped) throw new Error('Stopped while connecting');
    } catch (error) {
      await connection.close();
      throw error ?? new Error('Slack closed the connection before its hello');
    } finally {
      timer.abort();
    }
    this.#live.add(connection);
    connection.once('disconnected', () => this.#live.delete(connection));
    log.info({ connections: this.#live.size }, 'connected to Slack');
    return connection;
  }

  /** After a stop, events are not acknowledged, so that Slack shows the person an error. */
  async #onEvent(event: ReceiverEvent): Promise<void> {
    if (this.#stopped || this.#app === null) return;
    await dispatch(this.#app, measured(event, this.#options), this.#options.log);
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }
}

/** The backoff: the first attempt has no delay, because nearly always it follows a refresh. @returns ms */
function delayBefore(failures: number, random: number): number {
  return failures < 2 ? 0 : Math.min(MAX_BACKOFF_MS, backoff(failures - 1, random));
}

/** Gives an event to Bolt’s listeners and acknowledges it. Never rejects. */
async function dispatch(app: App, event: ReceiverEvent, log: Log): Promise<void> {
  let acknowledged = false;
  const ack: ReceiverEvent['ack'] = async (response) => {
    if (acknowledged) return;
    acknowledged = true;
    await event.ack(response);
  };
  try {
    await app.processEvent({ ...event, ack });
    // An event that no listener handled (an old version’s button, another kind of event) is acknowledged, too.
    await ack();
  } catch (error) {
    // The envelope may be empty, and an error thrown here is not observed.
    const { type } = (event.body ?? {}) as { type?: unknown };
    log.warn({ err: error, type: String(type) }, 'a Slack event could not be handled');
  }
}

import type { App, Receiver, ReceiverEvent } from '@slack/bolt';
import { backoff } from '../../../core/ports/backoff.ts';
import { createFetch } from '../api/client.ts';
import { toPlatformError } from '../api/errors.ts';
import { type ConnectionOptions, SocketConnection } from './socket-connection.ts';

/** From `apps.connections.open` to Slack's hello. */
const CONNECT_MS = 15_000;
/** A connection that ends sooner counts as a failed try, so that a peer that hangs up at once is not called in a loop. */
const SHORT_LIFE_MS = 5_000;
/** While there is no connection, presses are lost: a shorter longest wait than the outbox has. */
const LONGEST_WAIT_MS = 15_000;
const STOP_MS = 4_000;
/**
 * Between the first openings of two lines. Slack renews each connection by its age and warns ten seconds before: so far
 * apart, no two of them are renewed at once.
 */
const APART_MS = 30_000;

export interface ReceiverOptions extends Omit<ConnectionOptions, 'onEvent'> {
  /** How many connections are held open; Slack sends each press to one of them, and allows ten. */
  connections: number;
  apartMs?: number;
}

/**
 * Bolt's way in over Socket Mode. When Slack asks for a fresh connection, the next one is opened while the old one
 * still takes and answers presses, so that a routine refresh leaves no gap.
 */
export class SocketReceiver implements Receiver {
  readonly #options: ReceiverOptions;
  readonly #stopping = new AbortController();
  readonly #live = new Set<SocketConnection>();
  readonly #lines: Promise<void>[] = [];
  #app: App | null = null;

  constructor(options: ReceiverOptions) {
    const clientOptions = { ...options.clientOptions, fetch: createFetch(this.#stopping.signal) };
    this.#options = { ...options, clientOptions };
  }

  init(app: App): void {
    this.#app = app;
  }

  /** Whether presses arrive now. */
  get connected(): boolean {
    return this.#live.size > 0;
  }

  /** Resolves once the first connection stands. @throws what `apps.connections.open` failed with */
  async start(): Promise<void> {
    const first = this.#connect();
    this.#lines.push(
      first.then(
        () => {},
        () => {},
      ),
    );
    this.#lines.push(this.#keep(await first));
    const { connections, apartMs = APART_MS } = this.#options;
    for (let line = 1; line < connections; line += 1) this.#lines.push(this.#keepLater(line * apartMs));
  }

  async #keepLater(ms: number): Promise<void> {
    await this.#options.clock.sleep(ms, this.#stopping.signal).catch(() => {});
    await this.#keep(null);
  }

  /** Waits for presses that are being answered, then closes. Never rejects, and ends within STOP_MS. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const { clock, log } = this.#options;
    const closed = Promise.all([...this.#live].map((connection) => connection.drain().then(() => connection.close())));
    const timer = new AbortController();
    await Promise.race([
      Promise.allSettled([closed, ...this.#lines]),
      clock.sleep(STOP_MS, timer.signal).then(
        () => log.warn({}, 'Slack: a connection did not close in time'),
        () => {},
      ),
    ]);
    timer.abort();
  }

  /** Keeps one line open for as long as the receiver runs. Never rejects. */
  async #keep(first: SocketConnection | null): Promise<void> {
    const { clock, log } = this.#options;
    let connection = first;
    let failures = 0;
    let asked = 0;
    while (!this.#stopped) {
      const since = clock.monotonic();
      if (connection !== null) {
        await connection.leaving;
        if (this.#stopped) return;
        log.info({}, 'Slack asks for a new connection, or the old one was lost');
      }
      failures = connection !== null && clock.monotonic() - since >= SHORT_LIFE_MS ? 0 : failures + 1;
      await this.#wait(failures, asked);
      if (this.#stopped) return;
      try {
        const next = await this.#connect();
        connection?.relieve();
        connection = next;
        asked = 0;
      } catch (thrown) {
        connection = null;
        const error = toPlatformError(thrown);
        asked = error.retryAfterMs ?? 0;
        if (!this.#stopped) log.warn({ err: error, failures }, 'No connection to Slack; presses do not arrive');
      }
    }
  }

  /** The first try follows at once: nearly always it is Slack's routine refresh. @param asked by Slack, ms */
  async #wait(failures: number, asked: number): Promise<void> {
    const { clock } = this.#options;
    const ours = failures < 2 ? 0 : Math.min(LONGEST_WAIT_MS, backoff(failures - 1, clock.random()));
    const ms = Math.max(ours, asked);
    if (ms > 0) await clock.sleep(ms, this.#stopping.signal).catch(() => {});
  }

  async #connect(): Promise<SocketConnection> {
    const connection = new SocketConnection({ ...this.#options, onEvent: (event) => this.#take(event) });
    const { clock, log } = this.#options;
    const timer = new AbortController();
    const signal = AbortSignal.any([timer.signal, this.#stopping.signal]);
    const late = () => Promise.reject(new Error('Slack did not say hello in time'));
    try {
      await Promise.race([connection.start(), clock.sleep(CONNECT_MS, signal).then(late)]);
      // `stop()` came while it was being opened, and did not see it.
      if (this.#stopped) throw new Error('Stopped while connecting');
    } catch (error) {
      await connection.close();
      throw error ?? new Error('Slack closed the connection before its hello');
    } finally {
      timer.abort();
    }
    this.#live.add(connection);
    connection.once('disconnected', () => this.#live.delete(connection));
    log.info({ connections: this.#live.size }, 'Connected to Slack');
    return connection;
  }

  /** Never rejects. */
  async #take(event: ReceiverEvent): Promise<void> {
    // Left without an answer, so that Slack tells the person that it failed.
    if (this.#stopped || this.#app === null) return;
    const { log } = this.#options;
    let answered = false;
    const ack: ReceiverEvent['ack'] = async (response) => {
      if (answered) return;
      answered = true;
      await event.ack(response);
    };
    try {
      await this.#app.processEvent({ ...event, ack });
      // What none of our listeners took (an old version's button, another kind of event) must not hang for the person.
      await ack();
    } catch (error) {
      // The envelope may carry nothing at all, and nobody listens to what throws in here.
      const { type } = (event.body ?? {}) as { type?: unknown };
      log.warn({ err: error, type: String(type) }, 'An event from Slack could not be handled');
    }
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }
}

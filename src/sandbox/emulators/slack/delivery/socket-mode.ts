import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Journal } from '../../shared/journal.ts';
import { isObject } from '../checks/block-kit/rules.ts';
import type { Json, SlackEntry, SlackPressResult } from '../types.ts';
import { LIMITS } from '../web-api/limits.ts';
import { APP_ID } from '../workspace/identity.ts';

const PING_MS = 10_000;
/** Milliseconds from `disconnect` until the server closes the connection, unless the client has. */
const REFRESH_CLOSE_MS = 1_000;
/** How long a closing emulator waits for its clients' close frames. */
const GOODBYE_MS = 250;

interface Connection {
  number: number;
  socket: WebSocket;
  /** Was sent a `disconnect`: it may still acknowledge but receives nothing new. */
  leaving: boolean;
}

interface Waiting {
  sentAt: number;
  settle: (result: SlackPressResult) => void;
}

export interface SocketModeOptions {
  journal: Journal<SlackEntry>;
  /** Milliseconds until the person sees an error. */
  ackLimitMs: number;
  onChange: () => void;
}

/** Slack's side of Socket Mode: tickets, connections, envelopes and acknowledgements. */
export class SocketMode {
  readonly #options: SocketModeOptions;
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #tickets = new Set<string>();
  readonly #connections: Connection[] = [];
  readonly #sentAt = new Map<string, number>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #pings: NodeJS.Timeout;
  #closing = false;
  #opened = 0;
  #turn = 0;

  constructor(options: SocketModeOptions) {
    this.#options = options;
    this.#pings = setInterval(() => {
      for (const { socket } of this.#connections) socket.ping('Ping from server');
    }, PING_MS);
    this.#pings.unref();
  }

  get count(): number {
    return this.#connections.length;
  }

  /** A one-time ticket for `apps.connections.open`. */
  issueTicket(): string {
    const ticket = randomUUID();
    this.#tickets.add(ticket);
    return ticket;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const ticket = url.searchParams.get('ticket') ?? '';
    if (this.#closing || !url.pathname.startsWith('/link') || !this.#tickets.delete(ticket)) {
      this.#refuse('socket', 'unknown or used ticket');
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (opened) => this.#welcome(opened));
  }

  /**
   * Sends one envelope `deliveries` times, each copy to the next open connection, and waits for its acknowledgement.
   * Without an open connection nothing is sent and the person sees an error at once.
   */
  deliver(type: string, payload: Json, deliveries = 1): Promise<SlackPressResult> {
    const envelopeId = randomUUID();
    const unheard = { envelopeId, acked: false, afterMs: null, response: null };
    if (this.#open().length === 0) {
      this.#refuse(String(payload['type'] ?? type), 'no open connection: the person sees an error');
      return Promise.resolve(unheard);
    }
    return new Promise((resolve) => {
      const timer = this.#later(() => settle(unheard), this.#options.ackLimitMs);
      const settle = (result: SlackPressResult) => {
        this.#cancel(timer);
        this.#waiting.delete(envelopeId);
        resolve(result);
      };
      const sentAt = performance.now();
      this.#sentAt.set(envelopeId, sentAt);
      this.#waiting.set(envelopeId, { sentAt, settle });
      const frame = JSON.stringify({ envelope_id: envelopeId, type, accepts_response_payload: true, payload });
      for (let copy = 0; copy < deliveries; copy += 1) {
        const connection = this.#nextConnection();
        if (!connection) return;
        this.#record({ kind: 'envelope', at: Date.now(), envelopeId, connection: connection.number, payload });
        connection.socket.send(frame);
      }
    });
  }

  /** A routine refresh: sends `disconnect` to every connection, or to this one, and closes it shortly after. */
  refresh(number?: number): void {
    const meant = (connection: Connection) => number === undefined || connection.number === number;
    for (const connection of this.#connections.filter((one) => !one.leaving && meant(one))) {
      connection.leaving = true;
      connection.socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: {} }));
      this.#later(() => connection.socket.close(1000), REFRESH_CLOSE_MS);
    }
  }

  /** Sends this text to every connection unchecked. */
  sendRaw(text: string): void {
    for (const { socket } of this.#connections) socket.send(text);
  }

  /** Cuts every connection without a close frame. */
  drop(): void {
    for (const { socket } of [...this.#connections]) socket.terminate();
  }

  /** Resolves every pending delivery as unacknowledged. */
  giveUp(): void {
    for (const [envelopeId, { settle }] of [...this.#waiting]) {
      settle({ envelopeId, acked: false, afterMs: null, response: null });
    }
  }

  /**
   * Ends all connections and timers; pending deliveries resolve as unacknowledged. Connections get a moment for the
   * closing handshake: Bolt's `stop` does not wait for it, and a cut connection leaves Bolt with a 30 s timer.
   */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#pings);
    this.giveUp();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    const goodbyes = this.#connections.map(({ socket }) => once(socket, 'close'));
    for (const { socket } of this.#connections) socket.close(1001);
    const patience = setTimeout(() => this.drop(), GOODBYE_MS);
    await Promise.all(goodbyes);
    clearTimeout(patience);
    this.#server.close();
  }

  #welcome(socket: WebSocket): void {
    if (this.#connections.length >= LIMITS.connections) {
      this.#refuse('socket', 'too_many_websockets');
      socket.send(JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets', debug_info: {} }));
      socket.close(1000);
      return;
    }
    this.#opened += 1;
    const connection = { number: this.#opened, socket, leaving: false };
    this.#connections.push(connection);
    socket.on('message', (data) => this.#hear(String(data)));
    // A socket error is followed by its close event.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#connections.splice(this.#connections.indexOf(connection), 1);
      this.#options.onChange();
      this.#record({ kind: 'socket', at: Date.now(), event: 'close', connection: connection.number });
    });
    this.#options.onChange();
    this.#record({ kind: 'socket', at: Date.now(), event: 'open', connection: connection.number });
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: this.#connections.length,
        debug_info: { host: 'sandbox', build_number: 1, approximate_connection_time: 18_060 },
        connection_info: { app_id: APP_ID },
      }),
    );
  }

  /** Handles an acknowledgement; a late or duplicate one is recorded but has no effect. */
  #hear(text: string): void {
    const message = parseObject(text);
    const envelopeId = String(message?.['envelope_id'] ?? '');
    const sentAt = this.#sentAt.get(envelopeId);
    if (sentAt === undefined) {
      this.#refuse('socket message', `it acknowledges an unknown envelope: ${text.slice(0, 200)}`);
      return;
    }
    const afterMs = performance.now() - sentAt;
    const payload = isObject(message?.['payload']) ? message['payload'] : null;
    this.#record({ kind: 'ack', at: Date.now(), envelopeId, afterMs, payload });
    const response = payload !== null && Object.keys(payload).length > 0 ? payload : null;
    this.#waiting.get(envelopeId)?.settle({ envelopeId, acked: true, afterMs, response });
  }

  #open(): Connection[] {
    return this.#connections.filter(({ leaving, socket }) => !leaving && socket.readyState === socket.OPEN);
  }

  #nextConnection(): Connection | undefined {
    const open = this.#open();
    this.#turn += 1;
    return open[this.#turn % open.length];
  }

  #later(run: () => void, ms: number): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    timer.unref();
    this.#timers.add(timer);
    return timer;
  }

  #cancel(timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    this.#timers.delete(timer);
  }

  #refuse(what: string, reason: string): void {
    this.#record({ kind: 'refused', at: Date.now(), what, reason });
  }

  #record(entry: SlackEntry): void {
    this.#options.journal.record(entry);
  }
}

function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Journal } from '../../shared/journal.ts';
import type { DiscordEntry, Json } from '../types.ts';
import { asJson, asNumber, isJson } from '../wire/json.ts';
import {
  type CloseReason,
  Intent,
  MAX_PAYLOAD,
  Op,
  PRIVILEGED_INTENTS,
  SESSION_ENDS,
  UNANSWERED_OPS,
} from './protocol.ts';
import { type Connection, type Dispatch, Session } from './session.ts';

export interface GatewaySettings {
  heartbeatIntervalMs: number;
  sessionsLeft: number;
  identifyEveryMs: number;
  /** The time by which IDENTIFYs are counted, ms. */
  now: () => number;
  tokenIsGood(token: unknown): boolean;
  /** The READY payload without session id and resume address. */
  ready(): Json;
  guildCreate(): Json;
  changed(): void;
}

/** The WebSocket half: HELLO, IDENTIFY, heartbeats, dispatches, RESUME with replay. */
export class Gateway {
  url = '';
  sessionsLeft: number;
  ignoresHeartbeats = false;
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #settings: GatewaySettings;
  readonly #journal: Journal<DiscordEntry>;
  readonly #connections = new Set<Connection>();
  #sessions: Session[] = [];
  #count = 0;
  #identifiedAt = Number.NEGATIVE_INFINITY;

  constructor(settings: GatewaySettings, journal: Journal<DiscordEntry>) {
    this.#settings = settings;
    this.#journal = journal;
    this.sessionsLeft = settings.sessionsLeft;
  }

  /** Connections that have identified themselves or resumed. */
  get open(): number {
    return [...this.#connections].filter((connection) => connection.session !== null).length;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname !== '/gateway' || searchParams.has('compress')) {
      socket.end(
        `HTTP/1.1 ${pathname === '/gateway' ? '400 Bad Request' : '404 Not Found'}\r\nConnection: close\r\n\r\n`,
      );
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (ws) => this.#accept(ws, searchParams));
  }

  /**
   * Sends an event to every session of the shard: those that are connected, and those that can still be resumed.
   * @returns whether it was sent, is only kept for a RESUME, or has no session to go to
   */
  dispatch(t: string, d: Json, times: number): 'sent' | 'kept' | 'lost' {
    const sessions = this.#sessions.filter((one) => one.connection !== null || one.isResumable());
    for (const session of sessions) {
      for (let time = 0; time < times; time += 1) this.#deliver(session, session.add(t, d));
    }
    if (sessions.length === 0) return 'lost';
    return sessions.some(({ connection }) => connection !== null) ? 'sent' : 'kept';
  }

  /** Sends an event to every session with this intent. */
  broadcast(t: string, d: Json, intent: number): void {
    for (const session of this.#sessions) {
      if (session.intents & intent) this.#deliver(session, session.add(t, d));
    }
  }

  requestReconnect(): void {
    for (const { socket } of this.#connections) send(socket, { op: Op.reconnect, d: null });
  }

  invalidateSessions(resumable: boolean): void {
    if (!resumable) this.#sessions = [];
    for (const connection of this.#connections) {
      this.#detach(connection);
      send(connection.socket, { op: Op.invalidSession, d: resumable });
    }
    this.#settings.changed();
  }

  /** Sends this frame to every connection unchecked. */
  sendFrame(frame: Json): void {
    for (const { socket } of this.#connections) send(socket, frame);
  }

  dropSockets(code?: number): void {
    for (const connection of this.#connections) {
      this.#end(connection, code);
    }
  }

  close(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #accept(socket: WebSocket, query: URLSearchParams): void {
    this.#count += 1;
    const connection: Connection = { number: this.#count, socket, session: null };
    this.#connections.add(connection);
    this.#record(connection, 'open');
    socket.on('message', (data) => this.#receive(connection, String(data)));
    socket.on('close', (code) => this.#lost(connection, code));
    socket.on('error', () => socket.terminate());
    if (query.get('v') !== '10') this.#refuse(connection, [4012, 'the version of the API']);
    else if (query.get('encoding') !== 'json') this.#refuse(connection, [4002, 'an encoding that is not JSON']);
    else send(socket, { op: Op.hello, d: { heartbeat_interval: this.#settings.heartbeatIntervalMs, _trace: [] } });
  }

  #receive(connection: Connection, text: string): void {
    if (!this.#connections.has(connection)) return;
    const payload = text.length > MAX_PAYLOAD ? null : parse(text);
    const fatal = payload ? this.#take(connection, payload) : ([4002, 'a payload that it cannot decode'] as const);
    if (fatal) this.#refuse(connection, fatal);
  }

  #take(connection: Connection, payload: Json): CloseReason | null {
    const { session } = connection;
    const op = asNumber(payload['op']);
    if (op === Op.heartbeat) {
      session?.confirm(asNumber(payload['d']));
      if (!this.ignoresHeartbeats) send(connection.socket, { op: Op.heartbeatAck });
      return null;
    }
    if (op === Op.identify || op === Op.resume) {
      const data = asJson(payload['d']);
      if (session) return [4005, 'a second IDENTIFY or RESUME'];
      if (!this.#settings.tokenIsGood(data['token'])) return [4004, 'the token'];
      return op === Op.identify ? this.#identify(connection, data) : this.#resume(connection, data);
    }
    if (!UNANSWERED_OPS.includes(op)) return [4001, 'an unknown opcode'];
    return session ? null : [4003, 'a payload before IDENTIFY'];
  }

  #identify(connection: Connection, data: Json): CloseReason | null {
    const intents = data['intents'];
    if (typeof intents !== 'number' || !isJson(data['properties'])) return [4002, 'no intents or no properties'];
    if (intents & PRIVILEGED_INTENTS) return [4014, 'a privileged intent'];
    const now = this.#settings.now();
    if (now - this.#identifiedAt < this.#settings.identifyEveryMs) {
      // Discord says nothing of the reason.
      send(connection.socket, { op: Op.invalidSession, d: false });
      this.#journal.record({ kind: 'refused', at: Date.now(), what: 'gateway', reason: 'an IDENTIFY too soon' });
      return null;
    }
    this.#identifiedAt = now;
    this.sessionsLeft = Math.max(0, this.sessionsLeft - 1);
    this.#sessions = this.#sessions.filter((one) => one.connection !== null || one.isResumable());
    const session = new Session(intents);
    this.#sessions.push(session);
    this.#attach(connection, session);
    this.#record(connection, 'identify');
    const own = { session_id: session.id, resume_gateway_url: this.url, shard: data['shard'] ?? [0, 1] };
    this.#deliver(session, session.add('READY', { ...this.#settings.ready(), ...own }));
    if (intents & Intent.guilds) this.#deliver(session, session.add('GUILD_CREATE', this.#settings.guildCreate()));
    this.#settings.changed();
    return null;
  }

  #resume(connection: Connection, data: Json): CloseReason | null {
    const session = this.#sessions.find((one) => one.id === data['session_id']);
    const seq = asNumber(data['seq']);
    this.#record(connection, 'resume');
    if (session && seq > session.seq) return [4007, 'a sequence number from the future'];
    const missed = session?.connection || session?.isResumable() ? session.missed(seq) : null;
    if (!session || !missed) {
      send(connection.socket, { op: Op.invalidSession, d: false });
      return null;
    }
    session.connection?.socket.terminate();
    this.#attach(connection, session);
    for (const dispatch of missed) this.#deliver(session, dispatch);
    this.#deliver(session, session.add('RESUMED', { _trace: [] }));
    this.#settings.changed();
    return null;
  }

  #attach(connection: Connection, session: Session): void {
    if (session.connection) session.connection.session = null;
    connection.session = session;
    session.connection = connection;
    session.lostAt = null;
  }

  #detach(connection: Connection): void {
    const { session } = connection;
    if (!session) return;
    session.connection = null;
    session.lostAt = Date.now();
    connection.session = null;
  }

  #deliver({ connection }: Session, dispatch: Dispatch): void {
    if (!connection) return;
    send(connection.socket, dispatch);
    if (dispatch.t !== 'INTERACTION_CREATE') return;
    const interactionId = String(dispatch.d['id']);
    const { number } = connection;
    this.#journal.record({
      kind: 'interaction',
      at: Date.now(),
      interactionId,
      connection: number,
      payload: dispatch.d,
    });
  }

  #refuse(connection: Connection, [code, what]: CloseReason): void {
    this.#journal.record({ kind: 'refused', at: Date.now(), what: 'gateway', reason: `${code}: ${what}` });
    this.#end(connection, code);
  }

  #end(connection: Connection, code?: number): void {
    if (code === undefined) connection.socket.terminate();
    else connection.socket.close(code);
    this.#lost(connection, code ?? 1006);
  }

  /** Idempotent: the socket's `close` event calls it again. */
  #lost(connection: Connection, code: number): void {
    if (!this.#connections.delete(connection)) return;
    const { session } = connection;
    this.#detach(connection);
    if (SESSION_ENDS.includes(code)) this.#sessions = this.#sessions.filter((one) => one !== session);
    this.#record(connection, 'close', code);
    this.#settings.changed();
  }

  #record(connection: Connection, event: 'open' | 'identify' | 'resume' | 'close', code?: number): void {
    const entry = { kind: 'socket', at: Date.now(), event, connection: connection.number } as const;
    this.#journal.record(code === undefined ? entry : { ...entry, code });
  }
}

function send(socket: WebSocket, payload: object): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ s: null, t: null, ...payload }));
}

function parse(text: string): Json | null {
  try {
    const payload: unknown = JSON.parse(text);
    return isJson(payload) ? payload : null;
  } catch {
    return null;
  }
}

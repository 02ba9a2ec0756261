/**
 * Records the bot's effects outside its memory, in order: each commit, each request when it starts, and each socket write.
 * Recorded where no code path can bypass it: at the store's fail-points, the HTTP clients' diagnostics channels, and
 * Node's sockets.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { FailPoint } from '../../src/core/ports/fail-points.ts';

export type Effect =
  /** Committed to the database. */
  | { what: 'commit' }
  /** A step inside the bot, by its name. */
  | { what: 'point'; point: FailPoint }
  /** Started by any library, before its first byte is written. */
  | { what: 'request'; method: string; path: string }
  /** A message to a WebSocket. */
  | { what: 'frame'; text: string }
  /** A response of the bot's own server. */
  | { what: 'answer'; text: string };

export interface EffectLog {
  readonly effects: readonly Effect[];
  /** To be passed to the bot. */
  readonly failPoint: (point: FailPoint) => void;
  /** The bot's own port: requests to it come from outside, and writes from it are the bot's responses. */
  watch(botPort: number): void;
  stop(): void;
}

/** Records from now on, but not sockets that are open already. `onPoint` may inject a forbidden effect. */
export function recordEffects(onPoint: (point: FailPoint) => void = () => {}): EffectLog {
  const effects: Effect[] = [];
  let botPort = 0;

  /** Both copies of undici: Node's own and the package's. */
  const onRequest = (message: unknown) => {
    const { request } = message as { request: { method: string; path: string; origin?: string | URL } };
    if (Number(new URL(String(request.origin)).port) === botPort) return;
    effects.push({ what: 'request', method: request.method, path: decodeURIComponent(request.path) });
  };
  const onHttpRequest = (message: unknown) => {
    const { request } = message as { request: { method: string; path: string } };
    effects.push({ what: 'request', method: request.method, path: request.path });
  };
  const onClientSocket = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    const read = frameReader();
    // Connecting replaces an earlier override of `write`.
    socket.once('connect', () =>
      tap(socket, (bytes) => {
        const text = socket.remotePort === botPort ? null : read(bytes);
        if (text !== null) effects.push({ what: 'frame', text });
      }),
    );
  };
  const onServerSocket = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    tap(socket, (bytes) => {
      if (socket.localPort === botPort) effects.push({ what: 'answer', text: bytes.toString('utf8') });
    });
  };
  const channels = [
    ['undici:request:create', onRequest],
    ['http.client.request.start', onHttpRequest],
    ['net.client.socket', onClientSocket],
    ['net.server.socket', onServerSocket],
  ] as const;
  for (const [name, listener] of channels) subscribe(name, listener);

  return {
    effects,
    failPoint(point) {
      effects.push(point === 'commit.after' ? { what: 'commit' } : { what: 'point', point });
      onPoint(point);
    },
    watch(port) {
      botPort = port;
    },
    stop() {
      for (const [name, listener] of channels) unsubscribe(name, listener);
    },
  };
}

/** Calls back for every write of this socket. */
function tap(socket: Socket, see: (bytes: Buffer) => void): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  socket.write = (...args: unknown[]) => {
    const [chunk, encoding] = args;
    if (typeof chunk === 'string') {
      see(Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'));
    } else if (chunk instanceof Uint8Array) see(Buffer.from(chunk));
    return write(...args);
  };
}

const FINAL_TEXT = 0x81;
const MASKED = 0x80;

/** Decodes a client's WebSocket frame (RFC 6455); null for pings and for anything that is not a frame. */
function frameReader(): (bytes: Buffer) => string | null {
  let begun: Buffer = Buffer.alloc(0);
  return (bytes) => {
    const all = Buffer.concat([begun, bytes]);
    begun = Buffer.alloc(0);
    const [first = 0, second = 0] = all;
    if (first !== FINAL_TEXT || (second & MASKED) === 0) return null;
    const short = second & ~MASKED;
    const maskAt = short < 126 ? 2 : short === 126 ? 4 : 10;
    const length = short < 126 ? short : short === 126 ? all.readUInt16BE(2) : Number(all.readBigUInt64BE(2));
    const mask = all.subarray(maskAt, maskAt + 4);
    const body = all.subarray(maskAt + 4);
    // A library may write the header of a frame first, and its payload next.
    if (body.length < length) begun = all;
    if (body.length < length) return null;
    return Buffer.from(body.map((byte, index) => byte ^ (mask[index % 4] ?? 0))).toString('utf8');
  };
}

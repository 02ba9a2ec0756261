/**
 * What the bot does to the world outside of its memory, in the order in which it does it: each commit, each request as it
 * is begun, and each write to a socket. Seen where nobody can get by: at the store's own fail-points, at the HTTP clients'
 * diagnostics channels, and at the sockets of Node themselves.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { FailPoint } from '../../src/core/ports/fail-points.ts';

export type Effect =
  /** The database has it. */
  | { what: 'commit' }
  /** A step of the bot's own, by its name. */
  | { what: 'point'; point: FailPoint }
  /** Begun by whatever library, before anything of it is on its way. */
  | { what: 'request'; method: string; path: string }
  /** A message to a web socket. */
  | { what: 'frame'; text: string }
  /** From the bot's own server. */
  | { what: 'answer'; text: string };

export interface EffectLog {
  readonly effects: readonly Effect[];
  /** To be given to the bot. */
  readonly failPoint: (point: FailPoint) => void;
  /** Where the bot listens: what goes there comes from outside, and what comes from there is its answer. */
  watch(botPort: number): void;
  stop(): void;
}

/** Watches from now on; sockets that are open already are not seen. `onPoint` may do what the bot should not. */
export function recordEffects(onPoint: (point: FailPoint) => void = () => {}): EffectLog {
  const effects: Effect[] = [];
  let botPort = 0;

  /** Both kinds of undici, Node's own and the package's. */
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
    // Connecting takes away whatever stood in the place of its `write` before.
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

/** Sees every write of this socket as it is made. */
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

/** Reads what a client writes to a web socket as RFC 6455 frames it; null for pings, and for what is no frame. */
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
    // A library may write the head of a frame first, and its body next.
    if (body.length < length) begun = all;
    if (body.length < length) return null;
    return Buffer.from(body.map((byte, index) => byte ^ (mask[index % 4] ?? 0))).toString('utf8');
  };
}

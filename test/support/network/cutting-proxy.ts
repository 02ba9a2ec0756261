/** A TCP proxy that cuts connections at a byte, lets nothing through for a while, or refuses: a network that fails. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type Direction = 'to server' | 'to client';

/** One cut, of the first connection on which its moment comes. */
export interface Cut {
  direction: Direction;
  /** So many bytes still go through in this direction, counted from `seen`, or from the order. */
  afterBytes: number;
  /** Begins to count once this has passed to the server, on the connection on which it passed. */
  seen?: string;
}

export interface CuttingProxy {
  readonly port: number;
  /** How many connections are open. */
  readonly open: number;
  /** How many bytes have passed, over all connections. */
  readonly passed: Readonly<Record<Direction, number>>;
  /** Orders a cut; what was ordered and has not happened is dropped. @returns resolves once it has happened */
  cut(cut: Cut): Promise<void>;
  /** Drops a cut that has not happened. */
  spare(): void;
  /** Cuts all connections now. @returns how many */
  cutAll(): number;
  /** Nothing passes from now on, and no connection ends, as on a line that drops packets. */
  stall(): void;
  /** New connections are cut at once, until `flow`. */
  refuse(): void;
  /** Everything passes again, what was kept first. */
  flow(): void;
  close(): Promise<void>;
}

/** A connection through the proxy. */
class Line {
  readonly #sockets: Record<Direction, Socket>;
  #isCut = false;

  /** @param pass says how many bytes of a chunk may still go through; fewer than it has: the line is cut there */
  constructor(client: Socket, server: Socket, pass: (direction: Direction, chunk: Buffer, line: Line) => number) {
    this.#sockets = { 'to server': server, 'to client': client };
    for (const [direction, from, to] of [
      ['to server', client, server],
      ['to client', server, client],
    ] as const) {
      from.on('data', (chunk: Buffer) => {
        if (this.#isCut) return;
        const left = pass(direction, chunk, this);
        if (left < chunk.length) this.#cutAfter(direction, chunk.subarray(0, left));
        else if (!to.write(chunk)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      });
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of Object.values(this.#sockets)) socket.destroy();
  }

  pause(): void {
    for (const socket of Object.values(this.#sockets)) socket.pause();
  }

  resume(): void {
    for (const socket of Object.values(this.#sockets)) socket.resume();
  }

  /** What may still pass does arrive. */
  #cutAfter(direction: Direction, rest: Buffer): void {
    this.#isCut = true;
    this.#sockets[direction].write(rest, () => this.cut());
  }
}

/** On 127.0.0.1, in front of this port of it. */
export async function createCuttingProxy(target: number): Promise<CuttingProxy> {
  const lines = new Set<Line>();
  const passed = { 'to server': 0, 'to client': 0 };
  let state: 'flows' | 'stalls' | 'refuses' = 'flows';
  let order: { cut: Cut; line: Line | null; left: number; done: () => void } | null = null;

  function pass(direction: Direction, chunk: Buffer, line: Line): number {
    const left = allowed(direction, chunk, line);
    passed[direction] += left;
    return left;
  }

  function allowed(direction: Direction, chunk: Buffer, line: Line): number {
    if (order === null) return chunk.length;
    let from = 0;
    if (order.line === null) {
      const { seen } = order.cut;
      const at = seen === undefined ? 0 : direction === 'to server' ? chunk.indexOf(seen) : -1;
      if (at < 0) return chunk.length;
      order.line = line;
      from = at + (seen?.length ?? 0);
    }
    if (order.line !== line || order.cut.direction !== direction) return chunk.length;
    if (order.left >= chunk.length - from) {
      order.left -= chunk.length - from;
      return chunk.length;
    }
    const { left, done } = order;
    order = null;
    done();
    return from + left;
  }

  const server = createServer({ pauseOnConnect: true }, (client) => {
    if (state === 'refuses') return client.resetAndDestroy();
    const upstream = connect(target, '127.0.0.1');
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    const line = new Line(client, upstream, pass);
    lines.add(line);
    client.once('close', () => lines.delete(line));
    if (state === 'stalls') line.pause();
    else client.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    get open() {
      return lines.size;
    },
    passed,
    cut: (cut) =>
      new Promise((resolve) => {
        order = { cut, line: null, left: cut.afterBytes, done: resolve };
      }),
    spare() {
      order = null;
    },
    cutAll() {
      const count = lines.size;
      for (const line of lines) line.cut();
      return count;
    },
    stall() {
      state = 'stalls';
      for (const line of lines) line.pause();
    },
    refuse() {
      state = 'refuses';
    },
    flow() {
      state = 'flows';
      for (const line of lines) line.resume();
    },
    async close() {
      for (const line of lines) line.cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

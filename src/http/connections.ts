/** Tested in test/http/limits.test.ts. */
import type { Socket } from 'node:net';

/**
 * The open connections of a server. Beyond the limit the one that has been idle for the longest is closed, so that
 * connections on which nothing happens keep no one out.
 */
export class Connections {
  readonly #max: number;
  readonly #requests = new Map<Socket, number>();
  /** In the order in which they became idle. */
  readonly #idle = new Set<Socket>();

  constructor(max: number) {
    this.#max = max;
  }

  /** More are open than may be, and none of the others is idle. */
  get isFull(): boolean {
    return this.#requests.size > this.#max;
  }

  opened(socket: Socket): void {
    this.#requests.set(socket, 0);
    this.#idle.add(socket);
    socket.once('close', () => {
      this.#requests.delete(socket);
      this.#idle.delete(socket);
    });
    for (const oldest of this.#idle) {
      if (!this.isFull || oldest === socket) return;
      this.#requests.delete(oldest);
      this.#idle.delete(oldest);
      oldest.destroy();
    }
  }

  /** A request on it begins. */
  began(socket: Socket): void {
    this.#requests.set(socket, (this.#requests.get(socket) ?? 0) + 1);
    this.#idle.delete(socket);
  }

  /** It is answered. */
  ended(socket: Socket): void {
    const left = (this.#requests.get(socket) ?? 1) - 1;
    if (!this.#requests.has(socket)) return;
    this.#requests.set(socket, left);
    if (left === 0) this.#idle.add(socket);
  }
}

import type { ClientRequest } from 'node:http';
import { framed, type RequestBody } from './framing.ts';

/** Writes the body of a request. Tested in test/backends/shared/http/upload.test.ts. */
export class Upload {
  /** Whether the server can have all of it. */
  isSent = false;
  readonly #outgoing: ClientRequest;
  readonly #body: RequestBody;
  #isWanted = true;

  constructor(outgoing: ClientRequest, body: RequestBody) {
    this.#outgoing = outgoing;
    this.#body = body;
  }

  /** The answer is there: no more of it is sent, and nothing else on this connection. */
  abandon(): void {
    this.#isWanted = false;
    this.#outgoing.shouldKeepAlive = false;
  }

  async run(): Promise<void> {
    const outgoing = this.#outgoing;
    const body = this.#body;
    if (body === null || body instanceof Uint8Array) {
      this.isSent = true;
      outgoing.end(body ?? undefined);
      return;
    }
    let size = 0;
    for await (const chunk of framed(body)) {
      size += chunk.length;
      this.isSent = size === body.length;
      // The rest is read and dropped after an answer or a failure: a caller that is still sending would not read the
      // answer, and stopping here would break its connection.
      if (this.#isWanted && !outgoing.destroyed && !outgoing.write(chunk)) await writable(outgoing);
    }
    if (!this.#isWanted || outgoing.destroyed) return;
    this.isSent = true;
    outgoing.end();
  }
}

function writable(outgoing: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off('drain', done).off('close', done);
      resolve();
    };
    outgoing.on('drain', done).on('close', done);
  });
}

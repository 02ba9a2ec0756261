import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { coerceError } from '../core/ports/errors.ts';
import type { Backend, Log, ProxyReply, ProxyRequest } from '../core/ports/ports.ts';

export type RawHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/** Every `/v1/*` goes through to the backend. Raw, beside the web framework: not a byte may change on the way. */
export function createGateway(backend: Backend, log: Log): RawHandler {
  return (incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.on('close', () => gone.abort());
    // A broken connection is the caller's; it is already told by `gone`.
    incoming.on('error', () => gone.abort());
    outgoing.on('error', () => gone.abort());
    backend.proxy?.(requestOf(incoming), replyOf(outgoing), gone.signal).catch((thrown: unknown) => {
      log.error({ err: coerceError(thrown) }, 'the gateway failed');
      if (outgoing.headersSent) outgoing.destroy();
      else problem(outgoing);
    });
  };
}

function problem(outgoing: ServerResponse): void {
  outgoing.writeHead(502, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify({ error: 'Bad Gateway', message: 'Countersign could not pass this request on.' }));
}

function requestOf(incoming: IncomingMessage): ProxyRequest {
  return {
    method: incoming.method ?? 'GET',
    target: incoming.url ?? '/',
    rawHeaders: incoming.rawHeaders,
    body: incoming,
  };
}

function replyOf(outgoing: ServerResponse): ProxyReply {
  return {
    start(status, rawHeaders) {
      if (outgoing.destroyed) return;
      outgoing.writeHead(status, [...rawHeaders]);
      // A stream's head goes out at once: its first event may take a while.
      outgoing.flushHeaders();
    },
    async write(bytes) {
      if (outgoing.destroyed) throw new Error('the caller is gone');
      if (outgoing.write(bytes)) return;
      const waiting = new AbortController();
      const closed = once(outgoing, 'close', { signal: waiting.signal }).then(() => {
        throw new Error('the caller is gone');
      });
      try {
        await Promise.race([once(outgoing, 'drain', { signal: waiting.signal }), closed]);
      } finally {
        closed.catch(() => {});
        waiting.abort();
      }
    },
    end: () => {
      outgoing.end();
    },
    destroy: () => {
      outgoing.destroy();
    },
  };
}

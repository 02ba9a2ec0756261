import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Parts } from '../parts.ts';
import type { Faults } from './faults.ts';
import { describeRefusal, Refusal, refuseStatus } from './refusal.ts';
import { parseBody, type RequestBody, readBytes } from './request-body.ts';
import { dropResponse, rateLimitHeaders, send, sendRateLimited } from './responses.ts';
import { matchPath, type RestReply, type Route } from './route.ts';

const PREFIX = '/api/v10';
const HOST = '127.0.0.1';

/** Errors in the body itself: no race and no missing permission causes them. */
const BAD_BODY = [50006, 50035, 50109];

/** The REST API: finds the route, checks the token, applies faults, answers, and records each call. */
export class RestServer {
  readonly #parts: Parts;
  readonly #routes: readonly Route[];
  readonly #faults: Faults;
  readonly #server: Server;
  readonly #delays = new Set<() => void>();

  constructor(parts: Parts, routes: readonly Route[], faults: Faults) {
    this.#parts = parts;
    this.#routes = routes;
    this.#faults = faults;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => request.socket.destroy());
    });
    // Longer than any client keeps an idle connection, so that the client always closes first.
    this.#server.keepAliveTimeout = 120_000;
    this.#server.on('upgrade', (request, socket, head) => parts.gateway.upgrade(request, socket, head));
  }

  /** Resolves with the port. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, HOST, () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  close(): Promise<void> {
    for (const end of this.#delays) end();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.#parts.origin);
    const method = request.method ?? 'GET';
    const bytes = await readBytes(request);
    if (this.#sendFile(url.pathname, response)) return;
    const path = url.pathname.startsWith(`${PREFIX}/`) ? decodePath(url.pathname.slice(PREFIX.length)) : url.pathname;
    const given = await parseBody(bytes, request.headers['content-type'] ?? '').catch((error) => coerceRefusal(error));
    const shown = given instanceof Refusal ? null : given.shown;
    const note = (status: number, error: string | null) => {
      this.#parts.journal.record({ kind: 'call', at: Date.now(), method, path, body: shown, status, error });
    };
    const fault = this.#faults.take(method, path);
    if (fault?.kind === 'delay') await this.#delay(fault.ms);
    if (fault?.kind === 'rate_limited') {
      note(429, fault.global ? 'rate limited everywhere' : 'rate limited');
      return sendRateLimited(response, fault);
    }
    const lost = fault && 'when' in fault ? fault : null;
    if (lost?.when === 'before') return dropResponse(request, response, lost, note);
    const reply = given instanceof Refusal ? given : this.#act(method, path, url, request, given);
    const error = reply instanceof Refusal ? describeRefusal(reply) : null;
    if (reply instanceof Refusal && BAD_BODY.includes(reply.code)) this.#noteBad(`${method} ${path}`, error ?? '');
    if (lost) {
      const effect = error ?? `effect ${reply.status}`;
      return dropResponse(request, response, lost, (status, how) => note(status, `${how}, ${effect}`));
    }
    note(reply.status, error);
    send(response, reply.status, reply instanceof Refusal ? reply.body() : reply.body, rateLimitHeaders(method, path));
  }

  #act(method: string, path: string, url: URL, request: IncomingMessage, given: RequestBody): RestReply | Refusal {
    try {
      for (const route of this.#routes) {
        const params = route.method === method ? matchPath(route.pattern, path) : null;
        if (!params || !url.pathname.startsWith(`${PREFIX}/`)) continue;
        const { guild } = this.#parts;
        const allowed = route.open || (request.headers.authorization === `Bot ${guild.token}` && !guild.tokenRevoked);
        if (!allowed) return refuseStatus(401);
        return route.handle({ params, query: url.searchParams, ...given });
      }
      return refuseStatus(404);
    } catch (error) {
      return coerceRefusal(error);
    }
  }

  /** Serves attachments to anyone who knows the address, as Discord's file server does. */
  #sendFile(path: string, response: ServerResponse): boolean {
    const file = this.#parts.guild.files.get(path);
    if (file) response.writeHead(200, { 'content-type': file.contentType }).end(file.bytes);
    return file !== undefined;
  }

  #noteBad(what: string, reason: string): void {
    this.#parts.journal.record({ kind: 'refused', at: Date.now(), what, reason });
  }

  #delay(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#delays.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#delays.add(end);
    });
  }
}

/** A bug of the emulator must not look like a response of Discord. */
function coerceRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new Refusal(500, 0, `The emulator failed: ${detail}`);
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { bodyOf } from '../shared/exact-json.ts';
import { applyFault, type Faults, statusOf } from '../shared/http-faults.ts';
import type { Journal } from '../shared/journal.ts';
import { BODY_MAX_BYTES, type RawBody } from './request-body.ts';
import { type Answer, problem } from './responses.ts';
import { PREFIX, type RouteContext, routesAt } from './routes.ts';
import type { Tokens } from './tokens.ts';
import type { SonzaiEntry } from './types.ts';

const HEADERS_KEPT = ['authorization', 'accept', 'content-type'];

export interface ServerParts {
  context: RouteContext;
  tokens: Tokens;
  faults: Faults;
  journal: Journal<SonzaiEntry>;
  unauthorizedBody: 'problem' | 'error';
  now: () => number;
  /** Aborted when the emulator closes. */
  signal: AbortSignal;
}

/** A plain-text response of the router, which does not use problem+json. */
interface PlainText {
  status: number;
  text: string;
}

/** The HTTP server: finds the route, checks the token, runs the operation, and records each request. */
export function createSonzaiServer(parts: ServerParts): Server {
  return createServer((request, response) => {
    serve(parts, request, response).catch((error: unknown) => {
      if (parts.signal.aborted || response.headersSent) return response.destroy();
      const detail = { message: String(error), location: '', value: undefined };
      sendAnswer(request, response, problem(500, 'unexpected error occurred', [detail]));
    });
  });
}

async function serve(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readRaw(request);
  const url = new URL(request.url ?? '/', 'http://sonzai.invalid');
  const method = request.method ?? '';
  const paths = [url.pathname, routesAt(url.pathname, parts.context)[0]?.route ?? url.pathname];
  const fault = parts.faults.take([...paths, ...paths.map((path) => `${method} ${path}`)]);
  const record = (status: number, effect: boolean) => {
    const sent = HEADERS_KEPT.flatMap((name) => [[name, request.headers[name]]]).filter(([, value]) => value);
    const headers = Object.fromEntries(sent) as Record<string, string>;
    const query = Object.fromEntries(url.searchParams);
    const call = { kind: 'call', at: parts.now(), method, path: url.pathname, query, headers } as const;
    parts.journal.record({ ...call, body: bodyOf(body.text), status, effect });
  };

  if (fault && fault.kind !== 'latency' && fault.when === 'before') {
    record(statusOf(fault), false);
    return applyFault(fault, request, response, (status) => sendUsual(request, response, status));
  }
  const answer = answerTo(parts, request, url, body);
  const effect = 'effect' in answer && answer.effect;
  if (fault && fault.kind !== 'latency') {
    record(statusOf(fault), effect);
    return applyFault(fault, request, response, (status) => sendUsual(request, response, status));
  }
  record(answer.status, effect);
  if (fault) await delay(fault.ms, undefined, { signal: parts.signal });
  if ('text' in answer) sendText(response, answer);
  else if (answer.status === 401 && parts.unauthorizedBody === 'error') {
    sendJson(response, 401, { error: 'unauthorized' }, 'application/json');
  } else sendAnswer(request, response, answer);
}

function answerTo(parts: ServerParts, request: IncomingMessage, url: URL, body: RawBody): Answer | PlainText {
  const routes = routesAt(url.pathname, parts.context);
  if (routes.length === 0) return { status: 404, text: '404 page not found\n' };
  const route = routes.find((one) => one.method === request.method);
  if (!route) return { status: 405, text: 'Method Not Allowed\n' };
  const session = parts.tokens.check(request.headers.authorization);
  if (typeof session === 'string') return problem(401, session);
  return route.answer({ session, query: url.searchParams, body });
}

function sendUsual(request: IncomingMessage, response: ServerResponse, status: number): void {
  const detail = status >= 500 ? 'unexpected error occurred' : status === 429 ? 'rate limit exceeded' : 'refused';
  sendAnswer(request, response, problem(status, detail));
}

/** A response body links to its schema; nested objects do not. */
function sendAnswer(request: IncomingMessage, response: ServerResponse, { status, schema, body }: Answer): void {
  const path = `${PREFIX}/schemas/${schema}.json`;
  const host = String(request.headers['x-forwarded-host'] ?? request.headers.host ?? '');
  const scheme = /^(?:localhost|127\.0\.0\.1)(?::\d+)?$/.test(host) ? 'http' : 'https';
  response.setHeader('link', `<${path}>; rel="describedBy"`);
  const type = schema === 'ErrorModel' ? 'application/problem+json' : 'application/json';
  sendJson(response, status, { $schema: `${scheme}://${host}${path}`, ...body }, type);
}

function sendJson(response: ServerResponse, status: number, body: object, type: string): void {
  if (!response.hasHeader('content-type')) response.setHeader('content-type', type);
  response.writeHead(status);
  response.end(`${JSON.stringify(body)}\n`);
}

function sendText(response: ServerResponse, { status, text }: PlainText): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}

async function readRaw(request: IncomingMessage): Promise<RawBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes < BODY_MAX_BYTES) chunks.push(chunk as Buffer);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  return { text, tooLarge: bytes >= BODY_MAX_BYTES, contentType: request.headers['content-type'] };
}

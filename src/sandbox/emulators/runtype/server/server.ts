import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { bodyOf } from '../../shared/exact-json.ts';
import type { Journal } from '../../shared/journal.ts';
import { mintId } from '../runs/ids.ts';
import type { Run } from '../runs/run.ts';
import type { Compression, Json, RuntypeCall, RuntypeEntry, RuntypeFault } from '../types.ts';
import { bodyOf as answerBody, type Body, plainRequest } from './compression.ts';
import { answerAs, applyFault, type Faults, isAnswerFault } from './faults.ts';
import { type Answer, matchRoute, type Route } from './routes.ts';
import { StreamResponse } from './stream-response.ts';

export interface ServerParts {
  routes: Route[];
  /** Whether pages of this origin may read the answers of public routes. */
  allowsOrigin(origin: string): boolean;
  keys: ReadonlySet<string>;
  faults: Faults;
  journal: Journal<RuntypeEntry>;
  compression: Compression | null;
  readsCompressed: boolean;
}

/** The HTTP server: checks the key, then the body, then the state, and records each request. */
export function createRuntypeServer(parts: ServerParts): Server {
  return createServer((request, response) => {
    serve(parts, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else
        sendJson(response, answerBody(request, response, null), 500, {
          error: 'Internal Server Error',
          message: String(error),
        });
    });
  });
}

async function serve(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = bodyOf(await readText(request, parts.readsCompressed));
  const url = new URL(request.url ?? '/', 'http://runtype.invalid');
  const isPreflight = request.method === 'OPTIONS' && url.pathname.startsWith('/v1/client/');
  if (isPreflight) return preflight(parts, request, response);
  const matched = matchRoute(parts.routes, request.method, url.pathname);
  // Requests without a route match faults planned with their method: `GET /v1/nowhere`.
  const path = matched === undefined ? `${request.method} ${url.pathname}` : url.pathname;
  const fault = parts.faults.take(path, matched?.route.path);
  if (fault?.kind === 'held') await fault.until;
  const authorization = request.headers.authorization ?? null;
  const record = (status: number, effect: boolean) => {
    const call: Omit<RuntypeCall, 'status' | 'effect'> = {
      kind: 'call',
      at: Date.now(),
      method: request.method ?? '',
      path: url.pathname,
      authorization,
      body,
    };
    parts.journal.record({ ...call, status, effect });
  };

  if (isAnswerFault(fault) && fault.when === 'before') {
    record(faultStatus(fault), false);
    return applyFault(fault, request, response);
  }
  if (fault?.kind === 'answer') {
    record(200, false);
    return answerAs(fault, body, response);
  }
  const origin = request.headers.origin ?? null;
  if (matched?.route.isPublic && origin !== null && parts.allowsOrigin(origin)) allow(origin, response);
  const answer =
    !matched?.route.isPublic && !parts.keys.has(authorization ?? '')
      ? refused(401, { error: authorization ? 'Invalid API key' : 'Missing API key' })
      : matched
        ? matched.route.answer({
            params: matched.params,
            query: url.searchParams,
            body,
            origin,
            prefer: String(request.headers['prefer'] ?? ''),
          })
        : refused(404, { error: 'Not Found', message: `Route ${request.method} ${url.pathname} not found` });
  const effect = answer.kind === 'stream' && answer.segment.effect;
  const status = answer.kind === 'json' ? answer.status : 200;

  if (isAnswerFault(fault)) {
    record(faultStatus(fault), effect);
    applyFault(fault, request, response);
    if (answer.kind === 'stream') await answer.segment.start();
    return;
  }
  record(status, effect);
  await send(answer, fault, response, answerBody(request, response, parts.compression));
}

/** Of the fetch standard: without this, the page can't read the answer. */
function allow(origin: string, response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('vary', 'Origin');
}

/** What a browser asks before a call with JSON from another origin. */
function preflight(parts: ServerParts, request: IncomingMessage, response: ServerResponse): void {
  const { origin } = request.headers;
  if (origin !== undefined && parts.allowsOrigin(origin)) {
    allow(origin, response);
    response.setHeader('access-control-allow-methods', 'GET, POST');
    response.setHeader('access-control-allow-headers', 'content-type, x-persona-version, x-visitor-token');
  }
  response.writeHead(204).end();
}

async function send(
  answer: Answer,
  fault: RuntypeFault | undefined,
  response: ServerResponse,
  body: Body,
): Promise<void> {
  response.setHeader('x-request-id', mintId('req'));
  if (answer.kind === 'json') return sendJson(response, body, answer.status, answer.body);
  if (answer.kind === 'replay') {
    const [last, ...earlier] = answer.run.streams.toReversed();
    const output = new StreamResponse(response, body, fault);
    for (const stream of earlier.reverse()) {
      for (const frame of stream.frames) if (frame.row > answer.after) output.write(frame.text);
    }
    return last ? last.attach(output, answer.after) : output.end();
  }
  const { segment } = answer;
  if (!answer.asJson) segment.stream.attach(new StreamResponse(response, body, fault));
  await segment.start();
  if (answer.asJson) sendJson(response, body, 200, summarise(segment.run));
}

/** The response to `streamResponse: false`. Its shape for a pause is invented: the real one is not documented. */
function summarise(run: Run): Json {
  const { executionId, result, state, pending } = run;
  if (result) {
    return 'error' in result
      ? { success: false, status: 'failed', executionId, error: result.error }
      : { success: true, status: 'completed', executionId, result: result.finalOutput };
  }
  const calls = pending.map((call) => ({ ...call.event, executionId }));
  const approvals = pending.some((call) => call.kind === 'approval');
  const reason = approvals ? { type: 'approval', approvals: calls } : { type: 'await', awaits: calls };
  return { success: true, status: state, executionId, pausedReason: { executionId, ...reason } };
}

function refused(status: number, body: Json): Answer {
  return { kind: 'json', status, body };
}

function faultStatus(fault: { kind: string; status?: number }): number {
  return fault.status ?? 0;
}

function sendJson(response: ServerResponse, body: Body, status: number, json: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  body.write(JSON.stringify(json));
  body.end();
}

async function readText(request: IncomingMessage, isDecompressed: boolean): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const plain = isDecompressed ? plainRequest(bytes, request.headers['content-encoding']) : null;
  return (plain ?? bytes).toString('utf8');
}

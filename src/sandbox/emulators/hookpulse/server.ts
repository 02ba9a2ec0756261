import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { bodyOf } from '../shared/exact-json.ts';
import { applyFault, type Faults, statusOf } from '../shared/http-faults.ts';
import type { Journal } from '../shared/journal.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { ACTION, type Account, type Answer, decide, failed, LIST, listPending } from './routes.ts';
import { TEMPLATE, templateDetail } from './template.ts';
import type { HookPulseBrand, HookPulseEntry } from './types.ts';

/** The API accepts paths with and without a trailing slash. */
export function withoutSlash(path: string): string {
  return path.replace(/\/$/, '');
}

const KEY_HEADER = 'x-hookpulse-api-key';
const BRAND_HEADER = 'x-brand-uuid';
const HEADERS_KEPT = [KEY_HEADER, BRAND_HEADER, 'accept', 'content-type'];

const defaultErrors: Record<number, string> = {
  401: 'Invalid API key',
  403: 'Forbidden',
  404: 'Resource not found',
  429: 'Rate limit exceeded',
};

export interface ServerParts {
  account: Account;
  brands: readonly HookPulseBrand[];
  /** UUIDs of brands whose keys are refused. */
  refused: ReadonlySet<string>;
  /** By the UUID of the brand. */
  rates: ReadonlyMap<string, RateLimiter>;
  faults: Faults;
  journal: Journal<HookPulseEntry>;
  now: () => number;
  /** Called after a page that has a next one. */
  onPage: (page: NonNullable<Answer['page']>) => void;
  /** Aborted when the emulator closes. */
  signal: AbortSignal;
}

/** The HTTP server: checks the rate, then both headers, then runs the operation, and records each request. */
export function createHookPulseServer(parts: ServerParts): Server {
  return createServer((request, response) => {
    serve(parts, request, response).catch(() => {
      if (parts.signal.aborted || response.headersSent) response.destroy();
      else send(response, failed(500, 'Internal server error'));
    });
  });
}

async function serve(parts: ServerParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = bodyOf(await readText(request));
  const url = new URL(request.url ?? '/', 'http://hookpulse.invalid');
  const path = withoutSlash(url.pathname);
  const fault = parts.faults.take([path]);
  const record = (status: number, effect: boolean) => {
    const sent = HEADERS_KEPT.flatMap((name) => [[name, request.headers[name]]]).filter(([, value]) => value);
    const headers = Object.fromEntries(sent) as Record<string, string>;
    const query = Object.fromEntries(url.searchParams);
    const call = { kind: 'call', at: parts.now(), method: request.method ?? '', path: url.pathname } as const;
    parts.journal.record({ ...call, query, headers, body, status, effect });
  };
  const usual = (status: number) => send(response, failed(status, defaultErrors[status] ?? 'Internal server error'));

  const rate = rateOf(parts, request);
  const allowed = rate.take();
  for (const [name, value] of Object.entries(rate.headers())) response.setHeader(name, value);
  if (fault && fault.kind !== 'latency' && fault.when === 'before') {
    record(statusOf(fault), false);
    return applyFault(fault, request, response, usual);
  }
  const answer = allowed
    ? answerTo(parts, request, { path, query: url.searchParams, body })
    : failed(429, 'Rate limit exceeded');
  if (fault && fault.kind !== 'latency') {
    record(statusOf(fault), answer.effect);
    return applyFault(fault, request, response, usual);
  }
  record(answer.status, answer.effect);
  if (answer.page) parts.onPage(answer.page);
  if (fault) await delay(fault.ms, undefined, { signal: parts.signal });
  send(response, answer);
}

interface Call {
  path: string;
  query: URLSearchParams;
  body: unknown;
}

/** Of its brand; a request without a known brand counts for the first. */
function rateOf({ brands, rates }: ServerParts, request: IncomingMessage): RateLimiter {
  const [first] = brands;
  const rate = rates.get(String(request.headers[BRAND_HEADER])) ?? rates.get(first?.brandUuid ?? '');
  if (rate === undefined) throw new Error('there is no brand');
  return rate;
}

function answerTo({ account, brands, refused }: ServerParts, request: IncomingMessage, call: Call): Answer {
  const key = request.headers[KEY_HEADER];
  const uuid = request.headers[BRAND_HEADER];
  if (!key) return failed(401, 'Missing API key');
  const owner = brands.find(({ apiKey, readOnlyApiKey }) => key === apiKey || key === readOnlyApiKey);
  if (!owner || refused.has(owner.brandUuid)) return failed(401, 'Invalid API key');
  if (!uuid) return failed(401, 'Missing brand UUID');
  if (uuid !== owner.brandUuid) return failed(401, 'Invalid brand UUID');
  const own = { ...account, plans: account.plans.filter(({ brand }) => brand === owner.brandUuid) };
  if (request.method === 'GET' && call.path === LIST) return listPending(own, call.query);
  if (request.method === 'POST' && call.path === ACTION) return decide(own, call.body, key === owner.apiKey);
  if (request.method === 'POST' && call.path === TEMPLATE) return templateDetail(own, call.body);
  return failed(404, 'Resource not found');
}

function send(response: ServerResponse, { status, body }: Answer): void {
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'application/json; charset=utf-8');
  response.writeHead(status);
  response.end(JSON.stringify(body));
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

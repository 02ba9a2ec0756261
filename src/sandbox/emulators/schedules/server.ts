/** What the emulators of schedules have in common: one port on 127.0.0.1, planned faults, a limit of calls, a journal. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { applyFault, Faults, type HttpFault, statusOf } from '../shared/http-faults.ts';
import { Journal } from '../shared/journal.ts';

/** One request that an emulator answered, in order. */
export interface ScheduleCall {
  method: string;
  /** Without the query. */
  path: string;
  query: Record<string, string[]>;
  headers: Record<string, string>;
  /** 0 when a fault left the request without an answer. */
  status: number;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** A text as it is, anything else as JSON. */
  body?: unknown;
}

export interface ScheduleServer {
  readonly url: string;
  readonly journal: Journal<ScheduleCall>;
  /** Plans a fault for the next `times` (default 1) requests to a path; `*`: to any. */
  fail(path: string, fault: HttpFault, times?: number): void;
  heal(): void;
  /** At most so many calls in a minute; null: any number. */
  limit(perMinute: number | null): void;
  close(): Promise<void>;
}

export interface ServerOptions {
  port?: number;
  /** ms since 1970 (default `Date.now`). */
  now?: () => number;
}

const MINUTE_MS = 60_000;

/** @throws Error if the port is taken */
export async function createScheduleServer(
  answerTo: (request: IncomingMessage, url: URL) => Answer,
  /** The answer beyond the limit; `waitS`: how long it lasts, in seconds. */
  limited: (waitS: number) => Answer,
  { port = 0, now = Date.now }: ServerOptions = {},
): Promise<ScheduleServer> {
  const journal = new Journal<ScheduleCall>();
  const faults = new Faults();
  let perMinute: number | null = null;
  let calls: number[] = [];

  function answer(request: IncomingMessage, url: URL): Answer {
    const at = now();
    calls = calls.filter((one) => one > at - MINUTE_MS);
    const [oldest = at] = calls;
    if (perMinute !== null && calls.length >= perMinute) return limited(Math.ceil((oldest + MINUTE_MS - at) / 1_000));
    calls.push(at);
    return answerTo(request, url);
  }

  function serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://schedules.invalid');
    const method = request.method ?? '';
    const record = (status: number) => {
      const query: Record<string, string[]> = {};
      for (const name of url.searchParams.keys()) query[name] = url.searchParams.getAll(name);
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      journal.record({ method, path: url.pathname, query, headers, status });
    };
    const fault = faults.take([url.pathname, '*']);
    if (fault !== undefined && fault.kind !== 'latency') {
      record(statusOf(fault));
      applyFault(fault, request, response, (status) => send(response, { status, body: {} }));
      return;
    }
    const found = method === 'GET' ? answer(request, url) : { status: 405 };
    record(found.status);
    if (fault === undefined) send(response, found);
    else setTimeout(() => send(response, found), fault.ms);
  }

  const server = createServer(serve);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    journal,
    fail: (path, fault, times = 1) => faults.plan(path, fault, times),
    heal: () => faults.clear(),
    limit: (most) => {
      perMinute = most;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  const isText = typeof body === 'string';
  response.writeHead(status, {
    ...(body !== undefined && { 'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json' }),
    ...headers,
  });
  response.end(body === undefined ? undefined : isText ? body : JSON.stringify(body));
}

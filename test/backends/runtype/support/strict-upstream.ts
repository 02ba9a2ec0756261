/** A server of raw bytes that reads requests as strictly as HTTP allows, and shares no code with Node’s parser. */
import { createServer, type Socket } from 'node:net';

export interface StrictRequest {
  method: string;
  target: string;
  /** Names in lower case. */
  headers: readonly (readonly [string, string])[];
  body: string;
}

export type Parsed =
  /** `length`: the bytes that it takes. */
  { type: 'request'; request: StrictRequest; length: number } | { type: 'partial' } | { type: 'fault'; reason: string };

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const requestLine = new RegExp(`^(${token}) +([\\x21-\\x7e]+) +HTTP/1\\.([01])$`);
const headerLine = new RegExp(`^(${token}):[ \\t]*(.*?)[ \\t]*$`);
const PARTIAL: Parsed = { type: 'partial' };
const fault = (reason: string): Parsed => ({ type: 'fault', reason });

/**
 * The first request in these bytes, of RFC 9112.
 * @param text one character for each byte
 * @param hosts `any`: only where it ends is checked, not how often it names its host
 */
export function parseRequest(text: string, hosts: 'one' | 'any' = 'one'): Parsed {
  const skipped = /^(?:\r\n)*/.exec(text)?.[0].length ?? 0;
  const end = text.indexOf('\r\n\r\n', skipped);
  if (end < 0) return PARTIAL;
  const [first = '', ...lines] = text.slice(skipped, end).split('\r\n');
  const [, method, target, minor] = requestLine.exec(first) ?? [];
  if (method === undefined || target === undefined) return fault(`request line ${JSON.stringify(first)}`);
  const headers: [string, string][] = [];
  for (const line of lines) {
    const [, name, value] = headerLine.exec(line) ?? [];
    if (name === undefined || value === undefined || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      return fault(`header ${JSON.stringify(line)}`);
    }
    headers.push([name.toLowerCase(), value]);
  }
  const all = (wanted: string) => headers.filter(([name]) => name === wanted).map(([, value]) => value);
  const [lengths, codings, named] = [all('content-length'), all('transfer-encoding'), all('host').length];
  if (hosts === 'one' && (named > 1 || (named === 0 && minor === '1'))) return fault(`${named} hosts`);
  if (lengths.length + codings.length > 1) return fault('framed twice');
  const [length] = lengths;
  const from = end + 4;
  const done = (body: string, to: number): Parsed => ({
    type: 'request',
    request: { method, target, headers, body },
    length: to,
  });
  if (length !== undefined) {
    if (!/^\d{1,15}$/.test(length)) return fault(`length ${length}`);
    const to = from + Number(length);
    return text.length < to ? PARTIAL : done(text.slice(from, to), to);
  }
  if (codings.length === 0) return done('', from);
  if (codings[0]?.toLowerCase() !== 'chunked' || minor === '0') return fault(`coding ${codings[0]}`);
  return parseChunks(text, from, done);
}

/** All requests in these bytes, up to what is unfinished or broken: the rest. */
export function parseRequests(text: string): {
  requests: readonly StrictRequest[];
  isBroken: boolean;
  rest: string;
} {
  const requests: StrictRequest[] = [];
  let rest = text;
  for (;;) {
    const parsed = parseRequest(rest, 'any');
    if (parsed.type !== 'request') return { requests, isBroken: parsed.type === 'fault', rest };
    requests.push(parsed.request);
    rest = rest.slice(parsed.length);
  }
}

function parseChunks(text: string, from: number, done: (body: string, to: number) => Parsed): Parsed {
  let at = from;
  let body = '';
  for (;;) {
    const end = text.indexOf('\r\n', at);
    if (end < 0) return PARTIAL;
    const [, hex] = /^([0-9a-f]{1,12})(?:;[\t\x20-\x7e]*)?$/i.exec(text.slice(at, end)) ?? [];
    if (hex === undefined) return fault(`chunk ${JSON.stringify(text.slice(at, end))}`);
    const size = Number.parseInt(hex, 16);
    at = end + 2;
    if (size === 0) break;
    if (text.length < at + size + 2) return PARTIAL;
    body += text.slice(at, at + size);
    at += size;
    if (text.slice(at, at + 2) !== '\r\n') return fault('end of a chunk');
    at += 2;
  }
  for (;;) {
    const end = text.indexOf('\r\n', at);
    if (end < 0) return PARTIAL;
    const line = text.slice(at, end);
    at = end + 2;
    if (line === '') return done(body, at);
    if (!headerLine.test(line)) return fault(`trailer ${JSON.stringify(line)}`);
  }
}

export interface StrictUpstream {
  port: number;
  /** With the number of the connection on which each came. */
  requests: (StrictRequest & { connection: number })[];
  /** What was not a request. */
  faults: string[];
  connections: Set<Socket>;
  /** The bytes that answer a request; null: none. */
  answer: (request: StrictRequest & { connection: number }) => string | null;
  /** After bytes that do not end a request. */
  onPartial: (socket: Socket) => void;
}

/** In each answer of the server, so that an answer of the gateway’s own looks different. */
export const MARK = 'X-Strict';

export async function withStrictUpstream<T>(use: (upstream: StrictUpstream) => Promise<T>): Promise<T> {
  let opened = 0;
  const upstream: StrictUpstream = {
    port: 0,
    requests: [],
    faults: [],
    connections: new Set(),
    onPartial: () => {},
    answer: ({ method }) =>
      `HTTP/1.1 200 OK\r\n${MARK}: 1\r\nContent-Length: 2\r\n\r\n${method === 'HEAD' ? '' : 'ok'}`,
  };
  const server = createServer((socket) => {
    opened += 1;
    const connection = opened;
    let pending = '';
    upstream.connections.add(socket);
    socket.on('close', () => upstream.connections.delete(socket));
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      pending += bytes.toString('latin1');
      for (let parsed = next(); parsed.type !== 'partial'; parsed = next()) {
        if (parsed.type === 'fault') {
          upstream.faults.push(parsed.reason);
          socket.destroy();
          return;
        }
        pending = pending.slice(parsed.length);
        const request = { ...parsed.request, connection };
        upstream.requests.push(request);
        const bytes = upstream.answer(request);
        if (bytes !== null) socket.write(Buffer.from(bytes, 'latin1'));
      }
      if (pending !== '') upstream.onPartial(socket);
    });
    const next = (): Parsed => (pending === '' ? PARTIAL : parseRequest(pending));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  upstream.port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    return await use(upstream);
  } finally {
    for (const socket of upstream.connections) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

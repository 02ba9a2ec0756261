/**
 * Raw bytes at the gateway, with a strict parser behind it: one request in is the same one request out, or a refusal.
 * What the bytes mean is read by the strict parser, too.
 */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { APP_KEY } from '../../backends/runtype/support/backend.ts';
import { answersIn, withStrictProxy } from '../../backends/runtype/support/raw-caller.ts';
import { MARK, parseRequests, type StrictRequest } from '../../backends/runtype/support/strict-upstream.ts';
import { runs } from '../../support/property.ts';

/** Bytes that the server reads as unfinished, though they are broken, end after so long, ms. */
const BROKEN_MS = 15;

const methods = ['GET', 'POST', 'HEAD', 'DELETE', 'OPTIONS', 'PUT', 'PATCH', 'TRACE', 'CONNECT', 'QUERY', 'get', 'X'];
const targets = [
  '/v1/x',
  '/v1/dispatch/approve',
  '/v1/a?b=c',
  '/v1/%61%0d%0a',
  '/v1/a b',
  '*',
  'http://x/v1/x',
  '//v1/x',
];
const versions = [
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/1.2',
  'http/1.1',
  '',
];
const second = `POST /v1/dispatch HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${APP_KEY}\r\nContent-Length: 2\r\n\r\n{}`;
const lines = [
  ...[
    'Connection: close',
    'Connection: keep-alive',
    'Connection: content-length',
    'Connection: x-hop, transfer-encoding',
  ],
  ...['connection:\tTE', 'Connection: upgrade', 'Connection: content length', 'X-Hop: 1', 'Keep-Alive: timeout=9'],
  ...['Content-Length: 0', 'Content-Length: 2', 'Content-Length: 02', 'Content-Length: +2', 'Content-Length: 2, 2'],
  ...['Content-Length: 0x2', 'Content-Length: ', 'Content-Length : 2', 'Content_Length: 2', 'Content-Length: 99'],
  ...[`Content-Length: ${second.length}`, 'content-length:5', 'X-Content-Length: 2', 'Content-Length\t: 2'],
  ...['Transfer-Encoding: chunked', 'transfer-encoding: CHUNKED', 'Transfer-Encoding: gzip, chunked'],
  ...['Transfer-Encoding: chunked, identity', 'Transfer-Encoding: xchunked', 'Transfer-Encoding:\tchunked'],
  ...['Transfer-Encoding: chunked ', 'Transfer-Encoding: "chunked"', 'Transfer-Encoding : chunked', 'TE: trailers'],
  ...['Transfer-Encoding:', 'Transfer-Encoding: identity', 'Transfer_Encoding: chunked', 'Transfer-Encoding: ,chunked'],
  ...['Host: 127.0.0.1', 'Host: localhost', 'host: 127.0.0.1', 'Authorization: Bearer a', 'Authorization: Bearer b'],
  ...['Expect: 100-continue', 'Expect: x', 'Trailer: X-T', 'Upgrade: h2c', 'Upgrade: websocket', 'Cookie: a=1'],
  ...[
    ' folded',
    '\tfolded',
    'no colon',
    ': no name',
    'X-A: \xff',
    'X-A: a\x00b',
    'X-A: a\rb',
    'X-A: a\nContent-Length: 2',
  ],
  ...[
    'Content-Type: application/json',
    'Content-Encoding: gzip',
    'X-HTTP-Method-Override: POST',
    'Proxy-Connection: x',
  ],
];
const bodies = ['', '', '{}', 'hi', second, '0\r\n\r\n', '2\r\nhi\r\n0\r\n\r\n', '2;a=b\r\nhi\r\n0\r\nX-T: 1\r\n\r\n'];
const chunks = [
  '2\nhi\n0\n\n',
  '2 \r\nhi\r\n0\r\n\r\n',
  '0x2\r\nhi\r\n0\r\n\r\n',
  'fffffffffffffffff\r\nhi',
  '2\r\nhi0\r\n\r\n',
];

/** A request that is nearly right. */
const request = fc
  .record({
    method: fc.constantFrom(...methods),
    target: fc.constantFrom(...targets),
    version: fc.constantFrom(...versions),
    hosts: fc.constantFrom(1, 1, 1, 1, 1, 0, 2),
    headers: fc.array(fc.constantFrom(...lines), { maxLength: 4 }),
    body: fc.constantFrom(...bodies, ...chunks, `2\r\n{}\r\n0\r\n\r\n${second}`),
    blank: fc.constantFrom(' ', ' ', ' ', ' ', '  ', '\t'),
    eol: fc.constantFrom('\r\n', '\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r'),
  })
  .map(({ method, target, version, hosts, headers, body, blank, eol }) => {
    const host = Array<string>(hosts).fill('Host: 127.0.0.1');
    return [[method, target, version].join(blank), ...host, ...headers, '', body].join(eol);
  });

/** One that is right: methods, framings and bodies that are accepted. */
const good = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'DELETE', 'OPTIONS', 'PUT', 'HEAD', 'PATCH', 'QUERY'),
    isChunked: fc.boolean(),
    body: fc.constantFrom('', '{}', '{"a":1}', second, '\r\n\r\n', '0\r\n\r\n'),
    connection: fc.constantFrom('', '', 'Connection: close\r\n', 'Connection: x-hop\r\nX-Hop: 1\r\n'),
  })
  .map(({ method, isChunked, body, connection }) => {
    const chunk = body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`;
    const framing = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`;
    const head = `${method} /v1/x?y=${body.length} HTTP/1.1\r\nHost: 127.0.0.1\r\n${connection}${framing}\r\n\r\n`;
    return head + (isChunked ? `${chunk}0\r\n\r\n` : body);
  });

/** Some bytes changed, removed, doubled or cut. */
const changed = fc
  .tuple(
    fc.oneof(good, request),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom('\r', '\n', '\r\n', ' ', '\t', '\0', ':', ',', '0', 'a', '\x0b', '\x80', '', second),
      ),
    ),
    fc.constantFrom('insert', 'replace', 'cut'),
  )
  .map(([text, changes, how]) => {
    let all = text;
    for (const [place, bytes] of changes.slice(0, 2)) {
      const at = place % (all.length + 1);
      if (how === 'cut') all = all.slice(0, at);
      else all = all.slice(0, at) + bytes + all.slice(how === 'insert' ? at : at + bytes.length);
    }
    return all;
  });

const noise = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const one = fc.oneof(
  { weight: 4, arbitrary: request },
  { weight: 3, arbitrary: good },
  { weight: 3, arbitrary: changed },
  { weight: 1, arbitrary: noise },
);
const bytes = fc.oneof(
  { weight: 4, arbitrary: one },
  { weight: 1, arbitrary: fc.tuple(good, one).map((both) => both.join('')) },
);

/** A connection that is used again while both ends keep it. */
class Caller {
  readonly #port: number;
  #socket: Socket | null = null;

  constructor(port: number) {
    this.#port = port;
  }

  /** Sends one case. @returns all that came back for it */
  async send(sent: string): Promise<string> {
    const { requests, isBroken, rest } = parseRequests(sent);
    const isWhole = requests.length > 0 && rest === '';
    this.#socket ??= connect(this.#port, '127.0.0.1');
    const socket = this.#socket;
    const { promise, resolve } = Promise.withResolvers<string>();
    let answers = '';
    let timer: NodeJS.Timeout | undefined;
    const onClose = () => {
      this.#socket = null;
      resolve(answers);
    };
    const check = () => {
      const missing = requests.length - answersIn(answers);
      if (missing > 0 || socket.writableEnded) return;
      if (isWhole && isComplete(answers, requests)) resolve(answers);
      else if (isBroken && missing === 0) timer ??= setTimeout(() => socket.end(), BROKEN_MS);
      else if (!isWhole) socket.end();
    };
    const onData = (chunk: Buffer) => {
      answers += chunk.toString('latin1');
      check();
    };
    socket
      .on('data', onData)
      .once('close', onClose)
      .once('error', () => {});
    socket.write(Buffer.from(sent, 'latin1'));
    if (requests.length === 0) check();
    const all = await promise;
    clearTimeout(timer);
    socket.off('data', onData).off('close', onClose);
    return all;
  }

  close(): void {
    this.#socket?.destroy();
  }
}

/** Whether the last answer has all of its body: each one says its length. */
function isComplete(answers: string, requests: readonly StrictRequest[]): boolean {
  const at = answers.lastIndexOf('HTTP/1.1 ');
  const end = answers.indexOf('\r\n\r\n', at);
  if (end < 0) return false;
  const length = Number(/content-length: (\d+)/i.exec(answers.slice(at, end))?.[1] ?? 0);
  return requests.at(-1)?.method === 'HEAD' || answers.length >= end + 4 + length;
}

/** For so many cases a request whose connection broke may still arrive. */
const LATE_CASES = 5;

const brief = ({ method, target, body }: StrictRequest) => `${method} ${target} ${JSON.stringify(body)}`;

describe('raw bytes at the gateway', () => {
  test('one request in is one request out, the same one, or a refusal', () =>
    withStrictProxy(async ({ port, upstream, log }) => {
      const caller = new Caller(port);
      let accepted = 0;
      let total = 0;
      /** What connections that broke had sent, and had not arrived yet. */
      let late: { request: string; sentIn: number }[] = [];
      await fc.assert(
        fc.asyncProperty(bytes, async (sent) => {
          upstream.requests.length = 0;
          const answers = await caller.send(sent);
          const seen = upstream.requests.map(brief);
          assert.deepEqual(upstream.faults, []);
          const marked = answers.split(`\r\n${MARK}: 1\r\n`).length - 1;
          const { requests, isBroken, rest } = parseRequests(sent);
          late = late.filter(({ sentIn }) => total - sentIn <= LATE_CASES);
          const unanswered = seen.length - marked;
          // Where the bytes behind it are broken or not whole, a request may lose its answer with its connection.
          const mayLose = isBroken || rest !== '';
          const isAnswered = unanswered >= 0 && (mayLose || unanswered <= late.length);
          assert.ok(isAnswered, `${seen.length} arrived, ${marked} were answered: ${JSON.stringify(answers)}`);
          // What arrived is what was sent. Requests that come in one piece are forwarded side by side.
          const meant = requests.map(brief);
          for (const got of seen) {
            const at = meant.indexOf(got);
            const lateAt = late.findIndex(({ request }) => request === got);
            assert.ok(at >= 0 || lateAt >= 0, `${got} was not sent: ${JSON.stringify(meant)}`);
            if (at >= 0) meant.splice(at, 1);
            else late.splice(lateAt, 1);
          }
          if (mayLose) late.push(...meant.map((request) => ({ request, sentIn: total })));
          accepted += seen.length;
          total += 1;
        }),
        { numRuns: runs(150) },
      );
      caller.close();
      assert.ok(accepted > total / 10, `${accepted} requests of ${total} cases were accepted`);
      assert.doesNotMatch(log.text(), /"level":[56]0/);
    }));
});

/** Answers that break HTTP: the caller gets a clear 502, and the connection is used for nothing else. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { answersIn, type Proxied, raw, sendRaw, statusOf, withStrictProxy } from '../../support/raw-caller.ts';

const ok = (lines: readonly string[] = [], body = 'ok') =>
  ['HTTP/1.1 200 OK', 'X-Strict: 1', ...lines, `Content-Length: ${body.length}`, '', body].join('\r\n');
const call = raw('GET /v1/x', ['Authorization: Bearer a']);

/** Answers the first call so and each later one well. @returns the numbers of the connections that were used */
async function first({ upstream, port }: Proxied, answer: string): Promise<[string, string, number[]]> {
  let asked = 0;
  upstream.requests.length = 0;
  upstream.answer = () => {
    asked += 1;
    return asked === 1 ? answer : ok();
  };
  const got = await sendRaw(port, call);
  const next = await sendRaw(port, call);
  return [got, next, upstream.requests.map(({ connection }) => connection)];
}

describe('an answer that breaks HTTP', () => {
  const broken: [string, string, RegExp][] = [
    ['switches protocols', 'HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nabc', /another protocol/],
    ['says 101 alone', 'HTTP/1.1 101 Go\r\n\r\n', /another protocol/],
    ...['000', '099', '600', '799', '999'].map((status): [string, string, RegExp] => [
      `has the status ${status}`,
      `HTTP/1.1 ${status} X\r\nContent-Length: 2\r\n\r\nok`,
      new RegExp(`its status is ${Number(status)}`),
    ]),
    ['has a status of two digits', 'HTTP/1.1 20 X\r\nContent-Length: 0\r\n\r\n', /not valid HTTP/],
    ['is of another version', 'HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok', /HTTP\/2.0/],
    ['is not HTTP', 'SSH-2.0-x\r\n\r\n', /not valid HTTP/],
    ['has a header that is not valid', ok(['X: a\x01b']), /not valid HTTP/],
    ['is folded', ok(['X: a', ' b']), /not valid HTTP/],
    ['has two lengths', ok(['Content-Length: 3']), /not valid HTTP/],
    ['has a length and chunks', ok(['Transfer-Encoding: chunked']), /not valid HTTP/],
    [
      'has a coding that is not known',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
      /Transfer-Encoding/,
    ],
    ['has too many bytes of headers', ok([`X: ${'a'.repeat(20_000)}`]), /headers are too long/],
    ['is followed by another', `${ok()}${ok([], 'no')}`, /something follows it/],
    ['is followed by bytes', `${ok()}more`, /not valid HTTP|something follows/],
    ['has a body where there is none', 'HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\nok', /not valid HTTP|follows/],
  ];
  test('is a clear 502, and its connection is closed', () =>
    withStrictProxy(async (proxied) => {
      for (const [name, answer, says] of broken) {
        const [got, next, [used, afterwards]] = await first(proxied, answer);
        assert.equal(statusOf(got), 502, `${name}: ${got}`);
        assert.match(got, says, name);
        assert.match(got, /Runtype gave an answer that is not valid/, name);
        assert.equal(statusOf(next), 200, `${name}: the next call works`);
        assert.notEqual(used, afterwards, `${name}: on another connection`);
      }
    }));

  test('later, on a kept connection, answers no other call', () =>
    withStrictProxy(async (proxied) => {
      const { upstream, port } = proxied;
      assert.equal(statusOf(await sendRaw(port, call)), 200);
      const [kept] = upstream.connections;
      assert.ok(kept !== undefined);
      const closed = new Promise((resolve) => kept.once('close', resolve));
      kept.write(ok([], 'poison'));
      await closed;
      assert.doesNotMatch(await sendRaw(port, call), /poison/);
    }));

  test('interim answers are not passed on', () =>
    withStrictProxy(async (proxied) => {
      const [got] = await first(proxied, `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nX: y\r\n\r\n${ok()}`);
      assert.match(got, /^HTTP\/1.1 200 /);
    }));
});

describe('an answer before the request has ended', () => {
  /** The first part of a body, and all that comes back. */
  function begin(port: number): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.on('data', (bytes) => {
        text += bytes.toString('latin1');
        if (answersIn(text) > 0) socket.end();
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(text));
      socket.write('PUT /v1/x HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer a\r\nContent-Length: 9\r\n\r\n{}');
    });
  }

  async function early({ upstream, port }: Proxied, answer: string): Promise<string> {
    upstream.onPartial = (socket) => socket.write(answer);
    const got = await begin(port);
    for (const socket of upstream.connections) await new Promise((resolve) => socket.once('close', resolve));
    return got;
  }

  test('is a 502 where it is not a refusal', () =>
    withStrictProxy(async (proxied) => {
      const got = await early(proxied, ok());
      assert.equal(statusOf(got), 502);
      assert.match(got, /before the request had ended/);
    }));

  test('passes where it refuses the rest, and its connection is closed', () =>
    withStrictProxy(async (proxied) => {
      const got = await early(proxied, 'HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig');
      assert.match(got, /^HTTP\/1.1 413 [\s\S]*big/);
    }));
});

test('Connection of an answer removes no header that is relied on', () =>
  withStrictProxy(async (proxied) => {
    const names = 'content-type, content-encoding, content-length, set-cookie, x-hop';
    const lines = [`Connection: ${names}`, 'Content-Type: text/plain', 'Content-Encoding: identity', 'Set-Cookie: a=1'];
    const [got] = await first(proxied, ok([...lines, 'X-Hop: 1']));
    for (const line of [...lines.slice(1), 'Content-Length: 2']) assert.ok(got.includes(`\r\n${line}\r\n`), line);
    assert.doesNotMatch(got, /x-hop|transfer-encoding/i);
  }));

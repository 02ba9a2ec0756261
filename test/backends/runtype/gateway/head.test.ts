/** The gateway as a strict proxy: what two servers may read differently is not forwarded. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { HEADERS_MAX, refusalOfHead } from '../../../../src/backends/runtype/gateway/head.ts';
import { isAbout } from '../../../../src/backends/runtype/gateway/headers.ts';
import { runs } from '../../../support/property.ts';
import { APP_KEY } from '../support/backend.ts';
import { answersIn, raw, sendRaw, statusOf, withStrictProxy } from '../support/raw-caller.ts';
import { parseRequest } from '../support/strict-upstream.ts';

const smuggled = raw('POST /v1/dispatch', [`Authorization: Bearer ${APP_KEY}`], '{"smuggled":true}');
const bodiless = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'];

describe('Connection', () => {
  const named =
    'content-length transfer-encoding host authorization content-type content-encoding cookie te upgrade'.split(' ');

  test('must not name what a message is read by', () =>
    withStrictProxy(async ({ port, upstream }) => {
      for (const name of named) {
        for (const value of [name, name.toUpperCase(), `close, ${name}`, `close,\t${name} ,`, `,,${name}`]) {
          const answer = await sendRaw(port, raw('GET /v1/x', [`Connection: ${value}`]));
          assert.equal(statusOf(answer), 400, value);
          assert.match(answer, new RegExp(`Connection must not name ${name}`));
        }
        const twice = ['Connection: keep-alive', `connection: ${name}`];
        assert.equal(statusOf(await sendRaw(port, raw('GET /v1/x', twice))), 400, 'in a second header');
      }
      for (const value of [
        'content length',
        '"content-length"',
        'close;content-length',
        'close content-length',
        '\xa0te',
      ]) {
        const answer = await sendRaw(port, raw('GET /v1/x', [`Connection: ${value}`]));
        assert.match(answer, /^HTTP\/1.1 400 [\s\S]*a list of names, separated by commas/, value);
      }
      assert.deepEqual(upstream.requests, []);
    }));

  test('smuggles no second request, by any method', () =>
    withStrictProxy(async ({ port, upstream, intake }) => {
      for (const method of bodiless) {
        const lines = ['Connection: content-length', `Content-Length: ${smuggled.length}`];
        const status = statusOf(await sendRaw(port, raw(`${method} /v1/x`, lines, smuggled)));
        assert.equal(status, method === 'TRACE' ? 405 : 400);
      }
      assert.deepEqual([upstream.requests, upstream.faults, intake.journal.entries], [[], [], []]);
    }));

  test('may name what is its own, which is not passed on', () =>
    withStrictProxy(async ({ port, upstream }) => {
      const lines = ['Connection: close, X-Hop', 'Connection: ,x-other', 'X-Hop: 1', 'x-OTHER: 2', 'X-Kept: 3'];
      assert.equal(statusOf(await sendRaw(port, raw('GET /v1/x', lines))), 200);
      const names = upstream.requests.map(({ headers }) => headers.map(([name]) => name));
      assert.deepEqual(names, [['host', 'x-kept', 'connection']]);
    }));
});

test('any method, any Connection and any framing: one request, the same, or a refusal', () =>
  withStrictProxy(async ({ port, upstream }) => {
    const names = [
      'content-length',
      'transfer-encoding',
      'host',
      'te',
      'upgrade',
      'x-hop',
      'close',
      'keep-alive',
      'a b',
    ];
    const connection = fc
      .array(
        fc.constantFrom(...names).chain((name) => fc.constantFrom(name, name.toUpperCase(), ` ${name}\t`)),
        {
          maxLength: 3,
        },
      )
      .map((all) => all.map((one) => `Connection:${one}`));
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY', 'PROPFIND'];
    const body = fc.constantFrom('', '{}', '{"a":1}', smuggled, '0\r\n\r\n', '\r\n\r\n');
    const framing = fc.constantFrom('none', 'length', 'chunked', 'both', 'gzip', 'old');
    const extra = fc.subarray(['Expect: 100-continue', 'Trailer: x', 'Upgrade: h2c', 'TE: trailers', 'X-Hop: 1'], {
      maxLength: 2,
    });
    const framed = (how: string, text: string): [string[], string] => {
      const length = [`Content-Length: ${text.length}`];
      const chunks = `${text.length.toString(16)}\r\n${text}\r\n${text === '' ? '' : '0\r\n\r\n'}`;
      if (how === 'none') return [[], ''];
      if (how === 'length') return [length, text];
      const coding = how === 'gzip' ? 'gzip, chunked' : 'chunked';
      return [[...(how === 'both' ? length : []), `Transfer-Encoding: ${coding}`], chunks];
    };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...methods),
        fc.constantFrom('/v1/x', '/v1/dispatch/approve', '/v1/agents/a/execute'),
        connection,
        framing,
        body,
        extra,
        async (method, path, connections, how, text, more) => {
          const [lines, bytes] = framed(how, text);
          const sent = raw(`${method} ${path}`, [...connections, ...more, ...lines], bytes).replace(
            /HTTP\/1\.1/,
            how === 'old' ? 'HTTP/1.0' : 'HTTP/1.1',
          );
          upstream.requests.length = 0;
          const answers = await sendRaw(port, sent);
          assert.deepEqual(upstream.faults, []);
          const accepted = answers.split('X-Strict: 1').length - 1;
          assert.equal(upstream.requests.length, accepted);
          if (accepted === 0) return assert.match(answers, /^(?:HTTP\/1.1 100 Continue\r\n\r\n)?HTTP\/1.1 [45]\d\d /);
          const meant = parseRequest(sent);
          assert.ok(meant.type === 'request');
          const [got] = upstream.requests;
          assert.deepEqual(
            [accepted, got?.method, got?.target, got?.body],
            [1, meant.request.method, meant.request.target, meant.request.body],
          );
        },
      ),
      { numRuns: runs(150) },
    );
  }));

describe('a request is refused', () => {
  const cases: [name: string, bytes: string, status: number, says: RegExp][] = [
    ['for TRACE', raw('TRACE /v1/x'), 405, /TRACE is not forwarded/],
    ['for HTTP/2.0', 'GET /v1/x HTTP/2.0\r\nHost: 127.0.0.1\r\n\r\n', 505, /HTTP\/1.1/],
    ['for two hosts', raw('GET /v1/x', ['Host: 127.0.0.1', 'Host: 127.0.0.1']), 421, /Host/i],
    ['for two keys', raw('GET /v1/x', ['Authorization: Bearer a', 'authorization: Bearer b']), 400, /given twice/],
    ['for two types', raw('POST /v1/x', ['Content-Type: a/b', 'Content-Type: application/json'], '{}'), 400, /twice/],
    ['for a name with underscores', raw('POST /v1/x', ['Content_Length: 5'], '{}'), 400, /write it with hyphens/],
    [
      'for another method in a header',
      raw('GET /v1/x', ['X-HTTP-Method-Override: POST']),
      400,
      /Use the method itself/,
    ],
    [
      'for a coding that is not known',
      raw('POST /v1/x', ['Transfer-Encoding: gzip, chunked'], '2\r\nhi\r\n0\r\n\r\n'),
      501,
      /chunked/,
    ],
    [
      'for two codings',
      raw('POST /v1/x', ['Transfer-Encoding: identity', 'Transfer-Encoding: chunked'], '2\r\nhi\r\n0\r\n\r\n'),
      400,
      /given twice/,
    ],
    [
      'for chunks in HTTP/1.0',
      'POST /v1/x HTTP/1.0\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
      400,
      /needs HTTP\/1.1/,
    ],
    ['for too many headers', raw('GET /v1/x', Array(HEADERS_MAX).fill('X-A: 1')), 431, /at most/],
    ['for a body that is not a POST, where it may decide', raw('PUT /v1/dispatch/approve', [], '{}'), 405, /be a POST/],
    [
      'for a length that is no number of bytes',
      raw('POST /v1/x', [`Content-Length: ${'9'.repeat(17)}`]),
      400,
      /number of bytes/,
    ],
  ];
  test('for what is read differently elsewhere, with what to do instead', () =>
    withStrictProxy(async ({ port, upstream }) => {
      for (const [name, bytes, status, says] of cases) {
        const answer = await sendRaw(port, bytes);
        assert.equal(statusOf(answer), status, `${name}: ${answer}`);
        assert.match(answer, says, name);
      }
      assert.deepEqual([upstream.requests, upstream.faults], [[], []]);
    }));

  test('ends its connection, whatever follows', () =>
    withStrictProxy(async ({ port, upstream }) => {
      for (const head of [['Transfer-Encoding: ,chunked'], ['Content_Length: 5', 'Transfer-Encoding: chunked']]) {
        const answer = await sendRaw(port, raw('PUT /v1/x', head, `2\r\n{}\r\n0\r\n\r\n${smuggled}`));
        assert.match(answer, /^HTTP\/1.1 (?:400|501) [\s\S]*\r\nConnection: close\r\n/);
        assert.equal(answersIn(answer), 1);
      }
      assert.deepEqual([upstream.requests, upstream.faults], [[], []]);
    }));

  test('and says which methods there are', () => {
    const head = { version: '1.1', target: '/v1/resume', rawHeaders: ['Content-Length', '1'] };
    assert.deepEqual(refusalOfHead({ ...head, method: 'PUT' })?.headers, ['Allow', 'POST']);
    assert.equal(refusalOfHead({ ...head, method: 'POST' }), null);
    assert.match(
      refusalOfHead({ ...head, method: 'GET', rawHeaders: ['Host', 'a', 'host', 'a'] })?.message ?? '',
      /twice/,
    );
    assert.equal(refusalOfHead({ ...head, method: 'GET', version: '0.9', rawHeaders: [] })?.status, 505);
    assert.equal(refusalOfHead({ ...head, method: 'GET', rawHeaders: ['Content-Length', '0'] }), null);
    assert.match(refusalOfHead({ ...head, method: 'CONNECT' })?.headers?.[1] ?? '', /^GET, .*OPTIONS$/);
  });
});

test('a body is framed anew, as it was read', () =>
  withStrictProxy(async ({ port, upstream }) => {
    const chunked = 'Transfer-Encoding: chunked';
    await sendRaw(port, raw('POST /v1/dispatch', [chunked], '2;a=b\r\n{}\r\n0\r\nX-T: 1\r\n\r\n'));
    await sendRaw(port, raw('DELETE /v1/x', ['Content-Length: 0002'], 'hi'));
    await sendRaw(port, raw('GET /v1/x', ['Content-Length: 0']));
    await sendRaw(port, raw('PUT /v1/x', [chunked, 'Trailer: X-T'], '2\r\nhi\r\n0\r\nX-T: 1\r\n\r\n'));
    await sendRaw(port, raw('POST /v1/x', ['Expect: 100-continue'], '{}'));
    const seen = upstream.requests.map(({ headers, body }) => [
      headers.filter(([name]) => /content-length|transfer|trailer|expect|x-t/.test(name)).map((one) => one.join(' ')),
      body,
    ]);
    assert.deepEqual(seen, [
      [['content-length 2'], '{}'],
      [['content-length 2'], 'hi'],
      [['content-length 0'], ''],
      [['transfer-encoding chunked'], 'hi'],
      [['content-length 2'], '{}'],
    ]);
  }));

test('a body that its caller does not end is no request', () =>
  withStrictProxy(async ({ port, upstream }) => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      await sendRaw(port, raw(`${method} /v1/x`, ['Content-Length: 9'], '{}'));
      await sendRaw(port, raw(`${method} /v1/x`, ['Transfer-Encoding: chunked'], '2\r\n{}\r\n'));
    }
    assert.deepEqual([upstream.requests, upstream.faults], [[], []]);
  }));

test('what Connection must not name is every header that is read here', () => {
  for (const name of ['content-length', 'authorization', 'origin', 'accept-encoding', 'x-countersign-hold']) {
    assert.ok(isAbout(name), name);
  }
});

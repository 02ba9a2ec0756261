/** The HTTP surface, over a socket: any request is answered, and the next good one still works. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ASK, DANA_TOKEN, OTHER_ASK, withInbox } from '../../backends/inbox/support.ts';
import { noGuard } from '../../support/http.ts';
import { runs } from '../../support/property.ts';
import { anyJson, oddText, spoiled } from '../arbitrary.ts';

/** As much of a text as a header can hold: visible ASCII. */
const headerText = oddText(60).map((text) => text.replace(/[^\x21-\x7e]/g, ''));
const path = fc.oneof(
  fc.constantFrom(
    '',
    '/',
    '/x',
    '/apr_1',
    '/apr_1/resolve',
    '/%E0%A4%A',
    '/..',
    '//',
    '?limit=-1',
    '?limit=1e9',
    '?wait=x',
  ),
  oddText(40).map((text) => `/${encodeURIComponent(text.toWellFormed())}`),
  oddText(40).map((text) => `?limit=${encodeURIComponent(text.toWellFormed())}`),
  oddText(40).map((text) => `/apr_1?wait=0&type=${encodeURIComponent(text.toWellFormed())}`),
);
const body = fc.oneof(
  spoiled(fc.record({ context: oddText(200), payload: anyJson, type: oddText(30) })).map(
    (one) => JSON.stringify(one) ?? '',
  ),
  spoiled(fc.record({ action: fc.constantFrom('approve', 'reject', 'x'), reason: oddText(60) })).map(
    (one) => JSON.stringify(one) ?? '',
  ),
  oddText(200),
  fc.constant('x'.repeat(70_000)),
);
const request = fc.record({
  method: fc.constantFrom('GET', 'POST', 'POST', 'PUT', 'DELETE'),
  path,
  body,
  token: fc.oneof(fc.constantFrom(ASK, OTHER_ASK, DANA_TOKEN), headerText),
  key: headerText,
  prefer: headerText,
});

describe('the inbox over HTTP', () => {
  test('answers any request in JSON, never with a fault of its own, and goes on working', () =>
    withInbox({ resolvers: `${DANA_TOKEN}=slack:U0DANA`, inbox: { guard: noGuard } }, async ({ url, call }) => {
      await fc.assert(
        fc.asyncProperty(request, async (one) => {
          const { method, token, key, prefer } = one;
          const headers = { authorization: `Bearer ${token}`, 'idempotency-key': key, prefer };
          const answer = await fetch(`${url}/api/v1/approvals${one.path}`, {
            method,
            headers,
            ...(method !== 'GET' && { body: one.body }),
          });
          const said = await answer.text();
          assert.ok(answer.status < 500, `${answer.status} ${said}`);
          if (one.path !== '/..' && answer.headers.get('content-type')?.includes('json')) JSON.parse(said);
        }),
        { numRuns: runs(100) },
      );
      const { status } = await call('GET', '');
      assert.equal(status, 200);
    }));

  test('outlives any bytes', () =>
    withInbox({ inbox: { guard: noGuard } }, async ({ url, call }) => {
      const port = Number(new URL(url).port);
      const line = fc.constantFrom(
        ...[
          'GET / HTTP/1.1\r\n',
          'POST /api/v1/approvals HTTP/1.1\r\n',
          'Host: [\r\n',
          'Host: a\r\n',
          'Content-Length: 5\r\n',
        ],
        ...[
          'Content-Length: -1\r\n',
          'Transfer-Encoding: chunked\r\n',
          '5\r\nhello\r\n',
          '0\r\n\r\n',
          '\r\n',
          'GET http://[ HTTP/1.1\r\n',
        ],
        ...[`Authorization: Bearer ${ASK}\r\n`, '{"context":"x"}', 'Expect: 100-continue\r\n', 'Connection: close\r\n'],
      );
      const bytes = fc.oneof(
        fc.array(line, { maxLength: 8 }).map((lines) => Buffer.from(lines.join(''))),
        fc.uint8Array({ maxLength: 60 }),
      );
      await fc.assert(
        fc.asyncProperty(bytes, async (sent) => {
          const socket = connect(port, '127.0.0.1');
          socket.on('error', () => {});
          socket.resume();
          socket.end(sent);
          await once(socket, 'close');
        }),
        { numRuns: runs(60) },
      );
      assert.equal((await call('GET', '')).status, 200);
    }));
});

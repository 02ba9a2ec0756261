import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { faultOf } from '../../../../src/backends/shared/http/answer-head.ts';

const fine = { statusCode: 200, httpVersion: '1.1', rawHeaders: ['Content-Type', 'text/plain'] };
const whole = { isSent: true, isClosed: false };

describe('the head of an answer', () => {
  test('is trusted, if it is one of HTTP', () => {
    assert.equal(faultOf(fine, whole), null);
    assert.equal(faultOf({ ...fine, httpVersion: '1.0' }, whole), null);
    assert.equal(faultOf({ ...fine, rawHeaders: ['transfer-encoding', ' Chunked '] }, whole), null);
    for (const statusCode of [200, 204, 304, 599]) assert.equal(faultOf({ ...fine, statusCode }, whole), null);
  });

  test('is not, for anything else', () => {
    const faults: [Parameters<typeof faultOf>[0], RegExp][] = [
      ...[0, 99, 199, 600, 999].map((statusCode): [typeof fine, RegExp] => [{ ...fine, statusCode }, /its status/]),
      [{ ...fine, statusCode: 101 }, /another protocol/],
      [{ ...fine, httpVersion: '0.9' }, /HTTP\/0.9/],
      [{ ...fine, rawHeaders: ['Transfer-Encoding', 'gzip, chunked'] }, /Transfer-Encoding/],
      [{ ...fine, rawHeaders: ['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked'] }, /Transfer-Encoding/],
      [{ ...fine, rawHeaders: ['a b', 'c'] }, /a header/],
      [{ ...fine, rawHeaders: ['a', 'b\nc'] }, /a header/],
    ];
    for (const [answer, says] of faults) assert.match(faultOf(answer, whole) ?? '', says);
    assert.match(faultOf(fine, { ...whole, isClosed: true }) ?? '', /something follows/);
  });

  test('may come early only to refuse', () => {
    const early = { ...whole, isSent: false };
    for (const statusCode of [200, 204, 302]) assert.match(faultOf({ ...fine, statusCode }, early) ?? '', /before/);
    for (const statusCode of [400, 401, 413, 503]) assert.equal(faultOf({ ...fine, statusCode }, early), null);
  });
});

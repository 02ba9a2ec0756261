import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  answered,
  connectionNames,
  credentialOf,
  endToEnd,
  forwarded,
} from '../../../../src/backends/runtype/gateway/headers.ts';

describe('Connection', () => {
  test('is one list over all its headers, in any case, with empty elements', () => {
    assert.deepEqual(connectionNames(['Connection', 'Close,\t X-Hop ,,', 'x', 'y', 'CONNECTION', 'te']), [
      'close',
      'x-hop',
      'te',
    ]);
    assert.deepEqual(connectionNames([]), []);
    for (const value of ['a b', '"a"', 'a;b', 'a=b', '\u00a0a', 'a/b']) {
      assert.equal(connectionNames(['connection', value]), null, value);
    }
  });

  test('removes its own headers, and none that we rely on', () => {
    const own = ['Connection', 'x-hop', 'X-Hop', '1', 'Keep-Alive', '2', 'TE', 'trailers', 'X-Kept', '3'];
    assert.deepEqual(endToEnd(own), ['X-Kept', '3']);
    const relied = ['Content-Type', 'text/event-stream', 'Content-Encoding', 'gzip', 'Set-Cookie', 'a=1'];
    const names = 'content-type, content-encoding, set-cookie';
    assert.deepEqual(endToEnd(['Connection', names, ...relied]), relied);
    assert.deepEqual(endToEnd(['Connection', `not a name, content-type`, ...relied]), relied);
  });
});

test('the headers of a call go on without those that are for us', () => {
  assert.deepEqual(
    forwarded(['X-Countersign-Hold', 'off', 'X-Countersign-Requester', 'mara', 'Expect', '100-continue', 'a', 'b']),
    ['a', 'b'],
  );
});

test('the cookies of the page for operators stay here, and all others go on as they came', () => {
  const own = '__Host-countersign-operator=s3cret; countersign-known=id.mark';
  assert.deepEqual(forwarded(['Cookie', own, 'a', 'b']), ['a', 'b']);
  assert.deepEqual(forwarded(['cookie', `x=1; ${own}; y="2;3"`]), ['cookie', 'x=1; y="2;3"']);
  assert.deepEqual(forwarded(['Cookie', 'not-countersign-x=1;y=2']), ['Cookie', 'not-countersign-x=1;y=2']);
});

test('the length of an answer is a plain number, and none where there is no body', () => {
  const rawHeaders = ['Content-Length', '007', 'Connection', 'content-length', 'Transfer-Encoding', 'chunked'];
  assert.deepEqual(answered({ status: 200, rawHeaders }), ['Content-Length', '7']);
  assert.deepEqual(answered({ status: 204, rawHeaders }), []);
});

test('a caller is named by all that it shows', () => {
  const names = [
    ['Authorization', 'Bearer a'],
    ['Authorization', 'Bearer b'],
    ['Cookie', 'Bearer a'],
    ['Authorization', 'Bearer a', 'Cookie', 'b'],
    ['Authorization', 'Bearer a, b'],
    ['X-API-Key', 'a'],
  ].map(credentialOf);
  assert.equal(new Set(names).size, names.length);
  assert.equal(credentialOf(['authorization', 'Bearer a', 'x', 'y']), names[0]);
  assert.ok(names.every((name) => name !== null && !name.includes('Bearer')));
  assert.equal(credentialOf(['Content-Type', 'application/json']), null);
});

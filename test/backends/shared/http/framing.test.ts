import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { framed, requestHeaders, type StreamedBody } from '../../../../src/backends/shared/http/framing.ts';

async function* chunks(...parts: string[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

describe('the headers of a request', () => {
  const spoken = [
    'content-length',
    '9',
    'Transfer-Encoding',
    'gzip',
    'HOST',
    'x',
    'Connection',
    'a',
    'TE',
    'b',
    'A',
    'c',
  ];

  test('frame it as its body is, whatever they said', () => {
    const of = (method: string, body: Parameters<typeof requestHeaders>[2]) =>
      requestHeaders(method, spoken, body, 'runtype.test').join(' ');
    const head = 'Host runtype.test A c';
    assert.equal(of('GET', null), head);
    assert.equal(of('HEAD', null), head);
    assert.equal(of('DELETE', null), `${head} Content-Length 0`);
    assert.equal(of('GET', Buffer.from('hi')), `${head} Content-Length 2`);
    assert.equal(of('GET', { length: 3, chunks: chunks() }), `${head} Content-Length 3`);
    assert.equal(of('OPTIONS', { length: null, chunks: chunks() }), `${head} Transfer-Encoding chunked`);
  });
});

describe('a body that is sent while it is read', () => {
  const read = async (body: StreamedBody) => {
    const all: Uint8Array[] = [];
    for await (const chunk of framed(body)) all.push(chunk);
    return Buffer.concat(all).toString();
  };

  test('is as long as it says', async () => {
    assert.equal(await read({ length: 4, chunks: chunks('ab', 'cd') }), 'abcd');
    assert.equal(await read({ length: null, chunks: chunks('ab', 'cd') }), 'abcd');
  });

  test('breaks off where it is not', async () => {
    await assert.rejects(read({ length: 3, chunks: chunks('ab', 'cd') }), /4 bytes, and announced 3/);
    await assert.rejects(read({ length: 5, chunks: chunks('ab', 'cd') }), /4 bytes, and announced 5/);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import {
  type Coding,
  codingsOf,
  Decoder,
  decodeBody,
  RATIO_FLOOR_BYTES,
} from '../../../../src/backends/runtype/wire/content-coding.ts';
import { runs } from '../../../support/property.ts';
import { anyCoding, encode } from '../support/codings.ts';

const LIMIT = 1024 * 1024;

/** Decodes these pieces one after the other. */
async function decode(codings: readonly Coding[], pieces: readonly Uint8Array[]) {
  const taken: Uint8Array[] = [];
  const decoder = new Decoder(codings, (bytes) => taken.push(bytes));
  for (const piece of pieces) await decoder.push(piece);
  await decoder.end();
  return { text: Buffer.concat(taken).toString('utf8'), failure: decoder.failure };
}

describe('codings', () => {
  test('are read from the header, in any spelling; an unknown one makes all of them unreadable', () => {
    const read: [string | undefined, readonly Coding[] | null][] = [
      [undefined, []],
      ['', []],
      ['identity', []],
      ['GZIP', ['gzip']],
      [' x-gzip , identity', ['gzip']],
      ['deflate,br', ['deflate', 'br']],
      ['zstd', ['zstd']],
      ['compress', null],
      ['gzip, aes128gcm', null],
      ['gzip, gzip, gzip', null],
      ['constructor', null],
    ];
    for (const [header, expected] of read) assert.deepEqual(codingsOf(header), expected, String(header));
  });

  test('any text, in any of them, cut anywhere, is decoded', async () => {
    const property = fc.asyncProperty(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.array(anyCoding, { maxLength: 2 }),
      fc.array(fc.nat({ max: 40 }), { maxLength: 20 }),
      async (text, codings, sizes) => {
        const bytes = encode(Buffer.from(text), codings);
        const pieces: Buffer[] = [];
        let at = 0;
        for (const size of sizes) {
          pieces.push(bytes.subarray(at, at + size));
          at += size;
        }
        pieces.push(bytes.subarray(at));
        assert.deepEqual(await decode(codings, pieces), { text: Buffer.from(text).toString('utf8'), failure: null });
      },
    );
    await fc.assert(property, { numRuns: runs(60) });
  });

  test('what has arrived is decoded at once, also where the end is missing', async () => {
    const flush = { flush: zlib.constants.Z_SYNC_FLUSH, finishFlush: zlib.constants.Z_SYNC_FLUSH };
    for (const [coding, bytes] of [
      ['gzip', zlib.gzipSync('data: 1\n\n', flush)],
      ['deflate', zlib.deflateSync('data: 1\n\n', flush)],
      ['deflate', zlib.deflateRawSync('data: 1\n\n', flush)],
    ] as const) {
      const taken: Uint8Array[] = [];
      const decoder = new Decoder([coding], (piece) => taken.push(piece));
      await decoder.push(bytes);
      assert.equal(Buffer.concat(taken).toString(), 'data: 1\n\n');
      await decoder.end();
      assert.equal(decoder.failure, null);
    }
  });

  test('gzip and zstd continue in a further part; what follows the end of the others is dropped', async () => {
    for (const [coding, expected] of [
      ['gzip', 'onetwo'],
      ['zstd', 'onetwo'],
      ['deflate', 'one'],
      ['br', 'one'],
    ] as const) {
      const parts = ['one', 'two'].map((text) => encode(Buffer.from(text), [coding]));
      for (const pieces of [parts, [Buffer.concat(parts)]]) {
        assert.deepEqual(await decode([coding], pieces), { text: expected, failure: null }, coding);
      }
    }
  });
});

describe('a body', () => {
  test('that is not what its coding says is broken', async () => {
    for (const coding of ['gzip', 'br', 'zstd'] as const) {
      assert.deepEqual(await decodeBody(Buffer.from('{"a":1}'), [coding], LIMIT), { type: 'broken' }, coding);
    }
    const zipped = zlib.gzipSync('x'.repeat(5_000));
    zipped[20] = (zipped[20] ?? 0) ^ 0xff;
    assert.equal((await decodeBody(zipped, ['gzip'], LIMIT)).type, 'broken');
  });

  test('that becomes longer than the limit is not decoded to its end', async () => {
    for (const coding of ['gzip', 'deflate', 'br', 'zstd'] as const) {
      const bomb = encode(Buffer.alloc(8 * LIMIT), [coding]);
      assert.equal((await decodeBody(bomb, [coding], LIMIT)).type, 'too_long', coding);
      assert.equal((await decodeBody(encode(Buffer.alloc(LIMIT), [coding]), [coding], LIMIT)).type, 'decoded', coding);
    }
    const nested = encode(Buffer.alloc(8 * LIMIT), ['gzip', 'gzip']);
    assert.equal((await decodeBody(nested, ['gzip', 'gzip'], LIMIT)).type, 'too_long');
    assert.deepEqual(await decodeBody(Buffer.alloc(LIMIT + 1), [], LIMIT), { type: 'too_long' });
  });
});

test('a stream that becomes far more than text could is given up', async () => {
  let taken = 0;
  const decoder = new Decoder(['br'], (bytes) => {
    taken += bytes.length;
  });
  await decoder.push(encode(Buffer.alloc(RATIO_FLOOR_BYTES + LIMIT), ['br']));
  await decoder.push(Buffer.from('more'));
  await decoder.end();
  assert.equal(decoder.failure, 'too_long');
  assert.ok(taken <= RATIO_FLOOR_BYTES);
});

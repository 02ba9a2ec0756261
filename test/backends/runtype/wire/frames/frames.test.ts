import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Frame } from '../../../../../src/backends/runtype/wire/frames/frame.ts';
import { FrameSplitter } from '../../../../../src/backends/runtype/wire/frames/frame-splitter.ts';

interface Message {
  event: string | null;
  data: string;
}

function decode(pieces: Iterable<Uint8Array>, maxBytes?: number): { messages: Message[]; oversize: number } {
  const messages: Message[] = [];
  let oversize = 0;
  const onOversize = () => {
    oversize += 1;
  };
  const splitter = new FrameSplitter({ onOversize, ...(maxBytes !== undefined && { maxBytes }) });
  const take = (frames: Frame[]) => {
    for (const { event, data } of frames) if (data !== null) messages.push({ event, data });
  };
  for (const piece of pieces) take(splitter.push(piece));
  take(splitter.end());
  return { messages, oversize };
}

function* pieces(bytes: Uint8Array, length: number): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

/** In one piece, in two at every byte, and byte by byte: always the same. */
function decodeEveryWay(text: string): Message[] {
  const bytes = Buffer.from(text);
  const whole = decode([bytes]).messages;
  for (let at = 0; at <= bytes.length; at += 1) {
    const halves = decode([bytes.subarray(0, at), bytes.subarray(at)]).messages;
    assert.deepEqual(halves, whole, `cut at byte ${at}`);
  }
  assert.deepEqual(decode(pieces(bytes, 1)).messages, whole, 'byte by byte');
  return whole;
}

const one = { event: 'ping', data: '{"a":"é — 🙂"}' };

describe('framing', () => {
  const cases: [string, string, Message[]][] = [
    ['LF', 'event: ping\ndata: {"a":"é — 🙂"}\n\n', [one]],
    ['CRLF', 'event: ping\r\ndata: {"a":"é — 🙂"}\r\n\r\n', [one]],
    ['CR', 'event: ping\rdata: {"a":"é — 🙂"}\r\r', [one]],
    ['all three mixed', 'event: ping\rdata: {"a":"é — 🙂"}\n\r\nevent: ping\r\ndata: {"a":"é — 🙂"}\r\r\n', [one, one]],
    ['one byte order mark', '\ufeffevent: ping\ndata: {"a":"é — 🙂"}\n\n', [one]],
    [
      'a second byte order mark is part of the first line',
      '\ufeff\ufeffevent: ping\ndata: 1\n\n',
      [{ event: null, data: '1' }],
    ],
    [
      'comments, ids, retries and unknown fields',
      ': hi\nid: 7\nretry: 10\nnonsense\nevent: ping\ndata: {"a":"é — 🙂"}\n\n:\n\n',
      [one],
    ],
    ['data in several lines', 'data: {"a":\ndata:"b"}\ndata\n\n', [{ event: null, data: '{"a":\n"b"}\n' }]],
    ['no space after the colon, and two of them', 'event:ping\ndata:  x\n\n', [{ event: 'ping', data: ' x' }]],
    [
      'an id without data, and an event without any',
      'id: 5\n\nevent: ping\n\ndata: 1\n\n',
      [{ event: null, data: '1' }],
    ],
    [
      'a stream that ends before the last blank line',
      'data: 1\n\nevent: ping\ndata: {"a":"é — 🙂"}',
      [{ event: null, data: '1' }, one],
    ],
    ['nothing', '', []],
  ];
  for (const [name, text, expected] of cases) {
    test(name, () => assert.deepEqual(decodeEveryWay(text), expected));
  }
});

describe('an event that is too long', () => {
  const cap = 64;
  const long = 'x'.repeat(200);
  const cases: [string, string][] = [
    ['in one line', `data: ${long}\n\n`],
    ['in many lines', `${`data: ${long.slice(0, 30)}\n`.repeat(8)}\n`],
    ['in a line too many', `${`data: ${long.slice(0, 30)}\n`.repeat(3)}\n`],
    ['in a line too many, CRLF', `${`data: ${long.slice(0, 30)}\r\n`.repeat(3)}\r\n`],
    ['in many lines, CRLF', `${`data: ${long.slice(0, 30)}\r\n`.repeat(8)}\r\n`],
    ['in many lines, CR', `${`data: ${long.slice(0, 30)}\r`.repeat(8)}\r`],
  ];
  for (const [name, event] of cases) {
    test(`${name} is skipped, and nothing else`, () => {
      const bytes = Buffer.from(`data: before\n\n${event}event: await\ndata: after\n\n`);
      for (let length = 1; length <= cap; length += 1) {
        const { messages, oversize } = decode(pieces(bytes, length), cap);
        const expected = [
          { event: null, data: 'before' },
          { event: 'await', data: 'after' },
        ];
        assert.deepEqual(messages, expected, `in pieces of ${length}`);
        assert.equal(oversize, 1, `in pieces of ${length}`);
      }
    });
  }

  test('a long stream of comments is not too long', () => {
    const { messages, oversize } = decode([Buffer.from(`${': still here\n\n'.repeat(50)}data: 1\n\n`)], cap);
    assert.deepEqual({ messages, oversize }, { messages: [{ event: null, data: '1' }], oversize: 0 });
  });

  test('an incomplete one at the end is skipped', () => {
    assert.deepEqual(decode(pieces(Buffer.from(`data: ${long}`), 20), cap), { messages: [], oversize: 1 });
  });
});

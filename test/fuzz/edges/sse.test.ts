/** Any bytes, cut anywhere, into the reader of event streams: what the specification says, and nothing else. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Frame } from '../../../src/backends/runtype/wire/frames/frame.ts';
import { FrameSplitter } from '../../../src/backends/runtype/wire/frames/frame-splitter.ts';
import { runs } from '../../support/property.ts';
import { cut, cuts, oddText } from '../arbitrary.ts';

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

/** The algorithm of the HTML standard, section 9.2.6, plainly; but an event that the end of the stream closes counts. */
function asSpecified(bytes: Uint8Array): Message[] {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes).replace(/^\ufeff/, '');
  const messages: Message[] = [];
  let data: string[] = [];
  let event = '';
  for (const line of [...text.split(/\r\n|\n|\r/), '']) {
    if (line === '') {
      if (data.length > 0) messages.push({ event: event === '' ? null : event, data: data.join('\n') });
      data = [];
      event = '';
      continue;
    }
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    if (field === 'event') event = value;
  }
  return messages;
}

const word = fc.constantFrom(
  ...['data:', 'data: ', 'data', 'event:', 'event: await', 'id: 7', 'retry: 10', ': ping', ':', ' ', 'dat', 'x: y'],
  ...[
    '\n',
    '\n',
    '\r',
    '\r\n',
    '\n\n',
    '\r\n\r\n',
    '\r\r',
    '\ufeff',
    '{"type":"await"}',
    'é',
    '🙂',
    '\u2028',
    '[DONE]',
  ],
);
const streamText = fc
  .array(fc.oneof({ weight: 6, arbitrary: word }, oddText(30)), { maxLength: 40 })
  .map((words) => words.join(''));
const anyBytes = fc.oneof(
  { weight: 3, arbitrary: streamText.map((text) => new Uint8Array(Buffer.from(text))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 120 }) },
  {
    // Valid but for some bytes: split and broken UTF-8.
    weight: 1,
    arbitrary: fc
      .tuple(streamText, fc.array(fc.tuple(fc.nat(500), fc.nat(255)), { maxLength: 4 }))
      .map(([text, hits]) => {
        const bytes = new Uint8Array(Buffer.from(text));
        for (const [at, value] of hits) if (bytes.length > 0) bytes[at % bytes.length] = value;
        return bytes;
      }),
  },
);

describe('row 2: an event stream', () => {
  test('row 2: cut anywhere is read as the specification says', () => {
    fc.assert(
      fc.property(anyBytes, cuts, (bytes, sizes) => {
        const expected = asSpecified(bytes);
        assert.deepEqual(decode([bytes]).messages, expected);
        assert.deepEqual(decode(cut(bytes, sizes)).messages, expected);
        assert.deepEqual(decode(cut(bytes, [1])).messages, expected);
      }),
      { numRuns: runs(1_000) },
    );
  });

  test('row 6: an event too long for its limit is left out, and nothing else, whatever the cuts', () => {
    const cap = 64;
    const event = fc.record({
      length: fc.integer({ min: 1, max: 400 }),
      lines: fc.integer({ min: 1, max: 6 }),
      end: fc.constantFrom('\n', '\r\n', '\r'),
      noise: fc.constantFrom('', ': ping', 'id: 4', 'event: x'),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), cuts, (events, sizes) => {
        const frames = events.map(({ length, lines, end, noise }, index) => {
          const part = Math.ceil(length / lines);
          const data = Array.from({ length: lines }, () => String(index % 10).repeat(part));
          const text = `${noise}${noise === '' ? '' : end}${data.map((line) => `data: ${line}${end}`).join('')}${end}`;
          return { text, data: data.join('\n') };
        });
        // A cut inside the last `\r\n` ends the event before its `\n`: one byte more or less is the same event.
        fc.pre(frames.every(({ text }) => text.length !== cap + 1 || !text.endsWith('\r\n')));
        const { messages, oversize } = decode(cut(Buffer.from(frames.map(({ text }) => text).join('')), sizes), cap);
        const short = frames.filter(({ text }) => text.length <= cap).map(({ data }) => data);
        assert.deepEqual(
          messages.map(({ data }) => data),
          short,
        );
        assert.equal(oversize, frames.length - short.length);
      }),
      { numRuns: runs(500) },
    );
  });

  test('passed on in frames is the same bytes, and the same events', () => {
    fc.assert(
      fc.property(anyBytes, cuts, (bytes, sizes) => {
        const splitter = new FrameSplitter();
        const frames = cut(bytes, sizes).flatMap((piece) => splitter.push(piece));
        const joined = frames.map(({ raw }) => raw).join('');
        const text = Buffer.from(bytes).toString('latin1');
        assert.equal(joined, text.slice(0, joined.length));
        assert.equal(joined.length + splitter.pending, text.length);
        const dataOf = (all: Frame[]) => all.flatMap(({ data }) => (data === null ? [] : [data]));
        assert.deepEqual(dataOf(frames), dataOf(new FrameSplitter().push(bytes)));
      }),
      { numRuns: runs(500) },
    );
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FRAME_PARSED_MAX_BYTES, Frame } from '../../../../../src/backends/runtype/wire/frames/frame.ts';
import { FrameSplitter } from '../../../../../src/backends/runtype/wire/frames/frame-splitter.ts';
import { LargeFrame } from '../../../../../src/backends/runtype/wire/frames/large-frame.ts';
import { unshowableOf } from '../../../../../src/backends/shared/large-json.ts';
import { runs } from '../../../../support/property.ts';

const MB = 1024 * 1024;
const pauseOf = (parameters: string, more = '') =>
  `{"type":"approval_start","seq":7,"executionId":"e","approvalId":"a","toolName":"pay","parameters":${parameters}${more}}`;

function* pieces(text: string, length: number): Iterable<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

function split(text: string, length = 65_536, maxBytes?: number) {
  let oversize = 0;
  let pending = 0;
  const onOversize = () => {
    oversize += 1;
  };
  const splitter = new FrameSplitter({ onOversize, ...(maxBytes !== undefined && { maxBytes }) });
  const frames: Frame[] = [];
  for (const piece of pieces(text, length)) {
    frames.push(...splitter.push(piece));
    pending = Math.max(pending, splitter.pending);
  }
  return { frames: [...frames, ...splitter.end()], oversize, pending };
}

describe('a frame that is too long to be parsed', () => {
  const frameOf = (data: string) => `id: 12\nevent: approval_start\ndata: ${data}\n\n`;

  test('is outlined, and keeps its bytes', () => {
    const text = frameOf(pauseOf(`{"amount":5,"list":["${'x'.repeat(MB)}"]}`));
    const { frames, oversize } = split(`event: ping\ndata: {}\n\n${text}data: {"a":1}\n\n`);
    assert.equal(oversize, 0);
    assert.deepEqual(
      frames.map(({ large }) => large === null),
      [true, false, true],
    );
    const [, frame] = frames;
    assert.equal(frame?.raw, text);
    assert.deepEqual([frame?.id, frame?.event, frame?.hasData], ['12', 'approval_start', true]);
    assert.deepEqual(JSON.parse(JSON.stringify(frame?.brief())), {
      type: 'approval_start',
      seq: 7,
      executionId: 'e',
      approvalId: 'a',
      toolName: 'pay',
      parameters: { amount: 5, list: '1 item' },
    });
    const { why, bytes } = unshowableOf(frame?.brief()) ?? {};
    assert.deepEqual([why, bytes], ['size', Buffer.byteLength(text) - frameOf('').length]);
  });

  test('over the limit it is outlined in bounded memory, wherever its name and IDs are', () => {
    const parameters = `{"list":["${'€'.repeat(MB)}","${'x'.repeat(6 * MB)}"],"amount":5}`;
    const { frames, oversize, pending } = split(
      `${frameOf(`{"parameters":${parameters},"toolName":"pay","approvalId":"a","executionId":"e"}`)}data: 1\n\n`,
    );
    assert.equal(oversize, 1);
    assert.ok(pending < 4.2 * MB);
    const [frame, next] = frames;
    assert.deepEqual([frame?.raw, unshowableOf(frame?.brief())?.why, next?.json()], ['', 'frame', 1]);
    assert.deepEqual(JSON.parse(JSON.stringify(frame?.brief())), {
      parameters: { list: '2 items', amount: 5 },
      toolName: 'pay',
      approvalId: 'a',
      executionId: 'e',
      type: 'approval_start',
    });
  });

  test('at the end of its stream is complete', () => {
    const [frame] = split(`data: ${pauseOf(`"${'x'.repeat(5 * MB)}"`)}`).frames;
    assert.equal((frame?.brief() as { approvalId?: string })?.approvalId, 'a');
    assert.equal(split(`data: {"parameters":"${'x'.repeat(5 * MB)}`).frames[0]?.brief(), undefined);
  });

  test('has one hash for what is decided on, whatever else it says', () => {
    const hash = (data: string) => unshowableOf(new Frame(frameOf(data)).brief())?.hash;
    const big = 'x'.repeat(MB);
    const one = pauseOf(`"${big}"`);
    assert.equal(hash(one.replace('"seq":7', '"seq":8')), hash(one));
    assert.equal(hash(one.replace('{"type"', '{"timestamp":1,"type"')), hash(one));
    for (const other of [pauseOf(`"${big}y"`), one.replace('pay', 'pey'), pauseOf(`"${big}"`, ',"reason":"r"')]) {
      assert.notEqual(hash(other), hash(one));
    }
  });

  test('is read the same however it is cut, and as a short one is', () => {
    const ends = fc.constantFrom('\n', '\r\n', '\r');
    const lines = fc.array(
      fc.constantFrom(
        'id: 3',
        'id:4',
        ': comment',
        'event: await',
        'event:x',
        'retry: 10',
        'data',
        'nonsense',
        'datax: 1',
      ),
      { maxLength: 6 },
    );
    const json = fc.dictionary(
      fc.constantFrom('toolName', 'reason', 'seq', 'timeout'),
      fc.oneof(fc.string(), fc.nat()),
    );
    fc.assert(
      fc.property(lines, lines, json, ends, fc.integer({ min: 1, max: 60 }), (before, after, value, end, length) => {
        const text = JSON.stringify(value, null, 1).split('\n');
        const raw = [...before, ...text.map((line) => `data: ${line}`), ...after, '', ''].join(end);
        const small = new Frame(Buffer.from(raw).toString('latin1'));
        const large = new LargeFrame();
        for (const piece of pieces(raw, length)) large.push(piece.toString('latin1'));
        assert.deepEqual([large.event, large.id, large.hasData], [small.event, small.id, small.data !== null]);
        assert.deepEqual(large.value(), small.json());
      }),
      { numRuns: runs(300) },
    );
  });

  test('and is long only beyond the limit', () => {
    assert.equal(new Frame('x'.repeat(FRAME_PARSED_MAX_BYTES)).large, null);
    assert.notEqual(new Frame('x'.repeat(FRAME_PARSED_MAX_BYTES + 1)).large, null);
  });
});

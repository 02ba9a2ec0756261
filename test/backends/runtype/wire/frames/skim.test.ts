import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decode, type Frame, toLatin1 } from '../../../../../src/backends/runtype/wire/frames/frame.ts';
import { FrameSplitter } from '../../../../../src/backends/runtype/wire/frames/frame-splitter.ts';
import { lastData, Skimmer } from '../../../../../src/backends/runtype/wire/frames/skim.ts';

const skimmer = () => new Skimmer((type) => type.endsWith('_delta'));
const delta = (seq: number, type = 'text_delta') =>
  `event: ${type}\ndata: ${JSON.stringify({ type, seq, delta: 'é — 🙂\n' })}\n\n`;
const pause = 'event: approval_start\ndata: {"type":"approval_start","approvalId":"a"}\n\n';

/** What is passed, and the frames that are not, of a stream that arrives in pieces of this length. */
function skim(text: string, length: number): { passed: number; all: string; frames: Frame[] } {
  const splitter = new FrameSplitter();
  const one = skimmer();
  const bytes = Buffer.from(text);
  let passed = 0;
  let all = '';
  const frames: Frame[] = [];
  const pass = (piece: Buffer, from: number) => {
    const run = one.run(piece, from);
    passed += run?.count ?? 0;
    all += piece.toString('latin1', from, run?.end ?? from);
    return run?.end ?? from;
  };
  const take = (frame: Frame) => {
    all += frame.raw;
    frames.push(frame);
  };
  for (let at = 0; at < bytes.length; at += length) splitter.each(bytes.subarray(at, at + length), take, pass);
  return { passed, all, frames };
}

describe('of a stream', () => {
  const text = `${delta(0)}${delta(1)}${delta(2, 'reasoning_delta')}${pause}${delta(3)}: still here\n\n${delta(4)}`;

  test('what carries text is passed, and all else is read, however it is cut', () => {
    for (let length = 1; length <= text.length + 9; length += 1) {
      const { passed, all, frames } = skim(text, length);
      assert.equal(all, toLatin1(text), `in pieces of ${length}`);
      const read = frames.filter(({ event }) => event === 'approval_start');
      assert.deepEqual(
        read.map(({ raw }) => raw),
        [pause],
      );
      assert.equal(passed + frames.length, 7, `in pieces of ${length}`);
    }
    // The first may begin with a byte order mark.
    assert.equal(skim(text, 9_999).passed, 4);
  });

  test('with line ends of the other kinds nothing is passed', () => {
    for (const end of ['\r\n', '\r']) assert.equal(skim(text.replaceAll('\n', end), 9_999).passed, 0);
  });
});

describe('a frame is read', () => {
  const cases: [string, string][] = [
    ['whose name is another than its type', 'event: text_delta\ndata: {"type":"approval_start"}\n\n'],
    ['whose type is another than its name', 'event: approval_start\ndata: {"type":"text_delta"}\n\n'],
    ['whose name alone says what it is', 'event: text_delta\ndata: {"approvalId":"a","type":"approval_start"}\n\n'],
    ['with more lines of data', 'event: text_delta\ndata: {"type":"text_delta",\ndata: "type":"approval_start"}\n\n'],
    ['with a line after its data', 'event: text_delta\ndata: {"type":"text_delta"}\nevent: approval_start\n\n'],
    ['with another line before its name', 'retry: 3\nevent: text_delta\ndata: {"type":"text_delta"}\n\n'],
    ['with an id that is no number', 'id: 3a\nevent: text_delta\ndata: {"type":"text_delta"}\n\n'],
    ['of a type that is read', pause],
    ['that is not whole', 'event: text_delta\ndata: {"type":"text_delta"}\n'],
    ['that is long', `event: text_delta\ndata: {"type":"text_delta","delta":"${'x'.repeat(20_000)}"}\n\n`],
    ['that begins like a known one', 'event: text_delta\ndata: {"type":"text_delta_started"}\n\n'],
  ];
  for (const [name, frame] of cases) {
    test(name, () => {
      const one = skimmer();
      assert.equal(one.run(Buffer.from(delta(0)), 0)?.count, 1);
      assert.equal(one.run(Buffer.from(frame), 0), null);
      const run = one.run(Buffer.from(`${delta(0)}${delta(1)}${frame}${delta(2)}`), 0);
      assert.equal(run?.count, 2, 'also in a run');
    });
  }
});

test('a run knows the number of its last frame, and does not mix frames with and without one', () => {
  const text = Buffer.from(`id: 7\n${delta(0)}id: 8\n${delta(1)}${delta(2)}id: 9\n${delta(3)}`);
  const one = skimmer();
  const runs = [one.run(text, 0)];
  for (let run = runs[0]; run; run = one.run(text, run.end)) if (run !== runs[0]) runs.push(run);
  assert.deepEqual(
    runs.map((run) => [run?.count, run?.id]),
    [
      [2, '8'],
      [1, null],
      [1, '9'],
    ],
  );
});

test('the data of its last frames', () => {
  const text = Buffer.from(`${pause}${delta(0)}${delta(1)}${delta(2)}`);
  const run = skimmer().run(text, pause.length);
  assert.ok(run);
  const seqs = (most: number) => lastData(text, run.from, run.end, most).map((data) => JSON.parse(decode(data)).seq);
  assert.deepEqual(
    [seqs(2), seqs(9)],
    [
      [1, 2],
      [0, 1, 2],
    ],
  );
});

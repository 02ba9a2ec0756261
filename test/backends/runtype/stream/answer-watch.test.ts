import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AnswerWatch } from '../../../../src/backends/runtype/stream/answer-watch.ts';
import { Frame } from '../../../../src/backends/runtype/wire/frames/frame.ts';

const pauses = ['a', 'b'].map((id) => ({ key: `await:e:${id}`, verdict: null }));
const call = { executionId: 'e', pauses };
const doubts = new Map(pauses.map(({ key }) => [key, { row: 5, groupId: 'g1' }]));
const frame = (row: number, type: string, toolCallId: string) =>
  new Frame(`id: ${row}\ndata: ${JSON.stringify({ type, executionId: 'e', toolCallId, toolName: 'pick' })}\n\n`);

/** What is said of `b` after these frames. */
function said(...frames: Frame[]): string | undefined {
  const watch = new AnswerWatch(call, doubts);
  for (const one of frames) watch.frame(one);
  return watch.results('ended').get('await:e:b')?.type;
}

describe('a run that is read on after a lost answer', () => {
  test('says nothing of the call until the call is over', () => {
    assert.equal(said(), 'ambiguous');
    assert.equal(said(frame(7, 'tool_complete', 'b')), 'recorded');
  });

  test('asks again for what the call sent together: somebody else answered the other one', () => {
    assert.equal(said(frame(7, 'tool_complete', 'b'), frame(8, 'await', 'a')), 'already');
  });

  test('repeats what was asked before the call: that proves nothing', () => {
    assert.equal(said(frame(5, 'await', 'a'), frame(7, 'tool_complete', 'b')), 'recorded');
  });
});

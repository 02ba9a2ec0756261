import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Ask, encodeCommandButton, parseAsk, parseCommandButton } from '../../../src/core/view/command.ts';

describe('the arguments', () => {
  const cases: [string, Ask][] = [
    ['', { verb: 'help' }],
    ['help', { verb: 'help' }],
    ['what is this', { verb: 'help' }],
    ['run', { verb: 'help' }],
    [' run refunds ', { verb: 'run', name: 'refunds', text: null }],
    ['RUN refunds  order 7\nnow ', { verb: 'run', name: 'refunds', text: 'order 7\nnow' }],
    ['stop', { verb: 'stop', reason: null }],
    ['stop  the agent loops ', { verb: 'stop', reason: 'the agent loops' }],
    ['Start', { verb: 'start' }],
    ['start refunds', { verb: 'help' }],
    ['status', { verb: 'status' }],
    ['retry', { verb: 'retry' }],
    ['link', { verb: 'link', code: null }],
    ['link AB12-CD34', { verb: 'link', code: 'AB12-CD34' }],
    ['confirm discord:1', { verb: 'confirm', account: 'discord:1' }],
    ['confirm', { verb: 'help' }],
    ['unlink', { verb: 'unlink' }],
  ];
  for (const [typed, ask] of cases) test(`“${typed}”`, () => assert.deepEqual(parseAsk(typed), ask));

  test('law: any text is parsed, and only “stop” stops', () => {
    fc.assert(
      fc.property(fc.string(), (typed) => {
        const { verb } = parseAsk(typed);
        if (verb === 'stop') assert.match(typed, /^\s*stop(\s|$)/i);
        if (verb === 'start') assert.match(typed, /^\s*start\s*$/i);
      }),
    );
  });
});

test('a button does what is typed, where its id fits', () => {
  const button = { label: 'Retry', typed: 'retry' };
  assert.deepEqual(parseCommandButton(encodeCommandButton(button) ?? ''), { verb: 'retry' });
  assert.equal(encodeCommandButton({ label: 'x', typed: `confirm ${'9'.repeat(100)}` }), null);
  assert.equal(parseCommandButton('cs1.something'), null);
  for (const typed of ['stop', 'start', 'run refunds']) {
    const id = encodeCommandButton({ label: 'x', typed }) ?? '';
    assert.equal(parseCommandButton(id), null, 'not by a slip of the thumb');
  }
});

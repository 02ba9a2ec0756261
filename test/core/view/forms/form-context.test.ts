import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pause } from '../../../../src/core/approval/pause/pause.ts';
import { formContextOf } from '../../../../src/core/view/forms/form-context.ts';
import { after, announced, pauseOf } from '../../../support/data/pauses.ts';

const contextOf = (pause: Partial<Pause>) => formContextOf(after(announced({ pause: pauseOf(pause) })));

describe('what a form is about', () => {
  test('is the parameters of a call', () => {
    assert.deepEqual(contextOf({ kind: 'await', parameters: { day: '2026-09-02', free: ['08:30', '12:00'] } }), [
      { label: 'Parameters', text: 'day:  "2026-09-02"\nfree: ["08:30", "12:00"]' },
    ]);
    assert.deepEqual(contextOf({ kind: 'await', parameters: {} }), []);
  });

  test('is the question, where there is one', () => {
    const prompt = { title: 'Question', text: 'Which day?\n   1. Monday', form: null };
    assert.deepEqual(contextOf({ kind: 'await', prompt, parameters: { questions: [] } }), [
      { label: 'Question', text: 'Which day?\n   1. Monday' },
    ]);
    assert.deepEqual(contextOf({ kind: 'item', description: 'Send it?', parameters: { channel: 'sms' } }), [
      { label: 'Question', text: 'Send it?' },
      { label: 'Contents', text: 'channel: sms' },
    ]);
  });

  test('leaves out what the backend hides, and masks secrets', () => {
    const password = ['hunter', '22x'].join('');
    const text = JSON.stringify(
      contextOf({ kind: 'await', parameters: { tenant: 't_1', password, day: 'x' }, hidden: ['tenant'] }),
    );
    assert.doesNotMatch(text, new RegExp(`t_1|${password}`));
  });

  test('says how much of it is cut', () => {
    const long = contextOf({ kind: 'await', parameters: { text: 'word '.repeat(1_000), day: 'Monday' } });
    assert.match(long[0]?.label ?? '', /^Parameters \([\d,]+ characters more in Details\)$/);
    assert.ok((long[0]?.text.length ?? 0) <= 1_000);
    assert.match(long[0]?.text ?? '', /day: Monday/);
    const tall = contextOf({
      kind: 'await',
      prompt: { title: 'Question', text: 'line\n'.repeat(100), form: null },
      parameters: {},
    });
    assert.match(tall[0]?.text ?? '', /… [\d,]+ characters hidden …/);
    assert.match(tall[0]?.label ?? '', /^Question \([\d,]+ characters more in Details\)$/);
  });
});

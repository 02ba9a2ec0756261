import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Line } from '../../../src/core/view/card.ts';
import { noticeText, spanText } from '../../../src/core/view/line-text.ts';

const at = { at: 0, style: 'relative' } as const;

test('a notification leaves out what only a chat can show: a moment, and the words that introduce it', () => {
  const rows: [Line, string][] = [
    [[{ strong: 'Needs a decision.' }, ' Expires ', at, '.', ''], 'Needs a decision.'],
    [
      [{ strong: 'Claimed by ' }, 'Dana', ' until ', at, '. Only they can decide until then.'],
      'Claimed by Dana. Only they can decide until then.',
    ],
    [[{ strong: 'Approved by Dana.' }, ' · ', at], 'Approved by Dana.'],
    [['It may refuse the answer.', ' Deadline: ', at, '. More.'], 'It may refuse the answer. More.'],
    [['No time.'], 'No time.'],
  ];
  for (const [line, text] of rows) assert.equal(noticeText(line), text);
  assert.equal(spanText(at), '1970-01-01T00:00:00.000Z');
  assert.equal(spanText({ at: 1e300, style: 'time' }), 'an unknown time');
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { approvalSchema } from '../../../src/core/approval/approval.ts';
import type { Reason } from '../../../src/core/approval/reason.ts';
import { isSameReason, reasonOf } from '../../../src/core/approval/steps/transitions.ts';
import { statusOf } from '../../../src/core/view/cards/status/line.ts';
import { reasonClause, reasonText } from '../../../src/core/view/reasons.ts';
import { after, announced } from '../../support/data/pauses.ts';

describe('a reason', () => {
  const sentences: [Reason, string][] = [
    [{ code: 'text', text: 'Runtype answered 502' }, 'Runtype answered 502.'],
    [{ code: 'text', text: 'No such key!' }, 'No such key!'],
    [{ code: 'request_changed' }, 'The request changed after a button was pressed; that press no longer counts.'],
    [{ code: 'interrupted' }, 'Countersign stopped while sending.'],
    [{ code: 'application_interrupted' }, 'Countersign stopped while the application’s own decision passed through.'],
    [{ code: 'not_forwarded' }, 'The application’s call was not forwarded.'],
    [
      { code: 'restored', madeAt: 1_788_256_800_000 },
      'Countersign was restored from a backup of 2026-09-01 10:00 UTC, and does not know what happened since.',
    ],
    [
      { code: 'restored', madeAt: null },
      'Countersign was restored from a copy of its database, and does not know what happened since.',
    ],
    [{ code: 'unlisted' }, 'It is no longer on Runtype’s list.'],
    [{ code: 'run_ended' }, 'The run ended before a decision was sent.'],
    [{ code: 'no_answer' }, 'Runtype does not answer.'],
  ];
  for (const [reason, sentence] of sentences) {
    test(`${reason.code}: ${sentence}`, () => assert.equal(reasonText(reason, 'Runtype'), sentence));
  }

  test('has no full stop in brackets', () => {
    assert.equal(reasonClause({ code: 'text', text: 'connection refused.' }, 'Runtype'), 'connection refused');
    assert.equal(reasonClause({ code: 'no_answer' }, 'Runtype'), 'no answer');
  });

  test('that is a text of others is masked and cut', () => {
    const text = reasonText({ code: 'text', text: `sk_live_4f9a8b7c6d5e4f3a2b1c ${'x'.repeat(400)}` }, 'Runtype');
    assert.doesNotMatch(text, /sk_live/);
    assert.ok(text.length < 320, String(text.length));
  });

  test('is compared with its data', () => {
    assert.ok(isSameReason({ code: 'restored', madeAt: 1 }, { code: 'restored', madeAt: 1 }));
    assert.ok(!isSameReason({ code: 'restored', madeAt: 1 }, { code: 'restored', madeAt: null }));
    assert.ok(!isSameReason(null, reasonOf('away')));
  });
});

test('a row of an earlier version, which has a text, is shown as it was written', () => {
  const { detail, unreachable, ...rest } = after(announced());
  assert.deepEqual([detail, unreachable], [null, null]);
  const read = approvalSchema.parse({
    ...rest,
    detail: 'It may have been decided.',
    unreachable: 'connection refused',
  });
  assert.deepEqual(read.detail, { code: 'text', text: 'It may have been decided.' });
  const line = statusOf(read, 'Runtype').line.map((span) => (typeof span === 'string' ? span : JSON.stringify(span)));
  assert.match(line.join(''), /It may have been decided\. Runtype is unreachable \(connection refused\)\./);
  assert.deepEqual(approvalSchema.parse(read), read, 'read again, it stays');
});

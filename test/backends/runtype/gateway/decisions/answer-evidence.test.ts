import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { AnswerEvidence } from '../../../../../src/backends/runtype/gateway/decisions/answer-evidence.ts';
import { decidingCall } from '../../../../../src/backends/runtype/gateway/decisions/decision-body.ts';
import { AnswerWatch } from '../../../../../src/backends/runtype/stream/answer-watch.ts';
import { Frame } from '../../../../../src/backends/runtype/wire/frames/frame.ts';
import type { SendResult } from '../../../../../src/core/approval/inputs.ts';
import { runs } from '../../../../support/property.ts';
import { frame } from '../../support/backend.ts';
import { asked, complete, start } from '../../support/caller.ts';

const approved = decidingCall([{ key: 'approval:appr_1', action: 'approve', text: null }], null);
const verdict = (decision: string, approvalId = 'appr_1') => ({
  type: 'approval_complete',
  executionId: 'exec_1',
  approvalId,
  decision,
});
const ping = { type: 'ping', executionId: 'exec_1', timestamp: 'now' };
const refused = { type: 'error', executionId: 'exec_1', recoverable: true };
const said: [{ type: string; [field: string]: unknown }, SendResult['type'] | null][] = [
  [start, null],
  [ping, null],
  [verdict('approved'), 'recorded'],
  [verdict('denied'), 'already'],
  [verdict('timeout'), 'already'],
  [verdict('denied', 'appr_2'), null],
  [asked, 'unsent'],
  [{ ...asked, approvalId: 'appr_2' }, 'recorded'],
  [complete, 'recorded'],
  [{ ...refused, error: { code: 'APPROVAL_ALREADY_RESOLVED', message: 'It was denied.' } }, 'already'],
  [{ ...refused, error: 'Approval already resolved', message: 'denied' }, 'already'],
  [{ ...refused, error: 'No paused execution found for this executionId' }, 'gone'],
  [{ type: 'execution_error', executionId: 'exec_1', kind: 'agent', error: 'The model failed' }, 'recorded'],
];

/** What an answer means of which this is all. */
function saidBy(event: unknown): SendResult | null {
  const watch = new AnswerWatch(approved);
  watch.frame(new Frame(`data: ${JSON.stringify(event)}\n\n`));
  return watch.first;
}

describe('what an answer says about the decision in its call', () => {
  test('is in its events', () => {
    for (const [event, expected] of said) assert.equal(saidBy(event)?.type ?? null, expected, JSON.stringify(event));
    assert.equal(saidBy('[DONE]'), null);
    const other = saidBy(verdict('denied'));
    assert.ok(other?.type === 'already' && other.verdict === 'reject');
  });

  test('is the first event that says something, in any order and cut anywhere', () => {
    const events = fc.array(fc.constantFrom(...said), { maxLength: 6 });
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 80 }), (order, size) => {
        const results: SendResult[] = [];
        const evidence = new AnswerEvidence(approved, (result) => results.push(result));
        const bytes = Buffer.from(order.map(([event]) => frame(event)).join(''));
        for (let at = 0; at < bytes.length; at += size) evidence.feed(bytes.subarray(at, at + size));
        evidence.end({ type: 'ambiguous', reason: 'nothing was said' });
        const first = order.map(([, type]) => type).find((type) => type !== null) ?? 'ambiguous';
        assert.deepEqual(
          results.map(({ type }) => type),
          [first],
        );
      }),
      { numRuns: runs(300) },
    );
  });
});

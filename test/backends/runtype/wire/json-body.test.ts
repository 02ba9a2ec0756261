import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventsOf, parseAnswer, parseJson } from '../../../../src/backends/runtype/wire/json-body.ts';
import { PARSED_MAX, unshowableOf } from '../../../../src/backends/shared/large-json.ts';

const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value));
const eventsIn = async (body: unknown) =>
  eventsOf(await parseAnswer(bytesOf(body))) as (Record<string, unknown> & { type: string })[];

const large = { text: 'x'.repeat(PARSED_MAX) };
const one = (approvalId: string, parameters: object) => ({ approvalId, toolName: 'pay', parameters });

describe('a large answer in one piece', () => {
  test('whose one pause is large: it is outlined and marked, its ID is whole', async () => {
    const body = { executionId: 'e', status: 'paused', pausedReason: { type: 'approval', ...one('a', large) } };
    const [event] = await eventsIn(body);
    assert.deepEqual([event?.type, event?.['approvalId'], event?.['executionId']], ['approval_start', 'a', 'e']);
    assert.equal(unshowableOf(event)?.why, 'size');
  });

  test('with several pauses, wherever they are listed: the small ones are exact', async () => {
    const approvals = [one('a', large), one('b', { amount: 12 })];
    const bodies = [
      { executionId: 'e', approvals },
      { executionId: 'e', pausedReason: { approvals } },
      { events: approvals.map((event) => ({ type: 'approval_start', executionId: 'e', ...event })) },
    ];
    for (const body of bodies) {
      const [first, second] = await eventsIn(body);
      assert.equal(unshowableOf(first)?.why, 'size');
      assert.equal(unshowableOf(second), null);
      assert.deepEqual(
        [first?.['approvalId'], second?.['approvalId'], second?.['parameters']],
        ['a', 'b', { amount: 12 }],
      );
    }
  });

  test('that holds awaits beside a long text is read, and the awaits are exact', async () => {
    const pausedReason = { note: large.text, awaits: [{ toolCallId: 't', toolName: 'pick', parameters: { day: 1 } }] };
    const [event] = await eventsIn({ executionId: 'e', pausedReason });
    assert.deepEqual([event?.type, event?.['parameters'], unshowableOf(event)], ['await', { day: 1 }, null]);
  });

  test('of a run that is over has the ends of its result', async () => {
    const [event] = await eventsIn({ executionId: 'e', success: true, finalOutput: `${large.text} done` });
    assert.equal(event?.type, 'execution_complete');
    assert.match(String(event?.['finalOutput']), /done"?$/);
  });

  test('that is not JSON is undefined', async () => {
    assert.equal(await parseAnswer(Buffer.from(`{"text":"${large.text}`)), undefined);
    assert.equal(parseJson(Buffer.from('{')), undefined);
    assert.deepEqual(
      [await parseAnswer(null), parseJson(Buffer.from('')), await parseAnswer(Buffer.from('{}'))],
      [undefined, undefined, {}],
    );
  });
});

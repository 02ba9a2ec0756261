/** The pending list: its shape, its pages, its zone, and how it changes under the reader. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { call, LIST, rows, withHookPulse } from './support.ts';

const uuid = (number: number) => `5f0c2c1e-7d1b-4c55-9a36-${String(number).padStart(12, '0')}`;

test('a row has the fields of the wire, in the brand’s own zone', () =>
  withHookPulse({}, async (hookpulse) => {
    hookpulse.seed({
      executionPlanUuid: uuid(1),
      workflowUuid: uuid(2),
      insertedAt: Date.parse('2026-03-04T08:35:09Z'),
      steps: [
        { step_identifier: 'check', human_approval_required: false },
        { step_identifier: 'release_funds', delay_to_next_step: 30 },
      ],
    });
    const reply = await call(hookpulse, LIST);
    assert.equal(reply.status, 200);
    const row = {
      execution_plan_uuid: uuid(1),
      workflow_uuid: uuid(2),
      workflow_name: 'Vendor payout',
      step_identifier: 'release_funds',
      workflow_index: 1,
      status: 'waiting_approval',
      human_approval_required: true,
      delay_to_next_step: 30,
      inserted_at: '2026-03-04T14:05:09+05:30',
    };
    const meta = { page: 1, per_page: 10, total_count: 1, total_pages: 1, has_next: false, has_prev: false };
    assert.deepEqual(reply.json, { success: true, timezone: 'Asia/Kolkata', data: [row], meta });
    hookpulse.timezone = 'UTC';
    assert.equal((await rows(hookpulse))[0]?.['inserted_at'], '2026-03-04T08:35:09+00:00');
    hookpulse.timezone = 'America/New_York';
    assert.equal((await rows(hookpulse))[0]?.['inserted_at'], '2026-03-04T03:35:09-05:00');
    assert.throws(() => {
      hookpulse.timezone = 'Mars/Olympus';
    }, RangeError);
    assert.equal((await call(hookpulse, LIST.replace(/\/$/, ''))).status, 200);
  }));

test('pages are newest first, and one past the end is empty', () =>
  withHookPulse({ pageSize: 2 }, async (hookpulse) => {
    for (const number of [1, 2, 3, 4, 5])
      hookpulse.seed({ executionPlanUuid: uuid(number), insertedAt: number === 1 ? 9_000 : 1_000 * number });
    const seen = [];
    for (const page of [1, 2, 3, 4]) {
      const { data, meta } = (await call(hookpulse, `${LIST}?page=${page}`)).json;
      assert.deepEqual(meta, {
        page,
        per_page: 2,
        total_count: 5,
        total_pages: 3,
        has_next: page < 3,
        has_prev: page > 1,
      });
      seen.push(data.map((row) => Number(row.execution_plan_uuid.slice(-1))));
    }
    assert.deepEqual(seen, [[1, 5], [4, 3], [2], []]);
    hookpulse.pageSize = 4;
    assert.equal((await rows(hookpulse)).length, 4);
    for (const page of ['0', '-1', 'two', '1.5']) {
      const { status, json } = await call(hookpulse, `${LIST}?page=${page}`);
      assert.equal(status, 400);
      assert.deepEqual(json, { success: false, error: 'Invalid field value: page' });
    }
  }));

test('an item that leaves between the pages makes a reader miss one, one that arrives shows another twice', () =>
  withHookPulse({ pageSize: 2 }, async (hookpulse) => {
    for (const number of [1, 2, 3, 4]) hookpulse.seed({ executionPlanUuid: uuid(number), insertedAt: number });
    const keys = async () =>
      [...(await rows(hookpulse, 1)), ...(await rows(hookpulse, 2))].map((row) => row.execution_plan_uuid);
    hookpulse.drift('leave');
    assert.deepEqual(await keys(), [uuid(4), uuid(3), uuid(1)]);
    assert.deepEqual(await keys(), [uuid(3), uuid(2), uuid(1)]);
    hookpulse.drift('arrive');
    const twice = await keys();
    assert.deepEqual(twice, [uuid(3), uuid(2), uuid(2), uuid(1)]);
  }));

test('the other name of the key', () =>
  withHookPulse({ keyField: 'execution_plan_id' }, async (hookpulse) => {
    hookpulse.seed({ executionPlanUuid: uuid(1) });
    const [row] = await rows(hookpulse);
    assert.equal(row?.['execution_plan_id'], uuid(1));
    assert.ok(row && !('execution_plan_uuid' in row));
  }));

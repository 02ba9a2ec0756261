import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LIST, never, withHookPulse } from './support.ts';

const PLAN = '5f0c2c1e-7d1b-4c55-9a36-0d9e5a1b7c10';

describe('a pending step', () => {
  test('becomes a card', () =>
    withHookPulse({}, {}, async ({ announce, hookpulse, intake, calls }) => {
      const pause = await announce({
        executionPlanUuid: PLAN,
        workflowName: 'Vendor payout',
        insertedAt: Date.UTC(2026, 2, 4, 8, 35, 9),
        steps: [
          { step_identifier: 'check', human_approval_required: false },
          { step_identifier: 'release_funds', delay_to_next_step: 30 },
        ],
      });
      const key = `${PLAN}:release_funds:1`;
      assert.match(pause.askerId ?? '', /^[\da-f-]{36}$/);
      assert.deepEqual(pause, {
        backend: 'hookpulse',
        key,
        kind: 'item',
        groupId: key,
        runId: PLAN,
        tool: 'release_funds',
        description: null,
        asker: 'Vendor payout',
        askerId: pause.askerId,
        reason: null,
        parameters: {
          workflow: 'Vendor payout',
          step: 'release_funds',
          webhook: 'release funds',
          method: 'POST',
          address: 'https://hooks.example.com/v1/release_funds',
          position: 1,
          created: '2026-03-04T14:05:09+05:30',
          then_waits: '30 s',
        },
        hidden: [],
        actions: ['approve', 'reject'],
        askedAt: null,
        deadline: null,
        address: { brand: hookpulse.brandUuid },
        wire: { plan: PLAN, step: 'release_funds', index: 1, brand: hookpulse.brandUuid },
      });
      assert.equal((await intake.delivery('announced')).recurs, true);
      const [call] = calls();
      assert.deepEqual([call?.path, call?.query], [LIST, { page: '1' }]);
      assert.deepEqual(call?.headers, {
        'x-hookpulse-api-key': hookpulse.apiKey,
        'x-brand-uuid': hookpulse.brandUuid,
        accept: 'application/json',
      });
    }));

  test('is found under the reference’s other name for a plan, too', () =>
    withHookPulse({ keyField: 'execution_plan_id' }, {}, async ({ announce }) => {
      assert.equal((await announce({ executionPlanUuid: PLAN })).runId, PLAN);
    }));

  test('is read from every page, oldest plan first', () =>
    withHookPulse({ pageSize: 3 }, {}, async ({ hookpulse, backend, intake, clock, listed, calls }) => {
      const plans = Array.from({ length: 8 }, (_, at) => hookpulse.seed({ insertedAt: clock.now() - at * 1_000 }));
      const watching = backend.watch?.(never);
      await clock.pass();
      await clock.asleep(2);
      const oldestFirst = plans.map(({ executionPlanUuid }) => executionPlanUuid).reverse();
      assert.deepEqual(
        intake.pauses.map(({ runId }) => runId),
        oldestFirst,
      );
      assert.equal(listed()[0]?.keys.length, 8);
      assert.deepEqual(
        calls().map(({ query }) => query['page']),
        ['1', '2', '3', '1', '2', '3'],
      );
      await backend.stop();
      await watching;
    }));

  for (const how of ['leave', 'arrive'] as const) {
    test(`plans ${how} between two pages: that pass proves no absence, two quiet ones do`, () =>
      withHookPulse({ pageSize: 3 }, {}, async ({ hookpulse, backend, clock, listed, intake }) => {
        for (let at = 0; at < 7; at += 1) hookpulse.seed({ insertedAt: clock.now() - at * 1_000 });
        hookpulse.drift(how);
        const watching = backend.watch?.(never);
        await clock.pass();
        await clock.pass();
        assert.deepEqual(listed(), []);
        await clock.asleep(3);
        const waiting = hookpulse.plans().filter(({ status }) => status === 'waiting_approval');
        assert.equal(listed()[0]?.keys.length, waiting.length);
        const keys = intake.pauses.map(({ key }) => key);
        assert.equal(new Set(keys).size, keys.length, 'nothing is announced twice');
        await backend.stop();
        await watching;
      }));
  }

  test('two approvals of one plan are two cards of one run, one after the other', () =>
    withHookPulse({}, {}, async ({ hookpulse, backend, intake, clock, listed }) => {
      const steps = [{ step_identifier: 'first' }, { step_identifier: 'second' }];
      hookpulse.seed({ executionPlanUuid: PLAN, steps });
      const watching = backend.watch?.(never);
      await clock.pass();
      hookpulse.decideInDashboard(PLAN, 'approve');
      await clock.asleep(2);
      assert.deepEqual(
        intake.pauses.map(({ key, runId }) => [key, runId]),
        [
          [`${PLAN}:first:0`, PLAN],
          [`${PLAN}:second:1`, PLAN],
        ],
      );
      assert.deepEqual(listed().at(-1)?.keys, [`${PLAN}:second:1`]);
      await backend.stop();
      await watching;
    }));

  test('a loop that returns to a step is announced again', () =>
    withHookPulse({ msPerDelaySecond: 'by_hand' }, {}, async ({ hookpulse, backend, intake, clock }) => {
      const loop = { step_identifier: 'review', delay_to_next_step: 60, on_success_next_step_identifier: 'review' };
      hookpulse.seed({ executionPlanUuid: PLAN, steps: [loop] });
      const watching = backend.watch?.(never);
      await clock.pass();
      hookpulse.decideInDashboard(PLAN, 'approve');
      await clock.asleep(2);
      hookpulse.advance(PLAN);
      await clock.pass();
      await clock.asleep(3);
      assert.deepEqual(
        intake.pauses.map(({ key }) => key),
        [`${PLAN}:review:0`, `${PLAN}:review:0`],
      );
      await backend.stop();
      await watching;
    }));
});

describe('the pace', () => {
  test('is the setting’s, as long as the budget allows', () =>
    withHookPulse({}, {}, async ({ backend, clock }) => {
      const watching = backend.watch?.(never);
      await clock.asleep(1);
      assert.deepEqual(clock.naps.entries, [16_500]);
      await backend.stop();
      await watching;
    }));

  test('an hour with many pages and a small plan: no more than its share', () =>
    withHookPulse({ pageSize: 2, rateLimit: 100 }, { pollMs: 1_000, budgetShare: 0.3 }, async (world) => {
      const { hookpulse, backend, clock, calls } = world;
      for (let at = 0; at < 6; at += 1) hookpulse.seed();
      const end = clock.now() + 3_600_000;
      const watching = backend.watch?.(never);
      while (clock.now() < end) await clock.pass();
      const polled = calls('GET').filter(({ at }) => at < end).length;
      assert.ok(polled <= 30 && polled >= 20, `${polled} of 100 requests`);
      await backend.stop();
      await watching;
    }));

  test('429: waits until the reset', () =>
    withHookPulse({ rateLimit: 1 }, { pollMs: 1_000, budgetShare: 1 }, async ({ hookpulse, backend, clock, calls }) => {
      hookpulse.setRate({ remaining: 0, resetAt: clock.now() + 1_800_000 });
      const watching = backend.watch?.(never);
      await clock.asleep(1);
      assert.equal(calls()[0]?.status, 429);
      assert.ok((clock.naps.entries[0] ?? 0) >= 1_800_000);
      await backend.stop();
      await watching;
    }));
});

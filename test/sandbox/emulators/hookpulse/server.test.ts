/** Headers, bodies, rates, and what a fault does. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { HookPulseFault } from '../../../../src/sandbox/emulators/hookpulse/types.ts';
import { ACTION, act, call, callsOf, LIST, type Sent, withHookPulse } from './support.ts';

test('each header is asked for, and missing is not the same as wrong', () =>
  withHookPulse({}, async (hookpulse) => {
    const key = { 'x-hookpulse-api-key': hookpulse.apiKey };
    const brand = { 'x-brand-uuid': hookpulse.brandUuid };
    const cases: [Record<string, string>, string][] = [
      [brand, 'Missing API key'],
      [{ ...brand, 'x-hookpulse-api-key': 'wrong' }, 'Invalid API key'],
      [key, 'Missing brand UUID'],
      [{ ...key, 'x-brand-uuid': 'wrong' }, 'Invalid brand UUID'],
    ];
    for (const [headers, error] of cases) {
      const reply = await call(hookpulse, LIST, { headers });
      assert.equal(reply.status, 401);
      assert.deepEqual(reply.json, { success: false, error });
    }
    const { executionPlanUuid } = hookpulse.seed();
    const readOnly: Sent = { headers: { ...brand, 'x-hookpulse-api-key': hookpulse.readOnlyApiKey } };
    assert.equal((await call(hookpulse, LIST, readOnly)).status, 200);
    assert.equal((await act(hookpulse, executionPlanUuid, 'approve', readOnly)).status, 403);
    assert.deepEqual(Object.keys(callsOf(hookpulse)[0]?.headers ?? {}), ['x-brand-uuid', 'accept']);
  }));

test('bodies and routes are refused with the envelope', () =>
  withHookPulse({}, async (hookpulse) => {
    const { executionPlanUuid: uuid } = hookpulse.seed();
    const cases: [unknown, number, string][] = [
      ['', 400, 'Invalid JSON body'],
      ['{', 400, 'Invalid JSON body'],
      [{ execution_plan_uuid: uuid }, 400, 'Missing required field: action'],
      [{ action: 'approve' }, 400, 'Missing required field: execution_plan_uuid'],
      [{ action: 'take_over', execution_plan_uuid: uuid }, 400, 'Invalid field value: action'],
      [{ action: 'approve', execution_plan_uuid: 'plan 1' }, 400, 'Invalid field value: execution_plan_uuid'],
      [
        { action: 'approve', execution_plan_uuid: '00000000-0000-4000-8000-000000000000' },
        404,
        'Execution plan not found',
      ],
    ];
    for (const [body, status, error] of cases) {
      const reply = await call(hookpulse, ACTION, { body });
      assert.equal(reply.status, status, error);
      assert.deepEqual(reply.json, { success: false, error });
    }
    assert.deepEqual((await call(hookpulse, ACTION)).json, { success: false, error: 'Resource not found' });
    assert.equal(hookpulse.plans()[0]?.status, 'waiting_approval');
  }));

test('every answer says what is left of the hour, and then there is nothing left', async () => {
  let now = Date.parse('2026-03-04T00:00:00Z');
  await withHookPulse({ rateLimit: 2, now: () => now }, async (hookpulse) => {
    const rate = async (headers?: Record<string, string>) => {
      const reply = await call(hookpulse, LIST, headers ? { headers } : {});
      return [reply.status, ...['limit', 'remaining', 'reset'].map((one) => reply.headers.get(`x-ratelimit-${one}`))];
    };
    const reset = String((now + 3_600_000) / 1000);
    assert.deepEqual(await rate(), [200, '2', '1', reset]);
    assert.deepEqual(await rate({ accept: '*/*' }), [401, '2', '0', reset]);
    assert.deepEqual(await rate(), [429, '2', '0', reset]);
    const refused = await act(hookpulse, hookpulse.seed().executionPlanUuid, 'approve');
    assert.deepEqual(refused.json, { success: false, error: 'Rate limit exceeded' });
    assert.equal(refused.headers.get('retry-after'), null);
    assert.equal(hookpulse.plans()[0]?.status, 'waiting_approval');
    now += 3_600_000;
    assert.equal((await rate())[2], '1');
    hookpulse.setRate({ limit: 500, remaining: 40 });
    assert.deepEqual((await rate()).slice(0, 3), [200, '500', '39']);
    assert.equal(hookpulse.rate.remaining, 39);
  });
});

test('a spoilt answer before changes nothing, and after hides a decision that was taken', () =>
  withHookPulse({}, async (hookpulse) => {
    for (const when of ['before', 'after'] as const) {
      for (const fault of [
        { kind: 'reset', when },
        { kind: 'hang', when },
        { kind: 'bad_gateway', when },
        { kind: 'status', status: 500, when },
      ] satisfies HookPulseFault[]) {
        const { executionPlanUuid: uuid } = hookpulse.seed();
        const before = hookpulse.journal.entries.length;
        hookpulse.fail(ACTION, fault);
        const giveUp = new AbortController();
        const asked = act(hookpulse, uuid, 'approve', { signal: giveUp.signal });
        const entry = await hookpulse.journal.until('the call', (all) =>
          all.slice(before).find((one) => one.kind === 'call'),
        );
        assert.equal(entry.kind === 'call' && entry.effect, when === 'after');
        assert.equal(hookpulse.plans().at(-1)?.status, when === 'after' ? 'completed' : 'waiting_approval');
        if (fault.kind === 'hang') giveUp.abort();
        if (fault.kind === 'hang' || fault.kind === 'reset') await assert.rejects(asked);
        else assert.equal((await asked).status, fault.kind === 'status' ? 500 : 502);
        assert.equal((await act(hookpulse, uuid, 'approve')).json.success, when === 'before');
      }
    }
  }));

test('a 429 of its own keeps the rate headers, and a late answer is the one of its time', () =>
  withHookPulse({}, async (hookpulse) => {
    const headers = { 'retry-after': '3', 'x-ratelimit-remaining': '0' };
    hookpulse.fail(LIST, { kind: 'status', status: 429, when: 'before', headers });
    const limited = await call(hookpulse, LIST);
    assert.equal(limited.json.error, 'Rate limit exceeded');
    assert.equal(limited.headers.get('x-ratelimit-remaining'), '0');
    assert.equal(limited.headers.get('x-ratelimit-limit'), '1000');
    assert.equal(limited.headers.get('retry-after'), '3');
    const { executionPlanUuid } = hookpulse.seed();
    const before = hookpulse.journal.entries.length;
    hookpulse.fail(LIST, { kind: 'latency', ms: 20 });
    const slow = call(hookpulse, LIST);
    await hookpulse.journal.until('the list', (all) => all.slice(before).find((one) => one.kind === 'call'));
    hookpulse.decideInDashboard(executionPlanUuid, 'approve');
    assert.equal((await slow).json.data.length, 1);
  }));

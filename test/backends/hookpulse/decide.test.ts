import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createHookPulse } from '../../../src/backends/hookpulse/index.ts';
import type { DecideAnswer } from '../../../src/core/ports/ports.ts';
import type { DoubleAction, HookPulseFault } from '../../../src/sandbox/emulators/hookpulse/types.ts';
import { decided } from '../runtype/support/backend.ts';
import { ACTION, type HookPulseWorld, LIST, never, withHookPulse } from './support.ts';

function wordsOf(result: DecideAnswer['result']): string {
  return 'reason' in result ? result.reason : '';
}

describe('what is sent', () => {
  for (const action of ['approve', 'reject'] as const) {
    test(`for ${action}: a fresh list, then the call`, () =>
      withHookPulse({}, {}, async ({ announce, backend, hookpulse, calls, effects }) => {
        const pause = await announce();
        const before = calls('GET').length;
        const answer = await backend.decide([decided(pause, action, 'kept to ourselves')], never);
        assert.deepEqual(answer, { result: { type: 'recorded', following: false } });
        assert.equal(calls('GET').length, before + 1);
        const [call, ...others] = calls('POST');
        assert.deepEqual([call?.path, others], [ACTION, []]);
        assert.deepEqual(call?.body, { action, execution_plan_uuid: pause.runId });
        assert.deepEqual(call?.headers, {
          'x-hookpulse-api-key': hookpulse.apiKey,
          'x-brand-uuid': hookpulse.brandUuid,
          accept: 'application/json',
          'content-type': 'application/json',
        });
        assert.equal(effects(), 1);
        assert.equal(hookpulse.plans()[0]?.decisions[0]?.action, action);
      }));
  }

  test('the list is read page by page, up to the step', () =>
    withHookPulse({ pageSize: 2 }, {}, async ({ announce, backend, hookpulse, clock, calls }) => {
      const pause = await announce({ insertedAt: clock.now() - 1_000 });
      for (let at = 0; at < 3; at += 1) hookpulse.seed({ insertedAt: clock.now() + at });
      for (let at = 0; at < 4; at += 1) hookpulse.seed({ insertedAt: clock.now() - 5_000 - at });
      const before = calls('GET').length;
      assert.equal((await backend.decide([decided(pause, 'approve')], never)).result.type, 'recorded');
      assert.deepEqual(
        calls('GET')
          .slice(before)
          .map(({ query }) => query['page']),
        ['1', '2'],
      );
    }));

  test('what can’t be put on the wire is refused, and nothing is sent', () =>
    withHookPulse({}, {}, async ({ announce, backend, calls }) => {
      const pause = await announce();
      const foreign = { ...pause, wire: {} };
      const groups = [[], [decided(pause, 'take_over')], [decided(foreign, 'approve')]];
      groups.push([decided(pause, 'approve'), decided(pause, 'approve')]);
      for (const group of groups) assert.equal((await backend.decide(group, never)).result.type, 'refused');
      assert.deepEqual(calls('POST'), []);
      assert.equal(backend.resendable([]), false);
    }));
});

describe('a plan that has moved on', () => {
  test('an old card can’t decide its next step', () =>
    withHookPulse({}, {}, async ({ announce, backend, hookpulse, effects, calls }) => {
      const steps = [{ step_identifier: 'first' }, { step_identifier: 'second' }];
      const pause = await announce({ steps });
      hookpulse.decideInDashboard(pause.runId, 'approve');
      const { result } = await backend.decide([decided(pause, 'approve')], never);
      assert.deepEqual(result, { type: 'gone', reason: 'This plan has moved on to step second.' });
      assert.deepEqual([effects(), calls('POST').length], [0, 0]);
      assert.equal(hookpulse.plans()[0]?.status, 'waiting_approval');
    }));

  for (const [name, change] of [
    ['name of the workflow', { workflowName: 'Payroll' }],
    ['delay', { step: { delay_to_next_step: 7 } }],
  ] as const) {
    test(`another ${name} under the same step: nothing is sent`, () =>
      withHookPulse({}, {}, async ({ announce, backend, hookpulse, effects, calls }) => {
        const pause = await announce();
        hookpulse.rewrite(pause.runId, change);
        const { result } = await backend.decide([decided(pause, 'approve')], never);
        assert.equal(result.type, 'changed');
        assert.deepEqual([effects(), calls('POST').length], [0, 0]);
      }));
  }

  for (const [name, edit, moved] of [
    ['identifier', { step: { step_identifier: 'wipe_disks' } }, 'wipe_disks'],
    ['position', { stepBefore: 'audit' }, 'release_funds'],
  ] as const) {
    test(`another ${name} is another step: nothing is sent`, () =>
      withHookPulse({}, {}, async ({ announce, backend, hookpulse, calls }) => {
        const pause = await announce();
        hookpulse.rewrite(pause.runId, edit);
        const { result } = await backend.decide([decided(pause, 'approve')], never);
        assert.deepEqual(result, { type: 'gone', reason: `This plan has moved on to step ${moved}.` });
        assert.equal(calls('POST').length, 0);
      }));
  }

  test('a step that is no longer pending is not decided', () =>
    withHookPulse({}, {}, async ({ announce, backend, hookpulse, calls }) => {
      const pause = await announce();
      hookpulse.decideInDashboard(pause.runId, 'reject');
      const { result } = await backend.decide([decided(pause, 'approve')], never);
      assert.deepEqual(result, { type: 'gone', reason: 'This plan no longer needs a decision.' });
      assert.equal(calls('POST').length, 0);
    }));

  test('a list that moves while it is read is read again before absence is believed', () =>
    withHookPulse({ pageSize: 1 }, {}, async ({ announce, backend, hookpulse, clock, calls }) => {
      const pause = await announce({ insertedAt: clock.now() - 5_000 });
      hookpulse.seed({ insertedAt: clock.now() });
      hookpulse.seed({ insertedAt: clock.now() - 9_000 });
      const before = calls('GET').length;
      // The newest leaves after page 1 is read: the one looked for slips from page 2 to page 1, unseen.
      hookpulse.drift('leave');
      assert.equal((await backend.decide([decided(pause, 'approve')], never)).result.type, 'recorded');
      const pages = calls('GET').map(({ query }) => query['page']);
      assert.deepEqual(pages.slice(before), ['1', '2', '1']);
    }));
});

/** Decides after something went wrong with the call, or with a list. */
function afterFault(
  path: string,
  fault: HookPulseFault,
  use: (result: DecideAnswer['result'], wait: number | null, world: HookPulseWorld) => void,
  more: object = {},
) {
  return withHookPulse({}, {}, async (world) => {
    const pause = await world.announce();
    world.hookpulse.fail(path, fault);
    const approval = { ...decided(pause, 'approve'), ...more };
    const { result, retryAfterMs } = await world.backend.decide([approval], never);
    use(result, retryAfterMs ?? null, world);
  });
}

const status = (code: number, more: object = {}): HookPulseFault => ({
  kind: 'status',
  status: code,
  when: 'before',
  ...more,
});

describe('what the answer means', () => {
  for (const mode of ['soft', 'not_found', 'bad_request', 'conflict'] satisfies DoubleAction[]) {
    test(`not waiting any more (${mode}): gone`, () =>
      withHookPulse({ doubleAction: mode }, {}, async ({ announce, backend, hookpulse, calls, effects }) => {
        const pause = await announce();
        // Another decision arrives between our list and our call.
        const stop = hookpulse.onChange(() => {
          const looked = calls('GET').length === 2 && hookpulse.plans()[0]?.status === 'waiting_approval';
          if (looked) hookpulse.decideInDashboard(pause.runId, 'reject');
        });
        const { result } = await backend.decide([decided(pause, 'approve')], never);
        stop();
        assert.equal(result.type, 'gone');
        assert.match(wordsOf(result), /^HookPulse refused: .*\. This plan no longer needs a decision\.$/);
        assert.deepEqual([calls('POST').length, effects()], [1, 0]);
      }));

    test(`a refusal (${mode}) of a step that is still pending is a refusal`, () => {
      const codes = { soft: 200, not_found: 404, bad_request: 400, conflict: 409 };
      const body = { success: false, error: 'Workflow is locked' };
      return afterFault(ACTION, status(codes[mode], { body }), (result, _, { effects }) => {
        assert.deepEqual(result, { type: 'refused', reason: 'HookPulse refused: Workflow is locked' });
        assert.equal(effects(), 0);
      });
    });
  }

  const refused: [string, string, number, RegExp][] = [
    ['401 of the call', ACTION, 401, /Check HOOKPULSE_API_KEY and HOOKPULSE_BRAND_UUID\.$/],
    ['403 of the call', ACTION, 403, /HOOKPULSE_API_KEY and HOOKPULSE_BRAND_UUID has no permission for this\.$/],
    ['401 of the list', LIST, 401, /Check HOOKPULSE_API_KEY/],
    ['a redirect', ACTION, 308, /Redirects are not followed\. Set HOOKPULSE_API_URL/],
  ];
  for (const [name, path, code, reason] of refused) {
    test(name, () =>
      afterFault(path, status(code), (result) => {
        assert.equal(result.type, 'refused');
        assert.match(wordsOf(result), reason);
      }),
    );
  }

  test('429: not taken, until the reset or as long as it says', async () => {
    const headers = { 'retry-after': '9' };
    await afterFault(ACTION, status(429, { headers }), (result, wait) => {
      assert.deepEqual([result.type, wait], ['unsent', 9_000]);
    });
    await afterFault(ACTION, status(429), (result, wait) =>
      assert.deepEqual([result.type, wait], ['unsent', 3_600_000]),
    );
    await afterFault(LIST, status(429), (result, wait, { calls }) => {
      assert.deepEqual([result.type, wait, calls('POST').length], ['unsent', 3_600_000, 0]);
    });
  });

  const unclear: [string, HookPulseFault, number][] = [
    ['500', status(500), 0],
    ['502 from a proxy', { kind: 'bad_gateway', when: 'after' }, 1],
    ['a reset', { kind: 'reset', when: 'after' }, 1],
    ['HTML', { kind: 'status', status: 200, when: 'after', body: '<html>' }, 1],
    ['an object without success', { kind: 'status', status: 200, when: 'before', body: {} }, 0],
  ];
  for (const [name, fault, effects] of unclear) {
    test(`${name}: ambiguous`, () =>
      afterFault(ACTION, fault, (result, _, world) => {
        assert.equal(result.type, 'ambiguous');
        assert.equal(world.effects(), effects);
      }));
  }

  test('a list that fails before the call: surely not sent', async () => {
    for (const fault of [status(500), { kind: 'reset', when: 'before' } as const, status(200, { body: '<html>' })]) {
      // Twice, for a kept connection that breaks is tried once more on a fresh one.
      await withHookPulse({}, {}, async ({ announce, backend, hookpulse, calls }) => {
        const pause = await announce();
        hookpulse.fail(LIST, fault, 2);
        assert.equal((await backend.decide([decided(pause, 'approve')], never)).result.type, 'unsent');
        assert.equal(calls('POST').length, 0);
      });
    }
  });
});

describe('in doubt', () => {
  test('pressed again: sent if the same step is still pending, else gone', () =>
    withHookPulse({}, {}, async ({ announce, backend, hookpulse, effects }) => {
      const pause = await announce();
      const again = { ...decided(pause, 'approve'), mayHaveArrived: true };
      hookpulse.fail(ACTION, status(503));
      assert.equal((await backend.decide([decided(pause, 'approve')], never)).result.type, 'ambiguous');
      assert.equal((await backend.decide([again], never)).result.type, 'recorded');
      assert.equal((await backend.decide([again], never)).result.type, 'gone');
      assert.equal(effects(), 1);
    }));

  test('a key that may only read', () =>
    withHookPulse({}, {}, async ({ announce, hookpulse, intake, clock, log }) => {
      const pause = await announce();

      const { url, readOnlyApiKey: apiKey, brandUuid } = hookpulse;
      const brands = [{ apiKey, uuid: brandUuid, name: null }];
      const backend = createHookPulse({ url, brands, pollMs: 1_000, intake, clock, log: log.log });
      const { result } = await backend.decide([decided(pause, 'approve')], never);
      assert.deepEqual([result.type, /Not allowed to act/.test(wordsOf(result))], ['refused', true]);
      await backend.stop();
      for (const secret of [apiKey, hookpulse.apiKey, brandUuid]) assert.ok(!log.text().includes(secret));
    }));
});

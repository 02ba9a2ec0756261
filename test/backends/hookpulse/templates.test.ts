/** How rarely templates are read, and what a card shows until they are. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TEMPLATE_LIFETIME_MS, type TemplateRead, Templates } from '../../../src/backends/hookpulse/templates.ts';
import { createTestClock } from '../../support/clock.ts';
import { decided } from '../runtype/support/backend.ts';
import { ACTION, LIST, never, TEMPLATE, withHookPulse } from './support.ts';

const HOUR_MS = 3_600_000;
const found: TemplateRead = { type: 'read', template: { description: null, steps: [] } };
const down: TemplateRead = { type: 'failed', reason: 'It is away.', retryAfterMs: null };

function templates(answer: (workflow: unknown, reads: number) => TemplateRead, perHour = 1_000, share = 0.1) {
  const clock = createTestClock();
  const reads: string[] = [];
  const budget = { perHour, remaining: null as number | null };
  const read = async (workflow: unknown) => {
    reads.push(String(workflow));
    return answer(workflow, reads.length);
  };
  const all = new Templates({ read, share, budget, clock });
  const refresh = (...ids: string[]) => all.refresh(new Map(ids.map((id) => [id, id])), never);
  return { all, refresh, reads, clock, budget };
}

describe('templates', () => {
  test('one is read once in its lifetime', async () => {
    const { refresh, reads, clock } = templates(() => found);
    await refresh('a', 'b');
    clock.advance(TEMPLATE_LIFETIME_MS - 1);
    await refresh('a', 'b');
    assert.deepEqual(reads, ['a', 'b']);
    clock.advance(1);
    await refresh('a');
    assert.deepEqual(reads, ['a', 'b', 'a']);
  });

  test('a failed read is repeated, ever less often, and what was known stays', async () => {
    const { all, refresh, reads, clock } = templates((_, reads) => (reads === 3 ? found : down));
    await refresh('a');
    assert.deepEqual(all.stateOf('a'), { type: 'unread' });
    await refresh('a');
    assert.equal(reads.length, 1, 'not at once');
    clock.advance(1_000);
    await refresh('a');
    clock.advance(1_999);
    await refresh('a');
    assert.equal(reads.length, 2);
    clock.advance(1);
    await refresh('a');
    assert.equal(all.stateOf('a').type, 'read');
    clock.advance(TEMPLATE_LIFETIME_MS);
    await refresh('a');
    assert.deepEqual([reads.length, all.stateOf('a').type], [4, 'read']);
  });

  test('no more of them in an hour than their share, and new workflows come first', async () => {
    const { refresh, reads, clock } = templates(() => found);
    const ids = Array.from({ length: 300 }, (_, at) => `w${at}`);
    for (let minute = 0; minute < 60; minute += 1) {
      await refresh(...ids);
      clock.advance(HOUR_MS / 60);
    }
    assert.ok(reads.length <= 20 + 100 && reads.length > 100, `${reads.length} reads`);
    assert.equal(new Set(reads).size, reads.length, 'none is read again before all were read');
  });

  test('of the last requests of an hour none is taken', async () => {
    const { refresh, reads, budget } = templates(() => found);
    budget.remaining = 9;
    await refresh('a');
    assert.deepEqual(reads, []);
    budget.remaining = 10;
    await refresh('a');
    assert.deepEqual(reads, ['a']);
  });
});

describe('a card', () => {
  test('says that the template could not be read, and is updated once it can', () =>
    withHookPulse({}, {}, async ({ hookpulse, backend, intake, clock }) => {
      hookpulse.fail(TEMPLATE, { kind: 'status', status: 503, when: 'before' });
      hookpulse.seed();
      const watching = backend.watch?.(never);
      await clock.pass();
      await clock.asleep(2);
      const [first, second] = intake.pauses;
      assert.match(first?.cautions?.join() ?? '', /What this step does is not shown yet: .* could not be read/);
      assert.deepEqual([second?.key, second?.cautions], [first?.key, undefined]);
      assert.equal(second?.parameters['address'], 'https://hooks.example.com/v1/release_funds');
      await backend.stop();
      await watching;
    }));

  for (const [name, fault, caution] of [
    ['404', { kind: 'status', status: 404, when: 'before' }, /HookPulse answered 404 instead of the template/],
    [
      'HTML',
      { kind: 'status', status: 200, when: 'before', body: {} },
      /HookPulse answered 200 instead of the template/,
    ],
  ] as const) {
    test(`whose template is refused (${name}) says so`, () =>
      withHookPulse({}, {}, async ({ hookpulse, announce }) => {
        hookpulse.fail(TEMPLATE, fault, 9);
        const { cautions } = await announce();
        assert.match(cautions?.join() ?? '', caution);
        assert.match(cautions?.join() ?? '', /Look it up in HookPulse/);
      }));
  }

  test('whose template does not describe the step says so', () =>
    withHookPulse({}, {}, async ({ announce }) => {
      const steps = [{ step_identifier: 'a', webhook: null }];
      const { cautions, description } = await announce({ steps, workflowDescription: 'Pays vendors' });
      assert.match(cautions?.join() ?? '', /its workflow does not describe it/);
      assert.equal(description, 'Pays vendors');
    }));

  test('is posted without a template that hangs', { timeout: 20_000 }, () =>
    withHookPulse({}, { timeouts: { headersMs: 50 } }, async ({ hookpulse, announce }) => {
      hookpulse.fail(TEMPLATE, { kind: 'hang', when: 'before' });
      assert.match((await announce()).cautions?.join() ?? '', /not shown yet/);
    }),
  );

  test('an hour of 60 workflows: polls keep their pace, and decisions have requests left', () =>
    withHookPulse({}, {}, async ({ hookpulse, backend, clock, calls }) => {
      for (let at = 0; at < 8; at += 1) hookpulse.seed({ workflowName: `Workflow ${at}` });
      const watching = backend.watch?.(never);
      const start = clock.now();
      while (clock.now() - start < HOUR_MS) await clock.pass();
      const [lists, reads] = [calls('GET').length, calls('TEMPLATE').length];
      assert.ok(lists > 200, `${lists} lists`);
      assert.ok(reads >= 8 && reads <= 8 * 7, `${reads} templates`);
      assert.ok(lists + reads < 500);
      await backend.stop();
      await watching;
    }));
});

describe('a decision', () => {
  test('reads the template anew: what has changed is not sent', () =>
    withHookPulse({}, {}, async ({ hookpulse, backend, announce, effects }) => {
      const pause = await announce();
      hookpulse.rewrite(pause.runId, { step: { webhook: { path: '/v1/other' } } });
      const { result } = await backend.decide([decided(pause, 'approve')], never);
      assert.ok(result.type === 'changed');
      assert.equal(result.pause.parameters['address'], 'https://hooks.example.com/v1/other');
      assert.equal(effects(), 0);
    }));

  test('a changed value of a header, which no card shows, is a change', () =>
    withHookPulse({}, {}, async ({ hookpulse, backend, announce, effects }) => {
      const headers = (account: string) => ({ webhook: { headers_json: { 'X-Account': account } } });
      const pause = await announce({ steps: [{ step_identifier: 'pay', ...headers('7') }] });
      hookpulse.rewrite(pause.runId, { step: headers('8') });
      assert.equal((await backend.decide([decided(pause, 'approve')], never)).result.type, 'changed');
      assert.equal(effects(), 0);
    }));

  test('while the template can’t be read: not sent; but sent where the card said that it can’t', () =>
    withHookPulse({}, {}, async ({ hookpulse, backend, announce, effects }) => {
      const pause = await announce();
      hookpulse.fail(TEMPLATE, { kind: 'status', status: 429, when: 'before', headers: { 'retry-after': '9' } });
      const answer = await backend.decide([decided(pause, 'approve')], never);
      assert.deepEqual([answer.result.type, answer.retryAfterMs], ['unsent', 9_000]);
      assert.equal((await backend.decide([decided(pause, 'approve')], never)).result.type, 'recorded');
      assert.equal(effects(), 1);
      hookpulse.fail(TEMPLATE, { kind: 'status', status: 503, when: 'before' }, 9);
      const blind = await announce({ workflowName: 'Other' });
      assert.equal((await backend.decide([decided(blind, 'reject')], never)).result.type, 'recorded');
    }));

  test('a template that is gone now is a change, too', () =>
    withHookPulse({}, {}, async ({ hookpulse, backend, announce }) => {
      const pause = await announce();
      hookpulse.fail(TEMPLATE, { kind: 'status', status: 404, when: 'before' });
      const { result } = await backend.decide([decided(pause, 'approve')], never);
      assert.ok(result.type === 'changed');
      assert.match(result.pause.cautions?.join() ?? '', /answered 404/);
    }));

  test('of a plan whose keys are numbers is sent with the number', () =>
    withHookPulse({ numericIds: true, zoneless: true }, {}, async ({ backend, announce, calls, effects }) => {
      const pause = await announce({ executionPlanUuid: '12345678901234567890' });
      assert.equal(pause.key, '12345678901234567890:release_funds:0');
      assert.match(String(pause.parameters['created']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d UTC$/);
      assert.equal(pause.cautions, undefined);
      assert.equal((await backend.decide([decided(pause, 'approve')], never)).result.type, 'recorded');
      const [sent] = calls('POST').filter(({ path }) => path === ACTION);
      assert.match(JSON.stringify(sent?.body), /"execution_plan_uuid":12345678901234567890/);
      assert.equal(effects(), 1);
    }));

  test('while an item can’t be read that may be this plan: not sent, and not called gone', () =>
    withHookPulse({}, {}, async ({ hookpulse, backend, announce, calls }) => {
      const pause = await announce();
      for (const fields of [
        { step_identifier: undefined },
        { execution_plan_uuid: null, step_identifier: undefined },
      ]) {
        hookpulse.listAs(pause.runId, fields);
        const { result } = await backend.decide([decided(pause, 'approve')], never);
        assert.equal(result.type, 'unsent');
        assert.match('reason' in result ? result.reason : '', /has an item that can’t be read and may be this one/);
      }
      assert.deepEqual(
        calls('POST').map(({ path }) => path),
        [],
      );
      assert.ok(calls('GET').every(({ path }) => path === LIST));
    }));
});

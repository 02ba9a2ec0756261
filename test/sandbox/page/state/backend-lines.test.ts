/** Sonzai and HookPulse on the page: their examples, their dashboards, and what they received. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { HookPulseEntry } from '../../../../src/sandbox/emulators/hookpulse/types.ts';
import { polledExamples } from '../../../../src/sandbox/page/examples.ts';
import { backendLines } from '../../../../src/sandbox/page/state/backend-lines.ts';
import { dashboardItems } from '../../../../src/sandbox/page/state/dashboards.ts';
import { ask, startPage } from '../support.ts';

describe('the other backends on the page', () => {
  let page: Awaited<ReturnType<typeof startPage>>;
  before(async () => {
    page = await startPage();
  });
  after(() => page.close());

  const post = async (path: string, body: object) => {
    const headers = { origin: page.url, 'content-type': 'application/json' };
    const answer = await ask(`${page.url}/api${path}`, 'POST', headers, JSON.stringify(body));
    return { status: answer.status, error: JSON.parse(answer.text).error as string | undefined };
  };
  const items = () => dashboardItems(page);

  test('each example waits in its backend’s list', async () => {
    for (const { name } of polledExamples) assert.equal((await post('/runs', { name })).status, 200);
    assert.deepEqual(
      items().map((item) => [item.backend, item.title, item.actions.length]),
      [
        ['sonzai', 'Wants to offer a 10% discount', 3],
        ['sonzai', 'Was charged twice and asks for a person', 3],
        ['hookpulse', 'Vendor payout', 2],
        ['hookpulse', 'Contract renewal', 2],
      ],
    );
  });

  test('the dashboard decides each of them, once', async () => {
    const [message, handoff, payout, renewal] = items();
    assert.ok(message && handoff && payout && renewal);
    const decide = (item: { backend: string; id: string }, action: string) =>
      post('/dashboard', { backend: item.backend, id: item.id, action });
    assert.equal((await decide(message, 'reject')).status, 200);
    assert.equal((await decide(handoff, 'take_over')).status, 200);
    assert.match((await decide(handoff, 'approve')).error ?? '', /is pending/);
    assert.equal((await decide(payout, 'take_over')).status, 409);
    assert.equal((await decide(payout, 'approve')).status, 200);
    assert.equal((await decide(renewal, 'approve')).status, 200);
    assert.equal((await decide(renewal, 'hold')).status, 400);
    assert.deepEqual(
      page.sonzai.items().map((item) => item.status),
      ['rejected', 'taken_over'],
    );
    assert.deepEqual(
      items().map((item) => item.detail),
      ['waiting at finance_sign_off, step 1'],
    );
  });
});

test('readings that follow one another are one line that counts, under one number', () => {
  const reading = {
    kind: 'call',
    at: 0,
    method: 'GET',
    path: '/list/',
    headers: {},
    body: null,
    effect: false,
  } as const;
  const read = (page: string, status = 200): HookPulseEntry => ({ ...reading, query: { page }, status });
  const entries: HookPulseEntry[] = [read('1'), read('1'), read('1', 500), read('1'), read('2')];
  const shown = () =>
    backendLines('hookpulse', entries).map((line) =>
      line.kind === 'call' ? [line.number, line.path, line.status, line.times] : [line.number, line.text],
    );
  const before = [
    [0, '/list/?page=1', 200, 2],
    [2, '/list/?page=1', 500, 1],
  ];
  assert.deepEqual(shown(), [...before, [3, '/list/?page=2', 200, 2]]);
  entries.push(read('1'));
  assert.deepEqual(shown(), [...before, [3, '/list/?page=1', 200, 3]]);
  const change = { kind: 'change', at: 0, executionPlanUuid: '5f0c2c1e-7d1b', status: 'waiting_approval' } as const;
  entries.push({ ...change, stepIdentifier: 'legal', by: 'seed' }, { ...change, stepIdentifier: null, by: 'api' });
  assert.deepEqual(shown().at(-1), [6, '5f0c2c1e waits at legal']);
  for (let index = 0; index < 200; index += 1) entries.push(read('1', 200 + (index % 2)));
  assert.equal(shown().length, 60);
  assert.equal(shown().at(-1)?.[0], entries.length - 1);
});

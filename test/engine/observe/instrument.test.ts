/** What is counted and told of what passes the one door: the engine at work, and deliveries that change no approval. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { step } from '../../../src/core/approval/steps/step.ts';
import { StoreError } from '../../../src/core/ports/errors.ts';
import type { Delivery, Intake, Job, Store } from '../../../src/core/ports/ports.ts';
import type { Alert } from '../../../src/core/view/cards/alert-card.ts';
import { instrumentDraw, instrumentIntake, instrumentStore } from '../../../src/engine/observe/instrument.ts';
import type { Drawn } from '../../../src/engine/outbox/draw.ts';
import { createMetrics } from '../../../src/http/metrics.ts';
import { createSqliteStore } from '../../../src/store/sqlite/index.ts';
import { createTestClock } from '../../support/clock.ts';
import { announced, dana, pressed, sentAs, slackRoom } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';

async function withWitness(run: (rig: ReturnType<typeof rigOf>) => Promise<void>, more: Partial<Store> = {}) {
  const rig = rigOf(more);
  try {
    await run(rig);
  } finally {
    await rig.store.close();
  }
}

function rigOf(more: Partial<Store>) {
  const clock = createTestClock();
  const { log } = captureLog();
  const metrics = createMetrics();
  const told: string[] = [];
  const down = new Set<string>();
  const alerts = {
    raise: (alert: Alert) => void told.push(`${alert.kind} ${alert.subject}: ${alert.what}`),
    begin: (alert: Alert) => void told.push(`begin ${alert.kind} ${alert.subject}: ${alert.what}`),
    over: (kind: string, subject: string) => void told.push(`over ${kind} ${subject}`),
  };
  const onFatal = (error: Error): never => {
    throw error;
  };
  const file = createSqliteStore({ file: ':memory:', clock, log, onFatal });
  const rooms = { isDown: ({ room }: { room: string }) => down.has(room) };
  const surroundings = { clock, log, metrics, alerts, rooms, backendTitle: () => 'Runtype' };
  const store = instrumentStore({ ...file, ...more }, surroundings);
  const reached: string[] = [];
  const delivered: Delivery[] = [];
  const inner = { deliver: async (delivery: Delivery) => void delivered.push(delivery) } as unknown as Intake;
  const intake = instrumentIntake(inner, {
    ...surroundings,
    store,
    onReach: (backend, reach) => void reached.push(`${backend} ${reach.ok ? 'ok' : reach.words}`),
  });
  const apply = (input: Parameters<typeof step>[1], inputId: string | null = null) =>
    store.transact({
      approvalId: 'ap1',
      inputId,
      audit: {
        input: input.type,
        actor: 'actor' in input ? input.actor : null,
        facts: 'result' in input ? { result: input.result.type } : {},
      },
      fn: (state) => step(state, input, clock.now()),
    });
  const has = async (line: string) => {
    const { body } = await metrics.text();
    assert.ok(body.includes(`\n${line}\n`), `${line} is not in\n${body.replace(/^#.*\n/gm, '')}`);
  };
  return { store, intake, apply, told, has, clock, reached, delivered, down, metrics };
}

const cardJob: Job = {
  id: 1,
  kind: 'draw',
  subject: 'ap1',
  slot: 'card@slack:C0ROOM',
  attempts: 3,
  fencingToken: 1,
  lockedBy: 'w',
  lane: 'post:slack:C0ROOM',
  place: { platform: 'slack', room: 'C0ROOM' },
  mayHaveArrivedSince: null,
};

describe('the store, watched', () => {
  test('counts an approval from its pause to its outcome, and presses as they are', () =>
    withWitness(async ({ apply, has, told }) => {
      await apply(announced({ places: [slackRoom] }));
      await apply(pressed({ right: 'denied' }), 'p1');
      await apply(pressed(), 'p2');
      await apply(pressed(), 'p2');
      await apply({ type: 'sending', resendable: true });
      await apply(sentAs({ type: 'ambiguous', words: 'cut' }));
      await apply({ type: 'sending', resendable: true });
      await apply(sentAs({ type: 'recorded', following: false }));
      await has('countersign_approvals_opened_total{backend="runtype"} 1');
      await has('countersign_presses_total{platform="slack",outcome="not_allowed"} 1');
      await has('countersign_presses_total{platform="slack",outcome="accepted"} 1');
      await has('countersign_presses_total{platform="slack",outcome="duplicate"} 1');
      await has('countersign_decisions_sent_total{backend="runtype",result="ambiguous"} 1');
      await has('countersign_decisions_sent_total{backend="runtype",result="recorded"} 1');
      await has('countersign_approvals_settled_total{backend="runtype",outcome="approved"} 1');
      await has('countersign_commit_seconds_count 8');
      assert.deepEqual(told, []);
    }));

  for (const [outcome, result, words] of [
    ['unconfirmed', { type: 'ambiguous', words: 'cut' }, /nobody can say whether it reached Runtype\. cut\./],
    ['failed', { type: 'refused', words: 'no such key' }, /Runtype did not take it\. no such key\./],
  ] as const) {
    test(`tells of a decision that ended ${outcome}, once`, () =>
      withWitness(async ({ apply, told }) => {
        await apply(announced({ places: [slackRoom] }));
        await apply(pressed());
        await apply({ type: 'sending', resendable: false });
        await apply(sentAs(result, { resendable: false, last: true }));
        await apply({ type: 'absent', begunAt: 5, words: 'gone' });
        assert.equal(told.length, 1, told.join());
        assert.match(told[0] ?? '', new RegExp(`^undelivered runtype:${outcome}: ${dana.name} decided`));
        assert.match(told[0] ?? '', words);
        assert.doesNotMatch(told[0] ?? '', /A-1009/, 'nothing of what was asked for');
      }));
  }

  test('tells of a card that was given up, by room; not where the room itself was told', () =>
    withWitness(
      async ({ store, told, has, down }) => {
        await store.settle(cardJob, { type: 'retry', waitMs: 1, error: 'later' });
        await store.settle(cardJob, { type: 'dead', error: 'Slack said is_archived.' });
        assert.match(told.join(), /^job_given_up slack:C0ROOM: .*the Slack channel C0ROOM .*is_archived/);
        down.add('C0ROOM');
        await store.settle(cardJob, { type: 'dead', error: 'Slack said is_archived.' });
        assert.equal(told.length, 1);
        await has('countersign_jobs_ended_total{kind="draw",outcome="retry"} 1');
        await has('countersign_jobs_ended_total{kind="draw",outcome="dead"} 2');
      },
      { settle: async () => true },
    ));

  test('says nothing of a job that another worker has', () =>
    withWitness(
      async ({ store, told }) => {
        await store.settle(cardJob, { type: 'dead', error: 'x' });
        assert.deepEqual(told, []);
      },
      { settle: async () => false },
    ));

  test('counts what was refused, and hands the refusal on', () =>
    withWitness(
      async ({ apply, has }) => {
        await assert.rejects(apply(announced()), StoreError);
        await has('countersign_commits_failed_total 1');
      },
      { transact: () => Promise.reject(new StoreError('full')) },
    ));
});

describe('the intake, watched', () => {
  test('tells of items that no list shows, and when it shows them again', () =>
    withWitness(async ({ intake, told, has, delivered }) => {
      await intake.deliver({ type: 'list_hidden', backend: 'sonzai', hidden: 3 });
      await has('countersign_list_hidden{backend="sonzai"} 3');
      await intake.deliver({ type: 'list_hidden', backend: 'sonzai', hidden: 0 });
      await has('countersign_list_hidden{backend="sonzai"} 0');
      assert.match(told[0] ?? '', /^begin list_hidden sonzai: 3 more items are pending/);
      assert.equal(told[1], 'over list_hidden sonzai');
      assert.equal(delivered.length, 2, 'and hands everything on');
    }));

  test('knows which polled backends can be reached', () =>
    withWitness(async ({ intake, reached }) => {
      await intake.deliver({ type: 'reach', backend: 'sonzai', reachable: true, words: null });
      await intake.deliver({ type: 'reach', backend: 'sonzai', reachable: false, words: 'refused' });
      assert.deepEqual(reached, ['sonzai ok', 'sonzai refused']);
    }));

  test('counts a lost run once, whether it had paused or not', () =>
    withWitness(async ({ intake, apply, told, has }) => {
      await intake.deliver({ type: 'run_ended', backend: 'runtype', runId: 'other', state: 'lost', text: null });
      await has('countersign_runs_lost_total{backend="runtype"} 1');
      await apply(announced({ places: [slackRoom] }));
      await intake.deliver({ type: 'run_ended', backend: 'runtype', runId: 'exec_1', state: 'lost', text: null });
      await has('countersign_runs_lost_total{backend="runtype"} 1');
      await apply({ type: 'continued', continuation: { state: 'lost', text: null } });
      await apply({ type: 'continued', continuation: { state: 'lost', text: null } });
      await has('countersign_runs_lost_total{backend="runtype"} 2');
      assert.equal(told.filter((line) => line.startsWith('run_lost runtype')).length, 2);
    }));
});

test('the drawing, watched, counts cards by what was done', () =>
  withWitness(async ({ metrics, has }) => {
    const outcomes = ['posted', 'updated', 'updated', 'nothing to draw'];
    const about: Drawn['about'] = { approval: 'a', backend: 'runtype', platform: 'slack', slot: null };
    const draw = instrumentDraw(
      async () => ({ type: 'done', outcome: outcomes.shift() ?? '', answered: true, about }),
      metrics,
    );
    for (let times = 0; times < 4; times += 1) await draw();
    await has('countersign_cards_total{platform="slack",deed="posted"} 1');
    await has('countersign_cards_total{platform="slack",deed="updated"} 2');
  }));

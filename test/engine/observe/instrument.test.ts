/** What is counted and alerted after a commit, and after a delivery that changes no approval. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Input } from '../../../src/core/approval/inputs.ts';
import { StoreError } from '../../../src/core/ports/errors.ts';
import type { Job, Settlement, Store } from '../../../src/core/ports/ports.ts';
import type { Alert } from '../../../src/core/view/cards/alert-card.ts';
import { type Committed, createApply } from '../../../src/engine/apply.ts';
import { createIntake } from '../../../src/engine/ingest/ingest.ts';
import { createInstrument } from '../../../src/engine/observe/instrument.ts';
import { createOutbox } from '../../../src/engine/outbox/outbox.ts';
import { createMetrics } from '../../../src/http/metrics.ts';
import { createSqliteStore } from '../../../src/store/sqlite/index.ts';
import { createTestClock } from '../../support/clock.ts';
import { announced, dana, pressed, sentAs, slackRoom } from '../../support/data/pauses.ts';
import { policyOf } from '../../support/data/policies.ts';
import { captureLog } from '../../support/log.ts';

async function withInstrument(run: (rig: ReturnType<typeof rigOf>) => Promise<void>, more: Partial<Store> = {}) {
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
  const alerted: string[] = [];
  const down = new Set<string>();
  const alerts = {
    raise: (alert: Alert) => void alerted.push(`${alert.kind} ${alert.subject}: ${alert.what}`),
    begin: (alert: Alert) => void alerted.push(`begin ${alert.kind} ${alert.subject}: ${alert.what}`),
    over: (kind: string, subject: string) => void alerted.push(`over ${kind} ${subject}`),
  };
  const onFatal = (error: Error): never => {
    throw error;
  };
  const file = createSqliteStore({ file: ':memory:', clock, log, onFatal });
  const rooms = { isDown: ({ room }: { room: string }) => down.has(room) };
  const store: Store = { ...file, ...more };
  const reached: string[] = [];
  const onCommitted = createInstrument({
    log,
    metrics,
    alerts,
    rooms,
    backendTitle: () => 'Runtype',
    routeOf: (rule = 'none') => rule,
    onReach: (backend, reach) => void reached.push(`${backend} ${reach.ok ? 'ok' : reach.reason}`),
  });
  const applyTo = createApply(store, clock, log, onCommitted);
  const apply = (input: Input, inputId: string | null = null) => applyTo('ap1', input, inputId);
  const policy = policyOf({ places: [slackRoom] });
  const intake = createIntake({ store, apply: applyTo, policy, onCommitted, clock, log });
  /** Ends a job as the outbox would, once it is recorded. */
  const settle = (settlement: Settlement, outcome = 'x') =>
    onCommitted({ type: 'job', job: cardJob, settlement, outcome });
  const has = async (line: string) => {
    const { body } = await metrics.text();
    assert.ok(body.includes(`\n${line}\n`), `${line} is not in\n${body.replace(/^#.*\n/gm, '')}`);
  };
  return { store, intake, apply, settle, alerted, has, clock, log, reached, down, onCommitted };
}

const cardJob: Job = {
  id: 1,
  kind: 'draw',
  subject: 'ap1',
  slot: 'card@slack:C0ROOM',
  attempts: 3,
  fencingToken: 1,
  lapses: 0,
  lockedBy: 'w',
  lane: { kind: 'post', place: { platform: 'slack', room: 'C0ROOM' } },
  place: { platform: 'slack', room: 'C0ROOM' },
  mayHaveArrivedSince: null,
  lastSent: null,
  laneFailures: 0,
  roomClosed: null,
  isProbe: false,
};

describe('an input or a job that is committed', () => {
  test('counts an approval from its pause to its outcome, and presses as they are', () =>
    withInstrument(async ({ apply, has, alerted }) => {
      await apply(announced({ places: [slackRoom] }));
      await apply(pressed({ right: 'denied' }), 'p1');
      await apply(pressed(), 'p2');
      await apply(pressed(), 'p2');
      await apply({ type: 'sending', resendable: true });
      await apply(sentAs({ type: 'ambiguous', reason: 'cut' }));
      await apply({ type: 'sending', resendable: true });
      await apply(sentAs({ type: 'recorded', following: false }));
      await has('countersign_approvals_opened_total{backend="runtype",route="none"} 1');
      await has('countersign_presses_total{platform="slack",outcome="not_allowed"} 1');
      await has('countersign_presses_total{platform="slack",outcome="accepted"} 1');
      await has('countersign_presses_total{platform="slack",outcome="duplicate"} 1');
      await has('countersign_decisions_sent_total{backend="runtype",result="ambiguous"} 1');
      await has('countersign_decisions_sent_total{backend="runtype",result="recorded"} 1');
      await has('countersign_approvals_settled_total{backend="runtype",route="none",outcome="approved"} 1');
      await has('countersign_commit_seconds_count 8');
      assert.deepEqual(alerted, []);
    }));

  for (const [outcome, result, reason] of [
    ['unconfirmed', { type: 'ambiguous', reason: 'cut' }, /it is not known whether Runtype received it\. cut\./],
    ['failed', { type: 'refused', reason: 'no such key' }, /Runtype did not accept it\. no such key\./],
  ] as const) {
    test(`alerts once about a decision that ended as ${outcome}`, () =>
      withInstrument(async ({ apply, alerted }) => {
        await apply(announced({ places: [slackRoom] }));
        await apply(pressed());
        await apply({ type: 'sending', resendable: false });
        await apply(sentAs(result, { resendable: false, last: true }));
        await apply({ type: 'absent', begunAt: 5, reason: 'gone' });
        assert.equal(alerted.length, 1, alerted.join());
        assert.match(alerted[0] ?? '', new RegExp(`^undelivered runtype:${outcome}: ${dana.name} pressed Approve`));
        assert.match(alerted[0] ?? '', reason);
        assert.doesNotMatch(alerted[0] ?? '', /A-1009/, 'nothing of what was asked for');
      }));
  }

  test('alerts about an abandoned card, by room; not where the room itself has an alert', () =>
    withInstrument(async ({ settle, alerted, has, down }) => {
      settle({ type: 'retry', waitMs: 1, error: 'later' });
      settle({ type: 'dead', error: 'Slack said is_archived.' });
      assert.match(alerted.join(), /^job_given_up slack:C0ROOM: .*the Slack channel C0ROOM .*is_archived/);
      down.add('C0ROOM');
      settle({ type: 'dead', error: 'Slack said is_archived.' });
      assert.equal(alerted.length, 1);
      await has('countersign_jobs_ended_total{kind="draw",outcome="retry"} 1');
      await has('countersign_jobs_ended_total{kind="draw",outcome="dead"} 2');
    }));

  for (const mine of [true, false]) {
    test(`${mine ? 'hears of a job that the outbox has ended' : 'hears nothing of a job that another worker has'}`, () => {
      const settled = Promise.withResolvers<void>();
      return withInstrument(
        async ({ store, apply, clock, log }) => {
          const heard: Committed[] = [];
          const about = { approval: 'ap1', backend: 'runtype', platform: 'slack', slot: null };
          const outbox = createOutbox({
            store,
            clock,
            log,
            draw: async () => ({ type: 'done', outcome: 'posted', answered: true, about }),
            decide: () => assert.fail('nothing is decided'),
            wake: () => assert.fail('nothing is timed'),
            onCommitted: (committed) => heard.push(committed),
          });
          await apply(announced({ places: [slackRoom] }));
          outbox.start();
          await settled.promise;
          await outbox.stop();
          assert.deepEqual(
            heard.map((one) => one.type === 'job' && one.outcome),
            mine ? ['posted'] : [],
          );
        },
        {
          settle: async () => {
            settled.resolve();
            return mine ? { pacedMs: 0 } : null;
          },
        },
      );
    });
  }

  test('counts a commit that failed, and passes the error on', () =>
    withInstrument(
      async ({ apply, has }) => {
        await assert.rejects(apply(announced()), StoreError);
        await has('countersign_commits_failed_total 1');
      },
      { transact: () => Promise.reject(new StoreError('full')) },
    ));
});

describe('a delivery', () => {
  test('alerts about items that no list shows, and resolves it when they are listed again', () =>
    withInstrument(async ({ intake, alerted, has }) => {
      await intake.deliver({ type: 'list_hidden', backend: 'sonzai', hidden: 3 });
      await has('countersign_list_hidden{backend="sonzai"} 3');
      await intake.deliver({ type: 'list_hidden', backend: 'sonzai', hidden: 0 });
      await has('countersign_list_hidden{backend="sonzai"} 0');
      assert.match(alerted[0] ?? '', /^begin list_hidden sonzai: 3 more items are pending/);
      assert.equal(alerted[1], 'over list_hidden sonzai');
    }));

  test('knows which polled backends can be reached', () =>
    withInstrument(async ({ intake, reached }) => {
      await intake.deliver({ type: 'reach', backend: 'sonzai', reachable: true, reason: null });
      await intake.deliver({ type: 'reach', backend: 'sonzai', reachable: false, reason: 'refused' });
      assert.deepEqual(reached, ['sonzai ok', 'sonzai refused']);
    }));

  test('counts a lost run once, whether it had paused or not', () =>
    withInstrument(async ({ intake, apply, alerted, has }) => {
      await intake.deliver({ type: 'run_ended', backend: 'runtype', runId: 'other', state: 'lost', text: null });
      await has('countersign_runs_lost_total{backend="runtype"} 1');
      await apply(announced({ places: [slackRoom] }));
      await intake.deliver({ type: 'run_ended', backend: 'runtype', runId: 'exec_1', state: 'lost', text: null });
      await has('countersign_runs_lost_total{backend="runtype"} 2');
      await apply({ type: 'continued', continuation: { state: 'lost', text: null } });
      await apply({ type: 'continued', continuation: { state: 'lost', text: null } });
      await has('countersign_runs_lost_total{backend="runtype"} 2');
      assert.equal(alerted.filter((line) => line.startsWith('run_lost runtype')).length, 2);
    }));
});

test('cards are counted by what was done', () =>
  withInstrument(async ({ settle, has }) => {
    for (const outcome of ['posted', 'updated', 'updated', 'nothing to draw']) settle({ type: 'done' }, outcome);
    await has('countersign_cards_total{platform="slack",deed="posted"} 1');
    await has('countersign_cards_total{platform="slack",deed="updated"} 2');
  }));

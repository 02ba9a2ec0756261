/** What Runtype's records say of a run whose stream was lost, and of a call whose answer was. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RuntypeFault, Step } from '../../../src/sandbox/emulators/runtype/types.ts';
import { decided, withBackend } from '../../backends/runtype/support/backend.ts';
import { type HoldWorld, withHold } from '../../backends/runtype/support/held.ts';
import { asApproval } from '../../support/data/pauses.ts';

const RUN = '/v1/agents/:id/executions/:executionId';
const CALL = `${RUN}/tool-calls/:toolCallId`;
const records = { emulator: { records: true } };
const quiet = { headers: { 'x-countersign-hold': 'off' } };
const never = new AbortController().signal;
const says = (body: unknown): RuntypeFault => ({ kind: 'status', status: 200, when: 'before', body });
const pick: Step = { do: 'awaits', calls: [{ toolName: 'pick', parameters: {} }] };

async function inTime<T>({ clock }: Pick<HoldWorld, 'clock'>, happens: Promise<T>): Promise<T> {
  const timer = setInterval(() => clock.advance(1_000), 2);
  try {
    return await happens;
  } finally {
    clearInterval(timer);
  }
}

/** Of the requests for records. */
const reads = ({ runtype }: HoldWorld) =>
  runtype.journal.entries.filter(
    (one) => one.kind === 'call' && /\/executions\/[^/]+(?:\/tool-calls\/.*)?$/.test(one.path),
  ).length;

/** A run of a saved agent, without a conversation, whose stream breaks off in its first words. */
async function lose(world: HoldWorld, name = 'plain', steps: Step[] = []) {
  world.runtype.scripts.get(name)?.steps.splice(1, 0, ...steps);
  world.runtype.fail('/v1/dispatch', { kind: 'cut', afterBytes: 600 });
  await (await world.dispatch(name, quiet)).end;
  return world.intake.delivery('run_ended');
}

describe('row 1: a lost run of a saved agent', () => {
  test('row 1: its record says that it is completed: so it ended, with its output', () =>
    withHold(records, async (world) => {
      const { state, text } = await lose(world);
      assert.equal(state, 'completed');
      assert.match(String(text), /^The shop is open from ten to six/);
      assert.equal(world.intake.deliveries.filter(({ type }) => type === 'run_ended').length, 1);
    }));

  test('row 1: its record says that it failed, with the error', () =>
    withHold(records, async (world) => {
      const { state, text } = await lose(world, 'plain', [{ do: 'error', message: 'The shop is closed.' }]);
      assert.deepEqual([state, text], ['failed', 'The shop is closed.']);
    }));

  test('row 1: a record without an output does not make the words that were read the output', () =>
    withHold(records, async (world) => {
      world.runtype.fail(RUN, says({ status: 'completed' }));
      const { state, text } = await lose(world);
      assert.deepEqual([state, text], ['completed', null]);
    }));

  const silent: [string, RuntypeFault | Step[]][] = [
    ['is running', [{ do: 'server_wait', awaitReason: 'crawl', ms: 60_000 }]],
    ['is paused', [pick]],
    ['has an unknown word', says({ status: 'archived' })],
    ['is of another run', says({ status: 'completed', executionId: 'exec_other' })],
    ['is no JSON', { ...says(undefined), headers: { 'content-type': 'text/html' } } as RuntypeFault],
    ['is refused', { kind: 'status', status: 403, when: 'before' }],
  ];
  for (const [name, how] of silent) {
    test(`row 1: its record ${name}: it stays lost, after one look`, () =>
      withHold(records, async (world) => {
        if (!Array.isArray(how)) world.runtype.fail(RUN, how);
        assert.equal((await lose(world, 'plain', Array.isArray(how) ? how : [])).state, 'lost');
        assert.equal(reads(world), 1);
      }));
  }

  test('row 1: the routes are not there: lost, after one look', () =>
    withHold({}, async (world) => {
      assert.equal((await lose(world)).state, 'lost');
      assert.equal(reads(world), 1);
    }));

  test('row 1: without a key of ours nothing is read', () =>
    withHold({ ...records, more: { apiKey: null } }, async (world) => {
      assert.equal((await lose(world)).state, 'lost');
      assert.equal(reads(world), 0);
    }));

  test('row 1: an agent that came inline with its dispatch has no record', () =>
    withHold(records, async (world) => {
      world.runtype.fail('/v1/dispatch', { kind: 'cut', afterBytes: 600 });
      await (await world.call('/v1/dispatch', { ...quiet, body: { agent: { name: 'plain' } } })).end;
      assert.equal((await world.intake.delivery('run_ended')).state, 'lost');
      assert.equal(reads(world), 0);
    }));

  test('row 1: Runtype is down for a moment: tried again; three times in all', () =>
    withHold(records, async (world) => {
      world.runtype.fail(RUN, { kind: 'status', status: 503, when: 'before' }, 2);
      assert.equal((await inTime(world, lose(world))).state, 'completed');
      assert.equal(reads(world), 3);
    }));

  test('row 1: Runtype stays down: lost', () =>
    withHold(records, async (world) => {
      world.runtype.fail(RUN, { kind: 'reset', when: 'before' }, 9);
      assert.equal((await inTime(world, lose(world))).state, 'lost');
      assert.equal(reads(world), 3);
    }));
});

describe('row 1: a run that an earlier process followed', () => {
  for (const isRecorded of [true, false]) {
    test(`row 1: ${isRecorded ? 'its record says how it ended' : 'without a record it is lost'}`, () =>
      withHold({ emulator: { records: isRecorded } }, async (world) => {
        await (await world.dispatch('refund-agent', quiet)).end;
        const pause = await world.pause();
        await world.decide([pause], 'approve');
        const continuation = { state: 'following', text: null };
        const followed = asApproval({ ...decided(pause, 'approve'), phase: 'settled', continuation });
        await withBackend(world.runtype.url, { apiKey: world.runtype.apiKey }, async ({ backend, intake }) => {
          assert.deepEqual(backend.reconcile?.([followed], []), [pause.runId]);
          assert.equal((await intake.delivery('run_ended')).state, isRecorded ? 'completed' : 'lost');
        });
        await withBackend(world.runtype.url, { apiKey: null }, async ({ backend }) => {
          assert.deepEqual(backend.reconcile?.([followed], []), [], 'without a key the engine reports it');
        });
      }));
  }
});

describe('row 34: a decision whose answer was lost', () => {
  /** Answers the question of a run that Runtype does not keep; the answer to the answer is lost. */
  async function answer(world: HoldWorld) {
    world.runtype.scripts.get('plain')?.steps.splice(1, 0, pick);
    await (await world.dispatch('plain', quiet)).end;
    const pause = await world.pause();
    world.runtype.fail('/v1/dispatch/resume', { kind: 'reset', when: 'after' });
    const { result, follow } = await world.backend.decide([decided(pause, 'take_over', 'this one')], never);
    assert.equal(result.type, 'ambiguous');
    await inTime(world, follow?.() ?? Promise.resolve());
    const answered = world.intake.deliveries.flatMap((one) => (one.type === 'answered' ? [one] : []));
    const ended = await world.intake.delivery('run_ended');
    return { pause, answered, state: ended.state, text: ended.text };
  }

  test('row 34: the record of its call is completed: it was answered, and the run ended', () =>
    withHold(records, async (world) => {
      const { pause, answered, state } = await answer(world);
      assert.deepEqual(
        answered.map(({ key, result }) => [key, result.type]),
        [[pause.key, 'recorded']],
      );
      assert.equal(state, 'completed');
      const order = world.intake.deliveries.map(({ type }) => type);
      assert.ok(order.indexOf('answered') < order.indexOf('run_ended'));
    }));

  const silent: [string, RuntypeFault][] = [
    ['of another call', says({ status: 'completed', toolCallId: 'toolu_other' })],
    ['of another run', says({ status: 'completed', executionId: 'exec_other' })],
    ['that is pending', says({ status: 'pending' })],
    ['that is not there', { kind: 'status', status: 404, when: 'before' }],
  ];
  for (const [name, how] of silent) {
    test(`row 34: a record ${name} proves nothing: it stays unconfirmed`, () =>
      withHold(records, async (world) => {
        world.runtype.fail(CALL, how);
        const { answered, state } = await answer(world);
        assert.deepEqual(answered, []);
        assert.equal(state, 'completed', 'the run ended, however it was answered');
      }));
  }

  const isGone: RuntypeFault = {
    kind: 'status',
    status: 404,
    when: 'before',
    body: { error: 'No paused execution found for this executionId' },
  };
  const again = async (world: HoldWorld, action: 'approve' | 'reject', arrived: boolean) => {
    await (await world.dispatch('refund-agent', quiet)).end;
    const pause = await world.pause();
    if (arrived) world.runtype.fail('/v1/dispatch/approve', { kind: 'reset', when: 'after' });
    else world.runtype.fail('/v1/dispatch/approve', { kind: 'reset', when: 'before' });
    assert.equal((await world.decide([pause], action)).type, 'ambiguous');
    world.runtype.fail('/v1/dispatch/approve', isGone);
    return world.backend.decide([{ ...decided(pause, action), mayHaveArrived: true }], never);
  };

  test('row 34: an approval that Runtype does not know any more: the end of its call shows that it was given', () =>
    withHold(records, async (world) => {
      const { result, follow } = await again(world, 'approve', true);
      assert.deepEqual([result.type, 'verdict' in result && result.verdict], ['already', 'approve']);
      await inTime(world, follow?.() ?? Promise.resolve());
      assert.equal((await world.intake.delivery('run_ended')).state, 'completed');
    }));

  test('row 34: a call that is not over shows nothing, and neither does the end of a call that was rejected', async () => {
    await withHold(records, async (world) => {
      assert.equal((await again(world, 'approve', false)).result.type, 'gone');
    });
    await withHold(records, async (world) => {
      world.runtype.fail(CALL, says({ status: 'completed' }));
      assert.equal((await again(world, 'reject', true)).result.type, 'gone');
    });
  });
});

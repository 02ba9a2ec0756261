/** Sequences that once went wrong, or would in a plainer design: races, crashes, jumps of the clock, a store that is full. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Input } from '../../../src/core/approval/inputs.ts';
import { step } from '../../../src/core/approval/steps/step.ts';
import { PlatformError, StoreDoubt, StoreError } from '../../../src/core/ports/errors.ts';
import type { DecideAnswer, Job } from '../../../src/core/ports/ports.ts';
import { renderCard } from '../../../src/core/view/cards/approval-card.ts';
import { spanText } from '../../../src/core/view/line-text.ts';
import { createDecideJob } from '../../../src/engine/outbox/decide-job.ts';
import { after, announced, application, pauseOf, pressed, sentAs } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';
import { ask, createTestEngine, type Engine, says, withEngine } from '../../support/worlds/engine.ts';

const awaitOf = (number: number, groupId = 'g') => ({ key: `await:${number}`, kind: 'await', groupId }) as const;
const claimOf = (key: string) =>
  ({ backend: 'runtype', key, action: 'take_over', actor: application, text: 'x', isOwn: () => true }) as const;
/** Resolves once everything that was to happen without time passing has happened. */
async function settled(engine: Engine) {
  for (let quiet = 0; quiet < 3; ) {
    const before = engine.lines().length + engine.messages.length + engine.calls.length;
    await engine.store.release('nobody');
    await new Promise((resolve) => setImmediate(resolve));
    quiet = engine.lines().length + engine.messages.length + engine.calls.length === before ? quiet + 1 : 0;
  }
}
/** An answer of the backend that a test gives when it likes. */
function later(engine: Engine): (answer: DecideAnswer) => void {
  const { promise, resolve } = Promise.withResolvers<DecideAnswer>();
  engine.answers.push(promise);
  return resolve;
}
const recorded: DecideAnswer = { result: { type: 'recorded', following: false } };

describe('a decided question is never left alone', () => {
  const twoAsked = async (engine: Engine) => {
    const [first, second] = [await ask(engine, awaitOf(1)), await ask(engine, awaitOf(2))];
    await engine.onPress(engine.press({ buttonId: first }));
    await says(engine, 0, 'once the other question of this run is answered');
    return { first, second };
  };

  test('when its run ends', () =>
    withEngine(async (engine) => {
      await twoAsked(engine);
      await engine.intake.deliver({
        type: 'run_ended',
        backend: 'runtype',
        runId: 'exec_1',
        state: 'failed',
        text: 'x',
      });
      await says(engine, 0, 'Cancelled.');
      await says(engine, 2, 'Cancelled.');
    }));

  test('when the application answers the other', () =>
    withEngine(async (engine) => {
      const { second } = await twoAsked(engine);
      await engine.intake.recordApplicationDecision(claimOf('await:2'));
      await engine.intake.settleApplicationDecision(second.approvalId, { type: 'recorded', following: false });
      await says(engine, 0, 'Approved by Dana Reyes.');
    }));

  test('when the other is asked again in another group', () =>
    withEngine(async (engine) => {
      await twoAsked(engine);
      const pause = pauseOf(awaitOf(2, 'g2'));
      await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: true, inputId: null });
      await says(engine, 0, 'Approved by Dana Reyes.');
    }));

  test('when its job was lost: a start asks for it again', () =>
    withEngine(async (engine) => {
      engine.faults.post.push(new PlatformError('gone', 'not_in_channel'), new PlatformError('gone', 'not_in_channel'));
      await engine.intake.deliver({
        type: 'announced',
        pause: pauseOf(),
        via: 'stream',
        streamOpen: false,
        inputId: null,
      });
      await settled(engine);
      assert.equal(engine.messages.length, 0);
      await engine.recover();
      await engine.until(() => (engine.messages.length === 2 ? true : undefined));
    }));
});

describe('what an earlier process gave up', () => {
  test('a decision whose job was lost is sent after a start', async () => {
    const engine = createTestEngine();
    try {
      const told = { type: 'announced', pause: pauseOf(), via: 'ingest', streamOpen: false, inputId: null } as const;
      await engine.intake.deliver(told);
      const approvalId = engine.idOf(told.pause.key);
      const fingerprint = (await engine.store.get(approvalId))?.fingerprint ?? '';
      await engine.onPress(engine.press({ buttonId: { approvalId, fingerprint } }));
      const [job] = await engine.store.claim({ decide: 1 }, 'earlier');
      assert.ok(job);
      await engine.store.settle(job, { type: 'dead', error: 'it threw', notArrived: true });
      await engine.recover();
      engine.outbox.start();
      await engine.until(() => (engine.calls.length === 1 ? true : undefined));
    } finally {
      await engine.stop();
    }
  });

  test('what was given up is shown after a start, also of what is over', () =>
    withEngine(async (engine) => {
      await ask(engine);
      engine.faults.update.push(new PlatformError('refused', 'no'), new PlatformError('refused', 'no'));
      const over = {
        type: 'resolved',
        backend: 'runtype',
        key: pauseOf().key,
        verdict: 'reject',
        reason: null,
      } as const;
      await engine.intake.deliver(over);
      await settled(engine);
      assert.match(engine.status(0) ?? '', /Needs a decision/);
      await engine.recover();
      for (const index of [0, 1]) await says(engine, index, 'Decided elsewhere');
    }));
});

describe('an application’s own call', () => {
  test('is never sent by us, and not taken for a crash of ours', () =>
    withEngine(async (engine) => {
      const [first, second] = [await ask(engine, awaitOf(1)), await ask(engine, awaitOf(2))];
      await engine.intake.recordApplicationDecision(claimOf('await:2'));
      await engine.onPress(engine.press({ buttonId: first }));
      await says(engine, 0, 'once the other question of this run is answered');
      assert.equal(engine.calls.length, 0, 'one resume at a time');
      await engine.intake.settleApplicationDecision(second.approvalId, { type: 'recorded', following: false });
      await says(engine, 2, 'Answered by the application.');
      await says(engine, 0, 'Approved by Dana Reyes.');
    }));

  test('is not repeated by a job that was left from a decision that is void', () =>
    withEngine(async (engine) => {
      engine.answers.push({ result: { type: 'unsent', reason: 'connection refused' } });
      await engine.onPress(engine.press({ buttonId: await ask(engine) }));
      await says(engine, 0, 'Retrying automatically');
      const pause = pauseOf({ parameters: { amount: 9 } });
      await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null });
      await engine.intake.recordApplicationDecision({ ...claimOf('approval:appr_1'), action: 'reject' });
      engine.clock.advance(60_000);
      await settled(engine);
      assert.equal(engine.calls.length, 1);
    }));

  test('with two answers is followed once: a restart later finds nothing unseen', () =>
    withEngine(async (engine) => {
      const asked = [await ask(engine, awaitOf(1)), await ask(engine, awaitOf(2))];
      for (const key of ['await:1', 'await:2']) await engine.intake.recordApplicationDecision(claimOf(key));
      for (const { approvalId } of asked) {
        await engine.intake.settleApplicationDecision(approvalId, { type: 'recorded', following: true });
      }
      await engine.intake.deliver({
        type: 'run_ended',
        backend: 'runtype',
        runId: 'exec_1',
        state: 'completed',
        text: 'Done',
      });
      await engine.recover();
      for (const { approvalId } of asked) {
        assert.notEqual((await engine.store.get(approvalId))?.continuation?.state, 'lost');
      }
    }));

  test('whose first try is in doubt never opens the card again', () => {
    const claim: Input = { type: 'claimed', action: 'take_over', actor: application, text: 'x' };
    const doubtful = [announced({ pause: pauseOf(awaitOf(1)) }), claim, sentAs({ type: 'ambiguous', reason: 'reset' })];
    assert.equal(
      after(...doubtful, claim, sentAs({ type: 'unsent', reason: 'x' }, { last: true })).outcome,
      'unconfirmed',
    );
  });
});

describe('a lost answer', () => {
  const ambiguous = { result: { type: 'ambiguous', reason: 'reset' } } satisfies DecideAnswer;

  test('that turns out to have been ours took the rest of the run with it, and the thread says so', () =>
    withEngine(async (engine) => {
      engine.answers.push(ambiguous, { result: { type: 'already', verdict: 'approve', reason: 'w' } });
      await engine.onPress(engine.press({ buttonId: await ask(engine) }));
      await says(engine, 0, 'reset');
      engine.clock.advance(1_500);
      await says(engine, 0, 'Approved by Dana Reyes.');
      await engine.until(() => engine.messages.find(({ cards }) => cards[0]?.title === 'Lost track of this run'));
    }));

  test('is cleared up by the backend’s own word, also between two tries', () => {
    const doubtful = [announced(), pressed(), { type: 'sending', resendable: true } as const, sentAs(ambiguous.result)];
    assert.equal(after(...doubtful, { type: 'resolved', verdict: 'approve', reason: null }).outcome, 'approved');
  });

  test('to a call that is asked again was no answer: the card opens', () =>
    withEngine(async (engine) => {
      engine.answers.push({ result: { type: 'gone', reason: 'No paused execution found' } });
      const buttonId = await ask(engine, awaitOf(1));
      await engine.onPress(engine.press({ buttonId }));
      await says(engine, 0, 'Decided elsewhere (directly in Runtype).');
      const pause = pauseOf(awaitOf(1, 'g2'));
      await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: true, inputId: null });
      await says(engine, 0, 'Needs a decision.');
    }));
});

describe('the clock', () => {
  test('may jump while a call is on its way: it is not made twice, and its answer counts', () =>
    withEngine(async (engine) => {
      const answer = later(engine);
      const buttonId = await ask(engine, awaitOf(1));
      await engine.onPress(engine.press({ buttonId }));
      await engine.until(() => (engine.calls.length === 1 ? true : undefined));
      engine.clock.setWall(engine.clock.now() + 3_600_000);
      await ask(engine, { key: 'approval:other', runId: 'r2' });
      await settled(engine);
      answer(recorded);
      await says(engine, 0, 'Approved by Dana Reyes.');
      assert.equal(engine.calls.length, 1);
    }));

  test('may be set back: what waits is not put off by as much', () =>
    withEngine(async (engine) => {
      engine.answers.push({ result: { type: 'unsent', reason: 'connection refused' } });
      await engine.onPress(engine.press({ buttonId: await ask(engine) }));
      await says(engine, 0, 'Retrying automatically');
      await settled(engine);
      engine.clock.setWall(engine.clock.now() - 3_600_000);
      engine.clock.advance(30_000);
      await engine.until(() => (engine.calls.length === 2 ? true : undefined));
    }));
});

test('a backend that hangs on many decisions keeps no card from being drawn', () =>
  withEngine(async (engine) => {
    const many = 40;
    const answers = Array.from({ length: many }, () => later(engine));
    const asked = [];
    for (let number = 0; number < many; number += 1) {
      asked.push(await ask(engine, { key: `approval:${number}`, runId: `r${number}` }));
    }
    await Promise.all(asked.map((buttonId) => engine.onPress(engine.press({ buttonId }))));
    await ask(engine, { key: 'approval:new', runId: 'new' });
    for (const answer of answers) answer(recorded);
    await says(engine, (many - 1) * 2, 'Approved by Dana Reyes.');
  }));

test('Try again sends together what was sent together', () =>
  withEngine(async (engine) => {
    engine.answers.push({ result: { type: 'refused', reason: 'Invalid API key' } });
    const asked = [];
    for (const number of [1, 2, 3]) asked.push(await ask(engine, awaitOf(number)));
    for (const buttonId of asked) await engine.onPress(engine.press({ buttonId }));
    for (const index of [0, 2, 4]) await says(engine, index, 'Not delivered.');
    await settled(engine);
    const [first] = asked;
    assert.ok(first);
    await engine.onPress(engine.press({ buttonId: { ...first, action: 'retry' } }));
    await says(engine, 4, 'Approved by Dana Reyes.');
    assert.deepEqual(
      engine.calls.map(({ ids }) => ids.length),
      [3, 3],
    );
  }));

test('a store that is full just when the backend has answered keeps the answer, and the stream is read', async () => {
  const engine = createTestEngine();
  await engine.intake.deliver({
    type: 'announced',
    pause: pauseOf(awaitOf(1)),
    via: 'stream',
    streamOpen: false,
    inputId: null,
  });
  const approvalId = engine.idOf('await:1');
  const fingerprint = (await engine.store.get(approvalId))?.fingerprint ?? '';
  await engine.onPress(engine.press({ buttonId: { approvalId, fingerprint } }));
  let refusals = 2;
  let followed = 0;
  const { clock, store } = engine;
  const follow = async () => {
    followed += 1;
  };
  const send = createDecideJob({
    store,
    me: 'only',
    unsent: new Map(),
    clock: { ...clock, sleep: async () => {} },
    log: captureLog().log,
    backends: new Map([
      [
        'runtype',
        {
          name: 'runtype',
          title: 'Runtype',
          resendable: () => false,
          decide: async () => ({ result: { type: 'recorded', following: true }, follow }),
          stop: async () => {},
        },
      ],
    ]),
    settlementOf: () => ({ type: 'done' }),
    apply: (id, input) => {
      if (input.type !== 'sent' || refusals === 0) return engine.apply(id, input);
      refusals -= 1;
      return Promise.reject(new StoreError('database or disk is full'));
    },
    onFollow: () => {},
    announceChange: () => assert.fail('it has not changed'),
  });
  const job: Job = {
    id: 1,
    kind: 'decide',
    subject: 'g',
    slot: null,
    attempts: 1,
    fencingToken: 1,
    lapses: 0,
    lockedBy: 'x',
    lane: { kind: 'run', backend: 'runtype', runId: 'r' },
    place: null,
    mayHaveArrivedSince: null,
    lastSent: null,
    laneFailures: 0,
    roomClosed: null,
    isProbe: false,
  };
  await send(job, new AbortController().signal);
  assert.equal((await store.get(approvalId))?.outcome, 'approved');
  assert.equal(followed, 1);
  await store.close();
});

test('a decision whose mark was in doubt is sent, and is not taken for one that may have arrived', () =>
  withEngine(async (engine) => {
    const { store } = engine;
    const transact = store.transact;
    let doubts = 2;
    store.transact = async (change) => {
      const changed = await transact(change);
      if (change.audit.input !== 'sending' || doubts === 0) return changed;
      doubts -= 1;
      throw new StoreDoubt('the database does not answer');
    };
    const buttonId = await ask(engine, awaitOf(1));
    await engine.onPress(engine.press({ buttonId }));
    const failed = () => engine.lines().filter(({ msg }) => msg === 'job will be retried').length;
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      await engine.until(() => (failed() === attempt ? true : undefined));
      engine.clock.advance(60_000);
    }
    await engine.until(() => (/Approved by|Unconfirmed/.test(engine.status(0) ?? '') ? true : undefined));
    assert.equal(engine.calls.length, 1);
    assert.equal((await store.get(buttonId.approvalId))?.mayHaveArrived, false);
    await says(engine, 0, 'Approved by');
  }));

test('that another replica has marked a decision leaves it in doubt, whatever this one knows of its own mark', () => {
  const inputs: Input[] = [
    announced({ pause: pauseOf({ kind: 'await' }) }),
    pressed(),
    { type: 'sending', resendable: true, by: 'one' },
  ];
  const marked = after(...inputs);
  const again = (by: string) => step(marked, { type: 'sending', resendable: true, by, unsent: true }, 2).state;
  assert.deepEqual([again('one')?.mayHaveArrived, again('two')?.mayHaveArrived], [false, true]);
});

test('a job whose end can’t be recorded holds its lane no longer than the store is full', () =>
  withEngine(async (engine) => {
    const { store } = engine;
    const settle = store.settle;
    let refusals = 4;
    store.settle = async (job, settlement) => {
      refusals -= 1;
      if (refusals >= 0) throw new StoreError('The disk is full.');
      return settle(job, settlement);
    };
    await engine.intake.deliver({
      type: 'announced',
      pause: pauseOf(),
      via: 'stream',
      streamOpen: false,
      inputId: null,
    });
    const waits = (count: number) =>
      engine.until(() =>
        engine.lines().filter(({ msg }) => msg === 'what happened is not recorded yet').length === count
          ? true
          : undefined,
      );
    await waits(2);
    engine.clock.advance(5_000);
    await waits(4);
    engine.clock.advance(5_000);
    await engine.until(() => (engine.lines().filter(({ msg }) => msg === 'job done').length === 2 ? true : undefined));
    const approvalId = engine.idOf('approval:appr_1');
    await engine.apply(approvalId, { type: 'resolved', verdict: 'timeout', reason: null });
    await says(engine, 0, 'Expired without a decision.');
    await says(engine, 1, 'Expired without a decision.');
    assert.equal(engine.messages.length, 2);
  }));

test('a card never says that somebody decided whose decision does not count, nor that no one did who did', () => {
  const text = (...inputs: Input[]) => {
    const { status, footer, remark } = renderCard(after(announced(), ...inputs), { backend: 'Runtype' });
    return [...status, ...footer.flat()].map(spanText).join('') + (remark?.text ?? '');
  };
  const sending: Input = { type: 'sending', resendable: true };
  const elsewhere = text(pressed(), sending, sentAs({ type: 'already', verdict: 'reject', reason: 'Already denied' }));
  assert.match(elsewhere, /Decided elsewhere \(directly in Runtype\)\..*Dana Reyes pressed Approve here, but too late/);
  assert.doesNotMatch(elsewhere, /decided in Slack/);
  const expired = text(pressed({ action: 'reject', text: 'no' }), {
    type: 'resolved',
    verdict: 'timeout',
    reason: null,
  });
  assert.doesNotMatch(expired, /Nobody decided/);
});

describe('after a second look', () => {
  const sending: Input = { type: 'sending', resendable: true };
  const claim: Input = { type: 'claimed', action: 'approve', actor: application, text: null };
  const gone = (begunAt: number): Input => ({ type: 'absent', begunAt, reason: 'It left the list.' });
  const item = announced({ via: 'poll', pause: pauseOf({ kind: 'item' }) });

  test('an application’s 404 closes no card: its ids may not fit', () => {
    assert.equal(after(announced(), claim, sentAs({ type: 'gone', reason: '404' }, { last: true })).phase, 'open');
  });

  test('an item that a list showed gone by mistake is open again when it is listed', () => {
    const state = after(item, gone(9_999), item);
    assert.equal(state.phase, 'open');
  });

  test('what left the list after a call in doubt may have been ours', () => {
    const doubtful = [item, pressed(), sending, sentAs({ type: 'ambiguous', reason: 'reset' })];
    assert.equal(after(...doubtful, gone(9_999)).outcome, 'unconfirmed');
  });

  test('an item has no run, so nothing of it goes unseen', () => {
    const lost = sentAs({ type: 'ambiguous', reason: 'reset' });
    const state = after(
      item,
      pressed(),
      sending,
      lost,
      sending,
      sentAs({ type: 'already', verdict: 'approve', reason: 'w' }),
    );
    assert.deepEqual([state.outcome, state.continuation], ['approved', null]);
  });

  test('Try again is refused once the item has left the list: another may stand in its place', () => {
    const failed = [
      announced({ via: 'poll', recurs: true }),
      pressed(),
      sending,
      sentAs({ type: 'refused', reason: '401' }),
    ];
    const state = after(...failed, gone(9_999), { type: 'retried', actor: application, right: 'allowed' });
    assert.equal(state.outcome, 'failed');
  });

  test('where an application’s call is in doubt, a person may still decide what can be decided once only', () => {
    const doubtful = [announced(), claim, sentAs({ type: 'ambiguous', reason: '500' }, { last: true })];
    const card = renderCard(after(...doubtful), { backend: 'Runtype' });
    assert.deepEqual(
      card.buttons.map(({ label }) => label),
      ['Approve', 'Reject', 'Take over', 'Details'],
    );
    const state = after(...doubtful, pressed());
    assert.deepEqual([state.phase, state.mayHaveArrived], ['decided', true]);
  });
});

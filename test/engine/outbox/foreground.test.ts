/** Answers before work: in a rush, the outbox begins little until those who wait have their answers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DecideAnswer } from '../../../src/core/ports/ports.ts';
import { Foreground } from '../../../src/engine/foreground.ts';
import { createTestClock } from '../../support/clock.ts';
import { pauseOf, slackRoom } from '../../support/data/pauses.ts';
import { createTestEngine, type Engine } from '../../support/worlds/engine.ts';

async function withOpen(count: number, run: (engine: Engine, ids: readonly string[]) => Promise<void>): Promise<void> {
  const engine = createTestEngine({ places: [slackRoom] });
  engine.outbox.start();
  const ids: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const key = `pause ${number}`;
    const pause = pauseOf({ key, runId: `run of ${key}`, groupId: key });
    await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null });
    ids.push(await engine.idOf(key));
  }
  try {
    await run(engine, ids);
  } finally {
    await engine.stop();
  }
}

async function approve(engine: Engine, approvalId: string): Promise<void> {
  const { fingerprint = '' } = (await engine.store.get(approvalId)) ?? {};
  await engine.onPress(engine.press({ id: `press of ${approvalId}`, buttonId: { approvalId, fingerprint } }));
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
}

test('in a rush each commit sends one decision, and the others leave once it is over', () =>
  withOpen(20, async (engine, ids) => {
    const held = ids.map(() => Promise.withResolvers<DecideAnswer>());
    engine.answers.push(...held.map(({ promise }) => promise));
    await Promise.all(ids.map((id) => approve(engine, id)));
    await turns(20);
    assert.equal(engine.calls.length, 1);
    engine.clock.advance(1_000);
    await engine.until(() => (engine.calls.length === ids.length ? true : undefined));
    for (const { resolve } of held) resolve({ result: { type: 'recorded', following: false } });
  }));

test('in a rush that does not end the work goes on, one job after the other', () =>
  withOpen(20, async (engine, ids) => {
    await Promise.all(ids.map((id) => approve(engine, id)));
    await engine.until(() => (engine.calls.length === ids.length ? true : undefined));
  }));

test('a few presses at once are no rush: each decision is sent at once', () =>
  withOpen(4, async (engine, ids) => {
    const held = ids.map(() => Promise.withResolvers<DecideAnswer>());
    engine.answers.push(...held.map(({ promise }) => promise));
    await Promise.all(ids.map((id) => approve(engine, id)));
    await engine.until(() => (engine.calls.length === ids.length ? true : undefined));
    for (const { resolve } of held) resolve({ result: { type: 'recorded', following: false } });
  }));

test('a rush lasts until some time after the last moment at which many waited', async () => {
  const clock = createTestClock();
  const foreground = new Foreground(clock);
  const answers = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const calls = answers.map(({ promise }) => foreground.answer(() => promise));
  assert.equal(foreground.rushMs(), 50);
  clock.advance(10_000);
  assert.equal(foreground.rushMs(), 50, 'all five still wait');
  answers[0]?.resolve();
  await calls[0];
  clock.advance(49);
  assert.equal(foreground.rushMs(), 1);
  clock.advance(1);
  assert.equal(foreground.rushMs(), 0, 'four are no rush');
  for (const { resolve } of answers) resolve();
  await Promise.all(calls);
});

test('a call that fails waits no longer', async () => {
  const clock = createTestClock();
  const foreground = new Foreground(clock);
  const failing = Array.from({ length: 5 }, () =>
    foreground.answer(async () => {
      throw new Error('the store refuses');
    }),
  );
  await Promise.allSettled(failing);
  clock.advance(50);
  assert.equal(foreground.rushMs(), 0);
});

test('what a press made due leaves after its answer, or a moment later where that takes long', async () => {
  const clock = createTestClock();
  const foreground = new Foreground(clock);
  assert.equal(foreground.answered(), null, 'no press is in hand');
  const slow = Promise.withResolvers<void>();
  const pressed = foreground.press(() => slow.promise);
  const order: string[] = [];
  const jobs = [foreground.answered()?.then(() => order.push('job')), pressed.then(() => order.push('answer'))];
  slow.resolve();
  await Promise.all(jobs);
  assert.deepEqual(order, ['answer', 'job']);
  assert.equal(foreground.answered(), null);

  const stuck = Promise.withResolvers<void>();
  const failing = foreground.press(() => stuck.promise);
  let isFree = false;
  const patient = foreground.answered()?.then(() => {
    isFree = true;
  });
  await turns(3);
  assert.equal(isFree, false);
  clock.advance(250);
  await patient;
  stuck.reject(new Error('the store refuses'));
  await assert.rejects(failing);
  assert.equal(foreground.answered(), null, 'a press that failed holds nothing');
});

test('a press that hangs delays each job by what is left of its moment, and later ones not at all', async () => {
  const clock = createTestClock();
  const foreground = new Foreground(clock);
  const stuck = Promise.withResolvers<void>();
  const hanging = foreground.press(() => stuck.promise);
  clock.advance(200);
  let isFree = false;
  const job = foreground.answered()?.then(() => {
    isFree = true;
  });
  clock.advance(49);
  await turns(3);
  assert.equal(isFree, false);
  clock.advance(1);
  await job;
  assert.equal(foreground.answered(), null, 'it had its moment');

  const answered = Promise.withResolvers<void>();
  const quick = foreground.press(() => answered.promise);
  const next = foreground.answered();
  assert.notEqual(next, null, 'another press has its own');
  answered.resolve();
  await Promise.all([quick, next]);
  assert.equal(foreground.answered(), null);
  stuck.resolve();
  await hanging;
});

test('the decision of a press is sent after its answer, however slow the rest of it is', () =>
  withOpen(1, async (engine, [id = '']) => {
    const { transact } = engine.store;
    // The commit is done, and its news are late, as over a network.
    engine.store.transact = async (change) => {
      const changed = await transact.call(engine.store, change);
      if (change.audit.input === 'pressed') await turns(10);
      return changed;
    };
    const seen: number[] = [];
    await approve(engine, id).then(() => seen.push(engine.calls.length));
    await engine.until(() => (engine.calls.length === 1 ? true : undefined));
    assert.deepEqual(seen, [0]);
  }));

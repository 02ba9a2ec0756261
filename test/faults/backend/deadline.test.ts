/** Row 36: a rejected decision is retried until the pause's deadline; afterwards the card shows the true outcome. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DecideAnswer } from '../../../src/core/ports/ports.ts';
import { ask, type Engine, says, withEngine } from '../../support/worlds/engine.ts';

const SECOND = 1_000;
const refused: DecideAnswer = { result: { type: 'unsent', reason: 'connection refused' } };

/** Advances the clock second by second, and records when calls were made. */
async function pass(engine: Engine, seconds: number): Promise<number[]> {
  const calls: number[] = [];
  for (let second = 0; second < seconds; second += 1) {
    const before = engine.calls.length;
    engine.clock.advance(SECOND);
    for (let turn = 0; turn < 4; turn += 1) {
      await engine.store.release('no-worker');
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (engine.calls.length > before) calls.push(engine.clock.now());
  }
  return calls;
}

test('row 36: the last retry is sent before the deadline, even if the backoff is longer', () =>
  withEngine(async (engine) => {
    const deadline = engine.clock.now() + 90 * SECOND;
    engine.answers.push(...Array.from({ length: 30 }, () => refused));
    await engine.onPress(engine.press({ buttonId: await ask(engine, { deadline }) }));
    await says(engine, 0, 'connection refused');
    const calls = await pass(engine, 100);
    assert.ok(
      calls.some((at) => at >= deadline - 10 * SECOND && at < deadline),
      `calls, in seconds before the deadline: ${calls.map((at) => (deadline - at) / SECOND)}`,
    );
  }));

test('row 36: the wait that the backend requests is kept, even beyond the deadline', () =>
  withEngine(async (engine) => {
    const deadline = engine.clock.now() + 60 * SECOND;
    engine.answers.push({ ...refused, retryAfterMs: 120 * SECOND });
    await engine.onPress(engine.press({ buttonId: await ask(engine, { deadline }) }));
    await says(engine, 0, 'connection refused');
    assert.deepEqual(await pass(engine, 118), []);
    assert.equal((await pass(engine, 5)).length, 1);
    await says(engine, 0, 'Approved by Dana Reyes.');
  }));

test('row 36: after the deadline “gone” means expired; before it, decided elsewhere', async () => {
  for (const [seconds, text] of [
    [1, 'Expired.'],
    [600, 'Decided elsewhere (directly in Runtype).'],
  ] as const) {
    await withEngine(async (engine) => {
      const deadline = engine.clock.now() + seconds * SECOND;
      const buttonId = await ask(engine, { deadline });
      engine.clock.advance(2 * SECOND);
      engine.answers.push({ result: { type: 'gone', reason: 'No paused execution found.' } });
      await engine.onPress(engine.press({ buttonId }));
      await says(engine, 0, text);
      await says(engine, 0, 'Dana Reyes pressed Approve here, but too late.');
    });
  }
});

test('row 36: after the deadline the card says so, once, and keeps its buttons', () =>
  withEngine(async (engine) => {
    const deadline = engine.clock.now() + 60 * SECOND;
    const buttonId = await ask(engine, { deadline });
    await pass(engine, 59);
    assert.doesNotMatch(engine.status(0) ?? '', /deadline has passed/);
    await pass(engine, 2);
    await says(engine, 0, 'Needs a decision. Runtype’s deadline has passed: it may refuse the answer.');
    await says(engine, 1, 'Runtype’s deadline has passed');
    const edits = () => engine.messages.map(({ cards }) => cards.length);
    const before = edits();
    await pass(engine, 240);
    assert.deepEqual(edits(), before, 'no edit without a difference');
    const buttons = engine.messages[0]?.cards.at(-1)?.buttons.map(({ action }) => action);
    assert.deepEqual(buttons, ['approve', 'reject', 'take_over', 'details']);
    await engine.onPress(engine.press({ buttonId }));
    await says(engine, 0, 'Approved by Dana Reyes.');
  }));

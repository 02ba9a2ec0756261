/** What a press and a pause cost: not in time, which differs from machine to machine, but in counts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SENDING_SHOWN_AFTER_MS } from '../../src/core/approval/lanes.ts';
import type { DecideAnswer } from '../../src/core/ports/ports.ts';
import { pauseOf, slackRoom } from '../support/data/pauses.ts';
import { createTestEngine, type Engine } from '../support/worlds/engine.ts';

interface Counts {
  commits: number;
  /** States of approvals that were parsed. */
  parses: number;
  /** Without those that begin and end transactions. */
  statements: number;
  /** Jobs that drew a message. */
  draws: number;
  /** Calls that changed a message. */
  edits: number;
}

/** `BEGIN`, `COMMIT`, and what a savepoint needs. */
const isBoundary = (sql: string) => /^(?:BEGIN|COMMIT|SAVEPOINT|RELEASE)\b/.test(sql);

/** Runs a test on an engine whose cards go to one room of one platform. */
async function withCounts(run: (engine: Engine, counts: () => Counts) => Promise<void>): Promise<void> {
  const seen = { commits: 0, parses: 0, statements: 0 };
  const engine = createTestEngine({
    places: [slackRoom],
    failPoint: (point) => {
      if (point === 'commit.after') seen.commits += 1;
    },
    watch: {
      statement: (sql) => {
        if (!isBoundary(sql)) seen.statements += 1;
      },
      parsed: () => {
        seen.parses += 1;
      },
    },
  });
  engine.outbox.start();
  await idle(engine);
  let before: Counts = { commits: 0, parses: 0, statements: 0, draws: 0, edits: 0 };
  /** Since it was last asked. */
  const counts = () => {
    const draws = engine.lines().filter(({ msg, kind }) => msg === 'job done' && kind === 'draw').length;
    const edits = engine.messages.reduce((sum, { cards }) => sum + cards.length, 0);
    const now = { ...seen, draws, edits };
    const since = Object.fromEntries(
      Object.entries(now).map(([name, count]) => [name, count - before[name as keyof Counts]]),
    );
    before = now;
    return since as unknown as Counts;
  };
  counts();
  try {
    await run(engine, counts);
  } finally {
    await engine.stop();
  }
}

/** Resolves once the outbox sleeps: the only sleeper of the test's clock. */
async function idle({ clock }: Engine): Promise<void> {
  do await nextTurn();
  while (clock.next() === null);
}

/** Resolves once nothing is to be done: each turn of a job takes a few turns of the event loop. */
async function settled(engine: Engine, status: string): Promise<void> {
  await engine.until(() => (engine.status(0)?.startsWith(status) ? true : undefined));
  for (let turns = 0; turns < 20; turns += 1) await idle(engine);
}

async function announce(engine: Engine, key: string): Promise<string> {
  const pause = pauseOf({ key, runId: `run of ${key}`, groupId: key });
  await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null });
  return engine.idOf(key);
}

test('a pause, until its card is posted', () =>
  withCounts(async (engine, counts) => {
    await announce(engine, 'one');
    await settled(engine, '');
    assert.deepEqual(counts(), { commits: 3, parses: 1, statements: 23, draws: 1, edits: 1 });
  }));

test('a press, until its answer and until its card is settled', () =>
  withCounts(async (engine, counts) => {
    const approvalId = await announce(engine, 'one');
    await settled(engine, '');
    const { fingerprint = '' } = (await engine.store.get(approvalId)) ?? {};
    const answer = Promise.withResolvers<DecideAnswer>();
    engine.answers.push(answer.promise);
    counts();
    await engine.onPress(engine.press({ buttonId: { approvalId, fingerprint } }));
    assert.deepEqual(counts(), { commits: 1, parses: 0, statements: 8, draws: 0, edits: 0 }, 'until the answer');
    // Everything that does not wait for the backend is done before it answers.
    await settled(engine, '');
    answer.resolve({ result: { type: 'recorded', following: false } });
    await settled(engine, 'Approved by Dana Reyes');
    assert.deepEqual(counts(), { commits: 3, parses: 0, statements: 26, draws: 1, edits: 1 }, 'until the card');
  }));

test('a card says that its decision is on its way once the backend takes long', () =>
  withCounts(async (engine, counts) => {
    const approvalId = await announce(engine, 'one');
    await settled(engine, '');
    const { fingerprint = '' } = (await engine.store.get(approvalId)) ?? {};
    const answer = Promise.withResolvers<DecideAnswer>();
    engine.answers.push(answer.promise);
    await engine.onPress(engine.press({ buttonId: { approvalId, fingerprint } }));
    await settled(engine, '');
    counts();
    engine.clock.advance(SENDING_SHOWN_AFTER_MS - 1);
    await settled(engine, '');
    assert.equal(counts().edits, 0);
    engine.clock.advance(1);
    await settled(engine, 'Dana Reyes pressed Approve. Sending to Runtype');
    answer.resolve({ result: { type: 'recorded', following: false } });
    await settled(engine, 'Approved by Dana Reyes');
    assert.equal(counts().edits, 2);
  }));

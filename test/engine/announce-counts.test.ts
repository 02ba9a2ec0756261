/** What an announcement costs: not in time, which differs from machine to machine, but in counts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Delivery } from '../../src/core/ports/ports.ts';
import { pauseOf } from '../support/data/pauses.ts';
import { createTestEngine } from '../support/worlds/engine.ts';

type Announced = Extract<Delivery, { type: 'announced' }>;

/** The outbox rests: what is counted is the announcement alone. */
async function withCounts(run: (announce: (more?: Partial<Announced>) => Promise<object>) => Promise<void>) {
  let seen = { commits: 0, parses: 0, reads: 0, writes: 0 };
  const engine = createTestEngine({
    failPoint: (point) => {
      if (point === 'commit.after') seen.commits += 1;
    },
    watch: {
      statement: (sql) => {
        if (/^\s*SELECT\b/.test(sql)) seen.reads += 1;
        else if (!/^(?:BEGIN|COMMIT)\b/.test(sql)) seen.writes += 1;
      },
      parsed: () => {
        seen.parses += 1;
      },
    },
  });
  try {
    await run(async (more = {}) => {
      seen = { commits: 0, parses: 0, reads: 0, writes: 0 };
      const pause = pauseOf();
      await engine.intake.deliver({
        type: 'announced',
        pause,
        via: 'stream',
        streamOpen: false,
        inputId: null,
        ...more,
      });
      return seen;
    });
  } finally {
    await engine.stop();
  }
}

test('a new pause: one look at its run, one at what was approved before, one commit', () =>
  withCounts(async (announce) => {
    assert.deepEqual(await announce({ inputId: 'one' }), { commits: 1, parses: 1, reads: 7, writes: 7 });
  }));

test('the same again is looked up once, and nothing is written but a row of the audit log', () =>
  withCounts(async (announce) => {
    await announce({ inputId: 'one' });
    assert.deepEqual(await announce({ inputId: 'two' }), { commits: 1, parses: 0, reads: 2, writes: 2 });
  }));

test('the same delivery again is looked up once, and nothing is written', () =>
  withCounts(async (announce) => {
    await announce({ inputId: 'one' });
    assert.deepEqual(await announce({ inputId: 'one' }), { commits: 1, parses: 0, reads: 2, writes: 0 });
  }));

test('what signed ingest may not change is looked up once', () =>
  withCounts(async (announce) => {
    await announce();
    const first = await announce({ via: 'ingest', inputId: 'one' });
    assert.deepEqual(first, { commits: 1, parses: 0, reads: 2, writes: 2 });
    assert.deepEqual(await announce({ via: 'ingest', inputId: 'two' }), { commits: 1, parses: 0, reads: 2, writes: 0 });
  }));

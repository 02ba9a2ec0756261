import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Delivery } from '../../../src/core/ports/ports.ts';
import { NOTES_MAX } from '../../../src/engine/ingest/unfollowed-notes.ts';
import { ask, createTestEngine, says, withEngine } from '../../support/worlds/engine.ts';

type Unfollowed = Extract<Delivery, { type: 'unfollowed' }>;

function unfollowed(more: Partial<Unfollowed> = {}): Unfollowed {
  return { type: 'unfollowed', backend: 'runtype', runId: 'exec-9', reason: 'no_id', name: 'issue_refund', ...more };
}

describe('what can have no card', () => {
  test('is a note in every room, once per run and reason', () =>
    withEngine(async (engine) => {
      await engine.intake.deliver(unfollowed());
      await engine.intake.deliver(unfollowed({ name: 'another' }));
      await says(engine, 0, 'did not say where the answer goes');
      await engine.intake.deliver(unfollowed({ reason: 'lost' }));
      await engine.until(() => (engine.messages.length === 4 ? true : undefined));
      assert.deepEqual(
        engine.messages.map(({ platform, thread, cards }) => [platform, thread, cards.at(-1)?.buttons]).sort(),
        [
          ['discord', null, []],
          ['discord', null, []],
          ['slack', null, []],
          ['slack', null, []],
        ],
      );
    }));

  test('is said in the thread of the run’s card where it has one, and in the room too; a later card is not put below it', () =>
    withEngine(async (engine) => {
      await engine.intake.deliver(unfollowed({ runId: 'exec-1', reason: 'unknown_type' }));
      await engine.until(() => (engine.messages.length === 2 ? true : undefined));
      await ask(engine, { runId: 'exec-1' });
      assert.deepEqual(
        engine.messages.slice(2).map(({ thread }) => thread),
        [null, null],
      );
      await engine.intake.deliver(unfollowed({ runId: 'exec-1' }));
      await engine.until(() => (engine.messages.length === 6 ? true : undefined));
      for (const { thread, cards } of engine.messages.slice(4)) {
        assert.notEqual(thread, null);
        assert.equal(cards[0]?.broadcast, 'always');
      }
    }));

  test('is counted on one note per reason beyond a number of them, which no flood passes', () =>
    withEngine(async (engine) => {
      for (let run = 0; run < NOTES_MAX + 40; run += 1) await engine.intake.deliver(unfollowed({ runId: `r${run}` }));
      // A run that was reported is not counted again.
      await engine.intake.deliver(unfollowed({ runId: `r${NOTES_MAX + 3}` }));
      await engine.until(() =>
        engine.messages.filter(({ cards }) => cards.at(-1)?.cautions.join() === '40 runs or pauses like this')
          .length === 2
          ? true
          : undefined,
      );
      assert.equal(engine.messages.length, 2 * (NOTES_MAX + 1));
      // The next hour has notes of its own.
      engine.clock.advance(3_600_000);
      await engine.intake.deliver(unfollowed({ runId: 'later' }));
      await engine.until(() => (engine.messages.length === 2 * (NOTES_MAX + 2) ? true : undefined));
    }));

  test('without a run is one note, which counts', () =>
    withEngine(async (engine) => {
      for (let at = 0; at < 3; at += 1) await engine.intake.deliver(unfollowed({ runId: null, reason: 'unreadable' }));
      await engine.until(() =>
        engine.messages[0]?.cards.at(-1)?.cautions.join() === '3 runs or pauses like this' ? true : undefined,
      );
      assert.equal(engine.messages.length, 2);
    }));

  test('is posted after a restart, where the process ended before', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-notes-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'notes.db');
    const first = createTestEngine({ file });
    await first.intake.deliver(unfollowed());
    await first.stop();
    const second = createTestEngine({ file });
    second.outbox.start();
    await says(second, 0, 'did not say where the answer goes');
    await second.intake.deliver(unfollowed());
    await second.stop();
    assert.equal(second.messages.length, 2);
  });

  test('a run that was lost without a card is one of them; its end changes no note', () =>
    withEngine(async (engine) => {
      const ended = { type: 'run_ended', backend: 'runtype', runId: 'exec-9', state: 'lost', text: null } as const;
      await engine.intake.deliver({ ...ended, name: 'Refund agent' });
      await says(engine, 0, 'The connection broke before the run ended');
      assert.equal(engine.messages[0]?.cards[0]?.title, 'Lost track of a run of “Refund agent”');
      await engine.intake.deliver({ ...ended, state: 'completed' });
      await ask(engine, { runId: 'exec-1' });
      await engine.intake.deliver({ ...ended, runId: 'exec-1' });
      const results = () => engine.messages.filter(({ key }) => key.includes('result'));
      await engine.until(() => (results().length === 2 ? true : undefined));
      assert.equal(engine.messages.length, 6, 'a run with a card says so in its thread alone');
    }));
});

/** Reminders of what is undecided: once a step, in its thread, and never after a decision. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readConfig } from '../../../src/config/config.ts';
import { PlatformError } from '../../../src/core/ports/errors.ts';
import { createTestClock } from '../../support/clock.ts';
import { dana, pauseOf } from '../../support/data/pauses.ts';
import { ask, createTestEngine, type Engine, withEngine } from '../../support/worlds/engine.ts';

const MINUTE_MS = 60_000;
const twice = { remindAfter: [10 * MINUTE_MS, 30 * MINUTE_MS] };

const reminders = ({ messages }: Engine) =>
  messages.filter(({ cards }) => cards[0]?.title.startsWith('Reminder:')).map(({ platform }) => platform);
const untilReminded = (engine: Engine, count: number) =>
  engine.until(() => (reminders(engine).length === count ? true : undefined));
/** Lets everything that is due now be done. */
async function quiet(engine: Engine) {
  for (let turn = 0; turn < 30; turn += 1) await engine.store.release('nobody');
}

/** Goes on by so much, no more than a minute at once, as time does. */
async function pass(engine: Engine, ms: number) {
  for (let left = ms; left > 0; left -= MINUTE_MS) {
    engine.clock.advance(Math.min(left, MINUTE_MS));
    await quiet(engine);
  }
}

describe('a reminder', () => {
  test('is one note a step in the thread of the card, in every room that has it', () =>
    withEngine(async (engine) => {
      await ask(engine);
      await pass(engine, 9 * MINUTE_MS);
      assert.deepEqual(reminders(engine), []);
      await pass(engine, MINUTE_MS);
      await untilReminded(engine, 2);
      assert.deepEqual(reminders(engine).sort(), ['discord', 'slack']);
      const note = engine.messages[2];
      const card = engine.messages.findIndex(({ platform }) => platform === note?.platform);
      assert.equal(note?.thread?.root.message, String(card));
      assert.equal(
        note?.cards[0]?.summary,
        'Reminder: Refund order A-1009 · amount 42.5: Still waiting for a decision.',
      );
      assert.deepEqual(note?.cards[0]?.buttons, []);
      await pass(engine, 19 * MINUTE_MS);
      assert.equal(reminders(engine).length, 2);
      await pass(engine, MINUTE_MS);
      await untilReminded(engine, 4);
      await pass(engine, 120 * MINUTE_MS);
      assert.equal(reminders(engine).length, 4);
      assert.equal((await engine.store.msUntilNextJob()) ?? null, null, 'and nothing is left to wait for');
    }, twice));

  test('comes not after a decision, not even where it had begun to be posted', () =>
    withEngine(async (engine) => {
      const first = await ask(engine);
      await engine.onPress(engine.press({ buttonId: first }));
      await engine.until(() => (engine.status(0)?.startsWith('Approved') ? true : undefined));
      await pass(engine, 40 * MINUTE_MS);
      assert.deepEqual(reminders(engine), []);

      const second = await ask(engine, { key: 'approval:2', runId: 'exec_2' });
      const wait = () => new PlatformError('unsent', 'slow down', { retryAfterMs: MINUTE_MS });
      engine.faults.post.push(wait(), wait());
      await pass(engine, 10 * MINUTE_MS);
      await engine.until(() => (engine.faults.post.length === 0 ? true : undefined));
      await engine.onPress(engine.press({ buttonId: second }));
      await pass(engine, 40 * MINUTE_MS);
      assert.deepEqual(reminders(engine), []);
    }, twice));

  test('leaves no row in the audit log but its own', () =>
    withEngine(async (engine) => {
      const { approvalId } = await ask(engine);
      await pass(engine, 40 * MINUTE_MS);
      const rows = (await engine.store.audit(approvalId)).filter(
        ({ input }) => input !== 'posted' && input !== 'announced',
      );
      assert.deepEqual(
        rows.map(({ input, ignored }) => [input, ignored]),
        [
          ['reminder_due', null],
          ['reminder_due', null],
        ],
      );
    }, twice));

  test('comes on time beside a take-over, which ends on time beside it', () =>
    withEngine(async (engine) => {
      const buttonId = { ...(await ask(engine)), action: 'take_over' } as const;
      const held = { type: 'held', actor: dana, fingerprint: buttonId.fingerprint, right: 'allowed' } as const;
      await engine.apply(buttonId.approvalId, { ...held, until: engine.clock.now() + 5 * MINUTE_MS });
      await pass(engine, 5 * MINUTE_MS);
      assert.equal((await engine.store.get(buttonId.approvalId))?.claim, null);
      await engine.apply(buttonId.approvalId, { ...held, until: engine.clock.now() + 20 * MINUTE_MS });
      await pass(engine, 5 * MINUTE_MS);
      await untilReminded(engine, 2);
      assert.match(engine.messages[2]?.cards[0]?.summary ?? '', /Claimed by Dana Reyes, not done yet/);
      await pass(engine, 14 * MINUTE_MS);
      assert.notEqual((await engine.store.get(buttonId.approvalId))?.claim, null);
      await pass(engine, MINUTE_MS);
      assert.equal((await engine.store.get(buttonId.approvalId))?.claim, null);
    }, twice));

  test('is not for what no one here can decide, nor for after its backend’s deadline', () =>
    withEngine(async (engine) => {
      await ask(engine, { actions: [] });
      const deadline = engine.clock.now() + 20 * MINUTE_MS;
      await ask(engine, { key: 'approval:2', runId: 'exec_2', deadline });
      await pass(engine, 60 * MINUTE_MS);
      assert.equal(reminders(engine).length, 2);
    }, twice));

  test('begins anew where it is asked anew, and goes on where only its arguments change', () =>
    withEngine(async (engine) => {
      const { approvalId } = await ask(engine);
      await pass(engine, 5 * MINUTE_MS);
      const again = { key: 'approval:appr_1', parameters: { amount: 1 } };
      const announce = (more: object) =>
        engine.intake.deliver({
          type: 'announced',
          pause: pauseOf({ ...again, ...more }),
          via: 'stream',
          streamOpen: false,
          inputId: null,
        });
      await announce({});
      await pass(engine, 5 * MINUTE_MS);
      await untilReminded(engine, 2);
      await engine.apply(approvalId, { type: 'cancelled', reason: 'The run ended.' });
      await pass(engine, 10 * MINUTE_MS);
      await announce({ groupId: 'another stream' });
      await pass(engine, 9 * MINUTE_MS);
      assert.equal(reminders(engine).length, 2);
      await pass(engine, MINUTE_MS);
      await untilReminded(engine, 4);
    }, twice));
});

describe('over a restart', () => {
  test('none is lost, those missed are one, and none comes twice', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-remind-'));
    const clock = createTestClock();
    const start = (more: object) => createTestEngine({ clock, file: join(folder, 'a.db'), ...more });
    const stop = async (engine: Engine) => {
      await engine.stop();
      return engine;
    };
    try {
      const first = start(twice);
      first.outbox.start();
      await ask(first);
      await pass(first, 5 * MINUTE_MS);
      await stop(first);

      // Down over both, and started without the setting: what was promised when it was asked is kept.
      clock.advance(60 * MINUTE_MS);
      const second = start({});
      await second.recover();
      second.outbox.start();
      await untilReminded(second, 2);
      await pass(second, 60 * MINUTE_MS);
      assert.equal(reminders(second).length, 2);
      await stop(second);

      const third = start(twice);
      await third.recover();
      third.outbox.start();
      await pass(third, 60 * MINUTE_MS);
      assert.equal(reminders(third).length, 0);
      await stop(third);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('what was struck off and not yet posted is posted, once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-remind-'));
    const clock = createTestClock();
    const start = () => createTestEngine({ clock, file: join(folder, 'a.db'), ...twice });
    try {
      const first = start();
      first.outbox.start();
      const { approvalId } = await ask(first);
      await first.stop();
      const dying = start();
      clock.advance(10 * MINUTE_MS);
      // Its outbox never runs: it died right behind the commit.
      assert.equal((await dying.apply(approvalId, { type: 'reminder_due' })).duplicate, false);
      assert.equal((await dying.apply(approvalId, { type: 'reminder_due' })).state?.remindAt.length, 1);
      await dying.store.close();
      const third = start();
      await third.recover();
      third.outbox.start();
      await untilReminded(third, 2);
      await pass(third, 10 * MINUTE_MS);
      assert.equal(reminders(third).length, 2);
      await third.stop();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('REMIND_AFTER', () => {
  const env = { DISCORD_TOKEN: 't', DISCORD_CHANNEL: '1', RUNTYPE_API_KEY: 'k' };

  test('is a list of rising times, and empty by default', () => {
    assert.deepEqual(readConfig(env).remindAfterMs, []);
    for (const times of ['600000, 1800000', '10m,30m']) {
      assert.deepEqual(readConfig({ ...env, REMIND_AFTER: times }).remindAfterMs, [600_000, 1_800_000]);
    }
  });

  for (const bad of [
    '600000,600000',
    '1800000,600000',
    '30m,10m',
    '10 minutes',
    '999',
    '-5',
    '1e6',
    Array.from({ length: 11 }, (_, at) => 1_000 * (at + 1)).join(),
  ]) {
    test(`refuses ${bad}`, () => {
      assert.throws(
        () => readConfig({ ...env, REMIND_AFTER: bad }),
        /REMIND_AFTER: must be up to 10 times, at least 1s/,
      );
    });
  }
});

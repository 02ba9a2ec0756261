/** A start that finds so much that it is recovered beside the work: nobody ever sees what is not recovered yet. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Input } from '../../../src/core/approval/inputs.ts';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import { REVIEWERS_GROUP } from '../../../src/core/policy/rules/document-of-settings.ts';
import { StoreError } from '../../../src/core/ports/errors.ts';
import { announce, burstPause, untilIdle } from '../../support/data/burst.ts';
import { application, pressed, slackRoom } from '../../support/data/pauses.ts';
import { createTestEngine, type Engine, type EngineOptions } from '../../support/worlds/engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-recovery-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

const MANY = 12;
/** The last of them: nothing recovers it before it is touched. */
const LAST = MANY;
const idOf = (engine: Engine, number: number) => engine.idOf(burstPause(number).key);

/** What one process leaves, and the next ones find. */
async function afterRestart(
  prepare: (engine: Engine) => Promise<unknown>,
  run: (engine: Engine, restart: (more?: EngineOptions) => Promise<Engine>) => Promise<unknown>,
  options: EngineOptions = {},
  pause: Partial<Pause> = {},
): Promise<void> {
  files += 1;
  const all = { places: [slackRoom], file: join(folder, `${files}.db`), recoveredFirst: 4, ...options };
  let engine = createTestEngine(all);
  const restart = async (more: EngineOptions = {}) => {
    await engine.stop();
    engine = createTestEngine({ ...all, clock: engine.clock, ...more });
    await engine.recover();
    return engine;
  };
  try {
    await announce(engine, 1, MANY, pause);
    await prepare(engine);
    await run(await restart(), restart);
  } finally {
    await engine.stop();
  }
}

async function stateOf(engine: Engine, number: number) {
  const found = await engine.store.get(idOf(engine, number));
  assert.ok(found);
  return found;
}

/** What was applied to it, in order. */
async function inputsOf(engine: Engine, number: number): Promise<string[]> {
  return (await engine.store.audit(idOf(engine, number))).map(({ input }) => input);
}

const toAll = (engine: Engine, input: Input) =>
  Promise.all(Array.from({ length: MANY }, (_, index) => engine.apply(idOf(engine, index + 1), input)));

/** A job, a press or a backend reads it. */
const touch = (engine: Engine, number: number) => engine.apply(idOf(engine, number), { type: 'stream_ended' });

async function drawsDue(engine: Engine): Promise<number | undefined> {
  return (await engine.store.stats(0)).jobs.find(({ kind }) => kind === 'draw')?.due;
}

describe('a start with many open approvals', () => {
  test('recovers them in slices once it is ready', () =>
    afterRestart(
      async () => {},
      async (engine) => {
        assert.deepEqual(await inputsOf(engine, 1), ['announced']);
        assert.deepEqual(await inputsOf(engine, LAST), ['announced']);
        assert.equal(await engine.recovery.rest(), true);
        assert.equal(engine.recovery.complete(), null);
        assert.deepEqual((await inputsOf(engine, LAST)).at(-1), 'recovered');
      },
    ));

  test('recovers what is pressed first, by the settings of now', () =>
    afterRestart(
      async () => {},
      async (_, restart) => {
        const engine = await restart({ confirm: ['*'] });
        const before = (await inputsOf(engine, LAST)).length;
        const buttonId = { approvalId: idOf(engine, LAST), fingerprint: (await stateOf(engine, LAST)).fingerprint };
        const answer = await engine.onPress(engine.press({ buttonId }));
        assert.equal(answer.type, 'form', 'what is dangerous now is confirmed');
        assert.equal((await inputsOf(engine, LAST))[before], 'recovered');
        assert.notEqual(engine.recovery.complete(), null);
      },
    ));

  test('a press during it decides once, and its decision is sent once', () =>
    afterRestart(
      async () => {},
      async (engine) => {
        engine.outbox.start();
        const resting = engine.recovery.rest();
        const { fingerprint } = await stateOf(engine, LAST);
        const buttonId = { approvalId: idOf(engine, LAST), fingerprint };
        const answers = await Promise.all([1, 2].map(() => engine.onPress(engine.press({ buttonId }))));
        assert.ok(answers.some(({ type }) => type === 'accepted'));
        await resting;
        await engine.until(() => (engine.calls.length > 0 ? true : undefined));
        await untilIdle(engine);
        assert.deepEqual(
          engine.calls.map(({ ids }) => ids),
          [[idOf(engine, LAST)]],
        );
      },
    ));

  test('a decision that was on its way is not sent again by a job that comes before the recovery', () =>
    afterRestart(
      async (engine) => {
        const signing = { groups: [REVIEWERS_GROUP], earlier: [] };
        for (let number = 1; number <= MANY; number += 1) {
          const { fingerprint } = await stateOf(engine, number);
          await engine.apply(idOf(engine, number), pressed({ fingerprint, signing }));
        }
        await toAll(engine, { type: 'sending', resendable: false });
      },
      async (engine) => {
        engine.outbox.start();
        await untilIdle(engine);
        assert.equal(engine.calls.length, 0);
        assert.deepEqual(
          [(await stateOf(engine, 1)).outcome, (await stateOf(engine, LAST)).outcome],
          ['unconfirmed', 'unconfirmed'],
        );
      },
      {},
      { kind: 'await' },
    ));

  test('a call of an application that was on its way is doubted before anyone can decide anew', () =>
    afterRestart(
      (engine) =>
        toAll(engine, {
          type: 'claimed',
          action: 'approve',
          actor: application,
          text: null,
        }),
      async (engine) => {
        await touch(engine, LAST);
        assert.deepEqual((await inputsOf(engine, LAST)).slice(-3), ['recovered', 'sent', 'stream_ended']);
      },
    ));

  test('a crash in the middle of it leaves the rest to the next start', () =>
    afterRestart(
      async () => {},
      async (engine, restart) => {
        engine.outbox.start();
        const resting = engine.recovery.rest();
        await engine.recovery.stop();
        assert.equal(await resting, false);
        const second = await restart();
        second.outbox.start();
        assert.equal(await second.recovery.rest(), true);
        await untilIdle(second);
        const receipts = new Set<string>();
        for (let number = 1; number <= MANY; number += 1) {
          const [slot] = Object.values((await stateOf(second, number)).slots);
          receipts.add(slot?.receipt?.message ?? 'none');
        }
        assert.ok(!receipts.has('none'), 'each has its card');
      },
    ));

  test('is retried where the store refuses, and what is touched meanwhile fails alone', () =>
    afterRestart(
      async () => {},
      async (engine) => {
        const { transact } = engine.store;
        engine.store.transact = async () => {
          throw new StoreError('The disk is full.');
        };
        const resting = engine.recovery.rest();
        await assert.rejects(touch(engine, LAST), StoreError);
        await engine.until(() => engine.lines().find(({ msg }) => msg === 'what happened is not recorded yet'));
        engine.store.transact = transact;
        const advancing = setInterval(() => engine.clock.advance(5_000), 5);
        assert.equal(await resting, true);
        clearInterval(advancing);
        assert.deepEqual((await inputsOf(engine, LAST)).at(-1), 'recovered');
      },
    ));

  test('what backends deliver waits until it is known who asks for what is open, and namesakes are marked', () =>
    afterRestart(
      async () => {},
      async (engine) => {
        const pause = burstPause(MANY + 1, { askerId: 'agt_other' });
        const input = { type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null } as const;
        const delivering = engine.fromBackend().deliver(input);
        await untilIdle(engine);
        assert.equal(await engine.store.get(engine.idOf(pause.key)), null);
        const resting = engine.recovery.rest();
        assert.equal(await delivering, 'recorded');
        assert.notEqual(engine.recovery.complete(), null, 'before all is recovered');
        assert.deepEqual((await engine.store.get(engine.idOf(pause.key)))?.sharedNames, ['asker']);
        await resting;
        assert.deepEqual((await stateOf(engine, LAST)).sharedNames, ['asker']);
      },
    ));
});

describe('the cards of a start with many open approvals', () => {
  /** All cards are posted, under these settings. */
  const prepare = async (engine: Engine) => {
    await engine.recover();
    await engine.recovery.rest();
    engine.outbox.start();
    await untilIdle(engine);
    assert.equal(engine.messages.length, MANY);
  };
  const setup = { setup: 'one' };

  test('are drawn again only where something else would be drawn', () =>
    afterRestart(
      prepare,
      async (engine, restart) => {
        await engine.recovery.rest();
        assert.equal(await drawsDue(engine), 0);
        const changed = await restart({ setup: 'two' });
        await changed.recovery.rest();
        assert.equal(await drawsDue(changed), MANY);
      },
      setup,
    ));

  test('are drawn again after a start that came only to some of them', () =>
    afterRestart(
      prepare,
      async (_, restart) => {
        await restart({ setup: 'two' });
        const second = await restart({ setup: 'two' });
        await second.recovery.rest();
        assert.equal(await drawsDue(second), MANY);
      },
      setup,
    ));

  test('are drawn again after the policy was another one meanwhile', () =>
    afterRestart(
      prepare,
      async (engine, restart) => {
        await engine.recovery.rest();
        await engine.setPolicy({ ...engine.policy.document, version: 'other' });
        const second = await restart();
        await second.recovery.rest();
        assert.equal(await drawsDue(second), MANY);
      },
      setup,
    ));
});

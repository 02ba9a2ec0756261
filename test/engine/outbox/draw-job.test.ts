/** A message is sent again only if its content differs from what was sent last, or if it is not known what it shows. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Approval } from '../../../src/core/approval/approval.ts';
import { KNOWN_SHAPE } from '../../../src/core/approval/parts/shape.ts';
import type { Place, Receipt } from '../../../src/core/approval/parts/slot.ts';
import { PlatformError } from '../../../src/core/ports/errors.ts';
import type { Platform } from '../../../src/core/ports/ports.ts';
import type { Card } from '../../../src/core/view/card.ts';
import { renderCard } from '../../../src/core/view/cards/approval-card.ts';
import { withoutEcho } from '../../../src/engine/outbox/message.ts';
import { createTestClock } from '../../support/clock.ts';
import { announce, burstPause, untilIdle } from '../../support/data/burst.ts';
import { dana, discordRoom, slackRoom } from '../../support/data/pauses.ts';
import { runs } from '../../support/property.ts';
import { ask, createTestEngine, type Engine, says, withEngine } from '../../support/worlds/engine.ts';

const lost = () => new PlatformError('ambiguous', 'the answer was lost');
const sends = (engine: Engine) => engine.messages.map(({ cards }) => cards.length);
const outcomes = (engine: Engine) =>
  engine
    .lines()
    .filter(({ kind }) => kind === 'draw')
    .map(({ outcome }) => outcome);

/** What a start does with what is open. */
async function redraw(engine: Engine) {
  await engine.recover();
  await untilIdle(engine);
}

async function press(engine: Engine, buttonId: { approvalId: string; fingerprint: string }) {
  await engine.onPress(engine.press({ buttonId }));
}

test('what only a newer version may change is not drawn: nothing is posted that could not be recorded', () =>
  withEngine(async (engine) => {
    const { approvalId } = await ask(engine);
    await untilIdle(engine);
    const sent = sends(engine);
    await engine.store.transact({
      approvalId,
      inputId: null,
      audit: { input: 'announced', actor: null, facts: {} },
      fn: (state) => ({ state: { ...state, shape: KNOWN_SHAPE + 1 } as Approval, effects: draws(state) }),
    });
    await untilIdle(engine);
    assert.equal(outcomes(engine).at(-1), 'store');
    assert.deepEqual(sends(engine), sent);
  }));

function draws(state: Approval | null) {
  return Object.keys(state?.slots ?? {}).map((slot) => ({ type: 'draw' as const, slot }));
}

describe('a message that shows its content already', () => {
  test('is not sent again: a card has two edits for a press, and none for what changes nothing on it', () =>
    withEngine(async (engine) => {
      const answer = Promise.withResolvers<{ result: { type: 'recorded'; following: boolean } }>();
      engine.answers.push(answer.promise);
      const aim = await ask(engine);
      await press(engine, aim);
      await says(engine, 0, 'Sending');
      await says(engine, 1, 'Sending');
      await untilIdle(engine);
      answer.resolve({ result: { type: 'recorded', following: true } });
      await says(engine, 0, 'Approved by');
      await says(engine, 1, 'Approved by');
      await engine.intake.deliver({
        type: 'run_ended',
        backend: 'runtype',
        runId: 'exec_1',
        state: 'completed',
        text: 'ok',
      });
      await untilIdle(engine);
      const cards = engine.messages.slice(0, 2);
      for (const { cards: sent } of cards) {
        const texts = sent.map((card) => JSON.stringify(card));
        assert.ok(
          texts.every((text, index) => text !== texts[index - 1]),
          'each differs from the one before',
        );
      }
      assert.ok(outcomes(engine).includes('unchanged'));
    }));

  test('is verified after a start, not edited: the card, its reminder, the result and a digest', async () => {
    const minutes = 60_000;
    await withEngine(
      async (engine) => {
        await ask(engine, { key: 'alone', runId: 'alone', tool: 'close_account' });
        await announce(engine, 1, 3);
        await untilIdle(engine);
        for (let passed = 0; passed < 11; passed += 1) {
          engine.clock.advance(minutes);
          await untilIdle(engine);
        }
        const before = sends(engine);
        assert.ok(engine.messages.some(({ cards }) => cards[0]?.title.startsWith('Reminder:')));
        assert.ok(engine.messages.some(({ cards }) => cards.at(-1)?.title.startsWith('3 ×')));
        await redraw(engine);
        await redraw(engine);
        assert.deepEqual(sends(engine), before);
        const open = engine.messages.filter(({ cards }) => (cards.at(-1)?.buttons.length ?? 0) > 1);
        assert.ok(open.length >= 4 && open.every(({ verified }) => verified.length >= 2));
      },
      { remindAfter: [10 * minutes], digestFrom: 3 },
    );
  });

  test('is posted again where it can be decided and was deleted meanwhile', () =>
    withEngine(async (engine) => {
      await ask(engine);
      await untilIdle(engine);
      engine.gone.add(0);
      await redraw(engine);
      assert.deepEqual(sends(engine), [1, 1, 1]);
      assert.equal(engine.messages[2]?.platform, engine.messages[0]?.platform);
    }));

  test('is left alone where it may not be verified, and verified later where the platform is down', () =>
    withEngine(async (engine) => {
      await ask(engine);
      await untilIdle(engine);
      engine.faults.verify.push(new PlatformError('refused', 'missing access'), new PlatformError('unsent', 'down'));
      await redraw(engine);
      engine.clock.advance(60_000);
      await untilIdle(engine);
      assert.deepEqual(sends(engine), [1, 1]);
      assert.deepEqual(engine.messages.map(({ verified }) => verified.length).sort(), [0, 1]);
      assert.ok(!outcomes(engine).includes('refused'));
    }));
});

describe('a message is sent although its content is the same', () => {
  const again = async (engine: Engine) => {
    const aim = await ask(engine);
    await engine.onPress(engine.press({ buttonId: { ...aim, action: 'take_over' } }));
    await says(engine, 0, 'Dana Reyes');
    await says(engine, 1, 'Dana Reyes');
    await untilIdle(engine);
    return aim;
  };

  test('where an edit between may have arrived', () =>
    withEngine(async (engine) => {
      const aim = await ask(engine);
      await untilIdle(engine);
      // Both edits are lost, and what they showed is undone before they are retried.
      engine.faults.update.push(lost(), lost());
      await engine.onPress(engine.press({ buttonId: { ...aim, action: 'take_over' } }));
      await untilIdle(engine);
      assert.deepEqual(sends(engine), [1, 1]);
      await engine.onPress(engine.press({ buttonId: { ...aim, action: 'hand_back' } }));
      engine.clock.advance(60_000);
      await untilIdle(engine);
      assert.deepEqual(sends(engine), [2, 2]);
    }));

  test('where the edit became a dead letter', () =>
    withEngine(async (engine) => {
      const aim = await again(engine);
      const before = sends(engine);
      engine.faults.update.push(
        new PlatformError('refused', 'invalid_blocks'),
        new PlatformError('refused', 'invalid'),
      );
      await engine.onPress(engine.press({ buttonId: { ...aim, action: 'hand_back' } }));
      await untilIdle(engine);
      await engine.onPress(engine.press({ buttonId: { ...aim, action: 'take_over' } }));
      await untilIdle(engine);
      assert.deepEqual(
        sends(engine),
        before.map((count) => count + 1),
      );
    }));

  test('where the database is a copy: the original may have edited it since', () =>
    withEngine(async (engine) => {
      await ask(engine);
      await untilIdle(engine);
      await engine.store.clearCopyMark();
      await redraw(engine);
      assert.deepEqual(sends(engine), [2, 2]);
      await redraw(engine);
      assert.deepEqual(sends(engine), [2, 2]);
    }));

  test('where the platform would draw it in another way since an upgrade', async () => {
    let look = 'old';
    const updates: Card[] = [];
    const slack: Platform = {
      name: 'slack',
      start: async () => {},
      stop: async () => {},
      check: async () => {},
      canRead: async () => true,
      post: async ({ platform, room }) => ({ platform, room, message: '1' }),
      update: async (_, card) => void updates.push(card),
      render: (card) => [look, card],
    };
    await withEngine(
      async (engine) => {
        await announce(engine, 1, 1);
        await untilIdle(engine);
        await redraw(engine);
        assert.equal(updates.length, 0);
        look = 'new';
        await redraw(engine);
        await redraw(engine);
        assert.equal(updates.length, 1);
      },
      { platforms: [slack], places: [slackRoom] },
    );
  });
});

/** What a room does with the next edit. */
type Fate = 'takes it' | 'refuses its rate' | 'takes it, and the answer is lost' | 'never hears of it';
type Act = { type: 'claim' | 'release' | 'crash' } | { type: 'fate'; fate: Fate };

const acts = fc.array(
  fc.oneof(
    fc.constantFrom<Act>({ type: 'claim' }, { type: 'release' }, { type: 'crash' }),
    fc
      .constantFrom<Fate>('takes it', 'refuses its rate', 'takes it, and the answer is lost', 'never hears of it')
      .map((fate): Act => ({ type: 'fate', fate })),
  ),
  { maxLength: 14 },
);

/** A room that knows what its message shows, and whether our process can know it, too. */
class Room {
  readonly #fates: Fate[] = [];
  shows: string | null = null;
  /** Edits with the content that the message showed already, while nothing was in doubt. */
  needless = 0;
  #doubt = false;

  next(fate: Fate): void {
    this.#fates.push(fate);
  }

  platform(): Platform {
    return {
      name: 'slack',
      start: async () => {},
      stop: async () => {},
      check: async () => {},
      canRead: async () => true,
      post: async ({ platform, room }: Place, _thread, card): Promise<Receipt> => {
        this.shows = JSON.stringify(card);
        return { platform, room, message: '1' };
      },
      update: async (_, card) => this.#update(JSON.stringify(card)),
    };
  }

  #update(text: string): void {
    const fate = this.#fates.shift() ?? 'takes it';
    if (fate === 'refuses its rate') throw new PlatformError('unsent', 'ratelimited', { retryAfterMs: 1_000 });
    if (fate === 'never hears of it') {
      this.#doubt = true;
      throw lost();
    }
    if (text === this.shows && !this.#doubt) this.needless += 1;
    this.shows = text;
    this.#doubt = fate !== 'takes it';
    if (this.#doubt) throw lost();
  }
}

test('law: an equal drawing is never sent twice without doubt, and the message always ends as its approval is', () =>
  fc.assert(
    fc.asyncProperty(acts, async (given) => {
      const folder = mkdtempSync(join(tmpdir(), 'countersign-draw-'));
      const [file, clock, room] = [join(folder, 'x.db'), createTestClock(), new Room()];
      const open = () =>
        createTestEngine({ file, clock, platforms: [room.platform()], places: [slackRoom, discordRoom] });
      let engine = open();
      engine.outbox.start();
      try {
        await announce(engine, 1, 1);
        await untilIdle(engine);
        const approvalId = engine.idOf(burstPause(1).key);
        for (const act of given) {
          if (act.type === 'fate') room.next(act.fate);
          else if (act.type === 'crash') {
            await untilIdle(engine);
            await engine.store.close();
            engine = open();
            await engine.recover();
            engine.outbox.start();
          } else {
            const fingerprint = (await engine.store.get(approvalId))?.fingerprint ?? '';
            const action = act.type === 'claim' ? 'take_over' : 'hand_back';
            await engine.onPress(
              engine.press({ id: clock.id(), actor: dana, buttonId: { approvalId, fingerprint, action } }),
            );
            await untilIdle(engine);
          }
        }
        for (let minute = 0; minute < 10; minute += 1) {
          await untilIdle(engine);
          clock.advance(60_000);
        }
        await untilIdle(engine);
        const approval = (await engine.store.get(approvalId)) as Approval;
        // Who may decide is drawn with every open card; test/core/view/cards/deciders.test.ts shows how.
        const { deciders, ...shown } = JSON.parse(room.shows ?? '{}') as Card;
        assert.equal(deciders !== undefined, approval.phase === 'open' && approval.claim === null);
        const drawn = withoutEcho(renderCard(approval, { backend: 'Runtype' }), null);
        assert.deepEqual(shown, JSON.parse(JSON.stringify(drawn)));
        assert.equal(room.needless, 0);
      } finally {
        await engine.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    }),
    { numRuns: runs(40) },
  ));

/** Dead letters one by one, in the whole engine: what can be retried, and what is sent then. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Actor } from '../../../src/core/approval/parts/decision.ts';
import { PlatformError } from '../../../src/core/ports/errors.ts';
import { historyLines } from '../../../src/core/view/details/history.ts';
import { spanText } from '../../../src/core/view/line-text.ts';
import { pauseOf, slackRoom } from '../../support/data/pauses.ts';
import { ask, type Engine, withEngine } from '../../support/worlds/engine.ts';

const operator: Actor = { platform: 'operator', id: 'ana@example.com', name: 'ana@example.com' };
const lettersOf = async ({ desk }: Engine) => (await desk.deadLetters.page(null, 10)).items;

/** Waits until there are so many. */
async function letters(engine: Engine, count: number) {
  await engine.until(() =>
    engine.lines().filter(({ msg }) => msg === 'job abandoned').length >= count ? true : undefined,
  );
  return lettersOf(engine);
}

/** A decision whose call ends so. */
async function decided(
  engine: Engine,
  result: Awaited<(typeof engine.answers)[number]>['result'],
  kind: 'approval' | 'await',
) {
  engine.answers.push({ result });
  const id = await ask(engine, { kind, actions: ['approve', 'reject'] });
  await engine.onPress(engine.press({ buttonId: id }));
  const [shown, ...more] = await letters(engine, 1);
  assert.ok(shown);
  assert.equal(more.length, 0);
  return shown;
}

const refused = { type: 'refused', reason: 'no' } as const;
const lost = { type: 'ambiguous', reason: 'the connection broke' } as const;

describe('a decision that failed', () => {
  test('is sent again, once, however often it is asked for', () =>
    withEngine(async (engine) => {
      const { letter, obstacle, approvals } = await decided(engine, refused, 'approval');
      assert.deepEqual([obstacle, approvals.length, letter.kind], [null, 1, 'decide']);
      const { retry } = engine.desk.deadLetters;
      assert.deepEqual(await Promise.all([retry(letter, operator), retry(letter, operator)]), [null, null]);
      await engine.until(() => (engine.status(0)?.includes('Approved') ? true : undefined));
      assert.equal(engine.calls.length, 2);
      assert.equal(await retry(letter, operator), 'over');
      assert.deepEqual(await lettersOf(engine), []);
      const rows = await engine.store.audit(approvals[0]?.id ?? '');
      assert.equal(
        rows.filter(({ input, actor, ignored }) => input === 'retried' && actor?.id === operator.id && ignored === null)
          .length,
        1,
      );
    }));

  test('is not sent while everything is stopped', () =>
    withEngine(async (engine) => {
      const { letter } = await decided(engine, refused, 'approval');
      await engine.stopSwitch.stop(operator, null);
      assert.equal((await lettersOf(engine))[0]?.obstacle, 'stopped');
      assert.equal(await engine.desk.deadLetters.retry(letter, operator), 'stopped');
      assert.equal(engine.calls.length, 1);
    }));

  test('is sent by a retry after one that a stop held back at the last moment', () =>
    withEngine(async (engine) => {
      const { letter } = await decided(engine, refused, 'approval');
      const { retry } = engine.desk.deadLetters;
      const held = retry(letter, operator);
      // It has seen that nothing is stopped.
      for (let at = 0; at < 10; at += 1) await Promise.resolve();
      await engine.stopSwitch.stop(operator, null);
      assert.equal(await held, 'stopped');
      await engine.stopSwitch.start(operator);
      assert.deepEqual(await Promise.all([retry(letter, operator), retry(letter, operator)]), [null, null]);
      await engine.until(() => (engine.status(0)?.includes('Approved') ? true : undefined));
      assert.equal(engine.calls.length, 2);
    }));

  test('is not sent by a page that is older than its last attempt', () =>
    withEngine(async (engine) => {
      const { letter } = await decided(engine, refused, 'approval');
      assert.equal(await engine.desk.deadLetters.retry({ ...letter, claims: letter.claims - 1 }, operator), 'over');
      assert.equal(engine.calls.length, 1);
    }));
});

describe('a decision that may have arrived', () => {
  test('is never sent again from here, where its backend could take it twice', () =>
    withEngine(async (engine) => {
      const { letter, obstacle } = await decided(engine, lost, 'await');
      assert.equal(obstacle, 'may_have_arrived');
      assert.equal(await engine.desk.deadLetters.retry(letter, operator), 'may_have_arrived');
      assert.equal(engine.calls.length, 1);
    }));

  test('is held back by the door itself, whatever was seen before', () =>
    withEngine(async (engine) => {
      const { approvals } = await decided(engine, lost, 'await');
      const id = approvals[0]?.id ?? '';
      const changed = await engine.apply(id, {
        type: 'retried',
        actor: operator,
        right: 'allowed',
        ifNotArrived: true,
      });
      assert.equal(!changed.duplicate && changed.ignored, 'not_possible');
    }));
});

describe('a card that could not be posted', () => {
  const dead = async (engine: Engine) => {
    engine.faults.post.push(new PlatformError('refused', 'restricted_action'));
    const { intake, clock } = engine;
    await intake.deliver({
      type: 'announced',
      pause: pauseOf({ askedAt: clock.now() }),
      via: 'stream',
      streamOpen: false,
      inputId: null,
    });
    const [shown] = await letters(engine, 1);
    assert.ok(shown);
    return shown;
  };

  test('is posted once after a retry, and its history says who asked for it', () =>
    withEngine(
      async (engine) => {
        const { letter, approvals, obstacle } = await dead(engine);
        assert.deepEqual(
          [letter.kind, letter.place, letter.error, obstacle],
          ['draw', slackRoom, 'restricted_action', null],
        );
        const { retry } = engine.desk.deadLetters;
        const both = await Promise.all([retry(letter, operator), retry(letter, operator)]);
        assert.deepEqual(both.toSorted(), [null, 'over'].toSorted());
        await engine.until(() => (engine.messages.length === 1 ? true : undefined));
        const rows = await engine.store.audit(approvals[0]?.id ?? '');
        const texts = historyLines(rows, 'Runtype').map((line) => line.slice(2).map(spanText).join(''));
        assert.equal(
          texts.filter((text) => text === 'ana@example.com (Operator) had its message in Slack tried again.').length,
          1,
        );
      },
      { places: [slackRoom] },
    ));
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Action, Pause } from '../../src/core/approval/pause/pause.ts';
import { PlatformError } from '../../src/core/ports/errors.ts';
import { ONLY_REPLICA } from '../../src/core/ports/store/fleet.ts';
import { createPressRouter } from '../../src/engine/presses/router.ts';
import { application, dana, pauseOf, sam } from '../support/data/pauses.ts';
import { ask, createTestEngine, withEngine } from '../support/worlds/engine.ts';

describe('a press', () => {
  test('becomes one call, and both cards follow', () =>
    withEngine(async (engine) => {
      const buttonId = await ask(engine);
      assert.deepEqual(await engine.onPress(engine.press({ buttonId })), { type: 'accepted' });
      assert.equal(
        (await engine.store.get(buttonId.approvalId))?.decision?.actor.id,
        dana.id,
        'committed before the answer',
      );
      for (const index of [0, 1]) {
        await engine.until(() => (engine.status(index)?.startsWith('Approved by Dana Reyes.') ? true : undefined));
      }
      assert.equal(engine.calls.length, 1);
      assert.equal(engine.messages.length, 2);
    }));

  test('by a bystander is refused in private, and audited', () =>
    withEngine(async (engine) => {
      const buttonId = await ask(engine);
      const answer = await engine.onPress(engine.press({ buttonId, actor: { ...dana, id: 'U0NOBODY' } }));
      assert.equal(answer.type, 'refused');
      assert.match(answer.type === 'refused' ? answer.text : '', /not one of its reviewers/);
      // Its row joins the next commit.
      await engine.store.release('nobody');
      const rows = await engine.store.audit(buttonId.approvalId);
      assert.ok(
        rows.some(
          ({ input, ignored, actor }) => input === 'pressed' && ignored === 'not_allowed' && actor?.id === 'U0NOBODY',
        ),
      );
      assert.equal(engine.calls.length, 0);
    }));

  test('of two at once the first wins, the other is told who', () =>
    withEngine(async (engine) => {
      const buttonId = await ask(engine);
      const answers = await Promise.all([
        engine.onPress(engine.press({ buttonId })),
        engine.onPress(
          engine.press({
            buttonId: { ...buttonId, action: 'reject' },
            form: { text: 'no' },
            platform: 'discord',
            actor: sam,
          }),
        ),
      ]);
      assert.deepEqual(answers[0], { type: 'accepted' });
      assert.match(
        answers[1]?.type === 'refused' ? answers[1].text : '',
        /Dana Reyes already (?:approved this|pressed Approve) in Slack/,
      );
      await engine.until(() => (engine.status(0)?.startsWith('Approved') ? true : undefined));
      assert.deepEqual(
        engine.calls.map(({ actions }) => actions),
        [['approve']],
      );
    }));

  test('delivered twice is one, and its person hears nothing of it', () =>
    withEngine(async (engine) => {
      const buttonId = await ask(engine);
      const press = engine.press({ buttonId });
      const answers = await Promise.all([engine.onPress(press), engine.onPress(press)]);
      assert.deepEqual(answers, [{ type: 'accepted' }, { type: 'accepted' }]);
      await engine.until(() => (engine.status(0)?.startsWith('Approved') ? true : undefined));
      assert.equal(engine.calls.length, 1);
    }));

  test('on Reject opens a form and decides nothing; the form’s own press does', () =>
    withEngine(async (engine) => {
      const buttonId = { ...(await ask(engine)), action: 'reject' as const };
      const opened = await engine.onPress(engine.press({ buttonId }));
      assert.equal(opened.type, 'form');
      assert.equal((await engine.store.get(buttonId.approvalId))?.phase, 'open');
      await engine.onPress(engine.press({ buttonId, form: { text: 'not today' } }));
      await engine.until(() => (engine.status(1)?.startsWith('Rejected by Dana Reyes.') ? true : undefined));
    }));

  test('that says “approved” in a free answer needs that right', () =>
    withEngine(async (engine) => {
      const buttonId = await ask(engine, { key: 'await:1', kind: 'await', actions: ['take_over'] });
      const { store, apply, readers, policy, standing, clock, log } = engine;
      const right = (action: Action) => (action === 'take_over' ? 'allowed' : 'denied');
      const judge = (action: Action) => ({ right: right(action), why: null, unverified: [] }) as const;
      const mayAnswer = { ...policy, right, judge } as const;
      const onPress = createPressRouter({
        store,
        apply,
        readers,
        policy: mayAnswer,
        standing,
        clock,
        backendTitle: (name) => name,
        log,
      });
      const answering = (text: string) =>
        onPress(engine.press({ buttonId: { ...buttonId, action: 'take_over' }, form: { text } }));
      for (const text of ['{"approved":true}', '{"approved":false,"note":"x"}']) {
        const answer = await answering(text);
        assert.match(
          answer.type === 'refused' ? answer.text : answer.type,
          /You can’t decide this request: you are not one of its reviewers/,
          text,
        );
      }
      assert.equal((await store.get(buttonId.approvalId))?.decision, null);
      assert.equal((await answering('{"slot":"10:30"}')).type, 'accepted');
    }));

  test('on a card that showed other arguments is refused, and the card is redrawn', () =>
    withEngine(async (engine) => {
      const buttonId = await ask(engine);
      await engine.intake.deliver({
        type: 'announced',
        pause: pauseOf({ parameters: { orderId: 'A-1009', amount: 4_250 } }),
        via: 'stream',
        streamOpen: false,
        inputId: null,
      });
      const answer = await engine.onPress(engine.press({ buttonId }));
      assert.match(answer.type === 'refused' ? answer.text : '', /The request has changed\./);
      await engine.until(() => (engine.messages[0]?.cards.at(-1)?.body?.text.includes('4250') ? true : undefined));
      assert.equal(engine.calls.length, 0);
    }));
});

describe('what is sent together', () => {
  const one = { key: 'await:1', kind: 'await', groupId: 'g' } as const;
  const two = { key: 'await:2', kind: 'await', groupId: 'g' } as const;

  test('is sent once all are decided and the stream has ended, in one call', () =>
    withEngine(async (engine) => {
      const first = await ask(engine, one, true);
      const second = await ask(engine, two, true);
      await engine.onPress(engine.press({ buttonId: first }));
      await engine.until(() =>
        engine.status(0)?.includes('once the other question of this run is answered') ? true : undefined,
      );
      await engine.onPress(engine.press({ buttonId: second, actor: sam, platform: 'discord' }));
      await engine.until(() =>
        engine.status(2)?.includes('once the run has asked all its questions') ? true : undefined,
      );
      assert.equal(engine.calls.length, 0);
      await engine.intake.deliver({ type: 'stream_ended', groupId: 'g' });
      await engine.until(() => (engine.status(0)?.startsWith('Approved by Dana') ? true : undefined));
      await engine.until(() => (engine.status(2)?.startsWith('Approved by Sam') ? true : undefined));
      assert.deepEqual(
        engine.calls.map(({ ids }) => ids.length),
        [2],
      );
    }));
});

describe('a decision on its way', () => {
  test('that did not arrive is sent again after a wait, and the card says so', () =>
    withEngine(async (engine) => {
      engine.answers.push({ result: { type: 'unsent', reason: 'connection refused' } });
      const buttonId = await ask(engine);
      await engine.onPress(engine.press({ buttonId }));
      await engine.until(() => (engine.status(0)?.includes('connection refused') ? true : undefined));
      assert.equal(engine.calls.length, 1);
      engine.clock.advance(1_000);
      await engine.until(() => (engine.status(0)?.startsWith('Approved') ? true : undefined));
      assert.equal(engine.calls.length, 2);
    }));

  test('waits as long as the backend asked', () =>
    withEngine(async (engine) => {
      engine.answers.push({ result: { type: 'unsent', reason: 'slow down' }, retryAfterMs: 30_000 });
      const buttonId = await ask(engine);
      await engine.onPress(engine.press({ buttonId }));
      await engine.until(() => (engine.status(0)?.includes('slow down') ? true : undefined));
      engine.clock.advance(29_000);
      await engine.apply(buttonId.approvalId, { type: 'waiting', others: 0 });
      assert.equal(engine.calls.length, 1);
      engine.clock.advance(1_000);
      await engine.until(() => (engine.calls.length === 2 ? true : undefined));
    }));

  test('that was refused keeps Try again, which sends the same decision', () =>
    withEngine(async (engine) => {
      engine.answers.push({ result: { type: 'refused', reason: 'Invalid API key' } });
      const buttonId = await ask(engine);
      await engine.onPress(engine.press({ buttonId }));
      await engine.until(() => (engine.status(0)?.startsWith('Not delivered.') ? true : undefined));
      await engine.onPress(
        engine.press({ buttonId: { ...buttonId, action: 'retry' }, actor: sam, platform: 'discord' }),
      );
      await engine.until(() => (engine.status(0)?.startsWith('Approved by Dana Reyes.') ? true : undefined));
      assert.equal(engine.calls.length, 2);
    }));

  test('of an unguarded backend is never repeated by itself after a lost answer', () =>
    withEngine(async (engine) => {
      engine.answers.push({ result: { type: 'ambiguous', reason: 'no answer' } });
      const buttonId = await ask(engine, { kind: 'await', key: 'await:1' });
      await engine.onPress(engine.press({ buttonId }));
      await engine.until(() => (engine.status(0)?.startsWith('Unconfirmed.') ? true : undefined));
      engine.clock.advance(3_600_000);
      assert.equal(engine.calls.length, 1);
    }));
});

describe('cards', () => {
  test('of one run stand in one thread, and so does its result', () =>
    withEngine(async (engine) => {
      await ask(engine, { key: 'approval:1' });
      await ask(engine, { key: 'approval:2' });
      const threads = engine.messages.map(({ platform, thread }) => [platform, thread?.root.platform ?? null]);
      assert.deepEqual(
        threads.slice(0, 2).map(([, thread]) => thread),
        [null, null],
      );
      for (const [platform, thread] of threads.slice(2)) assert.equal(thread, platform);
      await engine.intake.deliver({
        type: 'run_ended',
        backend: 'runtype',
        runId: 'exec_1',
        state: 'completed',
        text: 'Done.',
      });
      const results = await engine.until(() => (engine.messages.length === 6 ? engine.messages.slice(4) : undefined));
      for (const { platform, thread, cards } of results) {
        assert.deepEqual(
          [thread?.root.platform, cards[0]?.title, cards[0]?.body?.text],
          [platform, '“Order desk” finished', 'Done.'],
        );
      }
    }));

  test('are tried again after a fault, under the same key', () =>
    withEngine(async (engine) => {
      engine.faults.post.push(
        new PlatformError('ambiguous', 'reset'),
        new PlatformError('unsent', 'slow', { retryAfterMs: 9_000 }),
      );
      await engine.intake.deliver({
        type: 'announced',
        pause: pauseOf(),
        via: 'stream',
        streamOpen: false,
        inputId: null,
      });
      const retries = () => engine.lines().filter(({ msg }) => msg === 'job will be retried');
      await engine.until(() => (retries().length === 2 ? true : undefined));
      engine.clock.advance(3_000);
      await engine.until(() => (engine.messages.length === 1 ? true : undefined));
      engine.clock.advance(6_000);
      await engine.until(() => (engine.messages.length === 2 ? true : undefined));
      assert.equal(new Set(engine.messages.map(({ key }) => key)).size, 2);
    }));

  test('that would open on something already over are not posted', async () => {
    const engine = createTestEngine();
    await engine.intake.deliver({
      type: 'announced',
      pause: pauseOf(),
      via: 'stream',
      streamOpen: false,
      inputId: null,
    });
    await engine.intake.deliver({
      type: 'resolved',
      backend: 'runtype',
      key: 'approval:appr_1',
      verdict: 'timeout',
      reason: null,
    });
    engine.outbox.start();
    await engine.outbox.stop();
    assert.equal(engine.messages.length, 0);
    await engine.store.close();
  });
});

describe('an application’s claim', () => {
  const claim = {
    backend: 'runtype',
    key: 'approval:appr_1',
    action: 'approve',
    actor: application,
    text: null,
    isOwn: () => true,
  } as const;

  test('of an approval that is not its own is not recorded, and the card stays open', () =>
    withEngine(async (engine) => {
      const wire = { opener: 'someone' };
      const buttonId = await ask(engine, { wire });
      const seen: unknown[] = [];
      const isOwn = ({ wire: stored }: Pause) => seen.push(stored) < 1;
      assert.equal((await engine.intake.recordApplicationDecision({ ...claim, isOwn })).type, 'foreign');
      assert.deepEqual(seen, [wire], 'it is asked about what is stored');
      await engine.onPress(engine.press({ buttonId }));
      await engine.until(() => (engine.status(0)?.startsWith('Approved by Dana') ? true : undefined));
    }));

  test('closes the card; a press before it wins', () =>
    withEngine(async (engine) => {
      const buttonId = await ask(engine);
      const claimed = await engine.intake.recordApplicationDecision(claim);
      assert.equal(claimed.type, 'recorded');
      await engine.intake.settleApplicationDecision(buttonId.approvalId, { type: 'recorded', following: false });
      await engine.until(() => (engine.status(0)?.startsWith('Approved by the application.') ? true : undefined));
      assert.equal((await engine.intake.recordApplicationDecision({ ...claim, key: 'approval:unknown' })).type, 'pass');

      const other = await ask(engine, { key: 'approval:2' });
      await engine.onPress(engine.press({ buttonId: other }));
      const lost = await engine.intake.recordApplicationDecision({ ...claim, key: 'approval:2' });
      assert.equal(lost.type === 'lost' && lost.approval.decision?.actor.id, dana.id);
    }));
});

test('after a crash: streams are over, followed runs were not seen to their end, leases are back', async () => {
  const engine = createTestEngine();
  const { approvalId } = { approvalId: engine.idOf('await:1') };
  const pause = pauseOf({ key: 'await:1', kind: 'await' });
  await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: true, inputId: null });
  await engine.store.claim({ draw: 10, decide: 10 }, ONLY_REPLICA);
  await engine.recover();
  assert.equal((await engine.store.get(approvalId))?.streamOpen, false);
  await engine.apply(approvalId, { type: 'continued', continuation: { state: 'following', text: null } });
  await engine.recover();
  assert.equal((await engine.store.get(approvalId))?.continuation?.state, 'lost');
  engine.outbox.start();
  await engine.until(() => (engine.messages.length === 4 ? true : undefined));
  await engine.stop();
});

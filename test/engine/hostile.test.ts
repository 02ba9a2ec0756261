/** Orders of events that once broke a promise, each as short as the model could make it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PressAnswer } from '../../src/core/ports/ports.ts';
import { application, pauseOf, pressed, sam } from '../support/data/pauses.ts';
import { ask, createTestEngine, withEngine } from '../support/worlds/engine.ts';

test('a press that was refused decides nothing, also when what stood in its way is gone a moment later', () =>
  withEngine(async (engine) => {
    const buttonId = await ask(engine);
    const claim = {
      backend: 'runtype',
      key: 'approval:appr_1',
      action: 'approve',
      actor: application,
      text: null,
      isOwn: () => true,
    } as const;
    await engine.intake.recordApplicationDecision(claim);
    // The press is looked at while the claim lasts, and its row is written after the claim's end.
    const settling = engine.intake.settleApplicationDecision(buttonId.approvalId, {
      type: 'unsent',
      reason: 'connection refused',
    });
    const answer: PressAnswer = await engine.onPress(engine.press({ buttonId }));
    await settling;
    assert.match(answer.type === 'refused' ? answer.text : '', /The application already sent an approval/);
    await engine.store.release('nobody');
    const { phase, decision } = (await engine.store.get(buttonId.approvalId)) ?? {};
    assert.deepEqual([phase, decision], ['open', null]);
    const rows = await engine.store.audit(buttonId.approvalId);
    assert.deepEqual(
      rows.filter(({ input }) => input === 'pressed').map(({ ignored }) => ignored),
      ['already_decided'],
    );
    const other = engine.press({ buttonId, actor: sam, platform: 'discord' });
    assert.equal((await engine.onPress(other)).type, 'accepted');
  }));

test('a list knows a key that looks like one with a generation', () =>
  withEngine(async (engine) => {
    const key = 'plan:step\u241e2';
    await ask(engine, { key, groupId: key, kind: 'item' });
    await engine.intake.deliver({ type: 'listed', backend: 'runtype', keys: [key], begunAt: engine.clock.now() + 1 });
    assert.equal((await engine.store.get(engine.idOf(key)))?.phase, 'open');
  }));

test('a call that a crash cut off is in doubt at once, also when another question has joined its group since', async () => {
  const engine = createTestEngine();
  const awaitOf = (number: number) => pauseOf({ key: `await:${number}`, kind: 'await', groupId: 'g' });
  const tell = (number: number) =>
    engine.intake.deliver({
      type: 'announced',
      pause: awaitOf(number),
      via: 'ingest',
      streamOpen: false,
      inputId: null,
    });
  try {
    await tell(1);
    const approvalId = engine.idOf('await:1');
    const { fingerprint = '' } = (await engine.store.get(approvalId)) ?? {};
    // What a process leaves behind that dies while it calls.
    await engine.apply(approvalId, pressed({ fingerprint, signing: { groups: ['reviewers'], earlier: [] } }));
    await engine.apply(approvalId, { type: 'sending', resendable: false });
    await tell(2);
    await engine.recover();
    engine.outbox.start();
    await engine.until(() => (engine.status(0)?.includes('Unconfirmed.') ? true : undefined));
    assert.equal(engine.calls.length, 0);
  } finally {
    await engine.stop();
  }
});

test('a press that lost is told so at each of its deliveries, also at two at once', () =>
  withEngine(async (engine) => {
    const buttonId = await ask(engine);
    const [winner, loser] = [engine.press({ buttonId }), engine.press({ buttonId, actor: sam, platform: 'discord' })];
    const answers = await Promise.all([winner, winner, loser, loser].map(engine.onPress));
    assert.deepEqual(
      answers.map((answer) => (answer.type === 'refused' ? answer.text.split('.')[0] : answer.type)),
      ['accepted', 'accepted', ...Array(2).fill('Dana Reyes already pressed Approve in Slack')],
    );
  }));

test('a press that was refused is not accepted at a later delivery: nothing of it was recorded', () =>
  withEngine(async (engine) => {
    const buttonId = await ask(engine);
    const held = engine.press({ buttonId: { ...buttonId, action: 'take_over' }, actor: sam, platform: 'discord' });
    assert.equal((await engine.onPress(held)).type, 'form');
    const press = engine.press({ buttonId });
    assert.equal((await engine.onPress(press)).type, 'refused');
    await engine.onPress(
      engine.press({ buttonId: { ...buttonId, action: 'hand_back' }, actor: sam, platform: 'discord' }),
    );
    assert.equal((await engine.onPress(press)).type, 'refused');
    assert.equal((await engine.store.get(buttonId.approvalId))?.decision, null);
    assert.equal((await engine.onPress(engine.press({ buttonId }))).type, 'accepted');
  }));

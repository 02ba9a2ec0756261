/** Runs from chat in the engine: what holds when the process ends between two steps, and when a room takes nothing. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseRuns, parseStarters } from '../../../src/core/policy/run-targets.ts';
import type { Command } from '../../../src/core/view/command.ts';
import { createCommandHandler } from '../../../src/engine/presses/command.ts';
import { dana, discordRoom, pauseOf, runOf, slackRoom } from '../../support/data/pauses.ts';
import { policyOf } from '../../support/data/policies.ts';
import { ids } from '../../support/ids.ts';
import { captureLog } from '../../support/log.ts';
import { createTestEngine, type Engine, says, withEngine } from '../../support/worlds/engine.ts';

const { log } = captureLog();

const runs = {
  targets: parseRuns('refunds=agent:agent_1'),
  starters: parseStarters(`refunds=slack:${dana.id}|slack:group:S9`, ids),
};

function commandsOf({ apply, clock }: Engine) {
  const policy = policyOf({ places: [slackRoom, discordRoom], runs });
  return createCommandHandler({ apply, policy, runPause: (_, key) => runOf({ key }), clock, log });
}

function command(more: Partial<Command> = {}): Command {
  const ask = { verb: 'run', name: 'refunds', text: 'Go' } as const;
  return { id: 'slack:1', platform: 'slack', actor: dana, roles: [], place: slackRoom, ask, ...more };
}

const runId = (engine: Engine, id = 'slack:1') => engine.idOf(`run:${id}`);

describe('a command', () => {
  test('is committed when it is answered, and sent by the outbox', () =>
    withEngine(async (engine) => {
      const { text } = await commandsOf(engine)(command());
      assert.match(text, /^Starting refunds\. Follow it in this channel\.$/);
      assert.equal((await engine.store.get(runId(engine)))?.decision?.actor.id, dana.id);
      await says(engine, 0, 'Started.');
      assert.equal(engine.calls.length, 1);
    }));

  test('that can’t be verified is refused in those words, and audited', async () => {
    const engine = createTestEngine();
    const { text } = await commandsOf(engine)(command({ actor: { ...dana, id: 'U9' } }));
    assert.match(text, /Your permission to start refunds could not be checked/);
    await engine.store.release('nobody');
    const [row] = await engine.store.audit(runId(engine));
    assert.deepEqual([row?.input, row?.ignored, row?.actor?.id], ['started', 'unverified', 'U9']);
    assert.equal(await engine.store.get(runId(engine)), null);
    await engine.stop();
  });

  test('is told which room of its platform has the card, or which platform', async () => {
    const engine = createTestEngine();
    const onCommand = commandsOf(engine);
    const there = await onCommand(command({ place: { ...slackRoom, room: 'C0OTHER' } }));
    assert.deepEqual(there.rooms, [slackRoom.room]);
    const teams = await onCommand(command({ id: '2', place: { platform: 'teams', room: '1' } }));
    assert.match(teams.text, /Follow it in Slack and Discord\.$/);
    assert.deepEqual(teams.rooms, []);
    await engine.stop();
  });
});

describe('the process ends', () => {
  test('between a command’s commit and its start: it is started afterwards, once', async () => {
    const engine = createTestEngine();
    await commandsOf(engine)(command());
    assert.equal(engine.calls.length, 0);
    await engine.recover();
    engine.outbox.start();
    await says(engine, 0, 'Started.');
    // Delivered once more after the restart.
    await commandsOf(engine)(command());
    await engine.recover();
    await says(engine, 1, 'Started.');
    assert.equal(engine.calls.length, 1);
    await engine.stop();
  });

  test('while a start is on its way: it is doubted, and not sent again by itself', async () => {
    const engine = createTestEngine({ runs });
    await commandsOf(engine)(command());
    await engine.apply(runId(engine), { type: 'sending', resendable: false });
    await engine.recover();
    engine.outbox.start();
    await says(engine, 0, 'Unconfirmed.');
    assert.equal(engine.calls.length, 0);
    const buttonId = { approvalId: runId(engine), action: 'retry' as const, fingerprint: '' };
    const refused = await engine.onPress(engine.press({ buttonId, actor: { ...dana, id: 'U0OTHER' } }));
    assert.equal(refused.type, 'refused');
    assert.equal(engine.calls.length, 0);
    assert.deepEqual(await engine.onPress(engine.press({ buttonId })), { type: 'accepted' });
    await says(engine, 0, 'Started.');
    assert.equal(engine.calls.length, 1);
    await engine.stop();
  });

  test('while the run’s approval is followed: its loss is told once, on the run', () =>
    withEngine(async (engine) => {
      engine.answers.push({ result: { type: 'recorded', following: true } });
      await commandsOf(engine)(command());
      await says(engine, 0, 'Running.');
      await engine.intake.deliver({ type: 'run_renamed', backend: 'runtype', from: 'run:slack:1', to: 'exec_1' });
      const pause = pauseOf({ runId: 'exec_1' });
      await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null });
      await engine.intake.deliver({ type: 'run_paused', backend: 'runtype', runId: 'exec_1' });
      await says(engine, 0, 'Needs a decision:');
      engine.answers.push({ result: { type: 'recorded', following: true } });
      const approvalId = engine.idOf(pause.key);
      const fingerprint = (await engine.store.get(approvalId))?.fingerprint ?? '';
      await engine.onPress(engine.press({ buttonId: { approvalId, fingerprint } }));
      await says(engine, 0, 'Running.');
      // It had not heard of the decision yet.
      const stale = { state: 'paused', text: 'Refund order' } as const;
      await engine.apply(runId(engine), { type: 'continued', continuation: stale });
      await engine.recover();
      await says(engine, 0, 'Lost track of this run.');
      await engine.until(() => (engine.messages.length === 6 ? true : undefined));
      assert.equal((await engine.store.get(approvalId))?.continuation?.state, 'paused');
    }));
});

test('a question that ends without us leaves the rest of the run unseen, and says so', () =>
  withEngine(async (engine) => {
    engine.answers.push({ result: { type: 'recorded', following: true } });
    await commandsOf(engine)(command());
    await says(engine, 0, 'Running.');
    const pause = pauseOf({ runId: 'run:slack:1' });
    await engine.intake.deliver({ type: 'announced', pause, via: 'stream', streamOpen: false, inputId: null });
    await says(engine, 0, 'Needs a decision:');
    const resolved = { verdict: 'timeout', reason: null } as const;
    await engine.intake.deliver({ type: 'resolved', backend: 'runtype', key: pause.key, ...resolved });
    await says(engine, 0, 'Lost track of this run.');
    await engine.until(() => (engine.messages.length === 6 ? true : undefined));
  }));

test('a pause that no one here can answer is no decision to wait for', () =>
  withEngine(async (engine) => {
    engine.answers.push({ result: { type: 'recorded', following: true } });
    await commandsOf(engine)(command());
    await says(engine, 0, 'Running.');
    await engine.intake.deliver({ type: 'run_paused', backend: 'runtype', runId: 'run:slack:1' });
    await says(engine, 0, 'Paused.');
  }));

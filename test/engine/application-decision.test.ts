import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreDoubt, StoreError } from '../../src/core/ports/errors.ts';
import type { Change, Changed } from '../../src/core/ports/ports.ts';
import { application, sam } from '../support/data/pauses.ts';
import { ask, createTestEngine, type Engine } from '../support/worlds/engine.ts';

const call = {
  backend: 'runtype',
  key: 'approval:appr_1',
  action: 'approve',
  actor: application,
  text: null,
  isOwn: () => true,
} as const;
const isClaim = ({ audit }: Change) => audit.input === 'claimed';

/** An engine whose store answers each attempt to record the call as the script says; then as it is. */
async function asked(script: (transact: Engine['store']['transact']) => Engine['store']['transact'][]) {
  const engine = createTestEngine();
  engine.outbox.start();
  const { approvalId } = await ask(engine);
  const { store } = engine;
  const transact = store.transact.bind(store);
  const steps = script(transact);
  store.transact = (change) => (isClaim(change) ? (steps.shift() ?? transact)(change) : transact(change));
  const stateOf = async () => (await store.get(approvalId)) ?? assert.fail('no approval');
  /** Until `promise` ends, time passes. */
  const whileTimePasses = async <T>(promise: Promise<T>): Promise<T> => {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    promise.then(over, over);
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      engine.clock.advance(engine.clock.next() ?? 0);
    }
    return promise;
  };
  return { engine, stateOf, whileTimePasses };
}

const noAnswer = async (): Promise<Changed> => {
  throw new StoreDoubt('the database does not answer');
};
const refused = async (): Promise<Changed> => {
  throw new StoreError('no connection');
};

test('a call whose commit is in doubt is forwarded once it is known to be recorded', async () => {
  const { engine, stateOf, whileTimePasses } = await asked((transact) => [
    // It is recorded, and the answer is lost.
    (change) => transact(change).then(noAnswer),
    refused,
  ]);
  const answer = await whileTimePasses(engine.intake.recordApplicationDecision(call));
  const { decision, phase } = await stateOf();
  assert.equal(phase, 'sending');
  assert.deepEqual(answer, {
    type: 'recorded',
    approvalId: engine.idOf(call.key),
    of: { action: 'approve', at: decision?.at },
  });
  await engine.stop();
});

test('a call that was not recorded after a doubt is recorded then, unless a press was first', async () => {
  const late = await asked(() => [noAnswer]);
  const answer = await late.whileTimePasses(late.engine.intake.recordApplicationDecision(call));
  assert.equal(answer.type, 'recorded');
  await late.engine.stop();

  const lost = await asked(() => [
    async (change) => {
      const { fingerprint } = await lost.stateOf();
      const buttonId = { approvalId: change.approvalId, fingerprint };
      await lost.engine.onPress(lost.engine.press({ buttonId, actor: sam, platform: 'discord' }));
      return noAnswer();
    },
  ]);
  const second = await lost.whileTimePasses(lost.engine.intake.recordApplicationDecision(call));
  assert.equal(second.type, 'lost');
  await lost.engine.stop();
});

test('what is certainly not recorded is answered at once', async () => {
  const { engine } = await asked(() => [refused]);
  await assert.rejects(engine.intake.recordApplicationDecision(call), StoreError);
  await engine.stop();
});

test('a call that stays in doubt is not forwarded, and taken back once the database answers', async () => {
  const { engine, stateOf, whileTimePasses } = await asked((transact) => [
    (change) => transact(change).then(noAnswer),
    ...Array.from({ length: 20 }, () => refused),
  ]);
  await assert.rejects(whileTimePasses(engine.intake.recordApplicationDecision(call)), StoreDoubt);
  assert.equal((await stateOf()).phase, 'sending', 'it is recorded, and its caller was answered that it may be');
  const back = (async () => {
    while ((await stateOf()).phase !== 'open') await new Promise((resolve) => setImmediate(resolve));
  })();
  await whileTimePasses(back);
  assert.equal((await stateOf()).decision, null);
  await engine.stop();
});

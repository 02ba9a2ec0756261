/** A replica that others may consider dead claims nothing, and changes nothing outside. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlatformError } from '../../../src/core/ports/errors.ts';
import type { Backend, Delivery, Fleet, Platform } from '../../../src/core/ports/ports.ts';
import { createFleetOfOne } from '../../../src/core/ports/store/fleet.ts';
import type { Card } from '../../../src/core/view/card.ts';
import { backendsWhileAlive, platformsWhileAlive } from '../../../src/engine/outbox/while-alive.ts';
import { pauseOf, slackRoom } from '../../support/data/pauses.ts';
import { createTestEngine } from '../../support/worlds/engine.ts';

/** One of several. */
function oneOfSeveral(alive: () => boolean): Fleet {
  return { ...createFleetOfOne(), me: 'own', beatEveryMs: 3_000, size: () => 2, alive };
}

const announced: Delivery = {
  type: 'announced',
  pause: pauseOf({ key: 'approval:1' }),
  via: 'stream',
  streamOpen: false,
  inputId: null,
};
const isRetried = ({ msg }: Record<string, unknown>) => msg === 'job will be retried';

test('it claims nothing until it was heard of again', async () => {
  let isAlive = false;
  const engine = createTestEngine({ places: [slackRoom], fleet: oneOfSeveral(() => isAlive) });
  try {
    engine.outbox.start();
    await engine.intake.deliver(announced);
    for (let turns = 0; turns < 10; turns += 1) await engine.store.release('nobody');
    assert.equal(engine.messages.length, 0);
    assert.equal((await engine.store.claim({ draw: 1 }, 'another')).length, 1);
    await engine.store.release('another');
    isAlive = true;
    engine.outbox.nudge();
    await engine.until(() => (engine.messages.length === 1 ? true : undefined));
  } finally {
    await engine.stop();
  }
});

test('it neither posts nor edits; it may read', async () => {
  let isAlive = false;
  const done: string[] = [];
  const receipt = { platform: 'slack', room: 'C1', message: '1' };
  const platform = {
    name: 'slack',
    async post() {
      done.push('post');
      return receipt;
    },
    update: async () => void done.push('update'),
    verify: async () => void done.push('verify'),
  } as unknown as Platform;
  const guarded = platformsWhileAlive(
    new Map([['slack', platform]]),
    oneOfSeveral(() => isAlive),
  ).get('slack');
  const { signal } = new AbortController();
  const card = {} as Card;
  const isUnsent = (thrown: unknown) => thrown instanceof PlatformError && thrown.kind === 'unsent';
  assert.ok(guarded?.verify);
  await assert.rejects(guarded.post(slackRoom, null, card, 'key', signal), isUnsent);
  await assert.rejects(guarded.update(receipt, card, signal), isUnsent);
  await guarded.verify(receipt, signal);
  assert.deepEqual(done, ['verify']);
  isAlive = true;
  assert.equal(await guarded.post(slackRoom, null, card, 'key', signal), receipt);
  await guarded.update(receipt, card, signal);
  assert.deepEqual(done, ['verify', 'post', 'update']);
});

test('a decision whose job it has claimed is not sent', async () => {
  let looksAlive = Number.POSITIVE_INFINITY;
  const engine = createTestEngine({ places: [slackRoom], fleet: oneOfSeveral(() => looksAlive-- > 0) });
  try {
    await engine.intake.deliver(announced);
    const approvalId = engine.idOf('approval:1');
    const fingerprint = (await engine.store.get(approvalId))?.fingerprint ?? '';
    await engine.onPress(engine.press({ buttonId: { approvalId, fingerprint } }));
    const [job] = await engine.store.claim({ decide: 1 }, 'someone else');
    assert.ok(job);
    await engine.store.settle(job, { type: 'retry', waitMs: 0, error: 'none' });
    // It claims, and is frozen.
    looksAlive = 1;
    engine.outbox.start();
    await engine.until(() => engine.lines().find((line) => isRetried(line) && line['kind'] === 'decide'));
    assert.equal(engine.calls.length, 0);
    assert.equal((await engine.store.get(approvalId))?.phase, 'decided');
  } finally {
    await engine.stop();
  }
});

test('a decision is not sent by one that was frozen after its job had begun', async () => {
  let isAlive = true;
  let calls = 0;
  const backend = {
    name: 'runtype',
    async decide() {
      calls += 1;
      return { result: { type: 'recorded', following: false } };
    },
  } as unknown as Backend;
  const guarded = backendsWhileAlive(
    new Map([['runtype', backend]]),
    oneOfSeveral(() => isAlive),
  ).get('runtype');
  const { signal } = new AbortController();
  // The commit that marks it as on its way takes long, and others take over.
  isAlive = false;
  assert.equal((await guarded?.decide([], signal))?.result.type, 'unsent');
  assert.equal(calls, 0);
  isAlive = true;
  assert.equal((await guarded?.decide([], signal))?.result.type, 'recorded');
});

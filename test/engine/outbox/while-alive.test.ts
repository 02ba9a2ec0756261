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
function oneOfSeveral(alive: () => boolean, lapses = () => 0): Fleet {
  return { ...createFleetOfOne(), me: 'own', beatEveryMs: 3_000, size: () => 2, alive, lapses };
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

/** A platform on which all that a job can do outside is written down. */
function recorded() {
  const done: string[] = [];
  const receipt = { platform: 'slack', room: 'C1', message: '1' };
  const platform = {
    name: 'slack',
    async post() {
      done.push('post');
      return receipt;
    },
    update: async () => void done.push('update'),
    remove: async () => void done.push('remove'),
    verify: async () => void done.push('verify'),
    pressEdits: { some: true, msUntil: () => 0, update: async () => void done.push('update by press') },
  } as unknown as Platform;
  return { platform, receipt, done };
}

const isUnsent = (thrown: unknown) => thrown instanceof PlatformError && thrown.kind === 'unsent';
const card = {} as Card;

test('it neither posts nor edits nor deletes; it may read', async () => {
  let isAlive = false;
  const { platform, receipt, done } = recorded();
  const fleet = oneOfSeveral(() => isAlive);
  const guarded = platformsWhileAlive(new Map([['slack', platform]]), fleet, { lapses: 0 }).get('slack');
  const { signal } = new AbortController();
  assert.ok(guarded?.verify && guarded.remove && guarded.pressEdits);
  await assert.rejects(guarded.post(slackRoom, null, card, 'key', signal), isUnsent);
  await assert.rejects(guarded.update(receipt, card, signal), isUnsent);
  await assert.rejects(guarded.remove(receipt, signal), isUnsent);
  await assert.rejects(guarded.pressEdits.update(receipt, card, signal), isUnsent);
  assert.deepEqual([guarded.pressEdits.some, guarded.pressEdits.msUntil(receipt)], [true, 0]);
  await guarded.verify(receipt, signal);
  assert.deepEqual(done, ['verify']);
  isAlive = true;
  assert.equal(await guarded.post(slackRoom, null, card, 'key', signal), receipt);
  await guarded.update(receipt, card, signal);
  await guarded.remove(receipt, signal);
  await guarded.pressEdits.update(receipt, card, signal);
  assert.deepEqual(done, ['verify', 'post', 'update', 'remove', 'update by press']);
});

test('a job that others have taken over is not done, also once it was heard of again', async () => {
  const { platform, receipt, done } = recorded();
  let lapses = 0;
  const fleet = oneOfSeveral(
    () => true,
    () => lapses,
  );
  const guarded = platformsWhileAlive(new Map([['slack', platform]]), fleet, { lapses: 0 }).get('slack');
  const { signal } = new AbortController();
  assert.ok(guarded?.remove && guarded.pressEdits);
  await guarded.update(receipt, card, signal);
  lapses = 1;
  await assert.rejects(guarded.post(slackRoom, null, card, 'key', signal), isUnsent);
  await assert.rejects(guarded.update(receipt, card, signal), isUnsent);
  await assert.rejects(guarded.remove(receipt, signal), isUnsent);
  await assert.rejects(guarded.pressEdits.update(receipt, card, signal), isUnsent);
  const later = platformsWhileAlive(new Map([['slack', platform]]), fleet, { lapses: 1 }).get('slack');
  await later?.update(receipt, card, signal);
  assert.deepEqual(done, ['update', 'update']);
});

test('a card is not posted and a decision is not sent by a job that was begun before a freeze', async () => {
  let lapses = 0;
  const engine = createTestEngine({
    places: [slackRoom],
    fleet: oneOfSeveral(
      () => true,
      () => lapses,
    ),
  });
  try {
    await engine.intake.deliver(announced);
    const approvalId = engine.idOf('approval:1');
    const fingerprint = (await engine.store.get(approvalId))?.fingerprint ?? '';
    await engine.onPress(engine.press({ buttonId: { approvalId, fingerprint } }));
    // It has both jobs, is frozen, and beats again before it goes on.
    lapses = 1;
    engine.outbox.start();
    for (const kind of ['draw', 'decide'])
      await engine.until(() => engine.lines().find((line) => isRetried(line) && line['kind'] === kind));
    assert.deepEqual([engine.messages.length, engine.calls.length], [0, 0]);
    assert.equal((await engine.store.get(approvalId))?.phase, 'decided');
  } finally {
    await engine.stop();
  }
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
  let lapses = 0;
  const fleet = oneOfSeveral(
    () => isAlive,
    () => lapses,
  );
  const guarded = backendsWhileAlive(new Map([['runtype', backend]]), fleet, { lapses: 0 }).get('runtype');
  const { signal } = new AbortController();
  // The commit that marks it as on its way takes long, and others take over.
  isAlive = false;
  assert.equal((await guarded?.decide([], signal))?.result.type, 'unsent');
  assert.equal(calls, 0);
  isAlive = true;
  // It is heard of again before it goes on.
  lapses = 1;
  assert.equal((await guarded?.decide([], signal))?.result.type, 'unsent');
  assert.equal(calls, 0);
  lapses = 0;
  assert.equal((await guarded?.decide([], signal))?.result.type, 'recorded');
});

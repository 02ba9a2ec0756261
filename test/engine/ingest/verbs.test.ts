/** The verbs of an await: given as it is announced, and kept whatever becomes of the setting or of the version. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Action, actions, type Pause } from '../../../src/core/approval/pause/pause.ts';
import { subjectText } from '../../../src/core/approval/subject.ts';
import type { Delivery } from '../../../src/core/ports/ports.ts';
import { createIntake } from '../../../src/engine/ingest/ingest.ts';
import { pauseOf } from '../../support/data/pauses.ts';
import { policyOf } from '../../support/data/policies.ts';
import { createTestEngine, type Engine } from '../../support/worlds/engine.ts';

const awaited = (tool: string, groupId = 'g1', more: Partial<Pause> = {}) =>
  pauseOf({ kind: 'await', key: `await:${tool}`, tool, groupId, actions: [...actions], ...more });

const delivery = (pause: Pause): Delivery => ({
  type: 'announced',
  pause,
  via: 'stream',
  streamOpen: false,
  inputId: null,
});

/** An intake by the patterns of this setting. */
function intakeBy(engine: Engine, yesNo?: string[]) {
  const policy = policyOf(yesNo && { yesNo });
  return createIntake({ ...engine, policy });
}

async function withTestEngine(use: (engine: Engine) => Promise<void>): Promise<void> {
  const engine = createTestEngine();
  try {
    await use(engine);
  } finally {
    await engine.stop();
  }
}

async function storedOf({ store, idOf }: Engine, { key }: Pause) {
  const approval = await store.get(idOf(key));
  assert.ok(approval !== null);
  return approval;
}

const given: [string, string[] | undefined, Action[]][] = [
  ['pick_slot', undefined, ['take_over', 'reject']],
  ['confirm_address', undefined, ['approve', 'reject', 'take_over']],
  ['confirm_address', ['sign_*'], ['take_over', 'reject']],
  ['sign_off', ['sign_*'], ['approve', 'reject', 'take_over']],
];
for (const [tool, patterns, expected] of given) {
  test(`${tool} with ${patterns ?? 'the default patterns'} has ${expected.join(', ')}`, async () => {
    await withTestEngine(async (engine) => {
      await intakeBy(engine, patterns).deliver(delivery(awaited(tool)));
      assert.deepEqual((await storedOf(engine, awaited(tool))).pause.actions, expected);
    });
  });
}

test('an await that can’t be shown whole has no approval, whatever its tool', async () => {
  await withTestEngine(async (engine) => {
    const pause = awaited('confirm_all', 'g1', { parameters: { text: 'x'.repeat(300_000) } });
    await intakeBy(engine).deliver(delivery(pause));
    assert.deepEqual((await storedOf(engine, pause)).pause.actions, ['reject', 'take_over']);
  });
});

describe('a row of an earlier version, in which every await could be approved', () => {
  const pause = awaited('pick_slot');
  const places = [{ platform: 'slack', room: 'C1' }];

  async function upgraded(use: (engine: Engine) => Promise<void>): Promise<void> {
    await withTestEngine(async (engine) => {
      const { apply, clock, idOf } = engine;
      const fingerprint = clock.hash(subjectText(pause));
      const id = idOf(pause.key);
      const how = { via: 'stream', streamOpen: false, recurs: false, places } as const;
      await apply(id, { type: 'announced', id, pause, fingerprint, ...how });
      await use(engine);
    });
  }

  test('is the same question when it is announced again: its card and its buttons stay', async () => {
    await upgraded(async (engine) => {
      const before = await storedOf(engine, pause);
      await intakeBy(engine).deliver(delivery(awaited('pick_slot', 'g2')));
      const after = await storedOf(engine, pause);
      assert.equal(after.fingerprint, before.fingerprint);
      assert.deepEqual(after.pause.actions, [...actions]);
      assert.equal(after.previous, null, 'nothing is shown as changed');
      assert.equal(after.pause.groupId, 'g2', 'and it is answered with its new group');
    });
  });

  test('stays decided, in a group that still waits', async () => {
    await upgraded(async (engine) => {
      const { apply, idOf } = engine;
      const { fingerprint } = await storedOf(engine, pause);
      const actor = { platform: 'slack', id: 'U1', name: 'Dana' };
      const press = { type: 'pressed', action: 'approve', actor, text: null, right: 'allowed', fingerprint } as const;
      await apply(idOf(pause.key), press);
      await intakeBy(engine).deliver(delivery(awaited('pick_slot', 'g2')));
      const { decision, detail } = await storedOf(engine, pause);
      assert.deepEqual([decision?.action, detail], ['approve', null]);
    });
  });

  test('with other parameters it is another question, with the verbs of today', async () => {
    await upgraded(async (engine) => {
      const changed = awaited('pick_slot', 'g1', { parameters: { day: 'another' } });
      await intakeBy(engine).deliver(delivery(changed));
      const { pause: now, previous } = await storedOf(engine, pause);
      assert.deepEqual(now.actions, ['take_over', 'reject']);
      assert.notEqual(previous, null);
    });
  });
});

for (const [first, second] of [
  [undefined, ['pick_*']],
  [['pick_*'], undefined],
] as const) {
  test(`a restart with ${second ?? 'the default patterns'} changes no card of ${first ?? 'the default ones'}`, async () => {
    await withTestEngine(async (engine) => {
      await intakeBy(engine, first && [...first]).deliver(delivery(awaited('pick_slot')));
      const before = await storedOf(engine, awaited('pick_slot'));
      await intakeBy(engine, second && [...second]).deliver(delivery(awaited('pick_slot')));
      const { pause, fingerprint, previous } = await storedOf(engine, awaited('pick_slot'));
      assert.deepEqual([pause.actions, fingerprint, previous], [before.pause.actions, before.fingerprint, null]);
    });
  });
}

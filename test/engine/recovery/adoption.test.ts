/** What a replica takes over from another that has ended, while a third one works on. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EndedReplica, Fleet, OpenRun } from '../../../src/core/ports/ports.ts';
import { createFleetOfOne } from '../../../src/core/ports/store/fleet.ts';
import { announced, application, pauseOf, pressed, slackRoom } from '../../support/data/pauses.ts';
import { createTestEngine, type Engine, type EngineOptions } from '../../support/worlds/engine.ts';

const dead: EndedReplica = { replica: 'dead', ended: 'died', lastBeat: 1 };

/** Of three: this one, one that is alive, and one that is dead. */
function fleetOf(ended: readonly EndedReplica[]): { fleet: Fleet; adopted: string[] } {
  const adopted: string[] = [];
  const fleet: Fleet = {
    ...createFleetOfOne(),
    me: 'own',
    size: () => 2,
    adopt: async () => ended,
    adopted: async (replica) => void adopted.push(replica),
  };
  return { fleet, adopted };
}

const runOf = (replica: string, more: Partial<OpenRun> = {}): OpenRun => ({
  ...{ backend: 'runtype', runId: `run of ${replica}`, replica, groups: [], resume: null, opener: null },
  ...more,
});

/** Announced on a stream of this replica, which may announce more. @returns its id */
async function announceBy(engine: Engine, replica: string, key = `approval:${replica}`): Promise<string> {
  const id = engine.idOf(key);
  const pause = pauseOf({ key, runId: `run of ${replica}`, groupId: `group of ${replica}` });
  const input = announced({ id, pause, streamOpen: true, places: [slackRoom] });
  const run = runOf(replica, { groups: [pause.groupId] });
  await engine.apply(id, input, null, null, null, { run: { type: 'open', run } });
  return id;
}

const stateOf = async (engine: Engine, id: string) => {
  const found = await engine.store.get(id);
  assert.ok(found);
  return found;
};

async function withReplica(
  ended: readonly EndedReplica[],
  run: (engine: Engine, adopted: string[]) => Promise<void>,
  options: EngineOptions = {},
): Promise<void> {
  const { fleet, adopted } = fleetOf(ended);
  const engine = createTestEngine({ ...options, fleet });
  try {
    await run(engine, adopted);
  } finally {
    await engine.stop();
  }
}

/** A start takes over whom it is given at once; a replica that works is told of others later. */
const ways = {
  'at its start': (engine: Engine) => engine.recover(),
  'beside its work': (engine: Engine) => engine.recovery.adopt([dead]),
};

for (const [when, adopt] of Object.entries(ways)) {
  describe(`what a dead replica left is taken over ${when}`, () => {
    test('its streams are over; those of others go on', () =>
      withReplica([dead], async (engine, adopted) => {
        const [left, live] = [await announceBy(engine, 'dead'), await announceBy(engine, 'alive')];
        await adopt(engine);
        assert.equal((await stateOf(engine, left)).streamOpen, false);
        assert.equal((await stateOf(engine, live)).streamOpen, true);
        assert.deepEqual(await engine.store.openRuns(), [runOf('alive', { groups: ['group of alive'] })]);
        assert.deepEqual(adopted, ['dead']);
      }));

    test('the rest of its runs was not seen; runs that others read are not lost', () =>
      withReplica([dead], async (engine) => {
        const [left, live] = [await announceBy(engine, 'dead'), await announceBy(engine, 'alive')];
        const both = await announceBy(engine, 'both');
        await engine.store.noteRun({ type: 'open', run: { ...runOf('both'), replica: 'dead' } });
        await engine.store.noteRun({ type: 'open', run: { ...runOf('both'), replica: 'alive' } });
        for (const id of [left, live, both]) {
          await engine.apply(id, { type: 'continued', continuation: { state: 'following', text: null } });
        }
        await adopt(engine);
        const states = await Promise.all([left, live, both].map((id) => stateOf(engine, id)));
        assert.deepEqual(
          states.map(({ continuation }) => continuation?.state),
          ['lost', 'following', 'following'],
        );
      }));

    test('calls of applications that passed through it are in doubt; those through others are under way', () =>
      withReplica([dead], async (engine) => {
        const ids = [await announceBy(engine, 'dead'), await announceBy(engine, 'alive')];
        for (const [index, id] of ids.entries()) {
          await engine.apply(id, { type: 'stream_ended' });
          const by = index === 0 ? 'dead' : 'alive';
          await engine.apply(id, { type: 'claimed', action: 'approve', actor: application, text: null, by });
        }
        await adopt(engine);
        const [left, live] = await Promise.all(ids.map((id) => stateOf(engine, id)));
        assert.equal(left?.outcome, 'unconfirmed');
        assert.equal(live?.phase, 'sending');
      }));

    test('its jobs are free, and a call of its own that may have arrived is in doubt; those of others stay theirs', () =>
      withReplica([dead], async (engine) => {
        const ids = [await announceBy(engine, 'dead'), await announceBy(engine, 'alive')];
        for (const [index, id] of ids.entries()) {
          const by = index === 0 ? 'dead' : 'alive';
          await engine.apply(id, { type: 'stream_ended' });
          await engine.apply(id, pressed({ fingerprint: (await stateOf(engine, id)).fingerprint }));
          const jobs = await engine.store.claim({ decide: 1 }, by);
          assert.equal(jobs.length, 1);
          await engine.apply(id, { type: 'sending', resendable: false, by });
        }
        await adopt(engine);
        const jobs = await engine.store.claim({ decide: 10 }, 'own');
        assert.deepEqual(
          jobs.map(({ subject, attempts }) => [subject, attempts]),
          [['group of dead', 2]],
        );
      }));
  });
}

test('a replica that starts while others work changes nothing of theirs, and has not crashed', () =>
  withReplica([], async (engine, adopted) => {
    const id = await announceBy(engine, 'alive');
    await engine.apply(id, { type: 'continued', continuation: { state: 'following', text: null } });
    const before = (await engine.store.audit(id)).length;
    // Drawn again it is: who starts does not know yet by which settings the others draw.
    const recovered = await engine.recover();
    const added = (await engine.store.audit(id)).slice(before).map(({ input }) => input);
    assert.deepEqual(added, ['recovered', 'policy_changed']);
    assert.equal((await stateOf(engine, id)).streamOpen, true);
    assert.equal(recovered.runsLost, 0);
    assert.deepEqual(adopted, []);
  }));

test('a run that can be read again is ours before anything of it is read', async () => {
  const resume = { row: '7' };
  let rows: Promise<readonly OpenRun[]> | null = null;
  const options: EngineOptions = {
    reconcile(_approvals, runs) {
      rows = engineOf?.store.openRuns() ?? null;
      return runs.map(({ runId }) => runId);
    },
  };
  let engineOf: Engine | null = null;
  await withReplica(
    [],
    async (engine, adopted) => {
      engineOf = engine;
      const id = await announceBy(engine, 'dead');
      await engine.store.noteRun({ type: 'open', run: runOf('dead', { resume }) });
      await engine.apply(id, { type: 'continued', continuation: { state: 'following', text: null } });
      await engine.recovery.adopt([dead]);
      const groups = ['group of dead'];
      const whenRead = await rows;
      assert.deepEqual(whenRead?.map(({ replica }) => replica).toSorted(), ['dead', 'own']);
      assert.deepEqual(await engine.store.openRuns(), [runOf('dead', { replica: 'own', resume, groups })]);
      assert.equal((await stateOf(engine, id)).continuation?.state, 'following');
      assert.deepEqual(adopted, ['dead']);
    },
    options,
  );
});

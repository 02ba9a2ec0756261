/** What only a list shows: what is gone, what came back, and that its backend does not answer. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pauseOf } from '../../support/data/pauses.ts';
import { type Engine, says, withEngine } from '../../support/worlds/engine.ts';

const item = (key: string) => pauseOf({ key, kind: 'item', runId: 'plan' });
const announce = (engine: Engine, key: string) =>
  engine.intake.deliver({
    type: 'announced',
    pause: item(key),
    via: 'poll',
    streamOpen: false,
    inputId: null,
    recurs: true,
  });
/** A complete pass over the list, begun now. */
const list = (engine: Engine, ...keys: string[]) => {
  const begunAt = engine.clock.now();
  return engine.intake.deliver({ type: 'listed', backend: 'runtype', keys, begunAt });
};

async function ask(engine: Engine, key: string) {
  const already = engine.messages.length;
  await announce(engine, key);
  await engine.until(() => (engine.messages.length === already + 2 ? true : undefined));
  engine.clock.advance(1);
}

describe('a complete list', () => {
  test('without an item closes its card', () =>
    withEngine(async (engine) => {
      await ask(engine, 'one');
      await ask(engine, 'two');
      await list(engine, 'two');
      await says(engine, 0, 'Decided elsewhere (directly in Runtype).');
      assert.match(engine.status(2) ?? '', /^Needs a decision\./);
    }));

  test('that was begun before the item came proves nothing', () =>
    withEngine(async (engine) => {
      await announce(engine, 'one');
      await list(engine);
      assert.equal((await engine.store.get(engine.idOf('one')))?.phase, 'open');
    }));

  test('of another backend says nothing about this one', () =>
    withEngine(async (engine) => {
      await ask(engine, 'one');
      await engine.intake.deliver({ type: 'listed', backend: 'other', keys: [], begunAt: engine.clock.now() });
      assert.equal((await engine.store.get(engine.idOf('one')))?.phase, 'open');
    }));
});

describe('a pass over many', () => {
  test('without a change reads no approval, and one with a change only what it does not show', () =>
    withEngine(async (engine) => {
      await ask(engine, 'one');
      await ask(engine, 'two');
      const { store } = engine;
      const reads: string[] = [];
      const { get, list: listed } = store;
      store.get = (id) => {
        reads.push(id);
        return get(id);
      };
      store.list = (filter) => {
        reads.push('list');
        return listed(filter);
      };
      await list(engine, 'one', 'two', 'unknown');
      assert.deepEqual(reads, []);
      await list(engine, 'one');
      assert.equal(reads[0], engine.idOf('two'));
      await says(engine, 2, 'Decided elsewhere (directly in Runtype).');
      assert.match(engine.status(0) ?? '', /^Needs a decision\./);
    }));

  test('says of every open item that its backend can’t be reached, and that it can again', () =>
    withEngine(async (engine) => {
      const keys = Array.from({ length: 45 }, (_, at) => `k${at}`);
      for (const key of keys) await announce(engine, key);
      const reach = (reachable: boolean) =>
        engine.intake.deliver({ type: 'reach', backend: 'runtype', reachable, reason: null });
      const unreachable = async () =>
        (await engine.store.list({ unfinished: true })).filter((one) => one.unreachable !== null).length;
      await reach(false);
      assert.equal(await unreachable(), 45);
      await reach(true);
      assert.equal(await unreachable(), 0);
    }));
});

describe('an item that comes back', () => {
  const approve = async (engine: Engine, approvalId: string) => {
    const fingerprint = (await engine.store.get(approvalId))?.fingerprint ?? '';
    await engine.onPress(engine.press({ buttonId: { approvalId, fingerprint } }));
  };

  test('after it was seen gone is a new question, with a card of its own; the old button stays dead', () =>
    withEngine(async (engine) => {
      await ask(engine, 'step');
      await approve(engine, engine.idOf('step'));
      await says(engine, 0, 'Approved by Dana Reyes.');
      engine.clock.advance(1);
      await list(engine);
      await announce(engine, 'step');
      await engine.until(() => (engine.messages.length === 4 ? true : undefined));
      engine.clock.advance(1);
      await list(engine, 'step');
      assert.match(engine.status(2) ?? '', /^Needs a decision\./);
      await approve(engine, engine.idOf('step'));
      assert.equal(engine.calls.length, 1);
    }));

  test('without having been seen gone is the same one: its list is slow', () =>
    withEngine(async (engine) => {
      await ask(engine, 'step');
      await approve(engine, engine.idOf('step'));
      await says(engine, 0, 'Approved by Dana Reyes.');
      await announce(engine, 'step');
      await list(engine, 'step');
      assert.equal(engine.messages.length, 2);
    }));
});

test('a backend that can’t be reached is named on its open cards, until it can', () =>
  withEngine(async (engine) => {
    await ask(engine, 'one');
    const reach = (reachable: boolean, reason: string | null) =>
      engine.intake.deliver({ type: 'reach', backend: 'runtype', reachable, reason });
    await reach(false, 'connection refused');
    await says(
      engine,
      0,
      'Runtype is unreachable (connection refused). You can still decide; it will be sent when Runtype is back.',
    );
    await reach(true, null);
    await engine.until(() => (engine.status(0) === 'Needs a decision. No deadline.' ? true : undefined));
  }));

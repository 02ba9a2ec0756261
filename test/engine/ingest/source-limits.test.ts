/** Issue 12: no source can fill the rooms. What it has too much of is counted, alerted and said once. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Source } from '../../../src/core/ports/ports.ts';
import { OPEN_MAX } from '../../../src/engine/ingest/source-limits.ts';
import { openIn } from '../../support/data/lists.ts';
import { pauseOf } from '../../support/data/pauses.ts';
import { type Engine, withEngine } from '../../support/worlds/engine.ts';

const ingest: Source = { id: 'runtype:ingest', name: 'Signed ingest' };
const HOUR_MS = 3_600_000;

function announce(engine: Engine, key: string, source: Source | null = ingest, inputId: string | null = null) {
  const pause = pauseOf({ key, runId: `run of ${key}` });
  const delivery = { type: 'announced', pause, via: 'ingest', streamOpen: false, inputId } as const;
  return engine.intake.deliver({ ...delivery, ...(source && { source }) });
}

async function announceAll(engine: Engine, count: number, source: Source | null = ingest) {
  const delivered = await Promise.all(Array.from({ length: count }, (_, at) => announce(engine, `k${at}`, source)));
  return delivered.filter((one) => one === 'recorded').length;
}

const settle = (engine: Engine, key: string) =>
  engine.intake.deliver({ type: 'resolved', backend: 'runtype', key, verdict: 'approve', reason: null });

const titles = (engine: Engine) =>
  engine.messages.flatMap(({ cards, platform }) => (platform === 'slack' ? [cards.at(-1)?.title ?? ''] : []));
const notes = (engine: Engine) => titles(engine).filter((title) => title.startsWith('Too many open requests'));

describe('a source with too many open approvals', () => {
  test('gets no more cards, one note in each room and one alert, however many arrive at once', () =>
    withEngine(
      async (engine) => {
        assert.equal(await announceAll(engine, 40), 5);
        await engine.until(() => (titles(engine).length === 6 ? true : undefined));
        assert.deepEqual(notes(engine), ['Too many open requests of “Signed ingest”']);
        assert.deepEqual(engine.lasting, Array(35).fill('begin source_full runtype:ingest'));
        assert.equal((await openIn(engine.store)).length, 5);
        assert.equal(await engine.store.get(engine.idOf('k39')), null);
        assert.deepEqual(await engine.store.audit(engine.idOf('k39')), [], 'a flood leaves no rows');
      },
      { openMax: 5 },
    ));

  test('does not keep others from their cards', () =>
    withEngine(
      async (engine) => {
        await announceAll(engine, 9);
        assert.equal(await announce(engine, 'other', { id: 'runtype:gateway:1', name: 'An application' }), 'recorded');
        assert.equal(await announce(engine, 'no source', null), 'recorded');
        assert.equal(await announce(engine, 'k0'), 'recorded', 'what is open already is not one more');
      },
      { openMax: 5 },
    ));

  test('has room again once some are settled: a repeated delivery, with the same id, is then recorded', () =>
    withEngine(
      async (engine) => {
        assert.equal(await announce(engine, 'a', ingest, 'msg:0'), 'recorded');
        assert.equal(await announce(engine, 'b', ingest, 'msg:1'), 'too_many');
        await settle(engine, 'a');
        assert.equal(await announce(engine, 'a', ingest, 'msg:0'), 'recorded');
        assert.equal(await announce(engine, 'b', ingest, 'msg:1'), 'recorded');
        assert.deepEqual(engine.lasting, ['begin source_full runtype:ingest', 'over source_full runtype:ingest']);
        assert.equal((await engine.store.get(engine.idOf('a')))?.phase, 'settled');
      },
      { openMax: 1 },
    ));

  test('that is full again and again gets one note an hour', () =>
    withEngine(
      async (engine) => {
        for (let round = 0; round < 4; round += 1) {
          assert.equal(await announce(engine, `r${round}`), 'recorded');
          assert.equal(await announce(engine, 'more'), 'too_many');
          await settle(engine, `r${round}`);
        }
        await engine.until(() => (notes(engine).length === 1 ? true : undefined));
        engine.clock.advance(HOUR_MS);
        await announce(engine, 'later');
        await announce(engine, 'more');
        await engine.until(() => (notes(engine).length === 2 ? true : undefined));
      },
      { openMax: 1 },
    ));

  test('can’t open what was settled before, all at once', () =>
    withEngine(
      async (engine) => {
        const polled = (key: string) =>
          engine.intake.deliver({
            type: 'announced',
            pause: pauseOf({ key, kind: 'item' }),
            via: 'poll',
            streamOpen: false,
            inputId: null,
          });
        const list = (...keys: string[]) =>
          engine.intake.deliver({ type: 'listed', backend: 'runtype', keys, begunAt: engine.clock.now() });
        for (const key of ['a', 'b']) {
          assert.equal(await polled(key), 'recorded');
          engine.clock.advance(1);
          await list();
        }
        assert.deepEqual([await polled('a'), await polled('b')], ['recorded', 'too_many']);
      },
      { openMax: 1 },
    ));

  test('by default, at the number of OPEN_MAX', () =>
    withEngine(async (engine) => {
      assert.equal(await announceAll(engine, OPEN_MAX + 20), OPEN_MAX);
    }));
});

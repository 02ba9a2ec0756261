import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StoreError } from '../../../src/core/ports/errors.ts';
import type { Apply } from '../../../src/engine/apply.ts';
import { createRedraw } from '../../../src/engine/operators/redraw.ts';
import { createTestClock } from '../../support/clock.ts';
import { captureLog } from '../../support/log.ts';

/** A store with so many approvals of each of two backends. */
function given(count: number, { fails = 0, onApply = (_id: string) => {} } = {}) {
  const clock = createTestClock();
  const drawn: string[] = [];
  const slices: number[] = [];
  let failing = fails;
  const apply: Apply = async (id) => {
    if (failing > 0) {
      failing -= 1;
      throw new StoreError('The disk is full.');
    }
    onApply(id);
    drawn.push(id);
    return { duplicate: false, before: null, state: null, ignored: null };
  };
  const unsent = async (backend: string, after: number, limit: number) => {
    const page = Array.from({ length: count }, (_, index) => ({ id: `${backend}${index + 1}`, position: index + 1 }));
    const found = page.filter(({ position }) => position > after).slice(0, limit);
    slices.push(found.length);
    return found;
  };
  const events: string[] = [];
  const redraw = createRedraw({
    store: { unsent },
    apply,
    backends: () => ['a', 'b'],
    onBegin: async () => events.push('begin'),
    onDone: async () => events.push('done'),
    clock,
    log: captureLog().log,
  });
  return { redraw, drawn, slices, events, clock };
}

describe('every card that waits', () => {
  test('is asked for once, of every backend, in small slices', async () => {
    const { redraw, drawn, slices, events } = given(45);
    redraw.ask();
    redraw.ask();
    await redraw.done();
    assert.equal(drawn.length, 90);
    assert.equal(new Set(drawn).size, 90);
    assert.ok(Math.max(...slices) <= 20);
    assert.deepEqual(events, ['begin', 'done']);
  });

  test('is asked for again from the beginning where that is asked meanwhile', async () => {
    let isFirst = true;
    const { redraw, drawn, events } = given(45, {
      onApply(id) {
        if (id === 'a30' && isFirst) {
          isFirst = false;
          redraw.ask();
        }
      },
    });
    redraw.ask();
    await redraw.done();
    assert.deepEqual(events, ['begin', 'begin', 'done']);
    assert.deepEqual(new Set(drawn.slice(-90)).size, 90);
  });

  test('is asked for again after an error of the store', async () => {
    const { redraw, drawn, events, clock } = given(1, { fails: 1 });
    redraw.ask();
    while (clock.next() === null) await new Promise(setImmediate);
    clock.advance(clock.next() ?? 0);
    await redraw.done();
    assert.deepEqual(drawn, ['a1', 'b1']);
    assert.deepEqual(events, ['begin', 'begin', 'done']);
  });

  test('waits no longer once the process stops', async () => {
    const { redraw, events } = given(1_000);
    redraw.ask();
    await redraw.stop();
    assert.ok(!events.includes('done'));
  });
});

/** What is kept of the file, in and after transactions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Approval } from '../../../../src/core/approval/approval.ts';
import { KNOWN_SHAPE } from '../../../../src/core/approval/parts/shape.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { States } from '../../../../src/store/sqlite/cache/states.ts';
import { announced, pauseOf, pressed } from '../../../support/data/pauses.ts';

function createRig() {
  const file = new Map<string, string>();
  const done: string[] = [];
  const states = new States({
    load(id) {
      done.push(`load ${id}`);
      return file.get(id) ?? null;
    },
    save({ id, phase }, base, text) {
      done.push(`save ${id} ${base?.phase ?? 'none'}→${phase}`);
      file.set(id, text);
    },
  });
  const apply = (id: string, input: Parameters<typeof step>[1]): Approval => {
    const before = states.get(id);
    const { state } = step(before, input, 1_000);
    assert.ok(state);
    return states.set(state, before);
  };
  const announce = (id: string) => apply(id, announced({ id, pause: pauseOf({ key: id }) }));
  /** What was read and written since the last call. */
  const seen = () => done.splice(0);
  return { file, states, apply, announce, seen };
}

test('is read once, and is then the same value', () => {
  const { states, announce, seen, file } = createRig();
  announce('a');
  states.write();
  states.rolledBack();
  seen();
  assert.equal(states.get('a'), states.get('a'));
  assert.deepEqual(seen(), ['load a']);
  states.forget('a');
  file.delete('a');
  assert.equal(states.get('a'), null);
});

test('one of many that are read once is not kept, unless it is known', () => {
  const { states, announce, seen } = createRig();
  announce('a');
  states.write();
  states.rolledBack();
  states.get('a', true);
  seen();
  states.get('a', true);
  assert.deepEqual(seen(), ['load a']);
});

test('is written once a turn, and is kept after the commit', () => {
  const { states, announce, apply, seen } = createRig();
  announce('a');
  const decided = apply('a', pressed());
  assert.equal(states.get('a'), decided);
  states.write();
  states.committed();
  assert.equal(states.get('a'), decided);
  assert.deepEqual(seen(), ['load a', 'save a none→decided']);
  const sending = apply('a', { type: 'sending', resendable: true });
  assert.equal(sending.pause, decided.pause, 'what did not change is the same value');
  states.write();
  states.committed();
  assert.deepEqual(seen(), ['save a decided→sending']);
});

test('what was not committed is read again', () => {
  const { states, announce, apply, seen } = createRig();
  announce('a');
  states.write();
  states.committed();
  apply('a', pressed());
  states.rolledBack();
  seen();
  assert.equal(states.get('a')?.phase, 'open');
  assert.deepEqual(seen(), ['load a']);
});

test('a call that ran apart, and failed, leaves what calls before it have written', () => {
  const { states, announce, apply, seen } = createRig();
  announce('a');
  states.write();
  apply('a', pressed());
  states.undoCall();
  assert.equal(states.get('a')?.phase, 'open');
  apply('a', pressed());
  states.write();
  states.committed();
  assert.deepEqual(seen(), ['load a', 'save a none→open', 'save a open→decided']);
});

test('shares nothing with what came from outside', () => {
  const { states } = createRig();
  const parameters = { amount: 1, deep: { list: [1] } };
  const { state } = step(null, announced({ id: 'a', pause: pauseOf({ parameters }) }), 1_000);
  assert.ok(state);
  const stored = states.set(state, null);
  parameters.deep.list.push(2);
  assert.deepEqual(stored.pause.parameters, { amount: 1, deep: { list: [1] } });
  assert.equal(states.get('a'), stored);
});

test('what is absent is looked for once, until it is recorded or forgotten', () => {
  const { states, file, announce, seen } = createRig();
  assert.deepEqual([states.get('a'), states.get('a')], [null, null]);
  assert.deepEqual(seen(), ['load a']);
  states.forget('a');
  assert.equal(states.get('a'), null);
  assert.deepEqual(seen(), ['load a']);
  announce('a');
  states.rolledBack();
  seen();
  assert.equal(states.get('a'), null);
  assert.deepEqual(seen(), ['load a'], 'what was not committed is looked for again');
  announce('a');
  states.write();
  states.committed();
  assert.equal(states.get('a')?.phase, 'open');
  assert.ok(file.has('a'));
});

test('many that were settled leave those that wait in memory', () => {
  const { states, announce, apply, seen } = createRig();
  announce('waits');
  for (let number = 0; number < 300; number += 1) {
    announce(`done ${number}`);
    apply(`done ${number}`, { type: 'withdrawn' });
    states.write();
    states.committed();
  }
  seen();
  states.get('waits');
  states.get('done 299');
  assert.deepEqual(seen(), [], 'the one that waits, and the last one that was settled');
  states.get('done 0');
  assert.deepEqual(seen(), ['load done 0']);
});

test('one that is settled is kept once, as it is now', () => {
  const { states, announce, apply, seen } = createRig();
  announce('a');
  states.write();
  states.committed();
  const settled = apply('a', { type: 'withdrawn' });
  assert.equal(settled.phase, 'settled');
  states.write();
  states.committed();
  seen();
  assert.equal(states.get('a'), settled);
  states.forget('a');
  states.get('a');
  assert.deepEqual(seen(), ['load a']);
});

test('only a newer version can read what this one does not understand', () => {
  const { states, file } = createRig();
  file.set('newer', JSON.stringify({ shape: KNOWN_SHAPE + 1, phase: 'a later phase' }));
  assert.throws(() => states.get('newer'), { name: 'StoreError', message: /newer version of Countersign/ });
  file.set('damaged', JSON.stringify({ phase: 'a later phase' }));
  assert.throws(() => states.get('damaged'), { name: 'ZodError' });
});

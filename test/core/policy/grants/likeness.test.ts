import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Pause } from '../../../../src/core/approval/pause/pause.ts';
import { fixedPart, likenessOf } from '../../../../src/core/policy/grants/likeness.ts';
import { pauseOf } from '../../../support/data/pauses.ts';
import { runs } from '../../../support/property.ts';

const like = (parameters: Pause['parameters'], vary: string[] = [], more: Partial<Pause> = {}) =>
  likenessOf(pauseOf({ ...more, parameters }), 'stream', vary);

describe('two requests', () => {
  test('are the same whatever their run, their key, the agent’s words, and the order of the keys', () => {
    const one = like({ a: 1, b: { c: 'x', d: null } });
    const other = { key: 'other', runId: 'other', groupId: 'other', reason: 'Because.', deadline: 9, wire: { x: 1 } };
    assert.deepEqual(like({ b: { d: null, c: 'x' }, a: 1 }, [], other), one);
  });

  test('may differ in what the rule names, at any depth, and only there', () => {
    const vary = ['params.b.c', 'params.note'];
    const one = like({ a: 1, note: 'x', b: { c: 'x', d: 1 } }, vary);
    assert.deepEqual(like({ a: 1, note: 'y', b: { c: 'z', d: 1 } }, vary), one);
    assert.notEqual(like({ a: 1, note: 'y', b: { c: 'z', d: 2 } }, vary)?.same, one?.same);
    assert.notEqual(like({ a: 1, note: 'y', b: { c: 'z', d: 1 }, 'b.c': 1 }, vary)?.same, one?.same);
  });

  test('keep their shape where values vary: names, types, and what lists hold', () => {
    const shape = (parameters: Pause['parameters']) => like(parameters, ['params.v'])?.shape;
    const same: [unknown, unknown][] = [
      ['a', 'b'],
      [1, 2.5],
      [['a'], ['b', 'c']],
      [[{ x: 1 }], [{ x: 2 }, { x: 3 }]],
    ];
    for (const [one, other] of same) assert.equal(shape({ v: one }), shape({ v: other }), JSON.stringify([one, other]));
    const different: [unknown, unknown][] = [
      ['1', 1],
      [null, 'a'],
      [['a'], [1]],
      [['a'], ['a', 1]],
      [{ x: 1 }, { y: 1 }],
      [[], ['a']],
    ];
    for (const [one, other] of different)
      assert.notEqual(shape({ v: one }), shape({ v: other }), JSON.stringify([one, other]));
    assert.notEqual(shape({ v: 'a' }), shape({}));
  });

  test('can’t be compared where something of them is not known', () => {
    assert.equal(like({ token: '•••••• redacted' }), null);
    assert.notEqual(like({ token: '•••••• redacted' }, ['params.token']), null);
    assert.equal(like({ a: 1 }, [], { asker: null, askerId: null }), null);
    assert.notEqual(like({ a: 1 }, [], { address: { url: 'https://a.example' } })?.same, like({ a: 1 })?.same);
    assert.equal(like({ a: 1 }, [], { hidden: ['b'] }), null);
    assert.notEqual(like({ a: 1 }, [], { hidden: ['a'] })?.same, like({ a: 2 }, [], { hidden: ['a'] })?.same);
    assert.notEqual(like({ a: 1 }, [], { hidden: ['a'] })?.same, like({ a: 1 })?.same);
    assert.equal(like({ a: 1 }, [], { prompt: { title: 't', text: 'x' } as never }), null);
  });

  test('are told apart by every value that may not vary', () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const request = fc.record({ a: value, b: fc.record({ c: value, d: value }), note: value });
    fc.assert(
      fc.property(request, request, (one, other) => {
        const vary = ['params.note', 'params.b.d'];
        const [text, otherText] = [one, other].map(({ a, b }) => JSON.stringify([a, b.c]));
        const [likeness, otherLikeness] = [one, other].map((parameters) => like(parameters, vary));
        assert.equal(likeness?.same === otherLikeness?.same, text === otherText);
      }),
      { numRuns: runs(300) },
    );
  });

  test('keep a parameter that is called like one of an object', () => {
    const parameters = JSON.parse('{"__proto__":{"note":1},"toString":2,"note":3}');
    assert.deepEqual(Object.keys(fixedPart(parameters, ['params.note'])), ['__proto__', 'toString']);
    assert.deepEqual(fixedPart(parameters, ['params.constructor.name']), parameters);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { limitPause, SHOWN_MAX_BYTES, VALUES_MAX } from '../../../../src/core/approval/pause/limit-pause.ts';
import type { Pause } from '../../../../src/core/approval/pause/pause.ts';
import { step } from '../../../../src/core/approval/steps/step.ts';
import { renderCard } from '../../../../src/core/view/cards/approval-card.ts';
import { after, announced, pauseOf, pressed } from '../../../support/data/pauses.ts';
import { runs } from '../../../support/property.ts';

/** Not a short one: a test sees what was hashed. */
const hash = (text: string) => text;
const limited = (more: Partial<Pause>) => limitPause(pauseOf(more), hash);
const KB = 1024;
const deep = (levels: number, end: unknown = 1): unknown => {
  let value = end;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
};

describe('what can be shown', () => {
  test('stays as it is', () => {
    for (const pause of [
      pauseOf(),
      pauseOf({ parameters: { text: 'x'.repeat(250 * KB) } }),
      pauseOf({ parameters: { text: deep(63) } }),
    ])
      assert.equal(limitPause(pause, hash), pause);
  });

  test('is counted in bytes', () => {
    const text = '€'.repeat(SHOWN_MAX_BYTES / 3 + 1);
    assert.equal(limited({ parameters: { text } }).unshowable?.why, 'size');
    assert.equal(limited({ parameters: { text: text.slice(0, 80_000) } }).unshowable, undefined);
  });
});

test('more values than a person reads are too large, however small each is', () => {
  const nested = (count: number) => ({ a: { b: Array.from({ length: count }, () => 1) } });
  assert.equal(limited({ parameters: nested(VALUES_MAX - 2) }).unshowable, undefined);
  assert.equal(limited({ parameters: nested(VALUES_MAX) }).unshowable?.why, 'size');
});

describe('what is too large', () => {
  const big = 'x'.repeat(4 * KB * KB);
  const rows: [string, Partial<Pause>][] = [
    ['a text', { parameters: { amount: 5, text: big } }],
    ['many names', { parameters: Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`key ${at}`, at])) }],
    ['a long list', { parameters: { list: Array.from({ length: 200_000 }, () => 1) } }],
    ['a long name', { parameters: { [big]: 1 } }],
    ['names that differ at their end', { parameters: { [`${big}1${big}`]: 1, [`${big}2${big}`]: 2 } }],
    ['a description', { description: big }],
    ['a reason', { reason: big }],
    ['a tool’s name', { tool: big }],
    ['a name of the asker', { asker: big }],
    ['a label', { labels: [big, ...Array.from({ length: 1_000 }, () => 'x')] }],
    ['a hidden name', { hidden: [big, ...Array.from({ length: 1_000 }, () => 'x')] }],
    ['a question', { prompt: { title: big, text: big, form: null, hint: big, caution: big } }],
    ['a number', { parameters: { number: JSON.rawJSON('9'.repeat(300 * KB)) } }],
    ['and deep', { parameters: { text: big, deep: deep(100_000) } }],
  ];
  for (const [name, more] of rows) {
    test(`is kept as a summary and can’t be approved: ${name}`, () => {
      const { unshowable, actions, wire, ...kept } = limited(more);
      assert.equal(unshowable?.why, 'size');
      assert.ok(unshowable.bytes > SHOWN_MAX_BYTES);
      assert.ok(JSON.stringify(kept).length < 12 * KB, `${JSON.stringify(kept).length}`);
      assert.deepEqual(actions, ['reject', 'take_over']);
      assert.deepEqual(wire, pauseOf().wire);
    });
  }

  test('names what is short first, and the size of the others', () => {
    const records = Array.from({ length: 90 }, () => 'y'.repeat(5_000));
    const { parameters } = limited({
      parameters: { records, note: big, to: { a: 1, b: 2 }, amount: 5, dryRun: false },
    });
    assert.deepEqual(Object.keys(parameters), ['amount', 'dryRun', 'records', 'note', 'to']);
    assert.deepEqual([parameters['amount'], parameters['records'], parameters['to']], [5, '90 items', '2 fields']);
    assert.match(String(parameters['note']), /^x+ … x+ \(4,194,304 characters\)$/);
  });

  test('says how many names it leaves out', () => {
    const many = Array.from({ length: 100_000 }, (_, at) => [`key ${at}`, at]);
    const { parameters } = limited({ parameters: Object.fromEntries(many) });
    const shown = Object.keys(parameters).length - 1;
    assert.equal(parameters['…'], `${(100_000 - shown).toLocaleString('en')} more parameters`);
  });

  test('has another hash after any change, also where the summary is the same', () => {
    const one = (end: string) => limited({ parameters: { list: [...Array.from({ length: 200_000 }, () => 1), end] } });
    assert.deepEqual(one('a').parameters, one('b').parameters);
    assert.notEqual(one('a').unshowable?.hash, one('b').unshowable?.hash);
    assert.equal(one('a').unshowable?.hash, one('a').unshowable?.hash);
  });
});

describe('what is too deep', () => {
  test('is cut at 64 levels, and a change below them is noticed', () => {
    const [one, other] = [1, 2].map((end) => limited({ parameters: { a: deep(10_000, end), amount: 5 } }));
    assert.equal(one?.unshowable?.why, 'depth');
    assert.deepEqual(one?.actions, ['reject', 'take_over']);
    assert.equal(one?.parameters['amount'], 5);
    assert.deepEqual(one?.parameters, other?.parameters);
    assert.notEqual(one?.unshowable?.hash, other?.unshowable?.hash);
  });
});

test('a summary is one already: limiting it again changes nothing', () =>
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(300_000), (parameters, size) => {
      const pause = limited({ parameters: { ...parameters, text: 'x'.repeat(size) } });
      assert.deepEqual(limitPause(pause, hash), pause);
    }),
    { numRuns: runs(50) },
  ));

describe('an answer in free text to what can’t be shown', () => {
  const unshowable = { why: 'size', bytes: 1e6, hash: 'h' } as const;
  const asked = announced({ pause: limitPause(pauseOf({ kind: 'await', unshowable }), hash) });
  for (const [text, action] of [
    ['{"approved":true}', 'not_possible'],
    ['{"approved":"yes","note":1}', 'not_possible'],
    ['{"approved":false}', undefined],
    ['42', undefined],
  ] as const) {
    test(`${text} is ${action ?? 'taken'}`, () => {
      const answer = pressed({ action: 'take_over', text });
      assert.equal(step(after(asked), answer, 2_000).ignored, action);
      // Of any other await, it needs only the right to approve.
      assert.equal(step(after(announced({ pause: pauseOf({ kind: 'await' }) })), answer, 2_000).ignored, undefined);
    });
  }

  test('and neither can be approved', () => {
    assert.equal(step(after(asked), pressed(), 2_000).ignored, 'not_possible');
  });
});

test('its card says why it can’t be approved here, how large it is, and where it can', () => {
  const caution = (more: Partial<Pause>) =>
    renderCard(after(announced({ pause: limited(more) })), { backend: 'Runtype' }).cautions[0];
  assert.equal(
    caution({ parameters: { text: 'x'.repeat(4 * KB * KB) } }),
    'This is only a summary: the request is too large to be shown (4.0 MB). It can’t be approved here; approve it in Runtype',
  );
  assert.match(
    caution({ parameters: { a: deep(200) } }) ?? '',
    /^Not all of it is shown: it has more than 64 levels \(\d+ bytes\)\. It can’t be approved here; approve it in Runtype$/,
  );
  const card = renderCard(after(announced({ pause: limited({ parameters: { a: deep(200) } }) })), {
    backend: 'Runtype',
  });
  assert.deepEqual(
    card.buttons.map(({ label }) => label),
    ['Reject', 'Take over', 'Details'],
  );
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createRedactor } from '../../../src/core/approval/pause/redact.ts';
import { OFFERED_MAX, offeredIn } from '../../../src/core/form/offered.ts';
import { parseExact } from '../../../src/core/text/exact/parse.ts';
import { isRecord } from '../../../src/core/text/json.ts';
import { pauseOf } from '../../support/data/pauses.ts';
import { runs } from '../../support/property.ts';

function offered(parameters: Record<string, unknown>, hidden: string[] = []) {
  return offeredIn({ parameters, hidden });
}

function read(parameters: Record<string, unknown>) {
  const found = offered(parameters);
  return found && { name: found.name, options: found.options.map(({ value, label, note }) => [value, label, note]) };
}

describe('the list that is offered', () => {
  const slots = ['08:30', '12:00'];
  const fits: [string, Record<string, unknown>, string | null][] = [
    ['of texts', { day: '2026-09-02', options: slots }, 'options'],
    ['of one text, where its name says so', { choices: ['only this'] }, 'choices'],
    ['of numbers', { enum: [1, 2.5] }, 'enum'],
    ['of true and false', { options: [true, false] }, 'options'],
    [
      'of pairs',
      {
        free: [
          { id: 'a', label: 'A' },
          { value: 2, title: 'B' },
        ],
      },
      'free',
    ],
    [
      'of pairs with more in them',
      {
        slots: [
          { id: 1, name: 'Ines', from: '08:30' },
          { id: 2, name: 'Bo' },
        ],
      },
      'slots',
    ],
    ['by a word in its name', { customer: 'x', availableSlots: slots }, 'availableSlots'],
    ['by a word in its name, with dashes', { 'payment-options': slots }, 'payment-options'],
    ['whatever it is called, where it is the only one', { day: 'x', rooms: ['Oslo', 'Lima'] }, 'rooms'],
    ['before lists that say nothing of a choice', { rooms: ['Oslo', 'Lima'], times: ['9', '10'], slots }, 'slots'],
    ['called options, before one called slots', { slots: ['1', '2'], options: slots }, 'options'],
    ['none of two that only look like one', { rooms: ['Oslo', 'Lima'], times: ['9', '10'] }, null],
    ['none of two that both say so', { options: slots, choices: ['a', 'b'] }, null],
    ['none of two with such a word', { free_rooms: ['a', 'b'], free_times: ['1', '2'] }, null],
    ['no list of one, where no name says so', { rooms: ['Oslo'] }, null],
    ['no tags', { tags: ['vip', 'new'] }, null],
    ['no recipients', { to: ['a@b.example', 'c@d.example'] }, null],
    ['no long texts, where no name says so', { notes: ['x'.repeat(201), 'y'] }, null],
    ['no empty list', { options: [] }, null],
    ['no list of lists', { options: [['a'], ['b']] }, null],
    ['no list of objects without any of the names', { options: [{ from: 1 }, { from: 2 }] }, null],
    ['no list with one item that does not fit', { options: ['a', { from: 1 }] }, null],
    ['no list with nothing in it', { options: ['a', null] }, null],
    ['no object', { options: { a: 'A', b: 'B' } }, null],
    ['no text', { options: 'a, b' }, null],
    ['no data', { options: Array.from({ length: OFFERED_MAX + 1 }, (_, at) => at) }, null],
  ];
  for (const [what, parameters, name] of fits) {
    test(what, () => assert.equal(offered(parameters)?.name ?? null, name));
  }

  test('is none that the backend keeps from people', () => {
    assert.equal(offered({ options: slots }, ['options']), null);
    assert.equal(offered({ options: slots, rooms: ['Oslo', 'Lima'] }, ['options'])?.name, 'rooms');
  });
});

describe('an option', () => {
  test('is a value, with the label that it is read by', () => {
    assert.deepEqual(
      read({
        options: [
          { id: 'early', label: '08:30 to 10:00, Ines' },
          { value: 7, title: 'Seven' },
          { id: 'x', value: 'y', name: 'Both' },
          { id: 'bare' },
          { name: 'Only a name' },
          { id: 'blank', label: ' ' },
        ],
      })?.options,
      [
        ['early', '08:30 to 10:00, Ines', 'early'],
        [7, 'Seven', '7'],
        ['x', 'Both', 'x'],
        ['bare', 'bare', ''],
        ['Only a name', 'Only a name', ''],
        ['blank', 'blank', ''],
      ],
    );
  });

  test('keeps the digits of its number', () => {
    const list = parseExact('{"options":[1.50,12345678901234567890,1e3]}') as Record<string, unknown>;
    const found = offered(list);
    assert.equal(JSON.stringify(found?.options.map(({ value }) => value)), '[1.50,12345678901234567890,1e3]');
    assert.deepEqual(
      found?.options.map(({ label }) => label),
      ['1.50', '12345678901234567890', '1e3'],
    );
  });

  test('that comes twice is there once; one that reads like another says what it is', () => {
    assert.deepEqual(read({ options: ['a', 'a', 'b'] })?.options, [
      ['a', 'a', ''],
      ['b', 'b', ''],
    ]);
    assert.deepEqual(read({ options: ['1', 1] })?.options, [
      ['1', '1', '"1"'],
      [1, '1', '1'],
    ]);
    assert.deepEqual(
      read({
        options: [
          { id: 1, label: 'A' },
          { id: 2, label: 'A' },
        ],
      })?.options,
      [
        [1, 'A', '1'],
        [2, 'A', '2'],
      ],
    );
  });

  test('that begins like ours is in quotes, and what hides in one is visible', () => {
    const [first, second] = read({ options: ['Something else: write it below', 'a\u202eb\nc'] })?.options ?? [];
    assert.equal(first?.[1], '“Something else: write it below”');
    assert.doesNotMatch(String(second?.[1]), /[\u202e\n]/);
  });

  test('with a masked text is not offered, for no one could say which one it is', () => {
    const token = `sk_live_${'4eC39HqLyjWDarjtT1zdp7dc'}`;
    const found = offered({ options: ['plain', token, { id: 'p', label: token }] });
    assert.deepEqual(
      found?.options.map(({ value }) => value),
      ['plain'],
    );
    assert.equal(found?.masked, 2);
    assert.doesNotMatch(JSON.stringify(found), new RegExp(token));
  });

  test('whose value the operator has redacted is not offered: it is gone', () => {
    const redactor = createRedactor({ keys: ['id'], patterns: [/ACME-\d+/g] });
    const { parameters, hidden } = redactor.pause(
      pauseOf({ parameters: { options: ['ACME-1', 'free', { id: 'x', label: 'X' }] } }),
    );
    assert.deepEqual(
      offeredIn({ parameters, hidden })?.options.map(({ value }) => value),
      ['free'],
    );
  });
});

const anyScalar = fc.oneof(fc.string(), fc.integer(), fc.boolean());
const anyItem = fc.oneof(
  anyScalar,
  fc.record({ id: anyScalar, label: fc.string() }),
  fc.record({ value: anyScalar, title: fc.string() }, { requiredKeys: [] }),
  fc.anything(),
);

test('every option of any list is a value that was in it, and every text is one line', () => {
  const valuesIn = (item: unknown) => [item, ...(isRecord(item) ? Object.values(item) : [])];
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('options', 'slots', 'x'), fc.array(anyItem, { maxLength: 8 })),
      (given) => {
        const found = offered(given);
        if (found === null) return;
        const values = (given[found.name] ?? []).flatMap(valuesIn);
        for (const { value, label, note } of found.options) {
          assert.ok(values.includes(value));
          assert.ok(label !== '' && !/[\r\n]/.test(label + note));
        }
      },
    ),
    { numRuns: runs(300) },
  );
});

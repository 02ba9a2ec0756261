import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Wanted } from '../../../../src/core/ports/doctor/checkup.ts';
import { firstOf } from '../../../../src/core/ports/doctor/first-of.ts';

const bound = { max: 2, title: 'Slack', channelOf: (room: string) => room.split('/')[0] ?? '' };
const person = (id: string, kind: 'user' | 'group' = 'user') => ({
  kind,
  id,
  decides: true,
  direct: false,
  where: 'x',
});
const room = (id: string) => ({ room: id, for: ['cards'] as const, where: 'x' });
const rule = (rooms: string[], ...ids: string[]) => ({
  where: rooms.join(),
  rooms,
  deciders: ids.map((id) => person(id)),
});

test('what is within the bound is all looked at', () => {
  const wanted: Wanted = {
    rooms: ['a', 'a/1', 'b'].map(room),
    people: [person('1'), person('2'), person('s', 'group')],
    rules: [rule(['a'], '1')],
  };
  assert.deepEqual(firstOf(wanted, bound), { wanted, untold: [] });
});

test('beyond it the first ones are, and how many are not is said', () => {
  const { wanted, untold } = firstOf(
    {
      rooms: ['a', 'b', 'c', 'd'].map(room),
      people: [person('1'), person('2'), person('3'), person('s', 'group')],
      rules: [rule(['a', 'c'], '1'), rule(['a'], '1', '3')],
    },
    bound,
  );
  assert.deepEqual(
    wanted.rooms.map((one) => one.room),
    ['a', 'b'],
  );
  assert.deepEqual(
    wanted.people.map(({ id }) => id),
    ['1', '2', 's'],
  );
  assert.deepEqual(
    wanted.rules.map(({ where, deciders }) => [where, deciders.map(({ id }) => id)]),
    [['a', ['1']]],
  );
  assert.match(untold[0]?.what ?? '', /^Slack limits such calls, so 2 channels and 1 people beyond the first 2/);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { PARSED_MAX, parseInTurns, unshowableOf } from '../../../src/backends/shared/large-json.ts';
import { parseExact } from '../../../src/core/text/exact/parse.ts';
import { runs } from '../../support/property.ts';

const names = new Set(['id', 'payload', 'note']);
const read = (text: string, what: 'item' | 'list' = 'list', max?: number) => parseInTurns(text, what, { names }, max);
const big = 'x'.repeat(PARSED_MAX);

describe('a list that is parsed in several turns', () => {
  test('is the one that is parsed at once, where each of its items is read', () => {
    const value = fc.record({ id: fc.string(), payload: fc.jsonValue({ maxDepth: 3 }), note: fc.string() });
    const list = fc.record({ count: fc.nat(), items: fc.array(value), more: fc.record({ data: fc.array(value) }) });
    return fc.assert(
      fc.asyncProperty(
        list,
        fc.integer({ min: 12, max: 300 }),
        fc.constantFrom('', ' ', '\n'),
        async (it, max, space) => {
          const text = JSON.stringify(it, null, space);
          assert.deepEqual(plain(await read(`${space}${text}${space}`, 'list', max)), plain(parseExact(text)));
          const [one] = it.items;
          if (one === undefined) return;
          const item = JSON.stringify(one, null, space);
          assert.deepEqual(plain(await read(item, 'item', max)), plain(parseExact(item)));
        },
      ),
      { numRuns: runs(100) },
    );
  });

  test('has the small items whole, and the large ones outlined and marked', async () => {
    const items = [
      { id: 'a', payload: { n: 1 }, other: 1 },
      { id: 'b', payload: { text: big, n: 2 }, other: 1 },
      { id: 'c' },
    ];
    const body = (await read(JSON.stringify({ items, pending_count: 3 }))) as {
      items: object[];
      pending_count: number;
    };
    assert.equal(body.pending_count, 3);
    const [a, b, c] = body.items;
    assert.deepEqual([a, c], [items[0], items[2]]);
    assert.deepEqual(Object.keys(b ?? {}), ['id', 'payload']);
    assert.deepEqual([unshowableOf(a), unshowableOf(c)], [null, null]);
    const { why, bytes, hash } = unshowableOf(b) ?? {};
    assert.deepEqual([why, bytes], ['size', JSON.stringify(items[1]).length]);
    const again = (await read(JSON.stringify({ items: [{ ...items[1], other: 2 }] }))) as { items: object[] };
    assert.equal(unshowableOf(again.items[0])?.hash, hash, 'what is not read makes no difference');
    assert.deepEqual(unshowableOf({ ...b }), unshowableOf(b));
  });

  test('keeps the ends of a long text beside the items', async () => {
    const body = (await read(JSON.stringify({ error: `begin ${big} end`, items: [] }))) as { error: string };
    assert.match(body.error, /^begin x+\n… [\d,]+ characters hidden …\nx+ end$/);
  });

  test('leaves the event loop free between its parts', async () => {
    const items = Array.from({ length: 40 }, (_, id) => ({ id: `${id}`, payload: 'y'.repeat(100_000) }));
    let turns = 0;
    const count = () => {
      turns += 1;
      timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    const body = (await read(JSON.stringify({ items }))) as { items: unknown[] };
    clearImmediate(timer);
    assert.equal(body.items.length, 40);
    assert.ok(turns >= 10, `${turns}`);
  });

  for (const [name, text] of [
    ['is cut off', `{"items":["${big}"`],
    ['has a name without a value', `{"items",["${big}"]}`],
    ['has no comma', `{"items":["${big}" 1]}`],
    ['has other text in it', `{"items":["${big}", nothing]}`],
    ['has too many items', `{"items":[${'1,'.repeat(PARSED_MAX)}1]}`],
  ] as const) {
    test(`is not read where it ${name}`, () => assert.rejects(read(text), SyntaxError));
  }

  test('may be nested to any depth', async () => {
    const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`;
    const body = (await read(`{"items":[{"id":"a","payload":${deep}},${deep}]}`)) as { items: { payload: unknown }[] };
    assert.equal(body.items[0]?.payload, '1 item');
  });
});

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

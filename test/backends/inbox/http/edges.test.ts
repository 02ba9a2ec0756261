/** What the inbox refuses, how it lists, and how a wait ends. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StoreDoubt, StoreError } from '../../../../src/core/ports/errors.ts';
import { ASK, withInbox } from '../support.ts';

describe('what is refused', () => {
  const refused: [what: string, body: unknown, status: number, fault: { message: RegExp; location: string } | null][] =
    [
      ['no body', '', 400, null],
      ['no JSON', '{"context":', 400, { message: /JSON/, location: 'body' }],
      ['no object', '[]', 422, { message: /expected object/, location: 'body' }],
      ['no context', {}, 422, { message: /^expected required property context to be present$/, location: 'body' }],
      ['an empty context', { context: ' ' }, 422, { message: /not empty/, location: 'body.context' }],
      ['a context that is no text', { context: 7 }, 422, { message: /^expected string$/, location: 'body.context' }],
      [
        'more than one knows',
        { context: 'x', colour: 'red' },
        422,
        { message: /^unexpected property$/, location: 'body.colour' },
      ],
      [
        'an expiry without a zone',
        { context: 'x', expires_at: '2027-01-01' },
        400,
        { message: /RFC 3339 with a zone/, location: 'body.expires_at' },
      ],
      ['a confidence over 1', { context: 'x', confidence: 2 }, 422, { message: /1/, location: 'body.confidence' }],
      [
        'a long name',
        { context: 'x', agent_name: 'n'.repeat(201) },
        422,
        { message: /200/, location: 'body.agent_name' },
      ],
      [
        'a callback to nowhere allowed',
        { context: 'x', callback_url: 'https://example.com/hook' },
        422,
        { message: /CALLBACK_HOSTS/, location: 'body.callback_url' },
      ],
      [
        'a payload of a thousand levels',
        `{"context":"x","payload":${'['.repeat(1000)}${']'.repeat(1000)}}`,
        422,
        { message: /32 levels/, location: 'body' },
      ],
      [
        'a key that is given twice',
        '{"context":"x","payload":{"amount":5,"amount":50}}',
        400,
        { message: /^given twice$/, location: 'body.payload.amount' },
      ],
      [
        'a context that is given twice',
        '{"context":"x","context":"y"}',
        400,
        { message: /twice/, location: 'body.context' },
      ],
      ['64 KiB and more', { context: 'x'.repeat(65 * 1024) }, 413, null],
    ];
  for (const [what, body, status, fault] of refused) {
    test(`${what}: ${status}, and no card`, () =>
      withInbox({}, async ({ call, store }) => {
        const answer = await call('POST', '', body);
        assert.equal(answer.status, status);
        assert.equal(answer.headers.get('content-type'), 'application/problem+json');
        assert.equal(answer.body.status, status);
        if (fault !== null) {
          assert.equal(answer.body.errors.length, 1);
          assert.match(answer.body.errors[0].message, fault.message);
          assert.equal(answer.body.errors[0].location, fault.location);
        }
        assert.deepEqual(await store.list({ unfinished: true }), []);
      }));
  }

  test('a body without a length is limited, too', () =>
    withInbox({}, async ({ url }) => {
      const chunk = new TextEncoder().encode(`{"context":"${'x'.repeat(40_000)}`);
      const body = ReadableStream.from([chunk, chunk]);
      const headers = { authorization: `Bearer ${ASK}` };
      const init = { method: 'POST', headers, body, duplex: 'half' };
      const answer = await fetch(`${url}/api/v1/approvals`, init as RequestInit);
      assert.equal(answer.status, 413);
      await answer.text();
    }));

  test('more than 200 pending items of one asker', () =>
    withInbox({}, async ({ call, create }) => {
      await Promise.all(Array.from({ length: 200 }, (_, at) => create({ agent_name: `agent ${at % 2}` })));
      const answer = await call('POST', '', { context: 'One more?' });
      assert.deepEqual([answer.status, answer.headers.get('retry-after')], [429, '60']);
    }));

  test('an unknown route: 405, as a problem', () =>
    withInbox({}, async ({ call }) => {
      assert.equal((await call('PUT', '/apr_1')).body.status, 405);
    }));

  test('a failed commit: 503, with the reason that nothing was recorded', () =>
    withInbox({}, async ({ call, store }) => {
      store.transact = () => Promise.reject(new StoreError('disk full'));
      const { status, body } = await call('POST', '', { context: 'Deploy?' });
      assert.deepEqual([status, body.detail], [503, 'Nothing was recorded. Try again.']);
    }));

  test('a commit in doubt: 503, with what to do', () =>
    withInbox({}, async ({ call, store }) => {
      store.transact = () => Promise.reject(new StoreDoubt('the database does not answer'));
      const { status, body } = await call('POST', '', { context: 'Deploy?' });
      assert.equal(status, 503);
      assert.match(body.detail, /^Countersign can’t say whether this was recorded\. .*Idempotency-Key/);
    }));
});

describe('the list', () => {
  test('is newest first, by type, cut at the limit, and counts what it cuts', () =>
    withInbox({}, async ({ call, create, clock }) => {
      for (const type of ['goal', 'message', 'goal']) {
        await create({ type, context: `${type} ${clock.now()}` });
        clock.advance(1_000);
      }
      const types = async (query: string) => {
        const { body } = await call('GET', query);
        return [body.items.map(({ type }: { type: string }) => type), body.pending_count];
      };
      assert.deepEqual(await types(''), [['goal', 'message', 'goal'], 3]);
      assert.deepEqual(await types('?type=&limit='), [['goal', 'message', 'goal'], 3]);
      assert.deepEqual(await types('?type=goal&limit=1'), [['goal'], 2]);
      assert.deepEqual(await types('?limit=0'), [['goal', 'message', 'goal'], 3]);
      assert.deepEqual(await types('?type=nothing'), [[], 0]);
      const [newest, , oldest] = (await call('GET', '?limit=999')).body.items;
      assert.ok(newest.created_at > oldest.created_at);
      const wrong = await call('GET', '?limit=abc');
      assert.deepEqual(
        [wrong.status, wrong.body.errors],
        [422, [{ message: 'invalid integer', location: 'query.limit' }]],
      );
    }));
});

// Not 30 s, which is how long the outbox sleeps.
describe('a wait', () => {
  test('reads its item again when that changes, and not when another does', () =>
    withInbox({}, async ({ call, create, card, press, store, clock }) => {
      const id = await create();
      await card();
      let reads = 0;
      const { list } = store;
      store.list = (filter) => {
        if ('groupId' in filter && filter.groupId === id) reads += 1;
        return list(filter);
      };
      const sleeping = clock.next('sleep:29000');
      const waiting = call('GET', `/${id}?wait=29`);
      await sleeping;
      await create({ agent_name: 'another' });
      await card(1);
      assert.equal(reads, 2);
      await press(0, 'approve', 'Fine.');
      assert.equal((await waiting).body.status, 'approved');
    }));

  test('ends when its time is over, with the present state', () =>
    withInbox({}, async ({ call, create, clock, changes, card }) => {
      const id = await create();
      await card();
      const sleeping = clock.next('sleep:60000');
      const waiting = call('GET', `/${id}`, undefined, ASK, { prefer: 'respond-async, wait=600' });
      await sleeping;
      clock.advance(60_000);
      const { body, headers } = await waiting;
      assert.deepEqual([body.status, headers.get('preference-applied')], ['pending', 'wait=60']);
      assert.ok(changes.entries.length > 0);
    }));

  test('ends when the inbox stops, and closes its connection', () =>
    withInbox({}, async ({ call, create, routes, clock, server }) => {
      const id = await create();
      const sleeping = clock.next('sleep:29000');
      const waiting = call('GET', `/${id}?wait=29`);
      await sleeping;
      routes.release?.();
      const closed = new Promise((resolve) => server.close(resolve));
      const { status, body, headers } = await waiting;
      assert.deepEqual([status, body.status, headers.get('connection')], [200, 'pending', 'close']);
      await closed;
    }));

  test('ends when its caller is gone', () =>
    withInbox({}, async ({ call, create, clock }) => {
      const id = await create();
      const leaving = new AbortController();
      const sleeping = clock.next('sleep:29000');
      const waiting = call('GET', `/${id}?wait=29`, undefined, ASK, {}, leaving.signal);
      await sleeping;
      const woken = clock.next('broken:29000');
      leaving.abort();
      await assert.rejects(waiting);
      await woken;
    }));

  test('that is not a number: 422', () =>
    withInbox({}, async ({ call, create }) => {
      const { status, body } = await call('GET', `/${await create()}?wait=soon`);
      assert.deepEqual([status, body.errors[0].location], [422, 'query.wait']);
    }));
});

import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { createItem } from '../../../src/backends/sonzai/create.ts';
import { pauseOf as aPause } from '../../support/data/pauses.ts';
import { sendJson, withServer } from '../runtype/support/backend.ts';
import { aDecision, draftOf, never, withSonzai } from './support.ts';

describe('what the inbox holds', () => {
  test('becomes a card that a reviewer can read', () =>
    withSonzai({}, {}, async ({ announce, sonzai, calls }) => {
      const tags = ['discount', 'vip'];
      const pause = await announce({
        approval_id: 'apr_01',
        tags,
        confidence: 0.624,
        payload: { text: 'We can do 10%.' },
      });
      assert.deepEqual(pause, {
        backend: 'sonzai',
        key: 'apr_01',
        kind: 'item',
        groupId: 'apr_01',
        runId: 'apr_01',
        tool: 'Message to Bo Li',
        description: 'Wants to offer a 10% discount',
        asker: 'Rana',
        askerId: 'agt_rana',
        contact: { name: 'Bo Li', id: 'usr_77' },
        reason: null,
        parameters: {
          type: 'message',
          channel: 'WhatsApp',
          contact: 'Bo Li',
          confidence: '62 %',
          tags: 'discount, vip',
          payload: { text: 'We can do 10%.' },
        },
        hidden: [],
        actions: ['approve', 'reject', 'take_over'],
        askedAt: Date.parse('2026-09-01T10:00:00Z'),
        deadline: null,
        wire: { approvalId: 'apr_01' },
      });
      const [call] = calls();
      assert.deepEqual([call?.path, call?.query], ['/api/v1/approvals', { limit: '200' }]);
      assert.deepEqual(call?.headers, { authorization: `Bearer ${sonzai.token}`, accept: 'application/json' });
    }));

  const titles: [object, string][] = [
    [{ type: 'goal' }, 'Goal for Bo Li'],
    [{ type: 'handoff' }, 'Handoff of Bo Li'],
    [{ type: 'refund' }, 'refund for Bo Li'],
    [{ contact_name: '' }, 'Message to usr_77'],
    [{ contact_name: '', user_id: '', channel: 'web' }, 'Message (web)'],
    [{ contact_name: '', user_id: '', channel: '', type: '' }, 'Item'],
  ];
  for (const [item, tool] of titles) {
    test(`is called “${tool}”`, () =>
      withSonzai({}, {}, async ({ announce }) => {
        assert.equal((await announce(item)).tool, tool);
      }));
  }

  test('is delivered oldest first, then listed', () =>
    withSonzai({}, {}, async ({ sonzai, backend, intake, clock }) => {
      sonzai.seed({ approval_id: 'late', created_at: '2026-07-11T09:00:00Z' });
      sonzai.seed({ approval_id: 'early', created_at: '2026-07-11T10:00:00+02:00' });
      sonzai.seed({ approval_id: 'undated', created_at: 'yesterday' });
      sonzai.seed({ approval_id: 'foreign' }, { tenant: 'another' });
      const watching = backend.watch?.(never);
      await clock.pass();
      assert.deepEqual((await intake.delivery('listed')).keys, ['early', 'late', 'undated']);
      sonzai.decideInDashboard('late', 'reject');
      await clock.asleep(2);
      const listed = intake.deliveries.flatMap((one) => (one.type === 'listed' ? [one.keys] : []));
      assert.deepEqual(listed.at(-1), ['early', 'undated']);
      await backend.stop();
      await watching;
    }));

  test('an empty list may be null', () =>
    withSonzai({ emptyAsNull: true }, {}, async ({ backend, intake, clock }) => {
      const watching = backend.watch?.(never);
      await clock.asleep(1);
      assert.deepEqual((await intake.delivery('listed')).keys, []);
      await backend.stop();
      await watching;
    }));
});

/** One pass over the list of a Sonzai with this answer. */
function looking(
  answer: RequestListener,
  use: (result: { types: string[]; keys: string[]; log: string; reason: string | null }) => void,
  passes = 1,
) {
  return withServer(answer, ({ url }) =>
    withSonzai({}, { url }, async ({ backend, intake, clock, log }) => {
      const watching = backend.watch?.(never);
      for (let pass = 1; pass < passes; pass += 1) await clock.pass();
      await clock.asleep(passes);
      const reach = intake.deliveries.findLast((one) => one.type === 'reach');
      use({
        types: intake.deliveries.map(({ type }) => type),
        keys: intake.pauses.map(({ key }) => key),
        log: log.text(),
        reason: reach?.type === 'reach' ? reach.reason : null,
      });
      await backend.stop();
      await watching;
    }),
  );
}

describe('lists of other kinds', () => {
  const item = { approval_id: 'a', status: 'pending', type: 'message', contact_name: 'Bo' };

  test('unknown fields and invalid values are accepted', () => {
    const odd = { ...item, approval_id: 'b', tags: 'x', confidence: 'high', created_at: 7, context: null, mood: 1 };
    const items = [item, odd, { ...item, approval_id: 'c', status: undefined }];
    return looking(
      (_, response) => sendJson(response, 200, { items, pending_count: 3, more: {} }),
      ({ keys, types }) => {
        assert.deepEqual(keys, ['a', 'b', 'c']);
        assert.ok(types.includes('listed'));
      },
    );
  });

  test('an item listed under another status: no card, and absence proves nothing', () =>
    looking(
      (_, response) =>
        sendJson(response, 200, {
          items: [item, { ...item, approval_id: 'b', status: 'in_review' }],
          pending_count: 2,
        }),
      ({ keys, types }) => assert.deepEqual([keys, types], [['a'], ['reach', 'announced']]),
    ));

  test('without a count of pending items: shown, and absence proves nothing', async () => {
    for (const count of [undefined, null, '1', -1]) {
      await looking(
        (_, response) => sendJson(response, 200, { items: [item], pending_count: count }),
        ({ types }) => assert.deepEqual(types, ['reach', 'announced']),
      );
      await looking(
        (_, response) => sendJson(response, 200, { items: [], pending_count: count }),
        ({ types }) => assert.deepEqual(types, ['reach']),
      );
    }
  });

  test('more pending than listed: reported once, and absence proves nothing', () => {
    return looking(
      (_, response) => sendJson(response, 200, { items: [item], pending_count: 5 }),
      ({ types, log }) => {
        assert.deepEqual(types, ['list_hidden', 'reach', 'announced']);
        assert.equal(log.match(/more items are pending/g)?.length, 1);
        assert.match(log, /"hidden":4/);
      },
      3,
    );
  });

  test('an item that can’t be read: reported once; the others are shown, and nothing is proven of it', () =>
    withSonzai({}, {}, async ({ sonzai, backend, intake, clock }) => {
      for (const approval_id of ['a', 'b', 'c']) sonzai.seed({ approval_id });
      sonzai.listAs('a', { approval_id: { value: 'a' } });
      const watching = backend.watch?.(never);
      await clock.pass();
      sonzai.decideInDashboard('b', 'reject');
      await clock.pass();
      sonzai.listAs('c', { approval_id: undefined });
      await clock.pass();
      await clock.asleep(4);
      assert.deepEqual(
        intake.pauses.map(({ key }) => key),
        ['b', 'c'],
      );
      const reports = intake.deliveries.filter((one) => one.type === 'unfollowed');
      const report = { type: 'unfollowed', backend: 'sonzai', runId: null, reason: 'unreadable_item' };
      assert.deepEqual(reports, Array(2).fill({ ...report, name: 'message · Bo Li' }), 'each once');
      const proven = intake.deliveries.flatMap((one) => {
        if (one.type !== 'listed') return [];
        const known = ['a', 'b', 'c', 'from an earlier process'];
        return [known.filter((key) => !one.keys.includes(key) && one.covers?.(aPause({ key, runId: key })) !== false)];
      });
      // `b` was seen beside the first one, so it is not that one. The second may be `c`, or any other.
      assert.deepEqual(proven, [[], ['b'], [], []]);
      await backend.stop();
      await watching;
    }));

  test('an unreadable item that is readable again proves everything again', () =>
    withSonzai({}, {}, async ({ sonzai, backend, intake, clock }) => {
      for (const approval_id of ['a', 'b']) sonzai.seed({ approval_id });
      sonzai.listAs('a', { approval_id: '' });
      const watching = backend.watch?.(never);
      await clock.pass();
      sonzai.listAs('a', null);
      await clock.asleep(2);
      const last = intake.deliveries.findLast((one) => one.type === 'listed');
      assert.ok(last?.type === 'listed' && last.covers === undefined);
      assert.deepEqual(last.keys, ['a', 'b']);
      await backend.stop();
      await watching;
    }));

  test('IDs that are numbers: the card, and the call with the same digits', () =>
    withSonzai({ numericIds: true }, {}, async ({ announce, backend, sonzai, calls, effects }) => {
      const id = '12345678901234567890';
      const pause = await announce({ approval_id: id, user_id: '77', agent_id: '1.0' });
      assert.deepEqual([pause.key, pause.contact?.id, pause.askerId], [id, '77', '1.0']);
      assert.equal((await backend.decide([aDecision(pause)], never)).result.type, 'recorded');
      assert.equal(calls('POST')[0]?.path, `/api/v1/approvals/${id}/resolve`);
      assert.equal(effects(), 1);
      assert.match(sonzai.seed().approval_id, /^\d{16,20}$/);
    }));

  test('a time without a zone is UTC, wherever the bot runs', () =>
    withSonzai({}, {}, async ({ announce }) => {
      const pause = await announce({ created_at: '2026-07-11 08:00:00' });
      assert.equal(pause.askedAt, Date.UTC(2026, 6, 11, 8));
    }));

  const bad: [string, RequestListener, RegExp][] = [
    ['HTML', (_, response) => response.writeHead(200).end('<html>'), /not a list of Sonzai\. Check SONZAI_API_URL/],
    ['another object', (_, response) => sendJson(response, 200, { ok: true }), /not a list of Sonzai/],
    ['neither items nor a count', (_, response) => sendJson(response, 200, { items: null }), /not a list of Sonzai/],
    [
      '401',
      (_, response) => sendJson(response, 401, { error: 'unauthorized' }),
      /401: unauthorized\. Check SONZAI_TOKEN/,
    ],
    ['403', (_, response) => sendJson(response, 403, { detail: 'no' }), /SONZAI_TOKEN has no permission/],
    ['404', (_, response) => response.writeHead(404).end('404 page not found'), /Check SONZAI_API_URL/],
    ['a redirect', (_, response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(), /not followed/],
    ['502', (_, response) => response.writeHead(502).end('<html>'), /Sonzai answered 502\./],
    ['a reset', (request) => request.socket.resetAndDestroy(), /did not answer/],
  ];
  for (const [name, answer, reason] of bad) {
    test(`${name}: reported after three in a row`, () =>
      looking(
        answer,
        (result) => {
          assert.deepEqual(result.types, ['reach']);
          assert.match(result.reason ?? '', reason);
        },
        3,
      ));
  }
});

describe('create', () => {
  test('puts an item into the inbox', () =>
    withSonzai({}, {}, async ({ client, sonzai, calls }) => {
      const answer = await createItem(client, draftOf('Bo'), never);
      const [item] = sonzai.items();
      assert.deepEqual(answer, { type: 'created', approvalId: item?.approval_id });
      assert.deepEqual(calls('POST')[0]?.body, draftOf('Bo'));
    }));

  test('says what is wrong with it, without repeating it', () =>
    withSonzai({}, {}, async ({ client }) => {
      const { context: _, ...short } = draftOf('Bo');
      const answer = await createItem(client, { ...short, extra: 's3cret-value' } as never, never);
      assert.ok(answer.type === 'refused');
      assert.match(answer.reason, /^Sonzai answered 422: validation failed \(.*expected required property context/);
      assert.doesNotMatch(answer.reason, /s3cret/);
    }));
});

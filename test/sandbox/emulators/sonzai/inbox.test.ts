/** The inbox itself: list, create, resolve, and who may see what. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { call, callsOf, idsOf, LIST, resolve, withSonzai } from './support.ts';

test('the list is newest first, with links to its schema and none inside', () =>
  withSonzai({ now: () => Date.parse('2026-07-11T08:00:00.123Z') }, async (sonzai) => {
    sonzai.seed({ approval_id: 'apr_old', created_at: '2026-07-10T08:00:00Z' });
    sonzai.seed({ approval_id: 'apr_1' });
    sonzai.seed({ approval_id: 'apr_2', tags: ['vip'] });
    const reply = await call(sonzai, LIST);
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get('content-type'), 'application/json');
    assert.equal(reply.headers.get('link'), '</api/v1/schemas/ListApprovalsResponse.json>; rel="describedBy"');
    assert.deepEqual(Object.keys(reply.json), ['$schema', 'items', 'pending_count']);
    assert.equal(reply.json['$schema'], `${sonzai.url}/api/v1/schemas/ListApprovalsResponse.json`);
    assert.equal(reply.json['pending_count'], 3);
    assert.deepEqual(idsOf(reply), ['apr_2', 'apr_1', 'apr_old']);
    const [newest, second] = reply.json['items'] as Record<string, unknown>[];
    assert.deepEqual(newest?.['tags'], ['vip']);
    assert.equal(second?.['tags'], null);
    assert.deepEqual(
      Object.keys(newest ?? {}).join(),
      'approval_id,agent_id,agent_name,user_id,contact_name,channel,type,context,payload,tags,confidence,status,created_at',
    );
    assert.equal(newest?.['created_at'], '2026-07-11T08:00:00Z');
    assert.ok(reply.text.endsWith('}\n'));
  }));

test('limit is clamped, and pending_count tells of those left out', () =>
  withSonzai({}, async (sonzai) => {
    for (let number = 0; number < 203; number += 1) sonzai.seed({ type: number % 2 ? 'goal' : 'message' });
    const cases: [string, number, number][] = [
      ['', 50, 203],
      ['?limit=', 50, 203],
      ['?limit=0', 50, 203],
      ['?limit=-3', 50, 203],
      ['?limit=7', 7, 203],
      ['?limit=200&type=all', 200, 203],
      ['?limit=1000', 200, 203],
      ['?limit=200&type=goal', 101, 101],
      ['?type=unheard', 0, 0],
    ];
    for (const [query, shown, pending] of cases) {
      const reply = await call(sonzai, `${LIST}${query}`);
      assert.equal(idsOf(reply).length, shown, query);
      assert.equal(reply.json['pending_count'], pending, query);
    }
    const { status, json } = await call(sonzai, `${LIST}?limit=abc`);
    assert.equal(status, 422);
    assert.deepEqual(json['errors'], [{ message: 'invalid integer', location: 'query.limit', value: 'abc' }]);
  }));

test('an empty list is an array, or null where asked for', async () => {
  for (const emptyAsNull of [false, true]) {
    await withSonzai({ emptyAsNull }, async (sonzai) => {
      assert.deepEqual((await call(sonzai, LIST)).json['items'], emptyAsNull ? null : []);
    });
  }
});

test('an item is created with 200, as pending, for the creator’s tenant only', () =>
  withSonzai({}, async (sonzai) => {
    const body = {
      $schema: 'ignored',
      agent_id: 'a',
      agent_name: 'A',
      user_id: 'u',
      contact_name: 'C',
      channel: 'handoff',
      type: 'handoff',
      context: 'Asks for a person',
      payload: null,
      tags: null,
      confidence: 1,
    };
    const { status, json } = await call(sonzai, LIST, { body });
    assert.equal(status, 200);
    assert.equal(json['$schema'], `${sonzai.url}/api/v1/schemas/ApprovalItemBody.json`);
    assert.equal(json['status'], 'pending');
    assert.ok(!('resolved_at' in json) && !('resolved_by' in json));
    assert.deepEqual(idsOf(await call(sonzai, LIST)), [json['approval_id']]);
    const token = sonzai.issueToken({ tenant: 'another' });
    assert.deepEqual(idsOf(await call(sonzai, LIST, { token })), []);
    assert.equal((await resolve(sonzai, String(json['approval_id']), 'approve', { token })).status, 404);
  }));

test('each action resolves an item once; after that everything is a conflict', () =>
  withSonzai({}, async (sonzai) => {
    for (const [action, status] of Object.entries({
      approve: 'approved',
      reject: 'rejected',
      take_over: 'taken_over',
    })) {
      const id = `apr/${action}`;
      sonzai.seed({ approval_id: id });
      const token = sonzai.issueToken({ sub: 'user_dana' });
      const done = await resolve(sonzai, id, action, { token });
      assert.equal(done.status, 200);
      assert.equal(done.json['status'], status);
      assert.equal(done.json['resolved_by'], 'user_dana');
      assert.match(String(done.json['resolved_at']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      const again = await resolve(sonzai, id, action, { token });
      assert.equal(again.status, 409);
      assert.equal(again.json['title'], 'Conflict');
      assert.equal(again.json['detail'], `approval ${id} is already ${status}`);
    }
    assert.deepEqual(
      callsOf(sonzai).map((one) => one.effect),
      [true, false, true, false, true, false],
    );
    assert.equal((await call(sonzai, LIST)).json['pending_count'], 0);
    assert.deepEqual(
      sonzai.items().map((item) => item.status),
      ['approved', 'rejected', 'taken_over'],
    );
  }));

test('what the dashboard decides leaves the list, and can be decided only once', () =>
  withSonzai({}, async (sonzai) => {
    const changes: number[] = [];
    sonzai.onChange(() => changes.push(sonzai.journal.entries.length));
    const { approval_id: id } = sonzai.seed();
    assert.equal(sonzai.decideInDashboard(id, 'take_over').resolved_by, 'user_dashboard');
    assert.throws(() => sonzai.decideInDashboard(id, 'approve'), /is pending/);
    assert.deepEqual(changes, [1, 2]);
    assert.deepEqual(idsOf(await call(sonzai, LIST)), []);
    assert.equal((await resolve(sonzai, id, 'approve')).status, 409);
  }));

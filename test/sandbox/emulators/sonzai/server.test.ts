/** What the framework and the handlers refuse, in their own words; tokens; and what a fault does. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { SonzaiFault } from '../../../../src/sandbox/emulators/sonzai/types.ts';
import { call, callsOf, LIST, resolve, withSonzai } from './support.ts';

const RESOLVE = '/api/v1/approvals/:id/resolve';

test('bodies are refused in the framework’s words', () =>
  withSonzai({}, async (sonzai) => {
    const { approval_id: id } = sonzai.seed();
    const path = `${LIST}/${id}/resolve`;
    const refusal = async (body: string, status: number, headers = {}) => {
      const reply = await call(sonzai, path, { method: 'POST', body, headers });
      assert.equal(reply.status, status, body.slice(0, 100));
      assert.equal(reply.headers.get('content-type'), 'application/problem+json');
      assert.equal(reply.headers.get('link'), '</api/v1/schemas/ErrorModel.json>; rel="describedBy"');
      const { $schema, title, status: said, ...rest } = reply.json;
      assert.equal($schema, `${sonzai.url}/api/v1/schemas/ErrorModel.json`);
      assert.equal(said, status);
      return { title, ...rest } as { title: string; detail: string; errors?: Record<string, unknown>[] };
    };
    assert.deepEqual(await refusal('', 400), { title: 'Bad Request', detail: 'request body is required' });
    const broken = await refusal('{"action"', 400);
    assert.equal(broken.detail, 'validation failed');
    assert.equal(broken.errors?.[0]?.['location'], 'body');
    assert.equal(broken.errors?.[0]?.['value'], '{"action"');
    assert.equal((await refusal('{}', 415, { 'content-type': 'text/plain' })).errors?.[0]?.['location'], 'body');
    assert.deepEqual((await refusal('{"why":1}', 422)).errors, [
      { message: 'expected required property action to be present', location: 'body', value: { why: 1 } },
      { message: 'unexpected property', location: 'body.why', value: { why: 1 } },
    ]);
    assert.deepEqual((await refusal('{"action":7}', 422)).errors, [
      { message: 'expected string', location: 'body.action', value: 7 },
    ]);
    assert.equal((await refusal('[]', 422)).errors?.[0]?.['message'], 'expected object');
    assert.equal((await refusal('x'.repeat(1024 * 1024), 413)).detail, 'request body is too large limit=1048576 bytes');
    assert.equal((await refusal('{"action":"deny"}', 400)).detail, 'unknown action deny');
    assert.equal((await resolve(sonzai, 'apr_none', 'approve')).json['detail'], 'approval apr_none not found');
    assert.equal(sonzai.items()[0]?.status, 'pending');
  }));

test('a created item is checked property by property', () =>
  withSonzai({}, async (sonzai) => {
    const { status, json } = await call(sonzai, LIST, { body: { tags: ['a', 1], confidence: '1', Payload: 0 } });
    assert.equal(status, 422);
    const errors = json['errors'] as { message: string; location: string }[];
    assert.deepEqual(
      errors.map(({ message, location }) => `${location}: ${message}`).filter((line) => !line.startsWith('body: ')),
      ['body.confidence: expected number', 'body.tags[1]: expected string'],
    );
    assert.equal(errors.length, 9);
  }));

test('unknown routes and methods get the router’s plain text, and schemas are not served', () =>
  withSonzai({}, async (sonzai) => {
    for (const [path, method, status] of [
      ['/approvals', 'GET', 404],
      ['/api/v1/approvals/apr_1', 'GET', 404],
      ['/api/v1/schemas/ErrorModel.json', 'GET', 404],
      ['/api/v1/approvals', 'DELETE', 405],
    ] as const) {
      const reply = await call(sonzai, path, { method });
      assert.equal(reply.status, status);
      assert.match(reply.headers.get('content-type') ?? '', /^text\/plain/);
    }
  }));

test('only dashboard tokens are let in, until they end or are revoked', async () => {
  let now = Date.parse('2026-07-11T08:00:00Z');
  await withSonzai({ now: () => now, tokenLifeMs: 5_000 }, async (sonzai) => {
    const statusWith = async (token: string | null) => (await call(sonzai, LIST, { token })).status;
    assert.equal(await statusWith(null), 401);
    assert.equal(await statusWith('sk_project_key'), 401);
    assert.equal(await statusWith(sonzai.token), 200);
    const token = sonzai.issueToken();
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    assert.equal(claims.exp * 1000, now + 5_000);
    now += 4_999;
    assert.equal(await statusWith(token), 200);
    now += 1;
    const expired = await call(sonzai, LIST, { token });
    assert.equal(expired.status, 401);
    assert.equal(expired.json['detail'], 'token has expired');
    const revoked = sonzai.issueToken();
    sonzai.revokeToken(revoked);
    assert.equal(await statusWith(revoked), 401);
    const { approval_id: id } = sonzai.seed();
    const reader = sonzai.issueToken({ mayResolve: false });
    assert.equal(await statusWith(reader), 200);
    assert.equal((await resolve(sonzai, id, 'approve', { token: reader })).status, 403);
    assert.equal(callsOf(sonzai)[0]?.headers['authorization'], undefined);
  });
  await withSonzai({ unauthorizedBody: 'error' }, async (sonzai) => {
    assert.deepEqual((await call(sonzai, LIST, { token: null })).json, { error: 'unauthorized' });
  });
});

test('a spoilt answer before changes nothing, and after hides a decision that was taken', () =>
  withSonzai({}, async (sonzai) => {
    for (const when of ['before', 'after'] as const) {
      for (const fault of [
        { kind: 'reset', when },
        { kind: 'hang', when },
        { kind: 'bad_gateway', when },
        { kind: 'status', status: 500, when },
      ] satisfies SonzaiFault[]) {
        const { approval_id: id } = sonzai.seed();
        sonzai.fail(RESOLVE, fault);
        const giveUp = new AbortController();
        const asked = resolve(sonzai, id, 'approve', { signal: giveUp.signal });
        const entry = await sonzai.journal.until('the call', (all) =>
          all.findLast((one) => one.kind === 'call' && one.path.includes(id)),
        );
        assert.equal(entry.kind === 'call' && entry.effect, when === 'after');
        assert.equal(sonzai.items().at(-1)?.status, when === 'after' ? 'approved' : 'pending');
        if (fault.kind === 'hang') giveUp.abort();
        if (fault.kind === 'hang' || fault.kind === 'reset') await assert.rejects(asked);
        else assert.equal((await asked).status, fault.kind === 'status' ? 500 : 502);
        assert.equal((await resolve(sonzai, id, 'approve')).status, when === 'after' ? 409 : 200);
      }
    }
  }));

test('statuses carry headers and bodies of one’s own; latency only takes time; faults end', () =>
  withSonzai({}, async (sonzai) => {
    const slow: SonzaiFault = { kind: 'status', status: 429, when: 'before', headers: { 'Retry-After': '7' } };
    sonzai.fail(`GET ${LIST}`, slow, 2);
    for (const _ of [1, 2]) {
      const reply = await call(sonzai, LIST);
      assert.equal(reply.status, 429);
      assert.equal(reply.headers.get('retry-after'), '7');
      assert.equal(reply.json['title'], 'Too Many Requests');
    }
    sonzai.fail(LIST, { kind: 'latency', ms: 30 });
    const began = performance.now();
    assert.equal((await call(sonzai, LIST)).status, 200);
    assert.ok(performance.now() - began >= 25);
    sonzai.fail(LIST, { kind: 'bad_gateway', when: 'before' });
    const gateway = await call(sonzai, LIST);
    assert.equal(gateway.headers.get('content-type'), 'text/html');
    assert.match(gateway.text, /<html>/);
    sonzai.fail(LIST, { kind: 'status', status: 403, when: 'before', body: { error: 'no' } });
    assert.deepEqual((await call(sonzai, LIST)).json, { error: 'no' });
    assert.equal((await call(sonzai, LIST)).status, 200);
  }));

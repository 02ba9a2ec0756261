/** The OpenAPI document of the inbox: each answer that it names is given at least once, and its examples fit their schemas. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { PREFIX } from '../../../../src/backends/inbox/http/routes.ts';
import { BufferBudget } from '../../../../src/core/ports/buffer-budget.ts';
import { openGuard } from '../../../../src/core/ports/http.ts';
import type { Answer } from '../../../support/openapi/api-check.ts';
import { readText, withServer } from '../../runtype/support/backend.ts';
import { CALLBACK_SECRET } from '../callback/support.ts';
import { ASK, api, DANA_TOKEN, withInbox } from '../support.ts';

type Rig = Parameters<Parameters<typeof withInbox>[1]>[0];

const resolvers = `${DANA_TOKEN}=slack:U0DANA`;
const paths = [PREFIX, `${PREFIX}/{approval_id}`, `${PREFIX}/{approval_id}/resolve`];

/** Each operation once, about this item. */
const each = (id: string) =>
  [
    ['POST', '', { context: 'Deploy 1.4?' }, ASK],
    ['GET', '', undefined, ASK],
    ['GET', `/${id}`, undefined, ASK],
    ['DELETE', `/${id}`, undefined, ASK],
    ['POST', `/${id}/resolve`, { action: 'approve' }, DANA_TOKEN],
  ] as const;

async function callEach({ call }: Rig, status: number, id = 'apr_none', token?: string) {
  for (const [method, path, body, own] of each(id)) {
    const answer = await call(method, path, body, token ?? own, { 'idempotency-key': `${status} ${method}` });
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
  }
}

async function expect(call: ReturnType<Rig['call']>, status: number) {
  const answer = await call;
  assert.equal(answer.status, status, answer.text);
}

describe('each documented answer is given', () => {
  after(() => {
    const missing = api.documented(paths).filter((one) => !api.exercised.has(one));
    assert.deepEqual(missing, [], 'documented, and never given here');
  });

  test('to a good call', () =>
    withInbox({ resolvers }, async ({ call, create }) => {
      const id = await create();
      await expect(call('GET', '?limit=5&type=question'), 200);
      await expect(call('GET', `/${id}`, undefined, ASK, { prefer: 'wait=0' }), 200);
      await expect(call('POST', `/${id}/resolve`, { action: 'reject', reason: 'No.' }, DANA_TOKEN), 200);
      await expect(call('DELETE', `/${id}`), 200);
      await expect(call('POST', `/${id}/resolve`, { action: 'approve' }, DANA_TOKEN), 409);
    }));

  test('while a decision is on its way', () => {
    const { promise: called, resolve: onCall } = Promise.withResolvers<{ body: string; end: () => void }>();
    return withServer(
      (request, response) => void readText(request).then((body) => onCall({ body, end: () => response.end() })),
      ({ port, url }) => {
        const asker = { name: 'deploy', tokens: [ASK], hosts: [`127.0.0.1:${port}`], secret: CALLBACK_SECRET };
        return withInbox({ resolvers, inbox: { askers: [asker], allowLoopback: true } }, async (rig) => {
          const { call, clock, create } = rig;
          const id = await create({ callback_url: `${url}/hook` });
          const late = async (answer: () => ReturnType<Rig['call']>) => {
            const sleeping = clock.next('sleep:5000');
            const waiting = answer();
            await sleeping;
            clock.advance(5_000);
            await expect(waiting, 202);
          };
          await late(() => call('POST', `/${id}/resolve`, { action: 'approve' }, DANA_TOKEN));
          await late(() => call('DELETE', `/${id}`));
          const { body, end } = await called;
          end();
          const schema = [
            'webhooks',
            'approval.resolved',
            'post',
            'requestBody',
            'content',
            'application/json',
            'schema',
          ];
          assert.equal(api.faultOf(JSON.parse(body), ...schema), null);
        });
      },
    );
  });

  test('to a call that is wrong', () =>
    withInbox({ resolvers }, async (rig) => {
      const { call, create } = rig;
      const id = await create();
      await callEach(rig, 401, id, 'unknown');
      for (const [method, path, body, own] of each(id))
        await expect(call(method, path, body, own === ASK ? DANA_TOKEN : ASK), 403);
      await expect(call('POST', '', ''), 400);
      await expect(call('POST', `/${id}/resolve`, { action: 'aprove' }, DANA_TOKEN), 400);
      await expect(call('GET', '/apr_none'), 404);
      await expect(call('DELETE', '/apr_none'), 404);
      await expect(call('POST', '/apr_none/resolve', { action: 'approve' }, DANA_TOKEN), 404);
      const long = { context: 'x'.repeat(70_000) };
      await expect(call('POST', '', long), 413);
      await expect(call('DELETE', `/${id}`, long), 413);
      await expect(call('POST', `/${id}/resolve`, long, DANA_TOKEN), 413);
      await expect(call('POST', '', { contxt: 'x' }), 422);
      await expect(call('GET', '?limit=many'), 422);
      await expect(call('GET', `/${id}?wait=long`), 422);
      await expect(call('POST', `/${id}/resolve`, { action: 'approve', note: 'x' }, DANA_TOKEN), 422);
    }));

  test('while the inbox is disabled', () => withInbox({ askTokens: [], resolvers }, (rig) => callEach(rig, 404)));

  test('to calls that are too many', () =>
    withInbox({ resolvers, inbox: { guard: { ...openGuard, take: () => 3 } } }, (rig) => callEach(rig, 429)));

  test('without room for an answer, or after an error', async () => {
    await withInbox({ resolvers, inbox: { buffers: new BufferBudget(1) } }, (rig) => callEach(rig, 503));
    await withInbox({ resolvers }, async (rig) => {
      const { store } = rig;
      const broken = () => Promise.reject(new Error('broken'));
      Object.assign(store, { list: broken, awaited: broken });
      await callEach(rig, 500);
    });
  });
});

describe('the check against the document', () => {
  const known = {
    method: 'GET',
    target: `${PREFIX}?limit=5`,
    requestHeaders: {},
    requestBody: '',
    status: 200,
    responseHeaders: { 'content-type': 'application/json' },
    responseBody: '{"items":[],"pending_count":0}',
  };
  const problem = { 'content-type': 'application/problem+json' };

  test('finds nothing wrong with what is documented', () => {
    assert.deepEqual(api.faultsOf(known), []);
  });

  for (const [what, more, fault] of [
    ['a status', { status: 418 }, /418 is not documented/],
    ['a field', { responseBody: '{"items":[],"pending_count":0,"page":1}' }, /must NOT have additional properties/],
    ['a missing field', { responseBody: '{"items":[]}' }, /must have required property 'pending_count'/],
    ['a type', { responseHeaders: { 'content-type': 'text/html' } }, /its type text\/html is not documented/],
    ['a header', { responseHeaders: { ...known.responseHeaders, 'x-next': '2' } }, /x-next is not documented/],
    [
      'a missing header',
      { status: 429, responseHeaders: problem, responseBody: '{"title":"","status":429,"detail":""}' },
      /Retry-After is missing/,
    ],
    ['a query that is accepted', { target: `${PREFIX}?limit=x` }, /accepted although limit: .*must be integer/],
    [
      'a body that is accepted',
      { method: 'POST', target: PREFIX, requestBody: '{"contxt":"x"}', responseBody: '{}' },
      /accepted although .*'context'/,
    ],
    [
      'a refusal without a reason',
      { status: 422, responseHeaders: problem, responseBody: '{"title":"","status":422,"detail":"no"}' },
      /refused although the document allows it/,
    ],
    ['a path', { target: `${PREFIX}/a/b/c` }, /no operation/],
  ] as const) {
    test(`finds ${what} that is not documented`, () => {
      assert.match(api.faultsOf({ ...known, ...more }).join('\n'), fault);
    });
  }
});

test('every example fits its schema', () => {
  let count = 0;
  for (const [path, operations] of Object.entries({ ...api.document.paths, ...api.document.webhooks })) {
    const root = path in api.document.paths ? 'paths' : 'webhooks';
    for (const [verb, operation] of Object.entries(operations as (typeof api.document.paths)[string])) {
      if (Array.isArray(operation)) continue;
      const parts: [string[], Answer['content']][] = [
        [['requestBody'], operation.requestBody?.content],
        ...Object.entries(operation.responses).map(([status, { content }]): [string[], Answer['content']] => [
          ['responses', status],
          content,
        ]),
      ];
      for (const [place, content] of parts)
        for (const [type, { examples = {} }] of Object.entries(content ?? {}))
          for (const [name, { value }] of Object.entries(examples)) {
            count += 1;
            assert.equal(
              api.faultOf(value, root, path, verb, ...place, 'content', type, 'schema'),
              null,
              `${path} ${name}`,
            );
          }
    }
  }
  assert.ok(count >= 10, `${count} examples`);
});

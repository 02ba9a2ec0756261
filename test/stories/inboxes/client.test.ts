/** A client that npm has for any OpenAPI document, made from the one that the bot serves, makes every call of the inbox. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AxiosResponse } from 'axios';
import { OpenAPIClientAxios } from 'openapi-client-axios';
import { secretOf } from '../../support/data/secrets.ts';
import { createApiCheck } from '../../support/openapi/api-check.ts';
import { pressSlack, submitSlack, untilCardsSay } from '../../support/people/room.ts';
import { dana, inWorld, type World } from '../../support/worlds/world.ts';

const ASK = secretOf('ask');
const RESOLVE = secretOf('resolve');
const api = await createApiCheck();

type Parameters = Record<string, string | number>;
type Call = (parameters?: Parameters | null, body?: unknown, config?: object) => Promise<AxiosResponse>;

/** Each call by its `operationId`. Each answer is checked against the document. */
async function clientOf(world: World, token: string): Promise<Record<string, Call>> {
  const url = `http://127.0.0.1:${world.app().port}`;
  const client = await new OpenAPIClientAxios({
    definition: `${url}/openapi.json`,
    withServer: { url },
    axiosConfigDefaults: {
      headers: { authorization: `Bearer ${token}` },
      validateStatus: () => true,
    },
  }).init();
  const names = client.api.getOperations().map(({ operationId = '' }) => operationId);
  return Object.fromEntries(
    names.map((name): [string, Call] => [
      name,
      async (...args) => {
        const answer = await (client as unknown as Record<string, Call>)[name]?.(...args);
        if (answer === undefined) throw new Error(`the client has no ${name}`);
        check(answer);
        return answer;
      },
    ]),
  );
}

function check({ config, status, headers, data }: AxiosResponse): void {
  const { pathname, search } = new URL(`${config.baseURL ?? ''}${config.url ?? ''}`);
  const query = new URLSearchParams(config.params ?? {}).toString();
  const lower = (all: object) =>
    Object.fromEntries(Object.entries(all).map(([name, value]) => [name.toLowerCase(), String(value)]));
  const faults = api.faultsOf({
    method: (config.method ?? 'get').toUpperCase(),
    target: `${pathname}${search || (query && `?${query}`)}`,
    requestHeaders: lower(config.headers ?? {}),
    requestBody: typeof config.data === 'string' ? config.data : '',
    status,
    responseHeaders: lower(headers),
    responseBody: typeof data === 'string' ? data : JSON.stringify(data),
  });
  assert.deepEqual(faults, []);
}

const env = { ASK_TOKENS: ASK, RESOLVE_TOKENS: `${RESOLVE}=slack:${dana.slackId}` };

function story(
  name: string,
  run: (world: World, asker: Record<string, Call>, resolver: Record<string, Call>) => Promise<void>,
) {
  test(name, () =>
    inWorld(async (world) => run(world, await clientOf(world, ASK), await clientOf(world, RESOLVE)), { env }),
  );
}

story('it asks, waits, and reads what a person pressed', async (world, asker) => {
  const { ask, read, listPending } = asker;
  assert.ok(ask && read && listPending);
  const question = { context: 'Deploy 1.4?', payload: { order: 12 } };
  const asked = await ask({ 'Idempotency-Key': 'deploy-1.4' }, question);
  assert.deepEqual([asked.status, asked.data.status, asked.data.payload], [200, 'pending', { order: 12 }]);
  const { approval_id: id } = asked.data;
  const again = await ask({ 'Idempotency-Key': 'deploy-1.4' }, question);
  assert.equal(again.data.approval_id, id, 'the same key asks once');
  assert.deepEqual((await listPending({ limit: 5 })).data, { items: [asked.data], pending_count: 1 });
  const waiting = read({ approval_id: id, wait: 30 });
  await pressSlack(world, dana, await world.slackCard(), 'Approve');
  const { status, data } = await waiting;
  assert.deepEqual([status, data.status, data.resolved_by], [200, 'approved', `slack:${dana.slackId}`]);
  await untilCardsSay(world, 'Approved by Dana Reyes');
  assert.equal((await listPending()).data.pending_count, 0);
});

story('it reads why a person refused, and withdraws what nobody waits for', async (world, asker) => {
  const { ask, read, withdraw } = asker;
  assert.ok(ask && read && withdraw);
  const rejected = (await ask(null, { context: 'Deploy 1.5?' })).data.approval_id;
  await pressSlack(world, dana, await world.slackCard(), 'Reject');
  await submitSlack(world, dana, 'Not on a Friday');
  const answer = (await read({ approval_id: rejected, wait: 30 })).data;
  assert.deepEqual([answer.status, answer.reason], ['rejected', 'Not on a Friday']);
  const left = (await ask(null, { context: 'Deploy 1.6?' })).data.approval_id;
  const withdrawn = await withdraw({ approval_id: left });
  assert.deepEqual([withdrawn.status, withdrawn.data.status], [200, 'withdrawn']);
  assert.equal((await withdraw({ approval_id: rejected })).data.status, 'rejected', 'a decision counts');
});

story('it decides as the person of its token, once', async (_world, { ask }, { resolve }) => {
  assert.ok(ask && resolve);
  const { data } = await ask(null, { context: 'Where to?', options: ['staging', 'production'] });
  const decide = (body: object) => resolve({ approval_id: data.approval_id }, body);
  const wrong = await decide({ action: 'take_over', answer: 'the moon' });
  assert.equal(wrong.status, 403, JSON.stringify(wrong.data));
  const decided = await decide({ action: 'take_over', answer: 'staging' });
  assert.deepEqual([decided.status, decided.data.status, decided.data.answer], [200, 'answered', 'staging']);
  const late = await decide({ action: 'reject' });
  assert.deepEqual([late.status, late.data.title], [409, 'Conflict']);
});

story('it is told what is wrong with a call', async (world, asker) => {
  const { ask, read } = asker;
  const { ask: unknown } = await clientOf(world, 'wrong');
  assert.ok(ask && read && unknown);
  const none = await unknown(null, { context: 'x' });
  assert.deepEqual([none.status, none.headers['www-authenticate']], [401, 'Bearer']);
  assert.equal((await read({ approval_id: 'apr_none' })).status, 404);
  assert.equal((await ask(null, { context: 'x'.repeat(70_000) })).status, 413);
  const invalid = await ask({ 'Idempotency-Key': 'k' }, { contxt: 'x' });
  assert.deepEqual(
    [invalid.status, invalid.data.errors.at(-1)],
    [422, { message: 'unexpected property', location: 'body.contxt' }],
  );
  await ask({ 'Idempotency-Key': 'k' }, { context: 'One thing?' });
  const reused = await ask({ 'Idempotency-Key': 'k' }, { context: 'Another thing?' });
  assert.match(reused.data.detail, /was used with another body/);
  const { data } = await ask(null, { context: 'Flood?' });
  const flood = await Promise.all(Array.from({ length: 60 }, () => read({ approval_id: data.approval_id })));
  const refused = flood.filter(({ status }) => status === 429);
  assert.ok(refused.length > 0 && Number(refused[0]?.headers['retry-after']) >= 1);
});

story('it can make every call that the document has', async (_world, asker, resolver) => {
  const seen = new Set(['ask', 'listPending', 'read', 'withdraw', 'resolve']);
  for (const [path, operations] of Object.entries(api.document.paths)) {
    if (path.startsWith('/api/')) {
      for (const { operationId } of Object.values(operations))
        if (operationId !== undefined) assert.ok(seen.has(operationId), operationId);
    } else if (path.startsWith('/ingest/')) {
      const unsigned = await asker['ingestRuntype']?.(
        { 'webhook-id': '1', 'webhook-timestamp': '1', 'webhook-signature': 'v1,x' },
        {},
      );
      assert.equal(unsigned?.status, 401);
    } else if (path !== '/metrics') {
      const [operation] = Object.values(operations);
      const answer = await resolver[operation?.operationId ?? '']?.();
      assert.ok(answer !== undefined && [200, 503].includes(answer.status), path);
    }
  }
});

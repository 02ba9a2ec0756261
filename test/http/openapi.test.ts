/** The OpenAPI document as it is served and kept in docs/, and the answers of what the server itself serves. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Validator } from '@seriousme/openapi-schema-validator';
import { apiParts, backends } from '../../src/adapters.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { createDocument } from '../../src/http/openapi.ts';
import type { ProbeDeps } from '../../src/http/probes.ts';
import { startServer } from '../../src/http/server.ts';
import { noGuard } from '../support/http.ts';
import { captureLog } from '../support/log.ts';
import { createApiCheck } from '../support/openapi/api-check.ts';

const kept = readFileSync(fileURLToPath(new URL('../../docs/openapi.json', import.meta.url)), 'utf8');
const api = await createApiCheck();

async function withServer(
  more: Partial<ProbeDeps>,
  run: (get: (path: string, token?: string) => Promise<Response>) => Promise<void>,
) {
  const health: ProbeDeps = {
    health: { report: () => ({ ready: true, checks: [] }) },
    lag: { worst: () => 0 },
    metrics: createMetrics(),
    started: {},
    token: null,
    guard: noGuard,
    exposedBy: null,
    ...more,
  };
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    mounts: [],
    health,
    api: apiParts,
    log: captureLog().log,
  });
  try {
    await run(async (path, token) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers });
      const exchange = {
        method: 'GET',
        target: path,
        requestHeaders: headers,
        requestBody: null,
        status: answer.status,
        responseHeaders: Object.fromEntries([...answer.headers].filter(([name]) => name !== 'transfer-encoding')),
        responseBody: await answer.clone().text(),
      };
      assert.deepEqual(api.faultsOf(exchange), []);
      return answer;
    });
  } finally {
    await server.stop();
  }
}

describe('the document', () => {
  test('is a valid OpenAPI 3.1 document', async () => {
    const validator = new Validator();
    const result = await validator.validate(JSON.parse(kept));
    assert.deepEqual([result.valid, validator.version, result.errors], [true, '3.1', undefined]);
  });

  test('is kept in docs/openapi.json as it is made: run “npm run openapi”', async () => {
    assert.equal(kept, `${JSON.stringify(createDocument(await apiParts()), null, 2)}\n`);
  });

  test('is served to anyone, and says nothing of this installation', () =>
    withServer({ token: 'secret', exposedBy: 'HOST' }, async (get) => {
      const answer = await get('/openapi.json');
      assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'application/json']);
      assert.equal(`${JSON.stringify(await answer.json(), null, 2)}\n`, kept);
    }));

  test('has each operation once, each with what it answers', () => {
    const operations = Object.values(api.document.paths).flatMap((path) =>
      Object.values(path).filter((one) => 'operationId' in one),
    );
    const ids = operations.map(({ operationId }) => operationId);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.includes('ask') && ids.includes('ingestRuntype') && ids.includes('healthz'), ids.join());
    assert.ok(operations.every(({ responses }) => Object.keys(responses).length > 0));
  });

  test('refuses two parts of one name', async () => {
    const [part] = await apiParts();
    assert.ok(part);
    assert.throws(() => createDocument([part, part]), /two parts of the API have \/api\/v1\/approvals/);
    assert.ok(backends.some(({ name }) => name === 'inbox'));
  });
});

describe('the server itself answers as the document says', () => {
  const paths = ['/healthz', '/readyz', '/metrics', '/openapi.json'];

  test('in every way', async () => {
    await withServer({}, async (get) => {
      for (const path of paths) assert.equal((await get(path)).status, 200, path);
    });
    const bad = { lag: { worst: () => 9_000 }, health: { report: () => ({ ready: false, checks: [] }) } };
    await withServer({ ...bad, token: 'right' }, async (get) => {
      for (const path of ['/healthz', '/readyz']) assert.equal((await get(path)).status, 503, path);
      assert.equal((await get('/metrics', 'wrong')).status, 403);
    });
    const guard = { wrongSecret: async () => 7 };
    await withServer({ guard, token: 'right' }, async (get) => {
      for (const path of ['/readyz', '/metrics']) assert.equal((await get(path, 'wrong')).status, 429, path);
    });
    assert.deepEqual(
      api.documented(paths).filter((one) => !api.exercised.has(one)),
      [],
    );
  });
});

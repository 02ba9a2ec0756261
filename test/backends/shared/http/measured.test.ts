import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerError, TransportError } from '../../../../src/backends/shared/http/failures.ts';
import { measured } from '../../../../src/backends/shared/http/measured.ts';
import { createTransport, type Outgoing } from '../../../../src/backends/shared/transport.ts';
import { createTestClock } from '../../../support/clock.ts';
import { createCounted } from '../../../support/metrics/counted.ts';
import { withServer } from '../../runtype/support/backend.ts';

const get = (path: string): Outgoing => ({
  method: 'GET',
  path,
  rawHeaders: [],
  body: null,
  fresh: true,
  headersMs: 2_000,
});

test('each call is measured until its headers, by what it is for and how it ended', async () => {
  const { metrics, values } = createCounted();
  const clock = createTestClock();
  const callOf = ({ path }: { path: string }) => (path === '/list' ? 'list' : 'read');
  const measuring = { backend: 'sonzai', clock, metrics };
  await withServer(
    (request, response) => {
      clock.advance(250);
      if (request.url === '/cut') return request.socket.destroy();
      response.writeHead(Number(request.url?.slice(1)) || 200).end('{}');
    },
    async ({ url }) => {
      const transport = measured(createTransport(url, { connectMs: 2_000 }), callOf, measuring);
      for (const path of ['/list', '/404', '/429', '/503']) (await transport.send(get(path))).body.destroy();
      await assert.rejects(transport.send(get('/cut')), TransportError);
      transport.close();
      const closed = measured(
        { send: () => Promise.reject(new TransportError('unsent', 'refused')), close() {} },
        callOf,
        measuring,
      );
      await assert.rejects(closed.send(get('/list')), /refused/);
      const broken = measured({ send: () => Promise.reject(new AnswerError('odd')), close() {} }, callOf, measuring);
      await assert.rejects(broken.send(get('/list')), /odd/);
    },
  );
  assert.deepEqual(await values('backend_call_seconds_count'), {
    '{backend="sonzai",call="list",outcome="2xx"}': 1,
    '{backend="sonzai",call="list",outcome="ambiguous"}': 1,
    '{backend="sonzai",call="list",outcome="unsent"}': 1,
    '{backend="sonzai",call="read",outcome="4xx"}': 1,
    '{backend="sonzai",call="read",outcome="429"}': 1,
    '{backend="sonzai",call="read",outcome="5xx"}': 1,
    '{backend="sonzai",call="read",outcome="ambiguous"}': 1,
  });
  assert.equal((await values('backend_call_seconds_sum'))['{backend="sonzai",call="list",outcome="2xx"}'], 0.25);
});

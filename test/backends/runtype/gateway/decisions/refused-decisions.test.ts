/** `APPLICATION_DECIDES=off`: only people decide what they are asked, whatever an application sends. */
import assert from 'node:assert/strict';
import { request as httpRequest, type RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { runs } from '../../../../support/property.ts';
import {
  APP_KEY,
  type Bench,
  frame,
  type Listening,
  readText,
  sendStream,
  withGateway,
} from '../../support/backend.ts';
import { asked, post, start } from '../../support/caller.ts';
import { anyCoding, encode } from '../../support/codings.ts';
import { spelled } from '../../support/spellings.ts';

const STRANGER = 'rt_test_stranger_key_0003';
const off = { applicationDecides: false };
const approve = { executionId: 'exec_1', approvalId: 'appr_1', decision: 'approved' };
const waits = (toolCallId: string, toolName: string) => ({
  type: 'await',
  executionId: 'exec_1',
  toolCallId,
  toolName,
});

type Opened = Bench & { gateway: Listening; forwarded: string[] };

/** `exec_1` waits for the approval `appr_1`, the output `t1` of people, and `t2` and `t3` of its application. */
function withOpened<T>(
  use: (opened: Opened) => Promise<T>,
  events: readonly object[] = [asked, waits('t1', 'pick'), waits('t2', 'show_cart'), waits('t3', 'lookup_user')],
): Promise<T> {
  const forwarded: string[] = [];
  const upstream: RequestListener = async (request, response) => {
    const body = await readText(request);
    if (request.url === '/v1/dispatch?opening') {
      return sendStream(response, [start, ...events].map((event) => frame(event as typeof start)).join(''));
    }
    forwarded.push(`${request.method} ${request.url} ${body}`);
    response.end();
  };
  return withGateway(upstream, { ...off, awaitTools: () => ['pick', 'show_*'] }, async (bench) => {
    const clientTools = [{ name: 'show_cart' }];
    await post(bench.gateway.url, { path: '/v1/dispatch?opening', body: { clientTools } });
    return use({ ...bench, forwarded });
  });
}

const refusals = ({ intake }: Bench) => intake.deliveries.filter(({ type }) => type === 'decision_refused');

/** A call with any method. */
function call(url: string, method: string, path: string, body: string): Promise<number> {
  const { hostname, port } = new URL(url);
  const headers = { authorization: `Bearer ${APP_KEY}`, 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ hostname, port, path, method, headers, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    outgoing.on('error', reject).end(body);
  });
}

describe('a decision of an application, where applications may not decide', () => {
  test('is answered 403 with the reason, and reported with who, what run and what verdict', () =>
    withOpened(async (opened) => {
      const { gateway, intake, clock, forwarded } = opened;
      intake.onDecision = () => assert.fail('it was recorded');
      const { status, text } = await post(gateway.url, { path: '/v1/dispatch/approve', body: approve });
      assert.equal(status, 403);
      const problem = JSON.parse(text) as Record<string, unknown>;
      assert.deepEqual([problem['title'], problem['status'], problem['error']], ['Forbidden', 403, 'Forbidden']);
      assert.match(String(problem['detail']), /APPLICATION_DECIDES=off.*Nothing was forwarded/);
      const actor = { platform: 'application', id: clock.hash(APP_KEY).slice(0, 8), name: 'application' };
      const about = { backend: 'runtype', key: 'approval:appr_1', runId: 'exec_1', action: 'approve', actor };
      assert.deepEqual(refusals(opened), [{ type: 'decision_refused', ...about }]);
      assert.deepEqual([forwarded, intake.settled], [[], []]);
    }));

  test('on every route, in every spelling and coding, from anyone, whatever it is called', () => {
    const bodies: object[] = [
      approve,
      { ...approve, decision: 'denied' },
      { ...approve, decision: 'maybe' },
      { ...approve, executionId: 'exec_unknown', approvalId: 'appr_unknown' },
      { executionId: 'exec_1', continuation: approve },
      { executionId: 'exec_1', continuation: { type: 'approval' } },
      { executionId: 'exec_1', continuation: 'approved' },
      { executionId: 'exec_1', toolOutputs: { t1: 'Friday' } },
      { executionId: 'exec_1', toolOutputs: { pick: { approved: true } } },
      { executionId: 'exec_1', toolOutputs: { 'webmcp:pick': 1 } },
      { executionId: 'exec_1', toolOutputs: { t2: 'own', t1: 'of people' } },
      { executionId: 'exec_1', toolOutputs: { t2: 'own' }, approvalId: 'appr_1', decision: 'approved' },
      { executionId: 'exec_1', toolOutputs: { unknown: 1 } },
      { executionId: 'exec_1', toolOutputs: { runtime_pick_1788000000000: 1 } },
      { executionId: 'exec_1', toolOutputs: {} },
      { executionId: 'exec_1', toolOutputs: ['t1'] },
      { executionId: 'exec_2', toolOutputs: { t1: 'under another run' } },
      { executionId: 'exec_1', continuation: { toolOutputs: { t1: 1 } } },
    ];
    const paths = ['/v1/dispatch/approve', '/v1/agents/a/resume', '/v1/client/continue', '/v1/flows/f/answer', '/v1/x'];
    const sent = fc.record({
      path: fc.constantFrom(...paths).chain(spelled),
      body: fc.constantFrom(...bodies),
      codings: fc.array(anyCoding, { maxLength: 2 }),
      key: fc.constantFrom(APP_KEY, STRANGER),
    });
    return withOpened(async ({ gateway, forwarded }) => {
      await fc.assert(
        fc.asyncProperty(sent, async ({ path, body, codings, key }) => {
          const headers = codings.length > 0 ? { 'content-encoding': codings.join(', ') } : {};
          const json = encode(Buffer.from(JSON.stringify(body)), codings);
          assert.equal((await post(gateway.url, { path, body: json, key, headers })).status, 403);
        }),
        { numRuns: runs(120) },
      );
      assert.deepEqual(forwarded, []);
    });
  });

  test('also where the route says so, and the body says nothing', () =>
    withOpened(async ({ gateway, forwarded }) => {
      for (const body of ['', '[]', '"approved"', '{}', JSON.stringify({ executionId: 'exec_1' })]) {
        const path = '/v1/dispatch/approve?executionId=exec_1&approvalId=appr_1&decision=approved';
        assert.equal((await post(gateway.url, { path, body })).status, 403, body);
      }
      assert.deepEqual(forwarded, []);
    }));

  test('by any method; what only reads is forwarded', () =>
    withOpened(async ({ gateway, forwarded }) => {
      const { url } = gateway;
      for (const method of ['PUT', 'PATCH', 'DELETE']) {
        assert.equal(await call(url, method, '/v1/runs/exec_1', JSON.stringify(approve)), 403, method);
        assert.equal(await call(url, method, '/v1/dispatch/approve?executionId=exec_1', ''), 403, method);
      }
      assert.deepEqual(forwarded, []);
      assert.equal(await call(url, 'PUT', '/v1/records/r1', '{"name":"x"}'), 200);
      assert.equal(await call(url, 'DELETE', '/v1/records/r1', ''), 200);
      assert.equal(await call(url, 'OPTIONS', '/v1/client/approve', ''), 200);
      assert.deepEqual(forwarded, [
        'PUT /v1/records/r1 {"name":"x"}',
        'DELETE /v1/records/r1 ',
        'OPTIONS /v1/client/approve ',
      ]);
    }));

  test('or that can’t be read, on any route', () =>
    withOpened(async ({ gateway, forwarded }) => {
      const json = Buffer.from(JSON.stringify(approve));
      for (const path of ['/v1/dispatch/approve', '/v1/dispatch', '/v1/x']) {
        const unread: [Buffer, string, number][] = [
          [json, 'compress', 415],
          [json, 'gzip', 400],
          [json.subarray(0, -1), 'identity', 400],
        ];
        for (const [body, coding, status] of unread) {
          const headers = { 'content-encoding': coding };
          assert.equal((await post(gateway.url, { path, body, headers })).status, status, `${path} ${coding}`);
        }
      }
      assert.deepEqual(forwarded, []);
    }));

  test('is refused although it can’t be recorded', () =>
    withOpened(async ({ gateway, intake, forwarded }) => {
      intake.onDeliver = () => {
        throw new Error('disk full');
      };
      assert.equal((await post(gateway.url, { path: '/v1/dispatch/approve', body: approve })).status, 403);
      assert.deepEqual(forwarded, []);
    }));
});

describe('outputs that no person is asked for', () => {
  test('pass: of the application’s own tools, and of those that are not among AWAIT_TOOLS', () =>
    withOpened(async (opened) => {
      const { gateway, forwarded } = opened;
      const own = [{ t2: 'shown' }, { show_cart: 'shown' }, { t3: { id: 7 } }, { lookup_user: 7 }, { t2: 1, t3: 2 }];
      for (const toolOutputs of own) {
        for (const path of ['/v1/dispatch/resume', '/v1/agents/a/resume', '/v1/x']) {
          const body = { executionId: 'exec_1', toolOutputs };
          assert.equal((await post(gateway.url, { path, body })).status, 200, JSON.stringify(body));
        }
      }
      assert.equal(forwarded.length, own.length * 3);
      assert.deepEqual(refusals(opened), []);
    }));

  test('pass: of a run that asks people nothing', () =>
    withOpened(
      async ({ gateway, forwarded }) => {
        for (const executionId of ['exec_1', 'exec_of_before']) {
          const body = { executionId, toolOutputs: { t2: 1, anything: 2 } };
          await post(gateway.url, { path: '/v1/dispatch/resume', body });
          await post(gateway.url, { path: '/v1/dispatch/continue', body: { executionId, continuation: body } });
        }
        assert.equal(forwarded.length, 4);
      },
      [waits('t2', 'show_cart')],
    ));

  test('and what decides nothing passes', () =>
    withOpened(async ({ gateway, forwarded }) => {
      const others = [{ executionId: 'exec_1' }, { note: 'approved', approvalId: 'appr_1' }, { messages: [] }];
      for (const body of others) assert.equal((await post(gateway.url, { path: '/v1/records', body })).status, 200);
      assert.equal(forwarded.length, others.length);
    }));
});

describe('a website’s visitor, where applications may not decide', () => {
  const origin = 'https://shop.example';
  const website = { tokens: [], origins: [origin], visitorTools: ['place_*'] };
  const headers = { origin, 'content-type': 'application/json' };

  test('can read the refusal, and still gives the approvals that are left to visitors', async () => {
    const order = { ...asked, approvalId: 'appr_2', toolName: 'place_order' };
    let approvals = 0;
    const upstream: RequestListener = (request, response) => {
      if (request.url === '/v1/client/chat') return sendStream(response, [start, asked, order].map(frame).join(''));
      approvals += 1;
      sendStream(response, frame({ type: 'approval_complete', ...approve, approvalId: 'appr_2' }));
    };
    await withGateway(upstream, { ...off, website }, async (bench) => {
      const send = (name: string, body: object) =>
        fetch(`${bench.gateway.url}/v1/client/${name}`, {
          method: 'POST',
          headers,
          body: JSON.stringify({ sessionId: 'cs_1', ...body }),
        });
      await (await send('chat', { messages: [] })).text();
      const refused = await send('approve', approve);
      assert.deepEqual([refused.status, refused.headers.get('access-control-allow-origin')], [403, origin]);
      assert.match(refused.headers.get('content-type') ?? '', /problem\+json/);
      assert.equal(refusals(bench)[0]?.type, 'decision_refused');
      assert.equal(approvals, 0);
      const given = await send('approve', { ...approve, approvalId: 'appr_2' });
      assert.match(await given.text(), /approval_complete/);
      const page = await send('resume', { executionId: 'exec_1', toolOutputs: { t9: 'shown' } });
      assert.equal(page.status, 200);
    });
  });
});

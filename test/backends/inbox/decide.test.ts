/** How an asker gets the outcome: it reads it, or gets a signed callback. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { AskerSetting } from '../../../src/backends/inbox/askers.ts';
import { createInbox } from '../../../src/backends/inbox/index.ts';
import { SetupError } from '../../../src/core/ports/errors.ts';
import { createTestClock } from '../../support/clock.ts';
import { asApproval } from '../../support/data/pauses.ts';
import { captureLog } from '../../support/log.ts';
import { withServer } from '../runtype/support/backend.ts';
import { CALLBACK_SECRET, inboxApproval, never, noQuestions, withReceiver } from './callback/support.ts';

const NEW_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

describe('without a callback', () => {
  test('a decision is recorded at once', () =>
    withReceiver(
      (_, response) => response.end(),
      { hosts: [], secret: null },
      async ({ inbox, item, received }) => {
        const { result } = await inbox.decide([item('reject', null)], never);
        assert.deepEqual(result, { type: 'recorded', following: false });
        assert.equal(received.length, 0);
      },
    ));

  test('anything but one decided item of the inbox is refused', () =>
    withReceiver(
      (_, response) => response.end(),
      {},
      async ({ inbox, item, received }) => {
        const undecided = asApproval({ ...item(), decision: null });
        const foreign = { ...item(), pause: { ...item().pause, wire: {} } };
        for (const group of [[], [undecided], [foreign], [item(), item()]]) {
          assert.equal((await inbox.decide(group, never)).result.type, 'refused');
        }
        assert.equal(received.length, 0);
      },
    ));
});

describe('a callback', () => {
  test('carries the outcome, signed by Standard Webhooks', () =>
    withReceiver(
      (_, response) => response.end('thanks'),
      { secret: `${NEW_SECRET} ${CALLBACK_SECRET}` },
      async ({ inbox, item, received, clock }) => {
        // The library's own check uses the real clock.
        clock.setWall(Date.now());
        const { result } = await inbox.decide([item('reject')], never);
        assert.deepEqual(result, { type: 'recorded', following: false });
        const [call] = received;
        assert.ok(call !== undefined && received.length === 1);
        assert.deepEqual([call.method, call.url], ['POST', '/hook?run=7']);
        for (const secret of [NEW_SECRET, CALLBACK_SECRET]) new Webhook(secret).verify(call.body, call.headers);
        assert.throws(() =>
          new Webhook(CALLBACK_SECRET).verify(call.body.replace('rejected', 'approved'), call.headers),
        );
        const { type, data } = JSON.parse(call.body);
        assert.equal(type, 'approval.resolved');
        const { approval_id, status, resolved_by, resolved_by_name, reason, context } = data;
        assert.deepEqual(
          [approval_id, status, resolved_by, resolved_by_name, reason, context],
          ['apr_1', 'rejected', 'slack:U0DANA', 'Dana Reyes', 'Not today', 'Deploy 1.4?'],
        );
        assert.equal(data.asker, 'deploy');
      },
    ));

  test('is the same message at every try, and another one for another decision', () =>
    withReceiver(
      (_, response) => response.writeHead(503).end(),
      {},
      async ({ inbox, item, received, clock }) => {
        assert.equal(inbox.resendable([item()]), true);
        await inbox.decide([item()], never);
        clock.advance(60_000);
        await inbox.decide(
          [asApproval({ ...item(), mayHaveArrived: true, detail: { code: 'text', text: 'It answered 503.' } })],
          never,
        );
        await inbox.decide([item('take_over')], never);
        const [first, again, other] = received;
        assert.equal(first?.body, again?.body);
        assert.equal(first?.headers['webhook-id'], again?.headers['webhook-id']);
        assert.notEqual(first?.headers['webhook-id'], other?.headers['webhook-id']);
        const times = received.map(({ headers }) => Number(headers['webhook-timestamp']));
        assert.equal((times[1] ?? 0) - (times[0] ?? 0), 60, 'each try has its own time, or it would age');
      },
    ));

  const answers: [status: number, type: string, reason: RegExp][] = [
    [204, 'recorded', /^$/],
    [400, 'refused', /answered 400: no such run/],
    [401, 'refused', /the secret of deploy in ASKERS/],
    [404, 'refused', /callback_url/],
    [409, 'refused', /409/],
    [410, 'refused', /410/],
    [429, 'unsent', /429/],
    [500, 'ambiguous', /500/],
    [503, 'ambiguous', /503/],
  ];
  for (const [status, type, reason] of answers) {
    test(`${status}: ${type}`, () =>
      withReceiver(
        (_, response) =>
          response.writeHead(status, { 'retry-after': '7' }).end(JSON.stringify({ detail: 'no such run' })),
        {},
        async ({ inbox, item }) => {
          const { result, retryAfterMs } = await inbox.decide([item()], never);
          assert.equal(result.type, type);
          assert.match('reason' in result ? result.reason : '', reason);
          assert.equal(retryAfterMs, status === 429 || status === 503 ? 7_000 : undefined);
        },
      ));
  }

  for (const status of [301, 302, 303, 307, 308]) {
    test(`${status}: a redirect is not followed`, () => {
      let visits = 0;
      const trap = () => {
        visits += 1;
      };
      return withServer(trap, ({ url }) =>
        withReceiver(
          (_, response) => response.writeHead(status, { location: `${url}/trap` }).end(),
          {},
          async ({ inbox, item, received }) => {
            const { result } = await inbox.decide([item()], never);
            assert.equal(result.type, 'refused');
            assert.match('reason' in result ? result.reason : '', /Redirects are not followed/);
            assert.deepEqual([received.length, visits], [1, 0]);
          },
        ),
      );
    });
  }

  test('whose response is lost, late, or cancelled is ambiguous', () =>
    withReceiver(
      (request, response) => (request.url === '/reset' ? response.destroy() : undefined),
      { callbackTimeouts: { headersMs: 50 } },
      async ({ inbox, item, receiver }) => {
        for (const path of ['/reset', '/hang']) {
          const { result } = await inbox.decide([item('approve', `${receiver.url}${path}`)], never);
          assert.equal(result.type, 'ambiguous', path);
        }
      },
    ));

  const calling = new AbortController();
  test('that is cancelled, or has no receiver, is ambiguous or unsent', () =>
    withReceiver(
      () => calling.abort(),
      {},
      async ({ inbox, item, receiver }) => {
        const { result } = await inbox.decide([item()], calling.signal);
        assert.equal(result.type, 'ambiguous');
        assert.equal((await inbox.decide([item()], AbortSignal.abort())).result.type, 'unsent');
        await new Promise<void>((resolve) => {
          receiver.server.close(() => resolve());
          receiver.server.closeAllConnections();
        });
        assert.equal((await inbox.decide([item()], never)).result.type, 'unsent');
      },
    ));

  test('reads no more of a response than it needs', () =>
    withReceiver(
      (request, response) => {
        response.writeHead(request.url === '/fine' ? 200 : 400);
        const more = () => {
          while (response.write(Buffer.alloc(64 * 1024)));
        };
        response.on('drain', more);
        more();
      },
      {},
      async ({ inbox, item, receiver }) => {
        const answers = ['/fine', '/bad'].map(async (path) => {
          const { result } = await inbox.decide([item('approve', `${receiver.url}${path}`)], never);
          return result.type;
        });
        assert.deepEqual(await Promise.all(answers), ['recorded', 'refused']);
      },
    ));

  test('leaves neither secret nor payload in the log', () =>
    withReceiver(
      (_, response) => response.writeHead(500).end(),
      {},
      async ({ inbox, item, log }) => {
        await inbox.decide([item('reject')], never);
        assert.notEqual(log.text(), '');
        for (const secret of [CALLBACK_SECRET, 'for-reviewers', 'Not today']) assert.ok(!log.text().includes(secret));
      },
    ));
});

describe('the hosts and the secret of callbacks', () => {
  const clock = createTestClock();
  const build = (...askers: AskerSetting[]) => createInbox({ ...noQuestions, askers, clock, log: captureLog().log });
  const create = (hosts: string[], secret: string | null) =>
    build({ name: 'token-1', tokens: ['t'], hosts, secret, unnamed: true });
  const bad: [string[], string | null, RegExp][] = [
    [['hooks.example.com'], null, /CALLBACK_SECRET/],
    [['hooks.example.com'], 'whsec_%%', /CALLBACK_SECRET/],
    [['https://hooks.example.com'], CALLBACK_SECRET, /CALLBACK_HOSTS/],
    [['hooks.example.com/path'], CALLBACK_SECRET, /CALLBACK_HOSTS/],
    [['*.example.com'], CALLBACK_SECRET, /CALLBACK_HOSTS/],
  ];
  for (const [hosts, secret, reason] of bad) {
    test(`${hosts} with ${secret === null ? 'no secret' : 'a secret'}: ${reason.source}`, () =>
      assert.throws(
        () => create(hosts, secret),
        (error) => error instanceof SetupError && reason.test(error.message),
      ));
  }

  const deploy = { name: 'deploy', tokens: ['t'], hosts: ['b.example.com'], secret: CALLBACK_SECRET };
  const refusals: [what: string, askers: AskerSetting[], RegExp][] = [
    ['a host that was removed since', [deploy], /a\.example\.com is not one of the hosts of deploy in ASKERS/],
    ['an asker that was removed since', [{ ...deploy, name: 'billing' }], /Who asked is not one of ASKERS/],
    [
      'a host of another asker',
      [deploy, { ...deploy, name: 'b', hosts: ['a.example.com'] }],
      /not one of the hosts of deploy/,
    ],
  ];
  for (const [what, askers, reason] of refusals) {
    test(`${what} is not called`, async () => {
      const { result } = await build(...askers).decide([inboxApproval('approve', 'https://a.example.com/')], never);
      assert.equal(result.type, 'refused');
      assert.match('reason' in result ? result.reason : '', reason);
    });
  }

  test('an item of an older version, which was asked for with a token alone, is still delivered', () =>
    withReceiver(
      (_, response) => response.end(),
      {},
      async ({ inbox, received, receiver }) => {
        const approval = inboxApproval('approve', `${receiver.url}/hook`);
        const { askerName: _name, requestSha256: _sha, ...older } = approval.pause.wire;
        const wire = { ...older, asker: clock.hash('asker\nt') };
        const { result } = await inbox.decide([{ ...approval, pause: { ...approval.pause, wire } }], never);
        assert.equal(result.type, 'recorded');
        assert.equal(JSON.parse(received[0]?.body ?? '').data.asker, 'deploy');
      },
    ));

  test('the body names the asker, the address and the request, so that no receiver takes it for another', () =>
    withReceiver(
      (_, response) => response.end(),
      {},
      async ({ inbox, item, received, receiver, clock }) => {
        clock.setWall(Date.now());
        await inbox.decide([item('approve', `${receiver.url}/staging/restart`)], never);
        const [call] = received;
        assert.ok(call !== undefined);
        new Webhook(CALLBACK_SECRET).verify(call.body, call.headers);
        const { asker, callback_url, request_sha256, approval_id } = JSON.parse(call.body).data;
        assert.deepEqual(
          [asker, callback_url, request_sha256, approval_id],
          ['deploy', `${receiver.url}/staging/restart`, 'a1b2', 'apr_1'],
        );
        for (const [from, to] of [
          ['deploy', 'payout'],
          ['/staging/restart', '/payout/approve'],
          ['a1b2', 'a1b3'],
        ]) {
          const forged = call.body.replaceAll(from ?? '', to ?? '');
          assert.throws(() => new Webhook(CALLBACK_SECRET).verify(forged, call.headers), to);
        }
      },
    ));

  test('each asker signs with its own secret', async () => {
    const other = { name: 'payout', tokens: ['u'], secret: NEW_SECRET };
    await withReceiver(
      (_, response) => response.end(),
      {},
      async ({ received, receiver, item, clock }) => {
        clock.setWall(Date.now());
        const hosts = [`127.0.0.1:${receiver.port}`];
        const askers = [
          { ...deploy, hosts },
          { ...other, hosts },
        ];
        const inbox = createInbox({ ...noQuestions, askers, allowLoopback: true, clock, log: captureLog().log });
        await inbox.decide([item()], never);
        const [call] = received;
        assert.ok(call !== undefined);
        new Webhook(CALLBACK_SECRET).verify(call.body, call.headers);
        assert.throws(() => new Webhook(NEW_SECRET).verify(call.body, call.headers));
        await inbox.stop();
      },
    );
  });
});

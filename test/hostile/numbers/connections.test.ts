/** Numbers are text, from one end of a connection to the other. */
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, test } from 'node:test';
import { inboxPause } from '../../../src/backends/inbox/item.ts';
import { approvalSchema } from '../../../src/core/approval/approval.ts';
import { parseExact } from '../../../src/core/text/exact/parse.ts';
import { DEPLOY, inboxApproval, withReceiver } from '../../backends/inbox/callback/support.ts';
import { ASK, withInbox } from '../../backends/inbox/support.ts';
import { APP_KEY, decided, readText, withGateway } from '../../backends/runtype/support/backend.ts';
import { held, open, withHold } from '../../backends/runtype/support/held.ts';
import { draftOf, withSonzai } from '../../backends/sonzai/support.ts';
import { asked, ended, inboxWireOf, PAYLOAD, payloadIn } from './wire.ts';

const never = new AbortController().signal;

describe('over real connections', () => {
  test('POST /api/v1/approvals, its answers, and a key that is used again', () =>
    withInbox({}, async ({ url, call, card }) => {
      const body = `{"context":"Pay?","payload":${PAYLOAD},"confidence":0.90}`;
      const post = (text: string, key: string) =>
        call('POST', '', text, ASK, { 'idempotency-key': key, 'content-type': 'application/json' });
      const first = await post(body, 'k1');
      assert.equal(first.status, 200);
      assert.ok(first.text.includes(`"payload":${PAYLOAD},`) && first.text.includes('"confidence":0.90'));
      const shown = JSON.stringify(await card());
      for (const digits of ['120.00', '1234567890123456789', '1e3', '-0', '0.10', '1E400', '9007199254740993']) {
        assert.ok(shown.includes(digits), digits);
      }
      const read = await call('GET', `/${first.body.approval_id}`);
      assert.equal(read.text, first.text);
      const list = await fetch(`${url}/api/v1/approvals`, { headers: { authorization: `Bearer ${ASK}` } });
      assert.ok((await list.text()).includes(`"payload":${PAYLOAD},`));
      assert.equal((await post(body, 'k1')).text, first.text);
      for (const [digits, others] of [
        ['1234567890123456789', '1234567890123456790'],
        ['120.00', '120.0'],
        ['"confidence":0.90', '"confidence":0.9'],
      ] as const) {
        assert.equal((await post(body.replace(digits, others), 'k1')).status, 422, others);
      }
    }));

  test('a callback', () =>
    withReceiver(
      (_, response) => response.end(),
      {},
      async ({ inbox, receiver, received }) => {
        const item = inboxApproval('approve', `${receiver.url}/hook`);
        const wire = { ...inboxWireOf(PAYLOAD), asker: DEPLOY, callbackUrl: `${receiver.url}/hook` };
        const stored = approvalSchema.parse(parseExact(JSON.stringify({ ...item, pause: inboxPause(wire) })));
        await inbox.decide([stored], never);
        assert.ok(received[0]?.body.includes(`"payload":${PAYLOAD},`));
      },
    ));

  test('Sonzai’s list, and an item that is created there', () =>
    withSonzai({}, {}, async ({ announce, client, calls }) => {
      assert.equal(payloadIn(await announce({ payload: parseExact(PAYLOAD) })), PAYLOAD);
      await client.call({
        method: 'POST',
        path: '/api/v1/approvals',
        body: { ...draftOf('Bo'), payload: parseExact(PAYLOAD) },
        signal: never,
      });
      assert.ok(JSON.stringify(calls('POST')).includes(`"payload":${PAYLOAD}`));
    }));

  test('Runtype: a pause, and the output that a person writes', () =>
    withHold({}, async (world) => {
      world.runtype.scripts.set('digits', {
        name: 'digits',
        kind: 'agent',
        title: 'Digits',
        steps: [{ do: 'awaits', calls: [{ toolName: 'pick', parameters: { payload: parseExact(PAYLOAD) } }] }],
      });
      const response = await world.dispatch('digits');
      const pause = await world.pause();
      assert.equal(payloadIn(pause), PAYLOAD);
      await world.decide([pause], 'take_over', `{"answer": ${PAYLOAD}}`);
      assert.ok(JSON.stringify(world.runtype.journal.entries).includes(`{"answer":${PAYLOAD}}`));
      await response.end;
    }));

  const stream = (event: string) => ['text/event-stream', `data: ${event}\n\n`] as const;
  const whole = (body: string) => ['application/json', body] as const;
  const paused = asked(PAYLOAD).replaceAll('\n', '');
  const beginnings = {
    'a stream': stream(paused),
    'an answer in one piece': whole(
      `{"status":"paused","pausedReason":{"executionId":"exec_1","approvals":[${paused}]}}`,
    ),
  };
  const continuations = {
    'a stream': stream(ended(PAYLOAD).replaceAll('\n', '')),
    'an answer in one piece': whole(`{"success":true,"status":"completed","executionId":"exec_1","result":${PAYLOAD}}`),
  };
  for (const [form, beginning] of Object.entries(beginnings)) {
    for (const [way, continuation] of Object.entries(continuations)) {
      test(`the result in ${form} that is held, with a continuation in ${way}`, () => {
        const upstream: RequestListener = async (request, response) => {
          await readText(request);
          const [type, body] = request.url === '/v1/dispatch' ? beginning : continuation;
          response.writeHead(200, { 'content-type': type }).end(body);
        };
        return withGateway(upstream, { hold: { on: true }, gateway: { keys: 'any' } }, async (bench) => {
          const response = await open(bench.gateway.url, '/v1/dispatch', { key: APP_KEY, body: {} });
          await held(bench);
          const { pause } = await bench.intake.delivery('announced');
          assert.equal(payloadIn(pause), PAYLOAD);
          await (await bench.backend.decide([decided(pause, 'approve')], never)).follow?.();
          assert.equal(await response.end, 'ended');
          const name = form === 'a stream' ? 'finalOutput' : 'result';
          assert.ok(response.text().includes(`"${name}":${PAYLOAD}`), response.text());
        });
      });
    }
  }
});

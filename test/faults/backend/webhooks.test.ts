/** Row 8: signed deliveries over HTTP to the real bot. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { createVerifier } from '../../../src/backends/runtype/signature.ts';
import { readConfig } from '../../../src/config/config.ts';
import { webhookSecretOf } from '../../support/data/secrets.ts';
import { inWorld, type World } from '../../support/worlds/world.ts';

const event = {
  type: 'approval_start',
  executionId: 'exec_webhook',
  approvalId: 'appr_webhook',
  toolName: 'refund_order',
  parameters: { orderId: 'A-1009' },
};
const body = JSON.stringify(event);

/** Delivers a signed body. @param age of the signature, s */
function send(world: World, secret: string, { id = 'msg_1', age = 0, sent = body } = {}): Promise<Response> {
  const at = new Date(Math.floor(Date.now() / 1_000 - age) * 1_000);
  return fetch(`http://127.0.0.1:${world.app().port}/ingest/runtype`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(at.getTime() / 1_000),
      'webhook-signature': new Webhook(secret).sign(id, at, body),
    },
    body: sent,
  });
}

const cards = (world: World) => world.slack.state().messages.filter(({ blocks }) => blocks.length > 0).length;

describe('row 8: a webhook', () => {
  test('row 8: the test vector of the scheme’s documentation', () => {
    const verify = createVerifier('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };
    const payload = Buffer.from('{"test": 2432232314}');
    assert.deepEqual(verify(headers, payload, 1_614_265_330_000), { ok: true, id: headers['webhook-id'], secret: 0 });
    assert.equal(verify(headers, Buffer.from('{"test": 2432232315}'), 1_614_265_330_000).ok, false);
  });

  test('row 8: the same id fifty times at once is one row, one card, and each sender gets a success', () =>
    inWorld(async (world) => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => send(world, world.ingestSecret)));
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]));
      await world.slackCard();
      await world.discordCard();
      const all = await world.app().store.list({ unfinished: true });
      assert.equal(all.length, 1);
      const audit = await world.app().store.audit(all[0]?.id ?? '');
      assert.equal(audit.filter(({ input }) => input === 'announced').length, 1);
      assert.equal(cards(world), 1);
    }));

  test('row 8: a wrong signature, an old or a future time: 401, and nothing is stored', () =>
    inWorld(async (world) => {
      const other = `whsec_${randomBytes(24).toString('base64')}`;
      const refused = [
        await send(world, other),
        await send(world, world.ingestSecret, { age: 400 }),
        await send(world, world.ingestSecret, { age: -400 }),
        await send(world, world.ingestSecret, { sent: body.replace('A-1009', 'A-1010') }),
      ];
      for (const answer of refused) {
        assert.equal(answer.status, 401);
        assert.match(answer.headers.get('content-type') ?? '', /problem\+json/);
      }
      assert.deepEqual(await world.app().store.list({ unfinished: true }), []);
      assert.equal(cards(world), 0);
    }));

  test('row 8: during a change of the secret, signatures of the new and the old one are accepted; neither is in the log', () => {
    const [old, fresh, foreign] = Array.from({ length: 3 }, () => `whsec_${randomBytes(24).toString('base64')}`) as [
      string,
      string,
      string,
    ];
    const env = { INGEST_SECRET: `${fresh} ${old}` };
    return inWorld(
      async (world) => {
        assert.equal((await send(world, old)).status, 202);
        assert.equal((await send(world, fresh, { id: 'msg_2' })).status, 202);
        assert.equal((await send(world, foreign, { id: 'msg_3' })).status, 401);
        for (const secret of [old, fresh]) assert.ok(!world.logText().includes(secret.slice('whsec_'.length)));
      },
      { env },
    );
  });

  test('row 8: an invalid secret is refused, and both of two secrets are kept out of the log', () => {
    const base = { DISCORD_TOKEN: 'a.b.c', DISCORD_CHANNEL: '4100', RUNTYPE_API_KEY: 'rt_1' };
    assert.throws(() => readConfig({ ...base, INGEST_SECRET: 'whsec_AAAA nonsense' }), /INGEST_SECRET/);
    const { secrets } = readConfig({ ...base, INGEST_SECRET: `${webhookSecretOf('new')}  ${webhookSecretOf('old')}` });
    assert.ok(secrets.includes(webhookSecretOf('new')) && secrets.includes(webhookSecretOf('old')));
  });
});

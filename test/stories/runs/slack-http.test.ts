/** Slack over HTTP: signed requests to the bot's own server, valid and forged. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { describe, test } from 'node:test';
import { signedRequest } from '../../../src/sandbox/emulators/slack/delivery/http.ts';
import { createSlackEmulator } from '../../../src/sandbox/emulators/slack/index.ts';
import type { Json } from '../../../src/sandbox/emulators/slack/types.ts';
import { calls, pressSlack, privateTexts, submitSlack, textOf, untilCardsSay } from '../../support/people/room.ts';
import { dana, inWorld, kit, type World } from '../../support/worlds/world.ts';

const { signingSecret, close } = await createSlackEmulator();
await close();

/** The story's world, with Slack sending to the bot's HTTP server. */
function overHttp(run: (world: World, events: string) => Promise<void>) {
  return inWorld(
    async (world) => {
      const events = `http://127.0.0.1:${world.app().port}/slack/events`;
      world.slack.sendOverHttp(events);
      await run(world, events);
    },
    { env: { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: signingSecret } },
  );
}

async function post(url: string, request: { headers: Record<string, string>; body: string }) {
  const answer = await fetch(url, { method: 'POST', ...request });
  return { status: answer.status, text: await answer.text() };
}

/** The last request of Slack, to be replayed or forged. */
function lastPayload(world: World): Json {
  const sent = world.slack.journal.entries.findLast((entry) => entry.kind === 'envelope');
  assert.ok(sent);
  return sent.payload;
}

describe('Slack over HTTP', () => {
  test('a card is approved and rejected as over sockets, and no socket is opened', () =>
    overHttp(async (world) => {
      await world.dispatch('refund-agent');
      const pressed = await pressSlack(world, dana, await world.slackCard(), 'Approve');
      assert.ok(pressed.acked);
      await untilCardsSay(world, 'Approved by Dana Reyes');
      await world.dispatch('refund-agent');
      const second = await world.until(
        'a second card',
        () => world.slack.state().messages.filter(({ blocks, threadTs }) => blocks.length > 0 && threadTs === null)[1],
      );
      await pressSlack(world, dana, second, 'Reject');
      await submitSlack(world, dana, 'Ask first');
      await world.until('the second card to be settled', () =>
        world.slack.state().messages.find((message) => textOf(message).includes('Rejected by Dana Reyes')),
      );
      assert.deepEqual(
        calls(world, 'approve').map(({ body }) => body['decision']),
        ['approved', 'denied'],
      );
      assert.equal(
        world.slack.journal.entries.some(({ kind }) => kind === 'socket'),
        false,
      );
    }));

  test('a command starts its run, and a replay of it does not start another', () =>
    overHttp(async (world) => {
      const typed = await world.slack.command(dana.slackId, '/countersign', 'run hours', { deliveries: 2 });
      assert.ok(typed.acked);
      await untilCardsSay(world, 'Finished.');
      assert.match(privateTexts(world, dana).join(), /Starting hours/);
      assert.equal(world.runtype.runs().length, 1);
    }));

  test('pending approvals are listed, also in App Home', () =>
    overHttp(async (world) => {
      await world.dispatch('refund-agent');
      await world.slackCard();
      assert.ok((await world.slack.command(dana.slackId, '/approvals', '')).acked);
      await world.until('the list', () =>
        privateTexts(world, dana).find((text) => /1 pending request for you/.test(text)),
      );
      assert.ok((await world.slack.openHome(dana.slackId)).acked);
      await world.until('the home tab', () =>
        world.slack.state().homes.find(({ view }) => JSON.stringify(view).includes('1 pending request for you')),
      );
    }));

  test('a bystander is refused in private', () =>
    overHttp(async (world) => {
      await world.dispatch('refund-agent');
      await pressSlack(world, kit, await world.slackCard(), 'Approve');
      await world.until('the private answer', () =>
        privateTexts(world, kit).find((text) => text.includes('not one of its reviewers')),
      );
      assert.equal(calls(world, 'approve').length, 0);
    }));

  test('a replayed request gets the first one’s answer, and has no effect', () =>
    overHttp(async (world, events) => {
      await world.dispatch('refund-agent');
      const card = await world.slackCard();
      const [first] = await Promise.all([pressSlack(world, dana, card, 'Approve', 3)]);
      assert.ok(first.acked);
      await untilCardsSay(world, 'Approved by Dana Reyes');
      assert.equal(world.logText().split('"msg":"press"').length - 1, 1, 'one press reached the engine');
      // With a new signature, as Slack's own retries: the store knows the press.
      const again = signedRequest({ signingSecret, now: () => Date.now() + 1_000 }, 'interactive', lastPayload(world));
      assert.deepEqual(await post(events, again), { status: 200, text: '' });
      assert.equal(calls(world, 'approve').length, 1);
      assert.deepEqual(privateTexts(world, dana), []);
    }));

  test('no request without Slack’s signature from the last five minutes reaches a backend', () =>
    overHttp(async (world, events) => {
      await world.dispatch('refund-agent');
      await pressSlack(world, kit, await world.slackCard(), 'Approve');
      const stolen = { ...lastPayload(world), user: { id: dana.slackId, name: 'dana' } };
      const sign = (secret: string, shiftMs: number) =>
        signedRequest({ signingSecret: secret, now: () => Date.now() + shiftMs }, 'interactive', stolen);
      const { 'x-slack-signature': _, ...unsigned } = sign(signingSecret, 0).headers;
      const tampered = sign(signingSecret, 0);
      const requests = [
        sign('0'.repeat(32), 0),
        sign(signingSecret, -301_000),
        sign(signingSecret, 360_000),
        { headers: unsigned, body: tampered.body },
        { ...tampered, body: tampered.body.replace('payload=', 'payload=%20') },
      ];
      for (const request of requests) assert.equal((await post(events, request)).status, 401);
      assert.equal(calls(world, 'approve').length, 0);
      assert.doesNotMatch(world.logText(), new RegExp(signingSecret));
    }));

  test('the URL is verified for Slack; an invalid or too large payload is refused', () =>
    overHttp(async (_, events) => {
      const now = () => Date.now();
      const proof = signedRequest({ signingSecret, now }, 'events_api', {
        type: 'url_verification',
        challenge: '3eZbrw1a',
      });
      assert.deepEqual(await post(events, proof), { status: 200, text: '3eZbrw1a' });
      const other = signedRequest({ signingSecret, now }, 'events_api', {
        type: 'event_callback',
        event: { type: 'x' },
      });
      assert.equal((await post(events, other)).status, 200, 'an event without a handler is acknowledged');
      const broken = { ...proof, headers: { ...proof.headers, 'content-type': 'text/plain' } };
      assert.equal(
        (await post(events, { ...broken, body: proof.body })).status,
        200,
        'a replay gets the first one’s answer',
      );
      const large = { method: 'POST', body: 'x'.repeat(1_100_000) };
      assert.equal((await fetch(events, large)).status, 401, 'without a signature, it is not read');
      assert.equal((await fetch(events, { ...large, headers: proof.headers })).status, 413);
      assert.equal((await fetch(events.replace('slack', 'discord'), { method: 'POST', body: '' })).status, 404);
    }));

  test('the rest of the server is closed to whom a proxy may bring: no token, no reasons, no other host', () =>
    overHttp(async (world, events) => {
      const { origin, port } = new URL(events);
      assert.match(world.logText(), /SLACK_SIGNING_SECRET.*\/metrics and the reasons of \/readyz are closed/);
      const metrics = await fetch(`${origin}/metrics`);
      assert.deepEqual([metrics.status, /METRICS_TOKEN is not set/.test(await metrics.text())], [403, true]);
      assert.deepEqual(Object.keys((await (await fetch(`${origin}/readyz`)).json()) as object), ['status']);
      const statusFor = async (path: string, method: string, headers: Record<string, string>) => {
        const call = request({ port, path, method, headers: { host: 'evil.example', ...headers } });
        call.end();
        const [answer] = (await once(call, 'response')) as [IncomingMessage];
        answer.resume();
        return answer.statusCode;
      };
      const { applicationKey } = world.runtype;
      const authorization = `Bearer ${applicationKey}`;
      assert.equal(await statusFor('/v1/dispatch', 'POST', { authorization }), 421);
      assert.equal(await statusFor('/api/v1/approvals', 'GET', {}), 421);
      for (const path of ['/slack/events', '/ingest/runtype']) assert.equal(await statusFor(path, 'POST', {}), 401);
    }));
});

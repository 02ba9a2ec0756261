/** An application that answers its own run's pause, by whichever route, while people have the card. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as zlib from 'node:zlib';
import { calls, labels, pressSlack, slackButtons, textOf, untilCardsSay } from '../../support/people/room.ts';
import { dana, inWorld, type World } from '../../support/worlds/world.ts';

interface Sent {
  path: string;
  body: object;
  key?: string;
  coding?: 'gzip';
}

function send(world: World, { path, body, key = world.runtype.applicationKey, coding }: Sent): Promise<Response> {
  const json = JSON.stringify(body);
  return fetch(`http://127.0.0.1:${world.app().port}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      ...(coding !== undefined && { 'content-encoding': coding }),
    },
    body: coding === undefined ? json : zlib.gzipSync(json),
  });
}

/** Starts a run that pauses, and leaves it. */
async function paused(world: World, script: string) {
  const [kind, id] = script === 'refund-agent' ? ['agent', 'agentId'] : ['flow', 'id'];
  const response = await send(world, { path: '/v1/dispatch', body: { [kind]: { [id]: script } } });
  void response.text().catch(() => {});
  await world.slackCard();
  await world.discordCard();
  const run = world.runtype.runs().at(-1);
  assert.ok(run !== undefined);
  return { executionId: run.executionId, pending: run.pending };
}

/** A server with the inferred routes, which reads compressed requests. */
const options = { runtype: { agentRoutes: true, readsCompressed: true } };
const inThis = (run: (world: World) => Promise<void>) => inWorld(run, options);

describe('outputs that an application sends to the resume route of agents', () => {
  for (const [name, path, coding] of [
    ['as its path is written', '/v1/agents/slot-agent/resume', undefined],
    ['compressed', '/v1/agents/slot-agent/resume', 'gzip'],
  ] as const) {
    test(`close the card with what it did: ${name}`, () =>
      inThis(async (world) => {
        const { executionId, pending } = await paused(world, 'slot-flow');
        const toolOutputs = { [pending[0]?.toolCallId ?? '']: 'Friday at nine' };
        const answer = await send(world, { path, body: { executionId, toolOutputs }, ...(coding && { coding }) });
        assert.equal(answer.status, 200);
        await answer.text();
        await untilCardsSay(world, 'application');
        const texts = [textOf(await world.slackCard()), textOf(await world.discordCard())].join('\n');
        assert.match(texts, /Friday at nine/);
        assert.doesNotMatch(texts, /before anybody decided|Cancelled/i);
      }));
  }

  test('come second to a press: 409, and nothing is forwarded', () =>
    inThis(async (world) => {
      const { executionId, pending } = await paused(world, 'refund-agent');
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
      const before = world.runtype.journal.entries.length;
      const body = { executionId, approvalId: pending[0]?.approvalId, decision: 'denied' };
      for (const path of ['/v1/agents/refund-agent/resume', '/v1/Agents//refund-agent/%72esume/', '/v1/anything']) {
        const answer = await send(world, { path, body });
        assert.equal(answer.status, 409, path);
        assert.match(await answer.text(), /Dana Reyes in Slack/);
      }
      assert.equal(world.runtype.journal.entries.length, before);
    }));
});

test('a record of a decision on another route closes no card', () =>
  inThis(async (world) => {
    const { executionId, pending } = await paused(world, 'refund-agent');
    const body = { executionId, approvalId: pending[0]?.approvalId, decision: 'approved' };
    assert.equal((await send(world, { path: '/v1/records', body })).status, 404);
    const open = () =>
      world.slack.state().messages.find((message) => labels(slackButtons(message)).includes('Approve'));
    await pressSlack(world, dana, await world.until('the card to be open again', open), 'Approve');
    await untilCardsSay(world, 'Approved by Dana Reyes');
    assert.equal(calls(world, 'approve').length, 1);
  }));

test('where applications may not decide, its approval is refused, reported and audited, and a reviewer decides', () =>
  inWorld(
    async (world) => {
      const { executionId, pending } = await paused(world, 'refund-agent');
      const body = { executionId, approvalId: pending[0]?.approvalId, decision: 'approved' };
      for (const [path, coding] of [
        ['/v1/dispatch/approve', undefined],
        ['/v1/Agents//refund-agent/%61pprove/', 'gzip'],
        ['/v1/anything', undefined],
      ] as const) {
        const answer = await send(world, { path, body, ...(coding && { coding }) });
        assert.equal(answer.status, 403, path);
        assert.match(answer.headers.get('content-type') ?? '', /problem\+json/);
        assert.match(await answer.text(), /APPLICATION_DECIDES=off/);
      }
      assert.equal(calls(world, 'approve').length, 0);
      const card = await world.slackCard();
      assert.ok(labels(slackButtons(card)).includes('Approve'), 'the card has its buttons');
      assert.doesNotMatch(textOf(card), /application/i);
      await pressSlack(world, dana, card, 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
      assert.equal(calls(world, 'approve').length, 1);
    },
    { ...options, env: { APPLICATION_DECIDES: 'off' } },
  ));

test('after a restart its claim is still its own, and anyone else’s is none', () =>
  inThis(async (world) => {
    const { executionId, pending } = await paused(world, 'refund-agent');
    await world.stop();
    await world.start();
    const path = '/v1/agents/refund-agent/approve';
    const body = { executionId, approvalId: pending[0]?.approvalId, decision: 'denied' };
    const stranger = await send(world, { path, body: { ...body, decision: 'approved' }, key: 'rt_test_of_no_one' });
    assert.equal(stranger.status, 401);
    const before = await world.slackCard();
    assert.ok(labels(slackButtons(before)).includes('Approve'), 'the card has its buttons');
    assert.doesNotMatch(textOf(before), /application/i);
    const answer = await send(world, { path, body });
    assert.equal(answer.status, 200);
    await answer.text();
    await untilCardsSay(world, 'Rejected by the application');
  }));

/** Runs that an application starts without a stream: Runtype answers 202 and says no more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pressSlack, textOf, untilCardsSay } from '../../support/people/room.ts';
import { dana, inWorld, type World } from '../../support/worlds/world.ts';

const options = { runtype: { asynchronous: true, agentRoutes: true } };

async function start(world: World, path: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(`http://127.0.0.1:${world.app().port}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${world.runtype.applicationKey}`,
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as { executionId: string; status: string } };
}

for (const [name, path, body, headers] of [
  [
    'by its body',
    '/v1/dispatch',
    { agent: { agentId: 'refund-agent' }, conversationId: 'conv_1', async: true, messages: [] },
    {},
  ],
  ['by a header', '/v1/agents/refund-agent/execute', { conversationId: 'conv_1' }, { prefer: 'respond-async' }],
] as const) {
  test(`a saved agent’s run in a conversation gets its card, and ends (${name})`, () =>
    inWorld(async (world) => {
      const answer = await start(world, path, body, headers);
      assert.deepEqual([answer.status, answer.body.status], [202, 'queued']);
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
      await world.until('the run to be complete', () => world.runtype.runs().find(({ state }) => state === 'complete'));
    }, options));
}

test('any other run is reported once, in the room', () =>
  inWorld(async (world) => {
    const answer = await start(world, '/v1/dispatch', { flow: { id: 'slot-flow' }, async: true });
    assert.equal(answer.status, 202);
    const notes = () => world.slack.state().messages.filter((message) => /slot-flow/.test(textOf(message)));
    await world.until('the note', () => notes()[0]);
    assert.match(textOf(notes()[0] as never), /without a stream/i);
    assert.equal(notes().length, 1);
  }, options));

/** Two bots on one PostgreSQL: an application is connected to one of them, and people press at either. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Step } from '../../../src/sandbox/emulators/runtype/types.ts';
import { calls, pressSlack, textOf } from '../../support/people/room.ts';
import { skipPostgres } from '../../support/postgres/index.ts';
import { dana, inWorld, type World } from '../../support/worlds/world.ts';

const RUNS = 8;

/** An application without approval code calls this replica, and reads its response to the end. */
function call({ app, runtype }: World, replica: number, name = 'refund-agent', more: object = {}) {
  return fetch(`http://127.0.0.1:${app(replica).port}/v1/dispatch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${runtype.applicationKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      agent: { agentId: name },
      messages: [{ role: 'user', content: 'Go.' }],
      streamResponse: true,
      ...more,
    }),
  }).then((answer) => answer.text());
}

/** How many payloads each connection of Slack got: each bot has one. */
function envelopesOf({ slack }: World): number[] {
  const counts = new Map<number, number>();
  for (const entry of slack.journal.entries) {
    if (entry.kind === 'envelope') counts.set(entry.connection, (counts.get(entry.connection) ?? 0) + 1);
  }
  return [...counts.values()];
}

const cardsOf = (world: World) =>
  world.slack.state().messages.filter((one) => /Approve/.test(JSON.stringify(one.blocks)));

async function pressAll(world: World): Promise<void> {
  const cards = await world.until(`${RUNS} cards`, () => {
    const cards = cardsOf(world);
    return cards.length === RUNS ? cards : undefined;
  });
  for (const card of cards) await pressSlack(world, dana, card, 'Approve');
}

function checkAll(world: World, streams: readonly string[]): void {
  for (const stream of streams) assert.match(stream, /execution_complete[\s\S]*Refunded/);
  assert.doesNotMatch(world.slack.state().messages.map(textOf).join('\n'), /rest of the run/i);
  assert.equal(calls(world, 'approve').length, RUNS, 'each was sent once');
}

const two = { replicas: 2, env: { SLACK_CONNECTIONS: '1', DIGEST_FROM: 'off' }, platforms: ['slack' as const] };

describe('two replicas', { skip: skipPostgres }, () => {
  test('row 55: every held response gets the rest of its run, wherever its card is pressed', () =>
    inWorld(async (world) => {
      const streams = Array.from({ length: RUNS }, () => call(world, 0));
      await pressAll(world);
      checkAll(world, await Promise.all(streams));
      assert.equal(envelopesOf(world).length, 2, 'both bots took presses');
      const { database } = world;
      const held = await database?.query('SELECT lane FROM holds');
      assert.deepEqual(held, [], 'nothing is held any more');
    }, two));

  test('row 56: the same where no word of one replica reaches the other', () =>
    inWorld(
      async (world) => {
        const streams = Array.from({ length: RUNS }, () => call(world, 0));
        await pressAll(world);
        checkAll(world, await Promise.all(streams));
      },
      {
        ...two,
        // It listens in another database of the server: there is nothing to hear.
        listenElsewhere: true,
      },
    ));

  test('row 55: a run that waits for its application, too, is never reported as lost, wherever its card is pressed', () =>
    inWorld(async (world) => {
      const script = world.runtype.scripts.get('two-approvals') ?? assert.fail();
      const pauses = script.steps.find((step): step is Extract<Step, { do: 'pauses' }> => step.do === 'pauses');
      pauses?.approvals.pop();
      if (pauses !== undefined) pauses.calls = [{ toolName: 'open_cart', parameters: {} }];
      const clientTools = [{ name: 'open_cart', description: 'x', parametersSchema: { type: 'object' } }];
      // The application has to answer, so its responses are not held.
      await Promise.all(Array.from({ length: RUNS }, () => call(world, 0, 'two-approvals', { clientTools })));
      await pressAll(world);
      await world.until('all decisions to be read on', () =>
        (world.logText().match(/"input":"continued"/g) ?? []).length >= RUNS ? true : undefined,
      );
      assert.equal(envelopesOf(world).length, 2, 'both bots took presses');
      assert.equal(calls(world, 'approve').length, RUNS, 'each was sent once');
      assert.doesNotMatch(world.logText(), /rest of the run not seen/);
      assert.doesNotMatch(world.slack.state().messages.map(textOf).join('\n'), /lost track|rest of the run/i);
    }, two));

  test('row 54: one that starts while the other works releases nothing, and reports no loss', () =>
    inWorld(async (world) => {
      await world.stop(1);
      const stream = call(world, 0);
      const card = await world.slackCard();
      await world.start(1);
      const running = await world.database?.query('SELECT replica FROM open_runs');
      assert.deepEqual(running, [], 'the run is paused, and nobody reads it');
      const held = await world.database?.query('SELECT replica FROM holds');
      assert.equal(held?.length, 1, 'its response is held as before');
      await pressSlack(world, dana, card, 'Approve');
      assert.match(await stream, /execution_complete[\s\S]*Refunded/);
      assert.doesNotMatch(world.logText(), /rest of the run not seen|did not shut down/);
    }, two));

  test('row 55: where the one that holds a response stops, the other sends the decision at once', () =>
    inWorld(async (world) => {
      const stream = call(world, 0);
      const card = await world.slackCard();
      await world.stop(0);
      assert.doesNotMatch(await stream, /execution_complete/);
      await pressSlack(world, dana, card, 'Approve');
      await world.until('the run to be complete', () => world.runtype.runs().find(({ state }) => state === 'complete'));
      await world.until('the result', () =>
        world.slack.state().messages.find((message) => /Approved by/.test(textOf(message))),
      );
      const [replica] = (await world.database?.query("SELECT state FROM replicas WHERE name = 'replica-1'")) ?? [];
      assert.ok(replica);
      assert.doesNotMatch(world.logText(), /did not shut down/);
    }, two));
});

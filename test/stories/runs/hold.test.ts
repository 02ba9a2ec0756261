/** An application without approval code: it dispatches, people decide in chat, and its stream continues. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pressDiscord, pressSlack, submitSlack } from '../../support/people/room.ts';
import { dana, inWorld, sam, type World } from '../../support/worlds/world.ts';

interface Frame {
  type: string;
  seq?: number;
  success?: boolean;
}

/** Sends a dispatch as an ordinary client does, and reads the response to its end. */
function call(world: World, name: string, kind: 'agent' | 'flow', streamResponse = true): Promise<string> {
  const target = kind === 'agent' ? { agent: { agentId: name } } : { flow: { id: name } };
  return fetch(`http://127.0.0.1:${world.app().port}/v1/dispatch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.runtype.applicationKey}`, 'content-type': 'application/json' },
    // Runtype reads the request for a JSON response from the top level.
    body: JSON.stringify({ ...target, messages: [{ role: 'user', content: 'Go.' }], streamResponse }),
  }).then((answer) => answer.text());
}

function framesOf(stream: string): Frame[] {
  return stream
    .split('\n\n')
    .flatMap((frame) => /^data: (\{.*\})$/m.exec(frame)?.[1] ?? [])
    .map((data) => JSON.parse(data));
}

function checkWhole(stream: string, ends: RegExp): void {
  const frames = framesOf(stream);
  const starts = frames.filter(({ type }) => /^(?:execution|agent|flow)_start$/.test(type));
  assert.equal(starts.length, 1, 'it starts once');
  const terminal = frames.filter(({ type }) => ends.test(type));
  assert.equal(terminal.length, 1, 'it ends once');
  assert.equal(frames.at(-1), terminal[0], 'and ends with that frame');
  const numbers = frames.flatMap(({ seq }) => seq ?? []);
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + (numbers[0] ?? 0)),
    'its frames are numbered without a gap',
  );
}

for (const vocabulary of ['unified', 'legacy'] as const) {
  describe(`through the gateway, ${vocabulary} vocabulary, one uninterrupted stream`, () => {
    const inThis = (run: (world: World) => Promise<void>) => inWorld(run, { runtype: { vocabulary } });
    const ends = /^(?:execution|agent|flow)_complete$/;

    test('after an approval in Slack', () =>
      inThis(async (world) => {
        const stream = call(world, 'refund-agent', 'agent');
        await pressSlack(world, dana, await world.slackCard(), 'Approve');
        checkWhole(await stream, ends);
        assert.match(await stream, /Refunded/);
      }));

    test('after a rejection', () =>
      inThis(async (world) => {
        const stream = call(world, 'refund-agent', 'agent');
        await pressSlack(world, dana, await world.slackCard(), 'Reject');
        await submitSlack(world, dana, 'Ask for the receipt first');
        checkWhole(await stream, ends);
        assert.match(await stream, /Ask for the receipt first/);
      }));

    test('after a person’s answer', () =>
      inThis(async (world) => {
        const stream = call(world, 'slot-flow', 'flow');
        await pressSlack(world, dana, await world.slackCard(), 'Answer');
        await submitSlack(world, dana, 'Thursday at 10:30');
        checkWhole(await stream, ends);
        assert.match(await stream, /Thursday at 10:30/);
      }));

    test('after two pauses, decided on two platforms', () =>
      inThis(async (world) => {
        const stream = call(world, 'two-pauses', 'agent');
        await pressSlack(world, dana, await world.slackCard(0), 'Approve');
        await pressDiscord(world, sam, await world.discordCard(1), 'Approve');
        checkWhole(await stream, ends);
      }));
  });
}

test('a caller that wants one JSON body gets it after the decision', () =>
  inWorld(async (world) => {
    const answer = call(world, 'refund-agent', 'agent', false);
    await pressSlack(world, dana, await world.slackCard(), 'Approve');
    const body = JSON.parse(await answer) as Record<string, unknown>;
    assert.equal(body['success'], true);
    assert.notEqual(body['status'], 'paused');
    assert.match(JSON.stringify(body), /Refunded/);
  }));

test('a stop ends the held response where Runtype’s ended, in time, and the card still works afterwards', () =>
  inWorld(async (world) => {
    const stream = call(world, 'refund-agent', 'agent');
    const card = await world.slackCard();
    await world.discordCard();
    await world.stop();
    assert.doesNotMatch(await stream, /execution_complete/);
    await world.start();
    await pressSlack(world, dana, card, 'Approve');
    await world.until('the run to be complete', () => world.runtype.runs().find(({ state }) => state === 'complete'));
  }));

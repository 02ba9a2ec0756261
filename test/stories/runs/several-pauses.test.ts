/** Several pauses that one stream announces: each is answered by a call of its own, in any order, and the run goes on once. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Step } from '../../../src/sandbox/emulators/runtype/types.ts';
import { pressSlack, slackButtons, textOf } from '../../support/people/room.ts';
import { dana, inWorld, type World } from '../../support/worlds/world.ts';

/** An application that reads its response to the end. */
function call(world: World, name: string, more: object = {}): { text: Promise<string>; isOver(): boolean } {
  let over = false;
  const text = fetch(`http://127.0.0.1:${world.app().port}/v1/dispatch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.runtype.applicationKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ agent: { agentId: name }, messages: [{ role: 'user', content: 'Go.' }], ...more }),
  })
    .then((answer) => answer.text())
    .finally(() => {
      over = true;
    });
  return { text, isOver: () => over };
}

/** The card of a tool, in Slack. */
const card = (world: World, tool: string) =>
  world.until(`the card of ${tool}`, () =>
    world.slack.state().messages.find((message) => message.onlyFor === null && textOf(message).includes(tool)),
  );

async function decide(world: World, tool: string, label = 'Approve'): Promise<void> {
  const message = await card(world, tool);
  await pressSlack(world, dana, message, label);
  await world.until(`${tool} to be settled`, () => {
    const now = world.slack.state().messages.find(({ ts }) => ts === message.ts);
    return now !== undefined &&
      slackButtons(now).every(({ label: one }) => one === 'Details') &&
      /Approved by/.test(textOf(now))
      ? true
      : undefined;
  });
}

const nothingLost = (world: World) => {
  assert.doesNotMatch(world.logText(), /rest of the run not seen/);
  assert.doesNotMatch(world.slack.state().messages.map(textOf).join('\n'), /lost track|not seen/);
};

describe('several approvals in one stream', () => {
  for (const vocabulary of ['unified', 'legacy'] as const) {
    for (const order of [
      ['cancel_subscription', 'pay_out_balance'],
      ['pay_out_balance', 'cancel_subscription'],
    ]) {
      test(`${vocabulary}, ${order.join(' first, then ')}: the response stays held until the last one`, () =>
        inWorld(
          async (world) => {
            const response = call(world, 'two-approvals');
            await card(world, 'pay_out_balance');
            await decide(world, order[0] ?? '');
            await world.until('the first answer to be read', () =>
              /"input":"sent"/.test(world.logText()) ? true : undefined,
            );
            assert.equal(response.isOver(), false);
            await decide(world, order[1] ?? '');
            assert.match(await response.text, /The subscription of Café Amsel is cancelled/);
            nothingLost(world);
          },
          { runtype: { vocabulary } },
        ));
    }
  }

  test('across a restart between them, the run is paused and not lost', () =>
    inWorld(async (world) => {
      const response = call(world, 'two-approvals');
      await card(world, 'pay_out_balance');
      await decide(world, 'cancel_subscription');
      await world.stop();
      await response.text;
      await world.start();
      await decide(world, 'pay_out_balance');
      await world.until('the result', () =>
        world.slack.state().messages.find((message) => /The subscription of Café Amsel/.test(textOf(message))),
      );
      nothingLost(world);
    }));

  test('after a restart before the first', () =>
    inWorld(async (world) => {
      void call(world, 'two-approvals').text;
      await card(world, 'pay_out_balance');
      await world.stop();
      await world.start();
      await decide(world, 'pay_out_balance');
      await decide(world, 'cancel_subscription');
      await world.until('the result', () =>
        world.slack.state().messages.find((message) => /The subscription of Café Amsel/.test(textOf(message))),
      );
      nothingLost(world);
    }));

  test('one of them is decided elsewhere: the other one brings the result', () =>
    inWorld(async (world) => {
      const response = call(world, 'two-approvals');
      const message = await card(world, 'cancel_subscription');
      await card(world, 'pay_out_balance');
      const pending = world.runtype.runs()[0]?.pending ?? [];
      const first = pending.find(({ toolName }) => toolName === 'cancel_subscription')?.approvalId ?? '';
      world.runtype.decideElsewhere(first, 'denied');
      await pressSlack(world, dana, message, 'Approve');
      await world.until('decided elsewhere', () =>
        world.slack
          .state()
          .messages.find(({ ts, ...one }) => ts === message.ts && /elsewhere/i.test(textOf({ ts, ...one }))),
      );
      assert.equal(response.isOver(), false, 'the response waits for the other one');
      await decide(world, 'pay_out_balance');
      assert.match(await response.text, /execution_complete/);
      nothingLost(world);
    }));

  test('approvals and questions, mixed', () =>
    inWorld(
      async (world) => {
        const response = call(world, 'approvals-and-questions');
        for (const tool of ['pick_contact', 'cancel_subscription', 'pick_account', 'pay_out_balance'])
          await card(world, tool);
        await decide(world, 'cancel_subscription');
        await pressSlack(world, dana, await card(world, 'pick_contact'), 'Approve');
        await decide(world, 'pick_account');
        assert.equal(response.isOver(), false);
        await decide(world, 'pay_out_balance');
        assert.match(await response.text, /The subscription of Café Amsel is cancelled/);
        nothingLost(world);
      },
      { env: { AWAIT_YES_NO: 'pick_*' } },
    ));

  test('beside a call for the application’s own tool: what its answer leaves open is not lost', () =>
    inWorld(async (world) => {
      const script = world.runtype.scripts.get('two-approvals') ?? assert.fail();
      const pauses = script.steps.find((step): step is Extract<Step, { do: 'pauses' }> => step.do === 'pauses');
      pauses?.approvals.pop();
      if (pauses !== undefined) pauses.calls = [{ toolName: 'open_cart', parameters: {} }];
      const clientTools = [{ name: 'open_cart', description: 'x', parametersSchema: { type: 'object' } }];
      await call(world, 'two-approvals', { clientTools }).text;
      await decide(world, 'cancel_subscription');
      await world.until('the continuation to be read', () =>
        /"input":"continued"/.test(world.logText()) ? true : undefined,
      );
      nothingLost(world);
    }));
});

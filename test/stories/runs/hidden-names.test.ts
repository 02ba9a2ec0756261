/**
 * What the backend keeps from people stays hidden, also where a later stream asks about the call, and a process reads it that
 * has not read the stream in which the call's parameters were named.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Script } from '../../../src/sandbox/emulators/runtype/types.ts';
import { pressSlack, textOf } from '../../support/people/room.ts';
import { dana, inWorld, type World } from '../../support/worlds/world.ts';

const AGENT = 'tenant-agent';
const CONVERSATION = { conversationId: 'conv_1' };
const LATER = 'toolu_later';
const hiddenParameterNames = ['tenantId'];
const timeoutMs = 7_200_000;
const closeAccount = { toolName: 'close_account', parameters: { customer: 'Amsel' }, timeoutMs };
const payOut = {
  toolName: 'pay_out',
  parameters: { amount: 118.4, tenantId: 'tenant_4471' },
  hiddenParameterNames,
  timeoutMs,
};

function script(world: World, steps: Script['steps']): void {
  world.runtype.scripts.set(AGENT, { name: AGENT, kind: 'agent', title: 'Account desk', steps });
}

function call(world: World, path: string, body: object): Promise<string> {
  return fetch(`http://127.0.0.1:${world.app().port}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.runtype.applicationKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).then((answer) => answer.text());
}

const dispatch = (world: World, more: object = {}) =>
  call(world, '/v1/dispatch', { agent: { agentId: AGENT }, messages: [{ role: 'user', content: 'Go.' }], ...more });

const card = (world: World, tool: string) =>
  world.until(`the card of ${tool}`, () =>
    world.slack.state().messages.find((message) => message.onlyFor === null && textOf(message).includes(tool)),
  );

async function restart(world: World): Promise<void> {
  await world.stop();
  await world.start();
}

/** Nothing that was ever posted shows the value, and no card has changed. */
function nothingShown(world: World): void {
  const posted = JSON.stringify([world.slack.state(), world.discord.state()]);
  assert.deepEqual(posted.match(/tenant_4471|no longer hidden|request (has )?changed/gi), null);
}

const finished = (world: World) =>
  world.until('the result', () =>
    world.slack.state().messages.find((message) => textOf(message).includes('All of it is done')),
  );

describe('hidden parameters', () => {
  test('of an approval that is read again after a restart', () =>
    inWorld(async (world) => {
      script(world, [
        { do: 'pauses', approvals: [payOut, closeAccount] },
        { do: 'complete', finalOutput: 'All of it is done.' },
      ]);
      void dispatch(world, CONVERSATION);
      await card(world, 'pay_out');
      const { ts } = await card(world, 'close_account');
      await world.stop();
      const { pending = [] } = world.runtype.runs()[0] ?? {};
      const id = pending.find(({ toolName }) => toolName === 'close_account')?.approvalId ?? assert.fail();
      world.runtype.decideElsewhere(id, 'approved');
      await world.start();
      await world.until('what follows both announcements to be read', () =>
        world.slack.state().messages.find((message) => message.ts === ts && /elsewhere/i.test(textOf(message))),
      );
      await pressSlack(world, dana, await card(world, 'pay_out'), 'Approve');
      await finished(world);
      nothingShown(world);
    }));

  test('of an await that is announced again, because its application answered another one after a restart', () =>
    inWorld(
      async (world) => {
        script(world, [
          { do: 'awaits', calls: [closeAccount, payOut] },
          { do: 'complete', finalOutput: 'All of it is done.' },
        ]);
        void dispatch(world);
        await card(world, 'pay_out');
        await restart(world);
        const { executionId = '', pending = [] } = world.runtype.runs()[0] ?? {};
        const id = pending.find(({ toolName }) => toolName === 'close_account')?.toolCallId ?? assert.fail();
        void call(world, '/v1/dispatch/resume', { executionId, toolOutputs: { [id]: { closed: true } } });
        await world.until('the other one to be announced again', () =>
          world.runtype.runs()[0]?.pending.length === 1 ? true : undefined,
        );
        await pressSlack(world, dana, await card(world, 'pay_out'), 'Approve');
        await finished(world);
        nothingShown(world);
      },
      { env: { AWAIT_YES_NO: '*' } },
    ));

  for (const more of [{}, CONVERSATION]) {
    const kept = 'conversationId' in more ? 'kept' : 'not kept';
    test(`of a call for which people are asked only in a later stream, after a restart (${kept} at Runtype)`, () =>
      inWorld(async (world) => {
        const { toolName } = payOut;
        const start = { type: 'tool_start', toolCallId: LATER, toolName, toolType: 'external', hiddenParameterNames };
        script(world, [
          { do: 'frame', event: start },
          { do: 'approval', ...closeAccount },
          { do: 'approval', ...payOut, startedAs: LATER },
          { do: 'complete', finalOutput: 'All of it is done.' },
        ]);
        void dispatch(world, more);
        await card(world, 'close_account');
        await restart(world);
        await pressSlack(world, dana, await card(world, 'close_account'), 'Approve');
        await card(world, 'pay_out');
        await restart(world);
        await pressSlack(world, dana, await card(world, 'pay_out'), 'Approve');
        await finished(world);
        nothingShown(world);
      }));
  }
});

/** What a start makes of changes while the bot was stopped, as both rooms show it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { textOf } from '../../support/people/room.ts';
import { type Calls, withCalls } from '../../support/worlds/faulty-calls.ts';
import type { World } from '../../support/worlds/world.ts';

const cards = ({ slack }: World) =>
  slack.state().messages.filter(({ blocks, onlyFor }) => blocks.length > 0 && onlyFor === null).length;

/** What happens while the bot is down. */
async function down(world: Calls, meanwhile: () => Promise<unknown> | unknown) {
  await world.stop();
  await meanwhile();
  await world.start();
}

describe('a polled backend', () => {
  test('I1: items that left while the bot was down: decided elsewhere; new ones: a card; the others: unchanged, with a working button', () =>
    withCalls(async (world) => {
      const [gone, left, sonzai] = [
        await world.ask('hookpulse'),
        await world.ask('hookpulse'),
        await world.ask('sonzai'),
      ];
      let newItem: Awaited<ReturnType<Calls['ask']>> | null = null;
      let asking: Promise<void> = Promise.resolve();
      await down(world, () => {
        world.hookpulse.decideInDashboard(gone.id, 'reject');
        world.sonzai.decideInDashboard(sonzai.id, 'approve');
        asking = world.ask('sonzai').then((asked) => {
          newItem = asked;
        });
      });
      await asking;
      assert.ok(newItem);
      await world.says(gone, 'Decided elsewhere (directly in HookPulse).');
      await world.says(sonzai, 'Decided elsewhere (directly in Sonzai).');
      for (const asked of [gone, sonzai]) assert.deepEqual(world.buttons(asked), []);
      assert.equal(cards(world), 4, 'none of them twice');
      for (const [backend, asked] of [
        ['hookpulse', left],
        ['sonzai', newItem],
      ] as const) {
        await world.press(asked);
        await world.says(asked, 'Approved by Dana Reyes');
        assert.equal(world.calls(backend, asked).length, 1);
      }
    }));

  test('I1: a plan that moved to its next step: the old card is closed, the new one decides the new step', () =>
    withCalls(async (world) => {
      const steps = ['legal_review', 'finance_sign_off'].map((step_identifier) => ({ step_identifier }));
      const plan = world.hookpulse.seed({ workflowName: 'Contract', steps });
      await world.slackCard();
      await world.discordCard();
      await down(world, () => world.hookpulse.decideInDashboard(plan.executionPlanUuid, 'approve'));
      const second = await world.slackCard(1);
      assert.match(textOf(second), /finance_sign_off/);
      await world.until('the final status', () =>
        textOf(world.slack.state().messages[0] ?? second).includes('Decided elsewhere') ? true : undefined,
      );
      await world.discordCard(1);
      assert.equal(cards(world), 2);
    }));

  test('a press while the bot is down is lost, and its button works afterwards', () =>
    withCalls(async (world) => {
      const asked = await world.ask('sonzai');
      await down(world, () => world.press(asked).catch(() => {}));
      await world.press(asked);
      await world.says(asked, 'Approved by Dana Reyes');
      assert.equal(world.calls('sonzai', asked).length, 1);
    }));
});

describe('a start without reachable backends', () => {
  test('works: the cards say so, a press is kept, and sent once they are back', () =>
    withCalls(async (world) => {
      const [sonzai, runtype] = [await world.ask('sonzai'), await world.ask('runtype')];
      const unreachable = { kind: 'reset', when: 'before' } as const;
      await down(world, () => {
        // Also for the tries of the decision, which reads the list first.
        world.sonzai.fail('GET /api/v1/approvals', unreachable, 8);
        world.injectFault('runtype', { kind: 'status', status: 429, when: 'before' }, 2);
      });
      await world.says(sonzai, 'Sonzai is unreachable');
      await world.press(sonzai);
      await world.press(runtype);
      await world.says(runtype, /Not delivered yet/);
      await world.says(runtype, 'Approved by Dana Reyes');
      await world.says(sonzai, 'Approved by Dana Reyes');
      assert.equal(world.calls('sonzai', sonzai).filter(({ effect }) => effect).length, 1);
    }));
});

describe('a durable run of Runtype', () => {
  /** Dispatches with a conversation, which makes the run durable. */
  function dispatch(world: World, name: string, signal?: AbortSignal) {
    return fetch(`http://127.0.0.1:${world.app().port}/v1/dispatch`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${world.runtype.applicationKey}`,
        'content-type': 'application/json',
        'x-countersign-hold': 'off',
      },
      body: JSON.stringify({ agent: { agentId: name }, conversationId: 'conv_1' }),
      ...(signal && { signal }),
    });
  }
  test('I1: cut by our stop before its pause: the next start posts the card, once', () =>
    withCalls(async (world) => {
      world.runtype.fail('/v1/dispatch', { kind: 'stall', afterBytes: 2_000 });
      const hangUp = new AbortController();
      const { body } = await dispatch(world, 'refund-agent', hangUp.signal);
      for await (const bytes of body ?? []) if (Buffer.from(bytes).includes('lookup_order')) break;
      hangUp.abort();
      await down(world, () => {});
      const card = await world.slackCard();
      assert.match(textOf(card), /refund_order|Refund order/);
      await world.discordCard();
      assert.equal(cards(world), 1);
    }));

  for (const [name, meanwhile, text] of [
    ['decided elsewhere', decideElsewhere('denied'), 'Decided elsewhere (directly in Runtype).'],
    [
      'run out',
      (world: World) => world.runtype.expire(world.runtype.runs()[0]?.executionId ?? ''),
      'Expired without a decision.',
    ],
  ] as const) {
    test(`I1: ${name} while the bot was down: the card says so after the start`, () =>
      withCalls(async (world) => {
        await (await dispatch(world, 'refund-agent')).text();
        await world.slackCard();
        await world.discordCard();
        await down(world, () => meanwhile(world));
        await world.until('the final status', () =>
          textOf(world.slack.state().messages[0] ?? assert.fail()).includes(text) ? true : undefined,
        );
      }));
  }

  test('I1: stopped while it reads the continuation of a press: the result is in the thread after the start', () =>
    withCalls(async (world) => {
      await (await dispatch(world, 'refund-agent')).text();
      const card = await world.slackCard();
      await world.discordCard();
      world.runtype.fail('/v1/dispatch/approve', { kind: 'stall', afterBytes: 900 });
      const asked = { id: '', slack: () => world.slack.state().messages.find(({ ts }) => ts === card.ts) ?? card };
      const both = { ...asked, discord: () => world.discord.state().messages[0] ?? assert.fail() };
      await world.press(both);
      await world.says(both, 'Approved by Dana Reyes');
      await down(world, () => {});
      await world.until('the result', () =>
        world.slack
          .state()
          .messages.find((message) => message.threadTs === card.ts && /Refunded 42\.50/.test(textOf(message))),
      );
      const notes = world.slack.state().messages.filter(({ threadTs }) => threadTs === card.ts);
      assert.equal(notes.length, 1, 'and not reported as lost');
    }));

  test('I1: a run that is not durable is reported as lost, in its thread', () =>
    withCalls(async (world) => {
      world.runtype.fail('/v1/dispatch/approve', { kind: 'stall', afterBytes: 900 });
      const asked = await world.ask('runtype');
      await world.press(asked);
      await world.says(asked, 'Approved by Dana Reyes');
      await down(world, () => {});
      await world.until('the note', () =>
        world.slack
          .state()
          .messages.find((message) => message.threadTs !== null && /Lost track of this run/.test(textOf(message))),
      );
    }));
});

function decideElsewhere(verdict: 'approved' | 'denied') {
  return ({ runtype }: World) => {
    const approvalId = runtype.runs()[0]?.pending[0]?.approvalId ?? assert.fail('no pending approvals');
    runtype.decideElsewhere(approvalId, verdict);
  };
}

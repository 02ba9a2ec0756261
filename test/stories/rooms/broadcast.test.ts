/** What a person must see of a thread is broadcast to the room: open cards, reminders and failures; nothing else is. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { pressSlack, textOf } from '../../support/people/room.ts';
import { dana, inWorld, type World } from '../../support/worlds/world.ts';

/** Waits for a message with this text in a thread. */
function inThread(world: World, text: string): Promise<SlackMessage> {
  return world.until(`a reply that says ${text}`, () =>
    world.slack.state().messages.find((message) => message.threadTs !== null && textOf(message).includes(text)),
  );
}

/** Calls that asked for a broadcast, with Slack's answer to each. */
function asked({ slack }: World): (string | null)[] {
  return slack.journal.entries.flatMap((entry) =>
    entry.kind === 'call' && entry.args['reply_broadcast'] !== undefined ? [entry.error] : [],
  );
}

describe('a broadcast to the room', () => {
  const inSlack = (run: (world: World) => Promise<void>) => inWorld(run, { platforms: ['slack'] });

  test('shows that a run was lost', () =>
    inSlack(async (world) => {
      await world.dispatch('refund-agent');
      world.runtype.fail('/v1/dispatch/approve', { kind: 'reset', when: 'after' });
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      assert.equal((await inThread(world, 'Lost track of this run')).broadcast, true);
    }));

  test('shows the error that ended a run', () =>
    inSlack(async (world) => {
      await world.slack.command(dana.slackId, '/countersign', 'run bills');
      await pressSlack(world, dana, await world.slackCard(1), 'Approve');
      assert.equal((await inThread(world, '“bills” failed')).broadcast, true);
    }));

  test('shows an open card of a thread, once, whatever becomes of it, but no result', () =>
    inSlack(async (world) => {
      await world.dispatch('two-pauses');
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      const second = await world.slackCard(1);
      assert.notEqual(second.threadTs, null);
      assert.equal(second.broadcast, true);
      assert.deepEqual(asked(world), [null]);
      const refuse = () =>
        world.runtype.fail('/v1/dispatch/approve', {
          kind: 'status',
          status: 403,
          when: 'before',
          body: { error: 'no' },
        });
      refuse();
      await pressSlack(world, dana, second, 'Approve');
      const failed = await inThread(world, 'Not delivered');
      assert.deepEqual([failed.ts, failed.broadcast], [second.ts, true]);

      refuse();
      await pressSlack(world, dana, failed, 'Try again');
      await world.until('the second refusal', () =>
        world.runtype.journal.entries.filter((entry) => entry.kind === 'call' && entry.status === 403).length === 2
          ? true
          : undefined,
      );
      // The card says so already: it is edited only where the backend takes long.
      const ends = () => world.logText().split('"msg":"job abandoned"').length - 1;
      while (ends() < 2) await new Promise((later) => setTimeout(later, 5));
      const again = await inThread(world, 'Not delivered');
      await pressSlack(world, dana, again, 'Try again');
      await inThread(world, 'Approved by Dana Reyes');
      const result = await inThread(world, '“Release manager” finished');
      assert.equal(result.broadcast, undefined);
      // It is one message: an edit changes it in both places, and asks for no second broadcast.
      assert.deepEqual(asked(world), [null]);
      assert.doesNotMatch(world.logText(), /"kind":"draw"[^\n]*(?:job abandoned|will be retried)/);
    }));

  test('a card that is posted in the room is not broadcast to it', () =>
    inSlack(async (world) => {
      await world.dispatch('refund-agent');
      world.runtype.fail('/v1/dispatch/approve', {
        kind: 'status',
        status: 403,
        when: 'before',
        body: { error: 'no' },
      });
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      await world.until('the card to say so', () =>
        world.slack.state().messages.find((message) => textOf(message).includes('Not delivered')),
      );
      assert.deepEqual(asked(world), []);
    }));
});

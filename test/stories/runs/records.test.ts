/** A run whose stream is lost, through the real libraries: Runtype's record of it says how it ended. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pressDiscord, pressSlack, textOf } from '../../support/people/room.ts';
import { dana, inWorld, sam, type World } from '../../support/worlds/world.ts';

const LOST = /Lost track of this run/;

/** An application of a saved agent, without a conversation: Runtype does not send such a run again. */
async function call(world: World, agentId: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${world.app().port}/v1/dispatch`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${world.runtype.applicationKey}`,
      'content-type': 'application/json',
      'x-countersign-hold': 'off',
    },
    body: JSON.stringify({ agent: { agentId }, messages: [{ role: 'user', content: 'Go.' }] }),
  });
  await answer.text();
}

const said = (world: World) => {
  const slack = world.slack.state().messages.map(textOf);
  return [...slack, ...world.discord.state().messages.map(textOf)].join('\n');
};
const until = (world: World, text: RegExp) =>
  world.until(`the rooms to say ${text}`, () => text.test(said(world)) || undefined);

describe('a saved agent’s run whose stream is lost', () => {
  for (const records of [true, false]) {
    test(`after the decision, ${records ? 'with' : 'without'} a record of it`, () =>
      inWorld(
        async (world) => {
          await call(world, 'refund-agent');
          world.runtype.fail('/v1/dispatch/approve', { kind: 'cut', afterBytes: 700 });
          await pressSlack(world, dana, await world.slackCard(), 'Approve');
          await until(world, records ? /Refunded 42\.50 EUR for order/ : LOST);
          if (records) assert.doesNotMatch(said(world), LOST);
          assert.match(said(world), /Approved by/);
        },
        { runtype: { records } },
      ));
  }

  test('an answer whose own answer was lost is settled by the record of its call', () =>
    inWorld(
      async (world) => {
        const calls = [{ toolName: 'pick_slot', parameters: { day: 'Monday' } }];
        world.runtype.scripts.get('plain')?.steps.splice(1, 0, { do: 'awaits', calls });
        await call(world, 'plain');
        world.runtype.fail('/v1/dispatch/resume', { kind: 'reset', when: 'after' });
        await pressDiscord(world, sam, await world.discordCard(), 'Approve');
        await until(world, /Approved by/);
        await until(world, /The shop is open from ten to six/);
        assert.doesNotMatch(said(world), LOST);
        const resumes = world.runtype.journal.entries.filter(
          (entry) => entry.kind === 'call' && entry.path === '/v1/dispatch/resume',
        );
        assert.equal(resumes.length, 1, 'the output is not sent again');
      },
      { runtype: { records: true }, env: { AWAIT_YES_NO: 'pick_*' } },
    ));
});

/** `examples/discord-moderation.yml` in the real bot, on both platforms. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { jon, kit, lea, mara, onExample, scriptOf } from '../../support/worlds/example.ts';

const discord = 'discord:310000000000000001';
const slack = 'slack:C0TRUST01';
const both = [discord, slack];

const MODERATORS = '410000000000000002';

describe('a moderation team', () => {
  const stage = onExample('discord-moderation.yml', { members: [{ ...lea, roles: [MODERATORS] }] });

  test('the role decides: who has it approves what is done every day, and who has not does not', async () => {
    const { ask, press, answer, says, decisions } = stage();
    const [first, second] = [await ask('delete_message'), await ask('timeout_member', { minutes: 60 })];
    for (const place of both) {
      const text = await answer(kit, () => press(kit, place, first, 'Approve'));
      assert.match(text, /You can’t decide this request/);
    }
    assert.deepEqual(decisions(), []);
    await press(lea, discord, first, 'Approve');
    await says(both, first, 'Approved by Lea Okafor');
    await press(jon, slack, second, 'Approve');
    await says(both, second, 'Approved by Jon Weber');
    assert.deepEqual(decisions(), ['approved', 'approved']);
  });

  test('a long time-out is for administrators', async () => {
    const { ask, press, answer, says, decisions } = stage();
    const word = await ask('timeout_member', { minutes: 2880 });
    for (const [person, place] of [
      [lea, discord],
      [jon, slack],
    ] as const) {
      const text = await answer(person, () => press(person, place, word, 'Approve'));
      assert.match(text, /You can’t decide this request/);
    }
    assert.deepEqual(decisions(), []);
    await press(mara, slack, word, 'Approve');
    await says(both, word, 'Approved by Mara Lind');
    assert.deepEqual(decisions(), ['approved']);
  });

  test('a ban takes a moderator and an administrator, each with a note, and not who started the agent', async () => {
    const { world, press, fill, answer, says, decisions } = stage();
    world.runtype.scripts.set('agent_moderation', scriptOf('agent_moderation', 'ban_member', { member: 'spam4x' }));
    const started = await answer(jon, () =>
      world.discord.command({
        userId: jon.discordId,
        channelId: discord.slice('discord:'.length),
        name: 'countersign run',
        options: { name: 'patrol' },
      }),
    );
    assert.match(started, /patrol/);
    await says(both, 'spam4x', /2 .*moderators.*admins/);
    for (const place of both) {
      const text = await answer(jon, () => press(jon, place, 'spam4x', 'Approve'));
      assert.match(text, /You asked for this, so others decide it\./);
    }
    await press(lea, discord, 'spam4x', 'Approve');
    await fill(lea, discord, { Note: 'Third time this week' });
    await says(both, 'spam4x', /1 of 2 approvals: Lea Okafor/);
    assert.deepEqual(decisions(), []);
    await press(mara, slack, 'spam4x', 'Approve');
    await fill(mara, slack, { Note: 'Seen the messages' });
    await says(both, 'spam4x', /Approved by .*Mara Lind/);
    assert.deepEqual(decisions(), ['approved']);
  });
});

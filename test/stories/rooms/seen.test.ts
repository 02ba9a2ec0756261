/** What waits for a person is seen in the room, and not only in a folded thread. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DiscordMessage } from '../../../src/sandbox/emulators/discord/types.ts';
import { discordButtons, pressSlack, slackButtons, textOf, untilCardsSay } from '../../support/people/room.ts';
import { dana, inWorld, type World } from '../../support/worlds/world.ts';

const MORE = /1 more decision waits in this thread/;
const refusals = (world: World) =>
  [...world.slack.journal.entries, ...world.discord.journal.entries].filter(({ kind }) => kind === 'refused');

/** What the first card of each room shows now. */
function firstCards({ slack, discord }: World): string[] {
  const [first] = slack.inRoom();
  const [other] = discord.inRoom();
  return [first, other].map((message) => (message === undefined ? '' : textOf(message)));
}

function untilFirstCards(world: World, what: string, says: RegExp, wanted: boolean) {
  return world.until(what, () => (firstCards(world).every((text) => says.test(text) === wanted) ? true : undefined));
}

function pointer(world: World): DiscordMessage | undefined {
  return world.discord.inRoom().find(({ replyTo, embeds }) => replyTo !== undefined && embeds.length > 0);
}

describe('a second pause of a run', () => {
  test('is broadcast in Slack, has a note in the Discord room, and the first cards say that it waits', () =>
    inWorld(async (world) => {
      await world.dispatch('two-pauses');
      const first = await world.slackCard();
      const onDiscord = await world.discordCard();
      await pressSlack(world, dana, first, 'Approve');
      const second = await world.slackCard(1);
      const other = await world.discordCard(1);
      assert.deepEqual([second.threadTs, second.broadcast], [first.ts, true]);
      assert.ok(slackButtons(second).some(({ label }) => label === 'Approve'));
      assert.equal(other.channelId, onDiscord.id, 'the card is in the thread');
      await untilFirstCards(world, 'the first cards to say so', MORE, true);
      const note = await world.until('the note in the Discord room', () => pointer(world));
      assert.equal(note.replyTo, onDiscord.id);
      assert.match(textOf(note), /Needs a decision, in the thread of the card above/);
      assert.match(textOf(note), /Deploy service/);

      const edits = () =>
        world.slack.journal.entries.filter(
          (entry) => entry.kind === 'call' && entry.method === 'chat.update' && entry.args['ts'] === first.ts,
        ).length;
      const before = edits();
      await pressSlack(world, dana, second, 'Approve');
      await untilFirstCards(world, 'the first cards not to say so', MORE, false);
      await world.until('the note to say so', () =>
        /No longer waiting/.test(textOf(pointer(world) ?? note)) ? true : undefined,
      );
      await untilCardsSay(world, 'Approved by Dana Reyes');
      assert.equal(edits() - before, 1, 'one edit of the first card');
      assert.deepEqual(refusals(world), []);
    }));

  test('that comes after a long time has a card in the room, and its notes are in that card’s thread', () =>
    inWorld(
      async (world) => {
        await world.dispatch('two-pauses');
        const first = await world.slackCard();
        await world.discordCard();
        // By the reminder, the first card has been there for longer than RESURFACE_AFTER.
        await world.until('a reminder in both rooms', () =>
          [...world.slack.inRoom(), ...world.discord.inRoom()].filter((one) => /Reminder\\?: /.test(textOf(one)))
            .length === 2
            ? true
            : undefined,
        );
        await pressSlack(world, dana, first, 'Approve');
        const isSecond = (text: string) => /^\S+ Deploy service/.test(text);
        const second = await world.until('the second card', () =>
          world.slack.inRoom().find((one) => isSecond(textOf(one))),
        );
        assert.equal(second.threadTs, null);
        await world.until('the second card in Discord', () =>
          world.discord.inRoom().find((one) => /Deploy service/.test(textOf(one)) && discordButtons(one).length > 1),
        );
        assert.ok(!world.discord.inRoom().some((one) => /in the thread of the card above/.test(textOf(one))));
        await pressSlack(world, dana, second, 'Approve');
        const result = await world.until('the result', () =>
          world.slack.state().messages.find((message) => /finished/.test(textOf(message))),
        );
        assert.equal(result.threadTs, second.ts);
        assert.ok(!firstCards(world).some((text) => MORE.test(text)));
      },
      { env: { RESURFACE_AFTER: '1s', REMIND_AFTER: '1500' } },
    ));
});

test('each pause of a run that was started from chat is seen in the room, too', () =>
  inWorld(async (world) => {
    await world.slack.command(dana.slackId, '/countersign', 'run refunds A-1009 came broken');
    const card = await world.slackCard(1);
    assert.deepEqual([card.threadTs !== null, card.broadcast], [true, true]);
    await world.until('the note in the Discord room', () => pointer(world));
    await untilFirstCards(world, 'the first cards to say so', MORE, true);
  }));

test('a question beside another one is seen, and the first card counts it', () =>
  inWorld(async (world) => {
    await world.dispatch('parallel-awaits', 'flow');
    const [first, second] = [await world.slackCard(), await world.slackCard(1)];
    assert.equal(first.threadTs, null);
    assert.deepEqual([second.threadTs, second.broadcast], [first.ts, true]);
    await untilFirstCards(world, 'the first cards to say so', MORE, true);
  }));

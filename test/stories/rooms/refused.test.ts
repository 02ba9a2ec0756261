/** The platform refuses the content of a card: the smallest card is posted, and what it does not show is read first. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  discordButtons,
  discordNote,
  pressDiscord,
  pressSlack,
  slackButtons,
  textOf,
  untilCardsSay,
} from '../../support/people/room.ts';
import { dana, inWorld, sam, type World } from '../../support/worlds/world.ts';

/** In the parameters of the refund, and in nothing that a smallest card shows. */
const WORD = 'A-1009';
const posts = ({ slack }: World) =>
  slack.journal.entries.filter((entry) => entry.kind === 'call' && entry.method === 'chat.postMessage');
const decisions = ({ runtype }: World) =>
  runtype.journal.entries.filter((entry) => entry.kind === 'call' && entry.effect && /approve/.test(entry.path));

for (const code of ['invalid_blocks', 'msg_too_long', 'msg_blocks_too_long', 'invalid_attachments', 'a_new_code']) {
  test(`Slack answers ${code}: the smallest card is posted, and approved after Details`, () =>
    inWorld(
      async (world) => {
        world.slack.refuseContent({ code, containing: WORD });
        await world.dispatch('refund-agent');
        const card = await world.slackCard();
        assert.equal(posts(world).length, 2);
        assert.match(textOf(card), /Slack refused the full card/);
        assert.match(textOf(card), /Not shown: [\d,]+ characters. Approve opens Details first/);
        assert.match(textOf(card), /Refund order/);
        assert.doesNotMatch(textOf(card), new RegExp(WORD));
        await pressSlack(world, dana, card, 'Approve');
        const view = await world.until('Details', () => world.slack.state().views[0]);
        assert.match(JSON.stringify(view.view), new RegExp(WORD));
        assert.deepEqual(decisions(world), []);
        await pressSlack(world, dana, card, 'Approve');
        await world.until('the decision', () => (decisions(world).length === 1 ? true : undefined));
        await world.until('the card to say so', () =>
          world.slack.inRoom().find((one) => /Approved by Dana Reyes/.test(textOf(one))),
        );
      },
      { platforms: ['slack'] },
    ));
}

describe('Discord refuses the content', () => {
  for (const code of [50_035, 200_000, 240_000]) {
    test(`by ${code}: the smallest card is posted there, and the Slack card is whole`, () =>
      inWorld(async (world) => {
        world.discord.refuseContent({ code, containing: WORD });
        await world.dispatch('refund-agent');
        const card = await world.discordCard();
        assert.match(textOf(card), /Discord refused the full card/);
        assert.doesNotMatch(textOf(card), new RegExp(WORD));
        const whole = await world.slackCard();
        assert.match(textOf(whole), new RegExp(WORD));
        await pressDiscord(world, sam, card, 'Approve');
        await discordNote(world, sam, 'Read this first');
        assert.deepEqual(decisions(world), []);
        // Who has seen it in Slack needs one press.
        await pressSlack(world, dana, whole, 'Approve');
        await untilCardsSay(world, 'Approved by Dana Reyes');
      }));
  }

  test('also of the smallest card: the Slack card says so, and the operator is alerted', () =>
    inWorld(
      async (world) => {
        world.discord.refuseContent({ code: 200_000, containing: '' });
        await world.dispatch('refund-agent');
        await world.until('the Slack card to say so', () =>
          world.slack.inRoom().find((one) => /Not shown in Discord: blocked by AutoMod/.test(textOf(one))),
        );
        await world.until('the alert', () =>
          world.slack.state().messages.find((one) => /was refused for its content/.test(textOf(one))),
        );
        assert.equal(world.discord.inRoom().length, 0);
        const tries = world.discord.journal.entries.filter(
          (entry) => entry.kind === 'call' && entry.method === 'POST' && /messages$/.test(entry.path),
        );
        assert.equal(tries.length, 2, 'no loop');

        // A later state of it is accepted.
        world.discord.refuseContent(null);
        await pressSlack(world, dana, await world.slackCard(), 'Approve');
        await untilCardsSay(world, 'Approved by Dana Reyes');
      },
      { env: { ALERTS: 'slack:C0000000002' } },
    ));

  test('of a post in a forum, and its name', () =>
    inWorld(
      async (world) => {
        world.discord.refuseContent({ code: 200_000, containing: WORD });
        await world.dispatch('refund-agent');
        const card = await world.discordCard();
        assert.match(textOf(card), /Discord refused the full card/);
        assert.ok(discordButtons(card).some(({ label }) => label === 'Approve'));
      },
      { platforms: ['discord'], discordChannels: [{ id: '700000000000000001', name: 'approvals', type: 15 }] },
    ));
});

test('a direct message that is refused is small, and the card in the room is not', () =>
  inWorld(
    async (world) => {
      world.slack.fail('chat.postMessage', { kind: 'error', error: 'invalid_blocks' });
      await world.dispatch('refund-agent');
      const cards = await world.until('both cards', () => {
        const all = world.slack.state().messages.filter((one) => slackButtons(one).length > 1);
        return all.length === 2 ? all : undefined;
      });
      assert.deepEqual(cards.map((card) => /refused the full card/.test(textOf(card))).sort(), [false, true]);
    },
    { platforms: ['slack'], env: { DIRECT_MESSAGES: `slack:${dana.slackId}` } },
  ));

test('an edit that is refused becomes the smallest card: no live buttons stay on an old text', () =>
  inWorld(
    async (world) => {
      const { approval_id: id } = world.sonzai.seed({ payload: { note: 'harmless' } });
      const card = await world.slackCard();
      world.slack.refuseContent({ code: 'invalid_blocks', containing: 'evil' });
      world.sonzai.rewrite(id, { payload: { note: 'evil' } });
      const small = await world.until('the smallest card', () =>
        world.slack.inRoom().find((one) => /Slack refused the full card/.test(textOf(one))),
      );
      assert.equal(small.ts, card.ts);
      assert.doesNotMatch(textOf(small), /harmless|evil/);
      assert.match(textOf(small), /Changed since it was first shown/);
    },
    { platforms: ['slack'], polled: true },
  ));

test('a room that refuses is not refused content: nothing smaller is tried', () =>
  inWorld(async (world) => {
    world.slack.archiveChannel(world.slack.channel);
    world.discord.denyChannel(world.discord.channel, 50_013);
    await world.dispatch('refund-agent');
    const refused = (error: string) => (entry: { kind: string }) =>
      entry.kind === 'call' && JSON.stringify(entry).includes(error) ? true : undefined;
    await world.slack.journal.until('Slack’s refusal', () => world.slack.journal.entries.find(refused('is_archived')));
    await world.discord.journal.until('Discord’s refusal', () => world.discord.journal.entries.find(refused('50013')));
    await world.stop();
    assert.equal(posts(world).length, 1);
    assert.doesNotMatch(world.logText(), /its smallest form is sent/);
  }));

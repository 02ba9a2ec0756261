/** Two agents or two contacts of one name: the reviewer can tell them apart on both platforms, and where answers go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secretOf, webhookSecretOf } from '../../support/data/secrets.ts';
import { pressDiscord, pressSlack, textOf } from '../../support/people/room.ts';
import { dana, inWorld, sam, type World } from '../../support/worlds/world.ts';

type Message = Parameters<typeof textOf>[0];
/** Without Discord's backslashes, on one line. */
const plain = (message: Message) => textOf(message).replaceAll('\\', '').replace(/\s+/g, ' ');

/** Waits until the card with this index says this in both rooms. */
async function say(world: World, expected: RegExp, index = 0): Promise<void> {
  await world.until(`both cards to say ${expected}`, () => {
    const isCard = ({ onlyFor }: Message) => onlyFor === null;
    const cards: (Message | undefined)[] = [
      world.slack.state().messages.filter((one) => one.blocks.length > 0 && isCard(one))[index],
      world.discord.state().messages.filter((one) => one.embeds.length > 0 && isCard(one))[index],
    ];
    return cards.every((card) => card !== undefined && expected.test(plain(card))) ? true : undefined;
  });
}

/** What Dana reads in Slack's details, and Sam in Discord's. */
async function detailsOf(world: World): Promise<string[]> {
  await pressSlack(world, dana, await world.slackCard(), 'Details');
  const modal = await world.until('the modal', () => {
    const open = world.slack.state().views.find(({ userId }) => userId === dana.slackId);
    const text = plain({ blocks: open?.view['blocks'] ?? [] } as never);
    return text.includes('Countersign ID') ? text : undefined;
  });
  await pressDiscord(world, sam, await world.discordCard(), 'Details');
  const note = await world.until('the note', () =>
    world.discord
      .state()
      .messages.find((one) => one.onlyFor === sam.discordId && textOf(one).includes('Countersign ID')),
  );
  return [modal, plain(note)];
}

test('the first card names the ID as soon as another agent, or another contact, of that name asks', () =>
  inWorld(
    async (world) => {
      world.sonzai.seed({ agent_id: 'agt.1', user_id: 'usr.1' });
      await say(world, /“Rana”/);
      for (const text of [plain(await world.slackCard()), plain(await world.discordCard())]) {
        assert.doesNotMatch(text, /agt\.1|usr\.1/);
      }
      world.sonzai.seed({ agent_id: 'agt.2', user_id: 'usr.1' });
      await say(world, /“Rana” \(ID agt\.1\)/, 0);
      await say(world, /“Rana” \(ID agt\.2\)/, 1);
      world.sonzai.seed({ agent_id: 'agt.2', user_id: 'usr.2' });
      await say(world, /about “Bo Li” \(ID usr\.1\)/, 0);
      await say(world, /about “Bo Li” \(ID usr\.2\)/, 2);

      await world.stop();
      await world.start();
      await say(world, /“Rana” \(ID agt\.1\) about “Bo Li” \(ID usr\.1\)/, 0);
      for (const text of await detailsOf(world)) {
        assert.match(text, /Requester ID `?agt\.1/);
        assert.match(text, /Contact “Bo Li”, ID `?usr\.1/);
      }
    },
    { polled: true, env: { DIGEST_FROM: 'off' } },
  ));

test('an item with a callback says where the answer goes', () =>
  inWorld(
    async (world) => {
      const answer = await fetch(`http://127.0.0.1:${world.app().port}/api/v1/approvals`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secretOf('ask')}`, 'content-type': 'application/json' },
        body: JSON.stringify({ context: 'Deploy 1.4?', callback_url: 'https://answers.example/deploys/14' }),
      });
      assert.ok(answer.ok, await answer.text());
      await say(world, /answer goes to `?answers\.example\/deploys\/14/);
      for (const text of await detailsOf(world))
        assert.match(text, /The answer goes to `?https:\/\/answers\.example\/deploys\/14/);
    },
    {
      env: {
        ASK_TOKENS: secretOf('ask'),
        CALLBACK_HOSTS: 'answers.example',
        CALLBACK_SECRET: webhookSecretOf('callback'),
      },
    },
  ));

/** What Sonzai and HookPulse list beside what is well-formed: numbers as IDs, items that can't be read. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { labels, pressSlack, slackButtons, textOf, untilCardsSay } from '../../support/people/room.ts';
import { dana, inWorld, type World } from '../../support/worlds/world.ts';

const counter = async (world: World, line: RegExp) => {
  const response = await fetch(`http://127.0.0.1:${world.app().port}/metrics`);
  return line.exec(await response.text())?.[1];
};

describe('Sonzai', () => {
  test('numbers as IDs: the card is decided with the same digits', () =>
    inWorld(
      async (world) => {
        world.sonzai.seed({ approval_id: '9007199254740993', context: 'Refund the fare' });
        await pressSlack(world, dana, await world.slackCard(), 'Approve');
        await untilCardsSay(world, 'Approved by Dana Reyes');
        const [call] = world.sonzai.journal.entries.flatMap((one) => (one.kind === 'call' && one.effect ? [one] : []));
        assert.equal(call?.path, '/api/v1/approvals/9007199254740993/resolve');
      },
      { polled: true, sonzai: { numericIds: true } },
    ));

  test('an item that can’t be read: one note in each room and a counter, and the others are decided and closed', () =>
    inWorld(
      async (world) => {
        const [good, other, bad] = ['good', 'other', 'bad'].map((approval_id) =>
          world.sonzai.seed({ approval_id, context: `The ${approval_id} one` }),
        );
        assert.ok(good && other && bad);
        await world.until('three cards', () => (world.slack.state().messages.length === 3 ? true : undefined));
        world.sonzai.listAs('bad', { approval_id: { id: 'bad' } });
        const isNote = (message: object) => /could not be read/.test(textOf(message as never));
        const note = await world.until('the note', () => world.slack.state().messages.find(isNote));
        assert.match(textOf(note), /An item \(.*message · Bo Li.*\) could not be read/);
        assert.match(textOf(note), /Decide it in Sonzai\./);
        assert.deepEqual(slackButtons(note), []);
        await world.until('the note in Discord', () => world.discord.state().messages.find(isNote));

        const cardOf = (text: string) => world.slack.state().messages.find((one) => textOf(one).includes(text));
        await pressSlack(world, dana, cardOf('The good one') ?? assert.fail(), 'Approve');
        await world.until('the decision', () => world.sonzai.items().find(({ status }) => status === 'approved'));
        world.sonzai.decideInDashboard('other', 'reject');
        await world.until('the other card to close', () =>
          /Decided elsewhere/.test(textOf(cardOf('The other one') ?? note)) ? true : undefined,
        );
        const card = cardOf('The bad one') ?? assert.fail();
        assert.ok(labels(slackButtons(card)).includes('Approve'), 'what can’t be read is not called absent');
        assert.equal(world.slack.state().messages.filter(isNote).length, 1);
        const count = await counter(
          world,
          /^countersign_runs_unfollowed_total\{backend="sonzai",reason="unreadable_item"\} (\d+)/m,
        );
        assert.equal(count, '1');
      },
      { polled: true },
    ));

  test('more than 200 pending: the cards of every type, in turn', () =>
    inWorld(
      async (world) => {
        const at = Date.now();
        for (let number = 0; number < 205; number += 1) {
          const created_at = new Date(at + number * 1_000).toISOString();
          world.sonzai.seed({ approval_id: `n${number}`, type: number < 3 ? 'handoff' : 'message', created_at });
        }
        // The oldest are not among the newest 200 that the list shows.
        await world.until('the card of the oldest', () =>
          world.discord.state().messages.find((one) => /Handoff|205 more|digest|requests/i.test(textOf(one))),
        );
        const listedTypes = () =>
          world.sonzai.journal.entries.flatMap((one) => (one.kind === 'call' ? [one.query['type']] : []));
        // The next look comes once all that the first one has found is recorded; a replica posts a card before that.
        await world.until('the next look', () =>
          listedTypes().filter((type) => type === 'handoff').length > 1 ? true : undefined,
        );
        const listed = listedTypes();
        assert.ok(['message', 'goal', 'handoff'].every((type) => listed.includes(type)));
        const known = await world.app().store.list({ unfinished: true, backend: 'sonzai' });
        assert.equal(known.filter(({ pause }) => ['n0', 'n1', 'n2'].includes(pause.key)).length, 3);
      },
      { polled: true },
    ));
});

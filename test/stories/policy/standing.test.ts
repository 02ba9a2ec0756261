/** A reviewer allows the same again from a settled card, on both platforms: given in Slack, ended in Discord. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  calls,
  discordButtons,
  discordNote,
  fillDiscord,
  fillSlack,
  labels,
  pressDiscord,
  pressSlack,
  privateTexts,
  slackButtons,
  textOf,
  untilCardsSay,
} from '../../support/people/room.ts';
import { dana, inWorld, kit, sam, type World } from '../../support/worlds/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-standing-'));
after(() => rmSync(folder, { recursive: true }));

const policy = ({ slack, discord }: Pick<World, 'slack' | 'discord'>) => `version: 1
people:
  dana: [slack:${dana.slackId}, discord:${dana.discordId}]
  sam: [slack:${sam.slackId}, discord:${sam.discordId}]
rooms:
  all: [slack:${slack.channel}, discord:${discord.channel}]
rules:
  - name: refunds
    match: { tool: refund_* }
    rooms: [all]
    approve: { by: [dana, sam] }
    grant: { after: 2, for: 30m, uses: 2 }
`;

const ALLOW = 'Allow the same for 30 minutes';
/** Each run has a card, and a note of how it ended. */
const cardOf = (run: number) => 2 * run;
const noteOf = (run: number) => 2 * run + 1;
const END = 'End standing answer';

const withPolicy = (run: (world: World) => Promise<void>) =>
  inWorld(run, {
    envOf: (rooms) => {
      const file = join(mkdtempSync(join(folder, 'world-')), 'countersign.yml');
      writeFileSync(file, policy(rooms));
      return { POLICY_FILE: file, REVIEWERS: '', RUNS: '', RUN_STARTERS: '' };
    },
  });

test('the same is approved without a person as often as was allowed, and the next one asks again', () =>
  withPolicy(async (world) => {
    for (const index of [0, 1]) {
      await world.dispatch('refund-agent');
      await pressSlack(world, dana, await world.slackCard(cardOf(index)), 'Approve');
      await untilCardsSay(world, /Approved by .*Dana Reyes/, cardOf(index));
      await untilCardsSay(world, 'finished', noteOf(index));
    }
    const earned = await world.until('the offer', () =>
      world.slack.state().messages.find((message) => labels(slackButtons(message)).includes(ALLOW)),
    );
    assert.ok(!labels(slackButtons(await world.slackCard(0))).includes(ALLOW), 'the first approval offers nothing');

    await pressSlack(world, kit, earned, ALLOW);
    await world.until('the refusal', () => (privateTexts(world, kit).length > 0 ? true : undefined));
    assert.match(privateTexts(world, kit)[0] ?? '', /You can’t decide this request/);
    await pressSlack(world, dana, earned, ALLOW);
    await fillSlack(world, dana, { 'Are you sure?': 'Yes' });
    await untilCardsSay(world, /allows the same until .*: 0 of 2 used\./, cardOf(1));

    for (const use of [1, 2]) {
      await world.dispatch('refund-agent');
      await untilCardsSay(world, new RegExp(`Approved by Dana Reyes’s standing answer, ${use} of 2`), cardOf(use + 1));
      await untilCardsSay(world, 'finished', noteOf(use + 1));
    }
    await untilCardsSay(world, /has ended.*: it was used up, 2 of 2 used/, cardOf(1));
    assert.equal(calls(world, 'approve').length, 4);
    await world.dispatch('refund-agent');
    await untilCardsSay(world, 'Needs a decision.', cardOf(4));
    assert.equal(calls(world, 'approve').length, 4);

    // The fifth is approved in Discord, allowed there, and ended from the list by who may approve it, too.
    await pressDiscord(world, sam, await world.discordCard(cardOf(4)), 'Approve');
    await untilCardsSay(world, /Approved by .*Sam Okafor/, cardOf(4));
    await untilCardsSay(world, 'finished', noteOf(4));
    const offered = await world.until('the offer in Discord', () =>
      world.discord
        .state()
        .messages.findLast((message) => message.onlyFor === null && labels(discordButtons(message)).includes(ALLOW)),
    );
    await pressDiscord(world, sam, offered, ALLOW);
    await fillDiscord(world, sam, { 'Are you sure?': 'Yes' });
    await untilCardsSay(world, /Sam Okafor.* allows the same until/, cardOf(4));
    await world.discord.command({
      userId: dana.discordId,
      channelId: world.discord.channel,
      name: 'approvals',
      options: { filter: 'standing' },
    });
    const list = await discordNote(world, dana, 'Standing answers in force');
    assert.match(textOf(list), /“Refund order” for “Order desk” .*: by Sam Okafor, 0 of 2 used/);
    await pressDiscord(world, dana, list, 'End 1');
    await world.until('the end on the card', () => {
      const card = world.discord.state().messages.filter(({ embeds }) => embeds.length > 0)[cardOf(4)];
      return card !== undefined && !labels(discordButtons(card)).includes(END) ? true : undefined;
    });
    await world.dispatch('refund-agent');
    await untilCardsSay(world, 'Needs a decision.', cardOf(5));
    await world.slack.command(dana.slackId, '/approvals', 'standing');
    assert.match(privateTexts(world, dana).join('\n'), /No standing answer of yours is in force/);
  }));

/** Whom a new card mentions: the real bot with the real libraries, and emulators of everything outside it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { renderCard } from '../../../src/core/view/cards/approval-card.ts';
import { renderMessage as onDiscord } from '../../../src/platforms/discord/render/message.ts';
import { renderNewMessage as onSlack } from '../../../src/platforms/slack/render/message.ts';
import { loadBodyChecks } from '../../../src/sandbox/emulators/discord/checks/body.ts';
import { mentionsIn } from '../../../src/sandbox/emulators/discord/guild/mentions.ts';
import { checkBlocks } from '../../../src/sandbox/emulators/slack/checks/blocks.ts';
import { LIMITS } from '../../../src/sandbox/emulators/slack/web-api/limits.ts';
import { anyState } from '../../fuzz/views/states.ts';
import { pingsIn } from '../../fuzz/views/visible.ts';
import { pressSlack, textOf, untilCardsSay } from '../../support/people/room.ts';
import { runs } from '../../support/property.ts';
import { dana, inWorld, sam, type World } from '../../support/worlds/world.ts';

const role = '300000000000000009';
const PING = `slack:group:S0456, slack:${dana.slackId}, discord:role:${role}, discord:${sam.discordId}`;

/** The mentions of every new message on Slack; those of an edit notify no one. */
function slackCalls({ slack }: World): string[][] {
  return slack.journal.entries
    .filter((entry) => entry.kind === 'call' && /^chat\.post/.test(entry.method))
    .map((entry) => (entry.kind === 'call' ? pingsIn({ text: '', blocks: entry.args['blocks'] }) : []))
    .filter((called) => called.length > 0);
}

describe('PING', () => {
  test('a new card mentions its people once; edits, the result and the agent’s text mention no one', () =>
    inWorld(
      async (world) => {
        await world.dispatch('hostile');
        const card = await world.slackCard();
        const copy = await world.discordCard();
        assert.deepEqual(copy.called, [sam.discordId, role]);
        assert.match(copy.content, new RegExp(`^<@&${role}> <@${sam.discordId}> `));
        assert.deepEqual(pingsIn({ text: '', blocks: card.blocks }), [
          JSON.stringify({ type: 'usergroup', usergroup_id: 'S0456' }),
          JSON.stringify({ type: 'user', user_id: dana.slackId }),
        ]);
        await pressSlack(world, dana, card, 'Approve');
        // The card does not show everything: it is read first.
        await world.until('the details', () =>
          world.slack.state().views.find(({ view }) => JSON.stringify(view).includes('Read this first')),
        );
        await pressSlack(world, dana, card, 'Approve');
        await untilCardsSay(world, 'Approved by Dana Reyes');
        await world.until('the result in both threads', () => {
          const slack = world.slack.state().messages.some(({ threadTs }) => threadTs !== null);
          return slack && world.discord.state().messages.some(({ channelId }) => channelId === copy.id)
            ? true
            : undefined;
        });
        assert.equal(slackCalls(world).length, 1, 'one message mentions people');
        const [edited] = pingsIn({ text: '', blocks: (await world.slackCard()).blocks });
        assert.match(edited ?? '', new RegExp(`"user","user_id":"${dana.slackId}"`), 'its edit names who decided');
        const calling = world.discord.state().messages.filter((message) => message.called !== undefined);
        assert.deepEqual(
          calling.map(({ id }) => id),
          [copy.id],
        );
        const edits = world.discord.journal.entries.filter(
          (entry) => entry.kind === 'call' && entry.method === 'PATCH',
        );
        assert.ok(edits.length > 0);
        for (const edit of edits) {
          if (edit.kind === 'call') assert.deepEqual(edit.body?.['allowed_mentions'], { parse: [] });
        }
      },
      { env: { PING } },
    ));

  test('a card that is posted again after a deletion mentions no one', () =>
    inWorld(
      async (world) => {
        await world.dispatch('refund-agent');
        const card = await world.slackCard();
        const copy = await world.discordCard();
        world.slack.deleteMessage(card.channel, card.ts);
        world.discord.deleteMessage(copy.channelId, copy.id);
        await world.stop();
        await world.start();
        const reposted = await world.slackCard();
        assert.notEqual(reposted.ts, card.ts);
        assert.match(textOf(reposted), /Needs a decision/);
        assert.equal((await world.discordCard()).called, undefined);
        assert.equal(slackCalls(world).length, 1);
      },
      { env: { PING } },
    ));

  test('a run that a person started mentions no one; its requests do', () =>
    inWorld(
      async (world) => {
        await world.slack.command(dana.slackId, '/countersign', 'run refunds');
        const asked = await world.discordCard(1);
        assert.match(textOf(asked), /Needs a decision/);
        await world.slackCard(1);
        assert.deepEqual(asked.called, [sam.discordId, role]);
        assert.equal((await world.discordCard(0)).called, undefined);
        assert.equal(slackCalls(world).length, 1);
      },
      { env: { PING } },
    ));

  test('not set, mentions no one', () =>
    inWorld(async (world) => {
      await world.dispatch('refund-agent');
      await world.slackCard();
      assert.equal((await world.discordCard()).called, undefined);
      assert.deepEqual(slackCalls(world), []);
    }));
});

test('whatever an agent writes, both rooms accept a card with mentions, and no one else is mentioned', async () => {
  const checks = await loadBodyChecks();
  const slackPings = Array.from({ length: 20 }, (_, n) => ({ kind: n % 2 ? 'user' : 'group', id: `U0${n}` }) as const);
  const discordPings = Array.from(
    { length: 20 },
    (_, n) => ({ kind: n % 2 ? 'user' : 'role', id: `90000000000000000${String(n).padStart(2, '0')}` }) as const,
  );
  fc.assert(
    fc.property(anyState, (state) => {
      const card = renderCard(state, { backend: 'Runtype' });
      const { text, blocks } = onSlack(card, slackPings);
      assert.deepEqual(checkBlocks(blocks), []);
      assert.ok(JSON.stringify(blocks).length <= LIMITS.messageBlocksJson);
      assert.equal(pingsIn({ text, blocks }).length, slackPings.length);
      const message = onDiscord(card, discordPings);
      checks.newMessage({ ...message, nonce: 'n', enforce_nonce: true });
      const idsOf = (wanted: string) => discordPings.filter(({ kind }) => kind === wanted).map(({ id }) => id);
      assert.deepEqual(message['allowed_mentions'], { parse: [], users: idsOf('user'), roles: idsOf('role') });
      const { users, roles, everyone } = mentionsIn(message);
      assert.deepEqual([...users, ...roles].sort(), discordPings.map(({ id }) => id).sort());
      assert.equal(everyone, false);
    }),
    { numRuns: runs(20) },
  );
});

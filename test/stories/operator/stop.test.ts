/** Operators stop, look and start from chat, and a person links two accounts: the real bot with a policy file. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { dana, inWorld, sam, type World } from '../../support/worlds/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-operators-'));
after(() => rmSync(folder, { recursive: true }));

function policyFile(world: { slackRoom: string; discordRoom: string }): string {
  const file = join(folder, 'countersign.yml');
  writeFileSync(
    file,
    `version: 1
people:
  dana: [slack:${dana.slackId}]
rooms:
  all: [slack:${world.slackRoom}, discord:${world.discordRoom}]
rules:
  - name: everything
    rooms: [all]
    approve: { by: [dana] }
links: on
operators: [dana]
`,
  );
  return file;
}

const slackTold = (world: World) =>
  world.slack
    .state()
    .messages.filter(({ onlyFor }) => onlyFor !== null)
    .at(-1)?.text ?? '';
const discordTold = (world: World) =>
  world.discord
    .state()
    .messages.filter(({ onlyFor }) => onlyFor !== null)
    .at(-1)?.content ?? '';
const inSlack = (world: World, typed: string) => world.slack.command(dana.slackId, '/countersign', typed);
const inDiscord = (world: World, name: string, userId: string, options: Record<string, string> = {}) =>
  world.discord.command({ userId, channelId: world.discord.channel, name: `countersign ${name}`, options });

test('a stop in Slack is on the card in Discord, status says it, and a start ends it; a link makes a person of two accounts', () =>
  inWorld(
    async (world) => {
      const answered = world.dispatch('refund-agent');
      const card = await world.slackCard();
      await inSlack(world, 'stop it loops');
      assert.match(slackTold(world), /^Stopped\. From now on no decision is sent/);
      const shown = (text: string) => JSON.stringify(world.discord.state().messages).includes(text) || undefined;
      await world.until('the stop on the card in Discord', () => shown('Countersign is stopped.'));

      await inDiscord(world, 'stop', sam.discordId);
      assert.match(discordTold(world), /Only operators can do this\. .*dana/);
      await inSlack(world, 'status');
      assert.match(slackTold(world), /^Countersign is stopped: .*“it loops”/);
      assert.match(slackTold(world), /\nCountersign \d+\.\d+\.\d+, running for /);
      const approve = card.blocks.flatMap((block) => JSON.stringify(block).match(/countersign\.approve/g) ?? [])[0];
      const { channel } = world.slack;
      if (approve !== undefined)
        await world.slack.press({ userId: dana.slackId, channel, ts: card.ts, actionId: approve });
      await world.until('the refusal', () =>
        slackTold(world).includes('Nothing was recorded or sent') ? true : undefined,
      );

      // Dana's account in Discord is not in the file: linked, it operates, too.
      await inDiscord(world, 'start', dana.discordId);
      assert.match(discordTold(world), /Only operators can do this/);
      await inSlack(world, 'link');
      const code = /Your code: (\S+)/.exec(slackTold(world))?.[1] ?? '';
      await inDiscord(world, 'link', dana.discordId, { code });
      const asked = world.discord
        .state()
        .messages.filter(({ onlyFor }) => onlyFor !== null)
        .at(-1);
      const customId = `csc.confirm slack:${dana.slackId}`;
      const messageId = asked?.id ?? '';
      await world.discord.press({ userId: dana.discordId, channelId: world.discord.channel, messageId, customId });
      await inSlack(world, `confirm discord:${dana.discordId}`);
      // Of two replicas, this one may not have heard yet what the other was told: it says how to go on.
      const isLinked = () =>
        /^Linked: you and/.test(discordTold(world)) ||
        /^Linked: you and|^You are linked with|linked already/.test(slackTold(world));
      for (let times = 0; times < 5 && !isLinked(); times += 1) {
        if (/^Is “Dana Reyes” in Discord .* you\?/.test(slackTold(world))) {
          await inSlack(world, `confirm discord:${dana.discordId}`);
          continue;
        }
        assert.match(slackTold(world), /^Confirmed here\. Now confirm in Discord: type “\/countersign link” there/);
        await inDiscord(world, 'link', dana.discordId);
        await inSlack(world, 'link');
      }
      assert.ok(isLinked(), slackTold(world));

      await inDiscord(world, 'start', dana.discordId);
      assert.match(discordTold(world), /^Started again, after the stop by Dana/);
      await world.until('the card without the stop', () =>
        JSON.stringify(world.slack.state().messages.find(({ ts }) => ts === card.ts)).includes('Countersign is stopped')
          ? undefined
          : true,
      );
      if (approve !== undefined)
        await world.slack.press({ userId: dana.slackId, channel, ts: card.ts, actionId: approve });
      await answered;
    },
    {
      envOf: ({ slack, discord }) => ({
        POLICY_FILE: policyFile({ slackRoom: slack.channel, discordRoom: discord.channel }),
        REVIEWERS: '',
        RUNS: '',
        RUN_STARTERS: '',
      }),
    },
  ));

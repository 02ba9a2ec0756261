/** A policy file in the real bot: two people of two groups, in two rooms, one call to the backend. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import {
  calls,
  discordButtons,
  labels,
  pressDiscord,
  pressSlack,
  privateTexts,
  submitDiscord,
  untilCardsSay,
} from '../../support/people/room.ts';
import { dana, inWorld, kit, sam, type World } from '../../support/worlds/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-policy-'));
after(() => rmSync(folder, { recursive: true }));

const policy = ({ slack, discord }: Pick<World, 'slack' | 'discord'>) => `version: 1
people:
  dana: [slack:${dana.slackId}, discord:${dana.discordId}]
  sam: [slack:${sam.slackId}, discord:${sam.discordId}]
groups:
  finance: [dana]
  legal: [sam]
rooms:
  all: [slack:${slack.channel}, discord:${discord.channel}]
rules:
  - name: refunds
    match: { tool: refund_* }
    rooms: [all]
    approve: { by: [finance, legal], count: 2, each: 1, not: [requester] }
    reject: { by: [finance, legal], count: 1, reason: required, quick: [Wrong customer] }
  - name: everything else
    rooms: [all]
    approve: { by: [dana] }
`;

const withPolicy = (run: (world: World) => Promise<void>) =>
  inWorld(run, {
    envOf: (rooms) => {
      const file = join(mkdtempSync(join(folder, 'world-')), 'countersign.yml');
      writeFileSync(file, policy(rooms));
      return { POLICY_FILE: file, REVIEWERS: '', RUNS: '', RUN_STARTERS: '' };
    },
  });

describe('a rule that takes two people', () => {
  test('sends one approval, once both groups have signed; one person is one signature on both platforms', () =>
    withPolicy(async (world) => {
      await world.dispatch('refund-agent');
      await world.discordCard();
      await pressSlack(world, kit, await world.slackCard(), 'Approve');
      await world.until('the refusal', () => (privateTexts(world, kit).length === 1 ? true : undefined));
      assert.match(privateTexts(world, kit)[0] ?? '', /You can’t decide this request/);
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      await untilCardsSay(world, /waits for legal/);
      await pressDiscord(world, dana, await world.discordCard(), 'Approve');
      await world.until('the answer', () =>
        privateTexts(world, dana).some((text) => /one person signs once/.test(text)) ? true : undefined,
      );
      assert.deepEqual(calls(world, 'approve'), []);
      assert.ok(labels(discordButtons(await world.discordCard())).includes('Withdraw my signature'));
      await pressDiscord(world, sam, await world.discordCard(), 'Approve');
      await untilCardsSay(world, /Approved by .*Dana Reyes.*Sam Okafor/);
      assert.equal(calls(world, 'approve').length, 1);
      assert.equal(calls(world, 'approve')[0]?.body['decision'], 'approved');
    }));

  test('a signature that is taken back does not count, and one rejection with a reason ends it', () =>
    withPolicy(async (world) => {
      await world.dispatch('refund-agent');
      await world.discordCard();
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      await untilCardsSay(world, /1 of 2 approvals/);
      await pressSlack(world, dana, await world.slackCard(), 'Withdraw my signature');
      await untilCardsSay(world, 'Needs a decision.');
      await pressDiscord(world, sam, await world.discordCard(), 'Reject');
      await submitDiscord(world, sam, 'Not this customer');
      await untilCardsSay(world, /Rejected by .*Sam Okafor/);
      assert.deepEqual(
        calls(world, 'approve').map(({ body }) => body['decision']),
        ['denied'],
      );
    }));
});

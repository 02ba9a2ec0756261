/** Enterprise Grid, through the real library: who is at home in another workspace of the organisation, and who is not. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SlackHomeWorkspace } from '../../../src/sandbox/emulators/slack/types.ts';
import { pressSlack, privateTexts, submitSlack, textOf } from '../../support/people/room.ts';
import { createWorld, type Person, type World } from '../../support/worlds/world.ts';

const ORGANISATION = 'E0000000001';
const lee: Person = { name: 'Lee Ito', handle: 'lee.ito', slackId: 'W0LEE', discordId: '300000000000009001' };

/** Lee is a listed reviewer. @param home where they are at home, and how payloads say it */
async function inGrid(
  home: SlackHomeWorkspace,
  story: (world: World) => Promise<void>,
  { group = false }: { group?: boolean } = {},
): Promise<void> {
  const world = await createWorld({
    platforms: ['slack'],
    env: { REVIEWERS: group ? 'slack:group:S0LEADS' : `slack:${lee.slackId}`, RUN_STARTERS: `*=slack:${lee.slackId}` },
  });
  try {
    const { slackId: id, handle, name: displayName } = lee;
    // The bot learns of its organisation as it starts.
    await world.stop();
    world.slack.joinOrganisation(ORGANISATION);
    world.slack.addUser({ id, handle, displayName, groups: group ? ['S0LEADS'] : [], home });
    await world.start();
    await story(world);
  } finally {
    await world.close();
  }
}

const decisions = (world: World) =>
  world.runtype.journal.entries.filter((entry) => entry.kind === 'call' && entry.path === '/v1/dispatch/approve')
    .length;

/** A look-up may be under way at the first press: then it is refused for now. */
async function pressUntilHeard(world: World, label: string): Promise<void> {
  const card = await world.slackCard();
  for (let press = 0; press < 50; press += 1) {
    const before = privateTexts(world, lee).length;
    const { acked } = await pressSlack(world, lee, card, label);
    assert.ok(acked);
    const refused = await world.until('an answer to the press', () => {
      const [text] = privateTexts(world, lee).slice(before);
      const { views, messages } = world.slack.state();
      const isHeard = views.length > 0 || !messages.some((message) => /Needs a decision/.test(textOf(message)));
      return text ?? (isHeard ? '' : undefined);
    });
    if (!/could not be checked/.test(refused)) return;
  }
  assert.fail('the organisation of this person was never known');
}

describe('a listed reviewer', () => {
  for (const shownAs of ['place', 'host', 'organisation'] as const) {
    test(`of another workspace of the organisation decides: the payload shows the ${shownAs}`, () =>
      inGrid({ teamId: 'T0000000002', enterpriseId: ORGANISATION, shownAs }, async (world) => {
        await world.dispatch('refund-agent');
        await pressUntilHeard(world, 'Reject');
        await submitSlack(world, lee, 'Not this one');
        await world.until('the card to say so', () =>
          world.slack.state().messages.find((message) => /Rejected by/.test(textOf(message))),
        );
        assert.equal(decisions(world), 1);
      }));
  }

  test('by a user group decides, too', () =>
    inGrid(
      { teamId: 'T0000000002', enterpriseId: ORGANISATION, shownAs: 'organisation' },
      async (world) => {
        await world.dispatch('refund-agent');
        await pressUntilHeard(world, 'Approve');
        await world.until('the card to say so', () =>
          world.slack.state().messages.find((message) => /Approved by/.test(textOf(message))),
        );
      },
      { group: true },
    ));

  for (const shownAs of ['place', 'host', 'organisation'] as const) {
    test(`of another organisation is refused: the payload shows the ${shownAs}`, () =>
      inGrid({ teamId: 'T0STRANGER', enterpriseId: 'E0STRANGER', shownAs }, async (world) => {
        await world.dispatch('refund-agent');
        await pressUntilHeard(world, 'Approve');
        assert.match(privateTexts(world, lee).join(), /belongs to another workspace/);
        assert.equal(decisions(world), 0);
      }));
  }

  test('of another workspace starts runs, sees the list and the home tab', () =>
    inGrid({ teamId: 'T0000000002', enterpriseId: ORGANISATION, shownAs: 'place' }, async (world) => {
      await world.dispatch('refund-agent');
      await world.slackCard();
      world.slack.setMembers(world.slack.channel, [lee.slackId], false);
      await world.slack.command(lee.slackId, '/approvals', '');
      await world.until('the list', () =>
        privateTexts(world, lee).find((text) => /1 pending request for you/.test(text)),
      );
      await world.slack.openHome(lee.slackId);
      await world.until('the home tab', () => world.slack.state().homes.find(({ userId }) => userId === lee.slackId));
      await world.slack.command(lee.slackId, '/countersign', 'run hours');
      assert.match(privateTexts(world, lee).join(), /Starting hours/);
    }));
});

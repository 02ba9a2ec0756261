/** Row 23: many people, two platforms, one moment. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Actor } from '../../../src/core/approval/parts/decision.ts';
import {
  calls,
  pressDiscord,
  pressSlack,
  privateTexts,
  submitDiscord,
  submitSlack,
  textOf,
} from '../../support/people/room.ts';
import { runs } from '../../support/property.ts';
import { ask, createTestEngine } from '../../support/worlds/engine.ts';
import { crowdOf, inWorld } from '../../support/worlds/world.ts';

const racers = (count: number): Actor[] =>
  Array.from({ length: count }, (_, index) => ({
    platform: index % 2 === 0 ? 'slack' : 'discord',
    id: index % 2 === 0 ? `U0${index}` : `9${index}`,
    name: `Racer ${index}`,
  }));
const reviewers = racers(50)
  .map(({ platform, id }) => `${platform}:${id}`)
  .join();

describe('row 23: several people within one millisecond', () => {
  test('row 23: of two to fifty people who approve, reject and take over, one wins, and each of the others learns who', async () => {
    const race = fc.array(
      fc.record({
        who: fc.nat(49),
        action: fc.constantFrom('approve' as const, 'reject' as const, 'take_over' as const),
        twice: fc.boolean(),
      }),
      { minLength: 2, maxLength: 50 },
    );
    const people = racers(50);
    const engine = createTestEngine({ reviewers });
    engine.outbox.start();
    let round = 0;
    try {
      await fc.assert(
        fc.asyncProperty(race, async (entries) => {
          round += 1;
          const key = `approval:race_${round}`;
          const buttonId = await ask(engine, { key, groupId: key, runId: key });
          const before = engine.calls.length;
          const presses = entries.flatMap(({ who, action, twice }) => {
            const actor = people[who] ?? assert.fail();
            const form = action === 'approve' ? null : { text: `note of ${actor.name}` };
            const press = engine.press({ buttonId: { ...buttonId, action }, actor, platform: actor.platform, form });
            return twice ? [press, press] : [press];
          });
          const answers = await Promise.all(presses.map((press) => engine.onPress(press)));
          const decision =
            (await engine.store.get(buttonId.approvalId))?.decision ?? assert.fail('no decision was recorded');
          const isWinner = (index: number) => {
            const { actor, buttonId: aimed } = presses[index] ?? assert.fail();
            return actor.id === decision.actor.id && aimed.action === decision.action;
          };
          for (const [index, answer] of answers.entries()) {
            if (isWinner(index)) assert.equal(answer.type, 'accepted');
            else
              assert.ok(answer.type === 'refused' && answer.text.includes(decision.actor.name), JSON.stringify(answer));
          }
          await engine.until(() => (engine.calls.length > before ? true : undefined));
          assert.deepEqual(
            engine.calls.slice(before).map(({ actions }) => actions),
            [[decision.action]],
          );
        }),
        { numRuns: runs(25) },
      );
    } finally {
      await engine.stop();
    }
  });

  test('row 23: through both platforms’ own libraries', () => {
    const people = crowdOf(12);
    return inWorld(
      async (world) => {
        await world.dispatch('refund-agent');
        const [slackCard, discordCard] = [await world.slackCard(), await world.discordCard()];
        const [inSlack, inDiscord, ...others] = people;
        assert.ok(inSlack && inDiscord);
        // Two have their form open, and submit it at the moment when all the others approve.
        await pressSlack(world, inSlack, slackCard, 'Reject');
        await pressDiscord(world, inDiscord, discordCard, 'Reject');
        await world.until('both forms', () =>
          world.slack.state().views.length > 0 && world.discord.state().modals.length > 0 ? true : undefined,
        );
        await Promise.all([
          ...others.map(async (person, index) => {
            if (index % 2 === 0) await pressSlack(world, person, slackCard, 'Approve', 2);
            else await pressDiscord(world, person, discordCard, 'Approve');
          }),
          submitSlack(world, inSlack, 'No'),
          submitDiscord(world, inDiscord, 'No'),
        ]);
        const settled = await world.until('the card to say who won', () => {
          const [card] = world.slack
            .state()
            .messages.filter(({ blocks, onlyFor }) => blocks.length > 0 && onlyFor === null);
          return (
            /(Approved|Rejected) by (Racer \d+|racer\.\d+)\./.exec(card === undefined ? '' : textOf(card)) ?? undefined
          );
        });
        const [, outcome, winner = ''] = settled;
        assert.equal(calls(world, 'approve').length, 1);
        assert.equal(calls(world, 'approve')[0]?.body['decision'], outcome === 'Approved' ? 'approved' : 'denied');
        for (const person of others) {
          if (person.name === winner || person.handle === winner) continue;
          await world.until(`the answer to ${person.name}`, () =>
            privateTexts(world, person).some((text) => text.includes(`${winner} already`)) ? true : undefined,
          );
        }
      },
      { crowd: people.length },
    );
  });
});

/** Row 28: Discord's gateway disconnects during clicks, in every possible way. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DiscordEmulator, DiscordEntry, DiscordMessage } from '../../../src/sandbox/emulators/discord/types.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { discordButtons, textOf } from '../../support/people/room.ts';
import { runs } from '../../support/property.ts';
import { type DiscordWorld, inDiscord } from '../../support/worlds/faulty-rooms.ts';

const CLICK_MS = 20;

interface Break {
  name: string;
  how: (discord: DiscordEmulator) => void;
  /** Whether Discord keeps the session, and replays the presses made meanwhile. */
  resumes: boolean;
  heartbeatIntervalMs?: number;
}

const breaks: Break[] = [
  { name: 'op 7', how: (discord) => discord.requestReconnect(), resumes: true },
  { name: 'op 9, resumable', how: (discord) => discord.invalidateSessions(true), resumes: true },
  { name: 'close 4000', how: (discord) => discord.dropSockets(4000), resumes: true },
  { name: 'TCP cut', how: (discord) => discord.dropSockets(), resumes: true },
  {
    name: 'no heartbeat acks',
    how: (discord) => discord.ignoreHeartbeats(true),
    resumes: true,
    heartbeatIntervalMs: 300,
  },
  { name: 'op 9, not resumable', how: (discord) => discord.invalidateSessions(false), resumes: false },
  { name: 'close 1000', how: (discord) => discord.dropSockets(1000), resumes: false },
];

const sockets = (world: DiscordWorld, wanted: string) =>
  world.discord.journal.entries.filter((entry) => entry.kind === 'socket' && entry.event === wanted).length;

const callbacks = (world: DiscordWorld) =>
  world.discord.journal.entries.filter((entry) => entry.kind === 'callback') as Extract<
    DiscordEntry,
    { kind: 'callback' }
  >[];

function pressOf(world: DiscordWorld, card: DiscordMessage, user: number) {
  const userId = world.discord.state().users[user]?.id ?? '';
  const customId = discordButtons(card).find(({ label }) => label === 'Reject')?.customId ?? '';
  return world.discord.press({ userId, channelId: card.channelId, messageId: card.id, customId });
}

describe('row 28: the gateway breaks during clicks', { concurrency: true }, () => {
  for (const { name, how, resumes, heartbeatIntervalMs } of breaks) {
    const emulator = {
      ...(heartbeatIntervalMs === undefined ? {} : { heartbeatIntervalMs }),
      // A lost press fails fast; a replayed one may be late on a busy machine.
      interactionBudgetMs: resumes ? 8_000 : 500,
    };
    test(`row 28: ${name}`, () =>
      inDiscord(
        async (world) => {
          for (let round = 0; round < runs(1); round += 1) {
            const id = await world.announce(`k${round}`);
            const card = await world.later('the card', () => world.copies(id)[0]);
            const [identifies, ends] = [sockets(world, 'identify'), sockets(world, resumes ? 'resume' : 'identify')];
            // Presses that open a form decide nothing, so a test can make many of them.
            const presses = [pressOf(world, card, 0)];
            how(world.discord);
            const back = world.discord.journal.until('the session', () =>
              sockets(world, resumes ? 'resume' : 'identify') > ends ? true : undefined,
            );
            let waiting = true;
            void back.then(() => {
              waiting = false;
            });
            while (waiting) {
              presses.push(pressOf(world, card, presses.length % 2));
              await systemClock.sleep(CLICK_MS);
              // A new login is five seconds after the last one.
              world.clock.advance(CLICK_MS * 10);
            }
            world.discord.ignoreHeartbeats(false);
            const seen = await Promise.all(presses);
            const answered = callbacks(world).filter(({ refused }) => refused === undefined);
            assert.equal(
              new Set(answered.map(({ interactionId }) => interactionId)).size,
              answered.length,
              'answered once',
            );
            if (resumes) {
              assert.equal(sockets(world, 'identify'), identifies, 'no new IDENTIFY');
              assert.equal(seen.filter(({ acked }) => !acked).length, 0, 'no press is lost');
            }
            const [press] = [discordButtons(card).find(({ label }) => label === 'Approve')];
            const userId = world.discord.state().users[0]?.id ?? '';
            const final = await world.discord.press({
              userId,
              channelId: card.channelId,
              messageId: card.id,
              customId: press?.customId ?? '',
            });
            assert.equal(final.acked, true, 'the button works');
            await world.later('the decision', () =>
              world.discord
                .state()
                .messages.some(
                  ({ id: message, ...rest }) =>
                    message === card.id && /Approved by/.test(textOf({ id: message, ...rest })),
                )
                ? true
                : undefined,
            );
            assert.equal(world.engine().calls.length, round + 1);
          }
        },
        { emulator },
      ));
  }
});

test('row 28: a press that is replayed after its three seconds counts, and its answer is dropped', () =>
  inDiscord(
    async (world) => {
      const id = await world.announce('k');
      const card = await world.later('the card', () => world.copies(id)[0]);
      world.discord.dropSockets(4000);
      const customId = discordButtons(card).find(({ label }) => label === 'Approve')?.customId ?? '';
      const userId = world.discord.state().users[0]?.id ?? '';
      const seen = await world.discord.press({ userId, channelId: card.channelId, messageId: card.id, customId });
      assert.equal(seen.acked, false, 'the person sees an error');
      await world.later('the decision', () =>
        world.discord.state().messages.some((message) => /Approved by/.test(textOf(message))) ? true : undefined,
      );
      const [answer] = callbacks(world);
      assert.equal(answer?.refused, 10_062);
      assert.equal(world.engine().calls.length, 1, 'the press counted, and the card shows it');
    },
    { emulator: { interactionBudgetMs: 100 } },
  ));

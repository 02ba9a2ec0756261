/** Rows 26, 30 and 32 on Discord, through the real library, checked in the emulator's journal and its rooms. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DiscordFault } from '../../../src/sandbox/emulators/discord/types.ts';
import { discordButtons, textOf } from '../../support/people/room.ts';
import { runs } from '../../support/property.ts';
import { type DiscordWorld, inDiscord } from '../../support/worlds/faulty-rooms.ts';

const POST = 'POST /channels/:id/messages';
const posts = (world: DiscordWorld) => world.calls(/^POST .*\/messages$/);
const searches = (world: DiscordWorld) => world.calls(/^GET .*\/messages$/);

/** The messages of a card once its job is done. */
function untilShown(world: DiscordWorld, id: string) {
  return world.later(`card ${id}`, () => {
    const ended = ({ msg, approval, kind }: Record<string, unknown>) =>
      msg === 'job done' && kind === 'draw' && approval === id;
    return world.engine().lines().some(ended) ? world.discord.state().messages : undefined;
  });
}

const lost: [string, DiscordFault][] = [
  ['reset', { kind: 'reset', when: 'after' }],
  ['500', { kind: 'status', status: 500, when: 'after' }],
  ['503', { kind: 'status', status: 503, when: 'after' }],
  ['never', { kind: 'hang', when: 'after' }],
];

/** Short, because some answers never come. */
const shortTimeout = ({ kind }: DiscordFault) => (kind === 'hang' ? { timeoutMs: 1_000 } : {});

describe('row 30: post accepted, answer lost', () => {
  for (const [name, fault] of lost) {
    test(`row 30: ${name}: one message`, () =>
      inDiscord(async (world) => {
        for (let round = 0; round < runs(fault.kind === 'hang' ? 1 : 5); round += 1) {
          world.discord.fail(POST, fault);
          const id = await world.announce(`${name}:${round}`);
          assert.equal((await untilShown(world, id)).length, round + 1);
        }
        assert.equal(searches(world).length, 0, 'the nonce is enough');
      }, shortTimeout(fault)));

    test(`row 30: ${name}, and Discord has forgotten the nonce by the next try: one message`, async () => {
      for (let round = 0; round < runs(1); round += 1) {
        await inDiscord(
          async (world) => {
            world.discord.fail(POST, fault);
            const id = await world.announce('k');
            await world.discord.journal.until('the post', () => posts(world)[0]);
            await world.crash(() => {
              world.clock.advance(10 * 60_000);
              world.discord.forgetNonces();
            });
            assert.equal((await untilShown(world, id)).length, 1);
            assert.equal(posts(world).length, 1, 'it was found by its buttons');
          },
          { onDisk: true },
        );
      }
    });
  }

  test('row 30: a message that was posted before the decision is found by its buttons and closed', () =>
    inDiscord(
      async (world) => {
        world.discord.fail(POST, { kind: 'hang', when: 'after' });
        const id = await world.announce('k');
        await world.discord.journal.until('the post', () => posts(world)[0]);
        await world
          .engine()
          .intake.deliver({ type: 'resolved', backend: 'runtype', key: 'k', verdict: 'timeout', reason: null });
        await world.crash(() => {
          world.clock.advance(10 * 60_000);
          world.discord.forgetNonces();
        });
        const [card, ...others] = await untilShown(world, id);
        assert.equal(others.length, 0);
        assert.match(textOf(card ?? assert.fail()), /Expired/);
        assert.deepEqual(
          discordButtons(card ?? assert.fail()).map(({ label }) => label),
          ['Details'],
        );
      },
      { onDisk: true },
    ));

  test('row 30: a message that is no longer needed is not posted again for its nonce: it is found and closed', () =>
    inDiscord(async (world) => {
      world.discord.fail(POST, { kind: 'status', status: 503, when: 'after' });
      const id = await world.announce('k');
      await world.discord.journal.until('the post', () => posts(world)[0]);
      const { intake } = world.engine();
      await intake.deliver({ type: 'resolved', backend: 'runtype', key: 'k', verdict: 'timeout', reason: null });
      const [card, ...others] = await untilShown(world, id);
      assert.equal(others.length, 0);
      assert.match(textOf(card ?? assert.fail()), /Expired/);
      assert.equal(posts(world).length, 1);
    }));

  test('row 30: a message that the nonce returns is updated', () =>
    inDiscord(async (world) => {
      world.discord.fail(POST, { kind: 'reset', when: 'after' });
      const id = await world.announce('k');
      await world.discord.journal.until('the post', () => posts(world)[0]);
      const fingerprint = (await world.engine().store.get(id))?.fingerprint ?? '';
      await world.engine().onPress(world.engine().press({ buttonId: { approvalId: id, fingerprint } }));
      await world.later('the decision', () =>
        world.discord.state().messages.length === 1 &&
        /Approved by Dana/.test(textOf(world.discord.state().messages[0] ?? assert.fail()))
          ? true
          : undefined,
      );
    }));

  test('row 30: a run’s result has no button, and is recognized by its text', () =>
    inDiscord(
      async (world) => {
        const id = await world.announce('k');
        await untilShown(world, id);
        world.discord.fail(POST, { kind: 'reset', when: 'after' });
        await world.engine().apply(id, { type: 'continued', continuation: { state: 'completed', text: 'All done.' } });
        await world.discord.journal.until('the post', () => posts(world)[1]);
        await world.crash(() => {
          world.clock.advance(10 * 60_000);
          world.discord.forgetNonces();
        });
        await world.later('the result', () =>
          world
            .engine()
            .lines()
            .some(({ outcome }) => outcome === 'found and updated')
            ? true
            : undefined,
        );
        assert.equal(world.discord.state().messages.length, 2);
      },
      { onDisk: true },
    ));
});

describe('row 26: what people change in a Discord room', () => {
  test('row 26: an open card that a person deletes is posted again, once; a settled one is not', () =>
    inDiscord(
      async (world) => {
        const id = await world.announce('k');
        const [card] = await untilShown(world, id);
        world.discord.deleteMessage(card?.channelId ?? '', card?.id ?? '');
        await world.crash();
        const again = await world.later('the new card', () => world.copies(id)[0]);
        assert.notEqual(again.id, card?.id);
        world.discord.deleteMessage(again.channelId, again.id);
        await world
          .engine()
          .intake.deliver({ type: 'resolved', backend: 'runtype', key: 'k', verdict: 'timeout', reason: null });
        await world.pass(60_000);
        assert.equal(world.discord.state().messages.length, 0);
        assert.equal(
          world
            .engine()
            .lines()
            .filter(({ level }) => Number(level) >= 50).length,
          0,
        );
      },
      { onDisk: true },
    ));

  test('row 26: a question whose thread was deleted still gets its card', () =>
    inDiscord(
      async (world) => {
        const first = await world.announce('first', { runId: 'run' });
        await untilShown(world, first);
        const second = await world.announce('second', { runId: 'run' });
        await untilShown(world, second);
        const [inThread] = world.copies(second);
        assert.notEqual(inThread?.channelId, world.discord.channel);
        world.discord.deleteChannel(inThread?.channelId ?? '');
        const third = await world.announce('third', { runId: 'run' });
        await untilShown(world, third);
        await world.crash();
        await world.later('all three', () =>
          [first, second, third].every((id) => world.copies(id).length === 1) ? true : undefined,
        );
        const [root] = world.copies(first);
        world.discord.deleteMessage(root?.channelId ?? '', root?.id ?? '');
        const fourth = await world.announce('fourth', { runId: 'run' });
        await untilShown(world, fourth);
        assert.equal(world.copies(fourth).length, 1);
      },
      { onDisk: true },
    ));
});

describe('row 32: refused', () => {
  /** More than the number of requests that may be refused. */
  const CARDS = 40;
  const invalid = (world: DiscordWorld) =>
    world.calls(/./).filter(({ status }) => [401, 403, 429].includes(status)).length;

  for (const [name, close, open, rooms] of [
    [
      '401 after the token was reset',
      (world: DiscordWorld) => world.discord.revokeToken(),
      (world: DiscordWorld) => world.discord.restoreToken(),
      null,
    ],
    [
      '403 in the channel',
      (world: DiscordWorld) => world.discord.denyChannel(world.discord.channel, 50013),
      (world: DiscordWorld) => world.discord.denyChannel(world.discord.channel, null),
      'room',
    ],
    [
      'removed from the server',
      (world: DiscordWorld) => world.discord.denyChannel(world.discord.channel, 50001),
      (world: DiscordWorld) => world.discord.denyChannel(world.discord.channel, null),
      'room',
    ],
  ] as const) {
    test(`row 32: ${name}: stops calling, reports it once, and continues once it is fixed`, () =>
      inDiscord(async (world) => {
        const before = await world.announce('before');
        await untilShown(world, before);
        close(world);
        const ids: string[] = [];
        for (let card = 0; card < CARDS; card += 1) ids.push(await world.announce(`k${card}`));
        const fingerprint = (await world.engine().store.get(before))?.fingerprint ?? '';
        await world.engine().onPress(world.engine().press({ buttonId: { approvalId: before, fingerprint } }));
        await world.pass(30 * 60_000);
        assert.ok(invalid(world) < 20, `${invalid(world)} invalid requests in half an hour`);
        assert.equal(
          world
            .engine()
            .lines()
            .filter(({ msg }) => msg === 'can’t post to this channel').length,
          1,
        );
        assert.deepEqual(world.engine().rooms.down, [
          { platform: 'discord', room: rooms === null ? null : world.discord.channel },
        ]);
        assert.equal((await world.engine().store.get(before))?.outcome, 'approved', 'the decision is made anyway');
        open(world);
        await world.pass(5 * 60_000);
        await world.later('all cards', () => (world.allOnce(ids) ? true : undefined));
        await world.later('the decision', () =>
          world.discord.state().messages.some((message) => /Approved by Dana/.test(textOf(message))) ? true : undefined,
        );
        assert.equal(world.engine().rooms.up.length, 1);
      }));
  }
});

test('row 19: Discord’s rate limit pauses its room for the requested time, with one probe', () =>
  inDiscord(async (world) => {
    const started = performance.now();
    world.discord.fail(POST, { kind: 'rate_limited', retryAfterMs: 300 });
    const ids: string[] = [];
    for (let card = 0; card < 10; card += 1) ids.push(await world.announce(`k${card}`));
    await world.pass(299);
    assert.equal(posts(world).length, 1);
    // The library uses the real clock and its own timers.
    await world.later('all cards', () => (world.allOnce(ids) ? true : undefined));
    assert.ok(performance.now() - started >= 290);
    assert.equal(posts(world).filter(({ status }) => status === 429).length, 1);
  }));

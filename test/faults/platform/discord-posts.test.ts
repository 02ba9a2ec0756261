/** Rows 26, 30 and 32 on Discord, through the real library, checked in the emulator's journal and its rooms. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DiscordFault } from '../../../src/sandbox/emulators/discord/types.ts';
import { discordButtons, textOf } from '../../support/people/room.ts';
import { runs } from '../../support/property.ts';
import { type DiscordRig, inDiscord } from '../../support/worlds/faulty-rooms.ts';

const POST = 'POST /channels/:id/messages';
const posts = (rig: DiscordRig) => rig.calls(/^POST .*\/messages$/);
const looks = (rig: DiscordRig) => rig.calls(/^GET .*\/messages$/);

/** The messages of a card once its job is done. */
function untilShown(rig: DiscordRig, id: string) {
  return rig.later(`card ${id}`, () => {
    const ended = ({ msg, approval, kind }: Record<string, unknown>) =>
      msg === 'job done' && kind === 'draw' && approval === id;
    return rig.engine().lines().some(ended) ? rig.discord.state().messages : undefined;
  });
}

const lost: [string, DiscordFault][] = [
  ['reset', { kind: 'reset', when: 'after' }],
  ['500', { kind: 'status', status: 500, when: 'after' }],
  ['503', { kind: 'status', status: 503, when: 'after' }],
  ['never', { kind: 'hang', when: 'after' }],
];

/** Short, because some answers never come. */
const hasty = ({ kind }: DiscordFault) => (kind === 'hang' ? { timeoutMs: 1_000 } : {});

describe('row 30: post accepted, answer lost', () => {
  for (const [name, fault] of lost) {
    test(`row 30: ${name}: one message`, () =>
      inDiscord(async (rig) => {
        for (let round = 0; round < runs(fault.kind === 'hang' ? 1 : 5); round += 1) {
          rig.discord.fail(POST, fault);
          const id = await rig.announce(`${name}:${round}`);
          assert.equal((await untilShown(rig, id)).length, round + 1);
        }
        assert.equal(looks(rig).length, 0, 'the nonce is enough');
      }, hasty(fault)));

    test(`row 30: ${name}, and Discord has forgotten the nonce by the next try: one message`, async () => {
      for (let round = 0; round < runs(1); round += 1) {
        await inDiscord(
          async (rig) => {
            rig.discord.fail(POST, fault);
            const id = await rig.announce('k');
            await rig.discord.journal.until('the post', () => posts(rig)[0]);
            await rig.crash(() => {
              rig.clock.advance(10 * 60_000);
              rig.discord.forgetNonces();
            });
            assert.equal((await untilShown(rig, id)).length, 1);
            assert.equal(posts(rig).length, 1, 'it was found by its buttons');
          },
          { onDisk: true },
        );
      }
    });
  }

  test('row 30: a message that was posted before the decision is found by its buttons and closed', () =>
    inDiscord(
      async (rig) => {
        rig.discord.fail(POST, { kind: 'hang', when: 'after' });
        const id = await rig.announce('k');
        await rig.discord.journal.until('the post', () => posts(rig)[0]);
        await rig
          .engine()
          .intake.deliver({ type: 'resolved', backend: 'runtype', key: 'k', verdict: 'timeout', reason: null });
        await rig.crash(() => {
          rig.clock.advance(10 * 60_000);
          rig.discord.forgetNonces();
        });
        const [card, ...others] = await untilShown(rig, id);
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
    inDiscord(async (rig) => {
      rig.discord.fail(POST, { kind: 'status', status: 503, when: 'after' });
      const id = await rig.announce('k');
      await rig.discord.journal.until('the post', () => posts(rig)[0]);
      const { intake } = rig.engine();
      await intake.deliver({ type: 'resolved', backend: 'runtype', key: 'k', verdict: 'timeout', reason: null });
      const [card, ...others] = await untilShown(rig, id);
      assert.equal(others.length, 0);
      assert.match(textOf(card ?? assert.fail()), /Expired/);
      assert.equal(posts(rig).length, 1);
    }));

  test('row 30: a message that the nonce returns is updated', () =>
    inDiscord(async (rig) => {
      rig.discord.fail(POST, { kind: 'reset', when: 'after' });
      const id = await rig.announce('k');
      await rig.discord.journal.until('the post', () => posts(rig)[0]);
      const fingerprint = (await rig.engine().store.get(id))?.fingerprint ?? '';
      await rig.engine().onPress(rig.engine().press({ buttonId: { approvalId: id, fingerprint } }));
      await rig.later('the decision', () =>
        rig.discord.state().messages.length === 1 &&
        /Approved by Dana/.test(textOf(rig.discord.state().messages[0] ?? assert.fail()))
          ? true
          : undefined,
      );
    }));

  test('row 30: a run’s result has no button, and is recognized by its text', () =>
    inDiscord(
      async (rig) => {
        const id = await rig.announce('k');
        await untilShown(rig, id);
        rig.discord.fail(POST, { kind: 'reset', when: 'after' });
        await rig.engine().apply(id, { type: 'continued', continuation: { state: 'completed', text: 'All done.' } });
        await rig.discord.journal.until('the post', () => posts(rig)[1]);
        await rig.crash(() => {
          rig.clock.advance(10 * 60_000);
          rig.discord.forgetNonces();
        });
        await rig.later('the result', () =>
          rig
            .engine()
            .lines()
            .some(({ outcome }) => outcome === 'found and updated')
            ? true
            : undefined,
        );
        assert.equal(rig.discord.state().messages.length, 2);
      },
      { onDisk: true },
    ));
});

describe('row 26: what people change in a Discord room', () => {
  test('row 26: an open card that a person deletes is posted again, once; a settled one is not', () =>
    inDiscord(
      async (rig) => {
        const id = await rig.announce('k');
        const [card] = await untilShown(rig, id);
        rig.discord.deleteMessage(card?.channelId ?? '', card?.id ?? '');
        await rig.crash();
        const again = await rig.later('the new card', () => rig.copies(id)[0]);
        assert.notEqual(again.id, card?.id);
        rig.discord.deleteMessage(again.channelId, again.id);
        await rig
          .engine()
          .intake.deliver({ type: 'resolved', backend: 'runtype', key: 'k', verdict: 'timeout', reason: null });
        await rig.pass(60_000);
        assert.equal(rig.discord.state().messages.length, 0);
        assert.equal(
          rig
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
      async (rig) => {
        const first = await rig.announce('first', { runId: 'run' });
        await untilShown(rig, first);
        const second = await rig.announce('second', { runId: 'run' });
        await untilShown(rig, second);
        const [inThread] = rig.copies(second);
        assert.notEqual(inThread?.channelId, rig.discord.channel);
        rig.discord.deleteChannel(inThread?.channelId ?? '');
        const third = await rig.announce('third', { runId: 'run' });
        await untilShown(rig, third);
        await rig.crash();
        await rig.later('all three', () =>
          [first, second, third].every((id) => rig.copies(id).length === 1) ? true : undefined,
        );
        const [root] = rig.copies(first);
        rig.discord.deleteMessage(root?.channelId ?? '', root?.id ?? '');
        const fourth = await rig.announce('fourth', { runId: 'run' });
        await untilShown(rig, fourth);
        assert.equal(rig.copies(fourth).length, 1);
      },
      { onDisk: true },
    ));
});

describe('row 32: refused', () => {
  /** More than the number of requests that may be refused. */
  const CARDS = 40;
  const invalid = (rig: DiscordRig) => rig.calls(/./).filter(({ status }) => [401, 403, 429].includes(status)).length;

  for (const [name, close, open, rooms] of [
    [
      '401 after the token was reset',
      (rig: DiscordRig) => rig.discord.revokeToken(),
      (rig: DiscordRig) => rig.discord.restoreToken(),
      null,
    ],
    [
      '403 in the channel',
      (rig: DiscordRig) => rig.discord.denyChannel(rig.discord.channel, 50013),
      (rig: DiscordRig) => rig.discord.denyChannel(rig.discord.channel, null),
      'room',
    ],
    [
      'removed from the server',
      (rig: DiscordRig) => rig.discord.denyChannel(rig.discord.channel, 50001),
      (rig: DiscordRig) => rig.discord.denyChannel(rig.discord.channel, null),
      'room',
    ],
  ] as const) {
    test(`row 32: ${name}: stops calling, reports it once, and continues once it is fixed`, () =>
      inDiscord(async (rig) => {
        const before = await rig.announce('before');
        await untilShown(rig, before);
        close(rig);
        const ids: string[] = [];
        for (let card = 0; card < CARDS; card += 1) ids.push(await rig.announce(`k${card}`));
        const fingerprint = (await rig.engine().store.get(before))?.fingerprint ?? '';
        await rig.engine().onPress(rig.engine().press({ buttonId: { approvalId: before, fingerprint } }));
        await rig.pass(30 * 60_000);
        assert.ok(invalid(rig) < 20, `${invalid(rig)} invalid requests in half an hour`);
        assert.equal(
          rig
            .engine()
            .lines()
            .filter(({ msg }) => msg === 'can’t post to this channel').length,
          1,
        );
        assert.deepEqual(rig.engine().rooms.down, [
          { platform: 'discord', room: rooms === null ? null : rig.discord.channel },
        ]);
        assert.equal((await rig.engine().store.get(before))?.outcome, 'approved', 'decided all the same');
        open(rig);
        await rig.pass(5 * 60_000);
        await rig.later('all cards', () => (rig.allOnce(ids) ? true : undefined));
        await rig.later('the decision', () =>
          rig.discord.state().messages.some((message) => /Approved by Dana/.test(textOf(message))) ? true : undefined,
        );
        assert.equal(rig.engine().rooms.up.length, 1);
      }));
  }
});

test('row 19: Discord’s rate limit pauses its room for the requested time, with one probe', () =>
  inDiscord(async (rig) => {
    const started = performance.now();
    rig.discord.fail(POST, { kind: 'rate_limited', retryAfterMs: 300 });
    const ids: string[] = [];
    for (let card = 0; card < 10; card += 1) ids.push(await rig.announce(`k${card}`));
    await rig.pass(299);
    assert.equal(posts(rig).length, 1);
    // The library uses the real clock and its own timers.
    await rig.later('all cards', () => (rig.allOnce(ids) ? true : undefined));
    assert.ok(performance.now() - started >= 290);
    assert.equal(posts(rig).filter(({ status }) => status === 429).length, 1);
  }));

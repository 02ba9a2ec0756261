/** Rows 18, 19, 26 and 27 on Slack, through the real library, checked in the emulator's journal and its rooms. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SlackFault } from '../../../src/sandbox/emulators/slack/types.ts';
import { slackButtons, textOf } from '../../support/people/room.ts';
import { runs } from '../../support/property.ts';
import { inSlack, SLACK_ROOMS, type SlackWorld } from '../../support/worlds/faulty-rooms.ts';

const [ROOM, OTHER] = SLACK_ROOMS;

/** The messages of a card once its job is done. */
async function untilShown(world: SlackWorld, id: string) {
  return world.later(`card ${id}`, () => {
    const done = world
      .engine()
      .lines()
      .some(({ msg, approval, kind }) => msg === 'job done' && kind === 'draw' && approval === id);
    return done ? world.copies(id) : undefined;
  });
}

describe('row 18: post accepted, answer lost', () => {
  const lost: [string, SlackFault][] = [
    ['reset', { kind: 'reset', when: 'after' }],
    ['500', { kind: 'status', status: 500, when: 'after' }],
    ['503', { kind: 'status', status: 503, when: 'after' }],
    ['never', { kind: 'hang', when: 'after' }],
  ];
  for (const [name, fault] of lost) {
    test(`row 18: ${name}: one card`, () =>
      inSlack(
        async (world) => {
          for (let round = 0; round < runs(fault.kind === 'hang' ? 1 : 5); round += 1) {
            world.slack.fail('chat.postMessage', fault);
            const posts = world.calls('chat.postMessage').length;
            const id = await world.announce(`${name}:${round}`);
            assert.equal((await untilShown(world, id)).length, 1);
            assert.equal(world.calls('chat.postMessage').length, posts + 1, 'it was found, not posted again');
          }
          // Short, because some answers never come.
        },
        fault.kind === 'hang' ? { callMs: 1_000 } : {},
      ));
  }

  test('row 18: nothing was posted: it is posted once, after a search', () =>
    inSlack(async (world) => {
      world.slack.fail('chat.postMessage', { kind: 'reset', when: 'before' });
      const id = await world.announce('k');
      assert.equal((await untilShown(world, id)).length, 1);
      assert.equal(world.calls('chat.postMessage').length, 2);
      assert.ok(world.calls('conversations.history').length >= 1);
    }));

  test('row 18: the first try arrives while the second is in flight: one message is deleted', () =>
    inSlack(async (world) => {
      world.slack.fail('chat.postMessage', { kind: 'reset', when: 'before' });
      const id = await world.announce('k');
      let duplicated = false;
      const stop = world.slack.journal.onEntry(() => {
        const looked = world.calls('conversations.history').length === 1;
        const [post] = world.calls('chat.postMessage');
        if (duplicated || !looked || post === undefined) return;
        duplicated = true;
        world.slack.forge({ metadata: post.args['metadata'] as Record<string, unknown>, user: world.slack.botUserId });
      });
      const copies = await untilShown(world, id);
      stop();
      assert.equal(duplicated, true);
      assert.equal(world.calls('chat.delete').length, 1);
      assert.equal(copies.length, 1);
      await world.engine().onPress(
        world.engine().press({
          buttonId: { approvalId: id, fingerprint: (await world.engine().store.get(id))?.fingerprint ?? '' },
        }),
      );
      await world.later('the decision', () =>
        /Approved by Dana/.test(textOf(world.copies(id)[0] ?? assert.fail())) ? true : undefined,
      );
    }));

  test('row 18: a crash between the post and its receipt: one card', () =>
    inSlack(
      async (world) => {
        for (let round = 0; round < runs(3); round += 1) {
          world.slack.fail('chat.postMessage', { kind: 'hang', when: 'after' });
          const posts = world.calls('chat.postMessage').length;
          const id = await world.announce(`k${round}`);
          await world.slack.journal.until('the post', () => world.calls('chat.postMessage')[posts]);
          await world.crash();
          assert.equal((await untilShown(world, id)).length, 1);
          assert.equal(world.calls('chat.postMessage').length, posts + 1);
        }
      },
      { onDisk: true },
    ));

  test('row 18: a message that is found shows the current state, and closes once it is settled', () =>
    inSlack(async (world) => {
      world.slack.fail('chat.postMessage', { kind: 'reset', when: 'after' });
      const id = await world.announce('k');
      await world.slack.journal.until('the post', () => world.calls('chat.postMessage')[0]);
      await world
        .engine()
        .intake.deliver({ type: 'resolved', backend: 'runtype', key: 'k', verdict: 'timeout', reason: null });
      const [card, ...others] = await untilShown(world, id);
      assert.equal(others.length, 0);
      assert.ok(card !== undefined);
      assert.match(textOf(card), /Expired/);
      assert.deepEqual(
        slackButtons(card).map(({ label }) => label),
        ['Details'],
        'it has no button left to decide with',
      );
    }));

  test('row 18: a run’s first card that may have arrived is not posted again by the next one', () =>
    inSlack(async (world) => {
      for (let round = 0; round < runs(2); round += 1) {
        const kind = round % 2 === 0 ? 'after' : 'before';
        world.slack.fail('chat.postMessage', { kind: 'reset', when: kind });
        const runId = `run${round}`;
        const first = await world.announce(`first${round}`, { runId });
        const second = await world.announce(`second${round}`, { runId });
        const shown = await world.later('the second card', () => world.copies(second)[0]);
        await world.pass(10_000);
        const [root, ...others] = world.copies(first);
        assert.equal(others.length, 0);
        assert.equal(world.copies(second).length, 1);
        assert.equal(shown.threadTs, root?.ts);
        assert.equal(world.calls('chat.delete').length, 0, 'it was searched for first');
      }
    }));

  test('row 18: without the scopes it is posted again, and the log says so at the start and at the post', () =>
    inSlack(async (world) => {
      world.slack.revokeScope('channels:history');
      world.slack.fail('chat.postMessage', { kind: 'reset', when: 'after' });
      const id = await world.announce('k');
      assert.equal((await untilShown(world, id)).length, 2);
      const lines = world.engine().lines();
      assert.ok(lines.some(({ msg, level }) => level === 40 && /possible duplicate/.test(String(msg))));
    }));

  test('row 18: another app’s message with our metadata is not treated as ours', () =>
    inSlack(async (world) => {
      world.slack.fail('chat.postMessage', { kind: 'reset', when: 'before' });
      const id = await world.announce('k');
      await world.slack.journal.until('the post', () => world.calls('chat.postMessage')[0]);
      world.slack.forge({ metadata: world.calls('chat.postMessage')[0]?.args['metadata'] as Record<string, unknown> });
      await untilShown(world, id);
      assert.equal(world.calls('chat.postMessage').length, 2);
    }));
});

describe('row 19: rate limits', () => {
  test('row 19: 429 pauses its room for the requested time, with one probe, while the other room continues', () =>
    inSlack(
      async (world) => {
        for (let round = 0; round < runs(3); round += 1) {
          const seconds = 1 + ((round * 29) % 60);
          world.slack.fail('chat.postMessage', { kind: 'rate_limited', retryAfterSeconds: seconds });
          const before = world.calls('chat.postMessage').length;
          const limitedAt = world.clock.now();
          const ids: string[] = [];
          for (let card = 0; card < 6; card += 1) ids.push(await world.announce(`k${round}.${card}`));
          await world.pass(Math.max(0, seconds * 1_000 - 500));
          const meanwhile = world.calls('chat.postMessage').slice(before);
          const limited = meanwhile.filter(({ ok }) => !ok);
          assert.equal(limited.length, 1, 'there is no call while the room is paused');
          const room = limited[0]?.args['channel'];
          assert.equal(meanwhile.filter(({ args }) => args['channel'] === room).length, 1);
          assert.equal(meanwhile.filter(({ args, ok }) => ok && args['channel'] !== room).length, 6, `${limitedAt}`);
          await world.later('all cards', () => (ids.every((id) => world.copies(id).length === 2) ? true : undefined));
          await world.pass(12_000);
        }
      },
      { rooms: SLACK_ROOMS },
    ));

  test('row 19: fifty changes a minute: no burst of calls, and all cards are correct in the end', () =>
    inSlack(async (world) => {
      const ids: string[] = [];
      for (let card = 0; card < 60; card += 1) ids.push(await world.announce(`k${card}`));
      await world.later('all cards', () => (ids.every((id) => world.copies(id).length === 1) ? true : undefined));
      world.slack.limit({ posts: { everyMs: 1_000, burst: 8 }, updatesPerMinute: 50, lookUpsPerMinute: 100 });
      for (let card = 0; card < 60; card += 1) {
        await world
          .engine()
          .intake.deliver({ type: 'resolved', backend: 'runtype', key: `k${card}`, verdict: 'timeout', reason: null });
      }
      await world.later('all cards to be closed', () =>
        ids.every((id) => /Expired/.test(textOf(world.copies(id)[0] ?? assert.fail()))) ? true : undefined,
      );
      assert.equal(world.calls('chat.update').filter(({ ok }) => !ok).length, 0, 'no call was refused');
    }));

  /** Presses another card every so many ms. @returns how late each card showed its decision, ms */
  async function pressInTurn(world: SlackWorld, presses: number, everyMs: number): Promise<number[]> {
    const ids: string[] = [];
    for (let card = 0; card < presses; card += 1) ids.push(await world.announce(`k${card}`));
    await world.later('all cards', () => (ids.every((id) => world.copies(id).length === 1) ? true : undefined));
    await world.pass(60_000);
    world.slack.limit({ posts: { everyMs: 1_000, burst: 8 }, updatesPerMinute: 50, lookUpsPerMinute: 100 });
    const late = new Map<string, number>();
    const pressedAt = new Map<string, number>();
    const look = () => {
      for (const [id, at] of pressedAt) {
        const [card] = late.has(id) ? [] : world.copies(id);
        if (card !== undefined && /Approved by Dana/.test(textOf(card))) late.set(id, world.clock.now() - at);
      }
      return late.size === presses ? true : undefined;
    };
    const { store, onPress, press } = world.engine();
    for (const approvalId of ids) {
      const { fingerprint = '' } = (await store.get(approvalId)) ?? {};
      pressedAt.set(approvalId, world.clock.now());
      await onPress(press({ buttonId: { approvalId, fingerprint } }));
      await world.pass(everyMs);
      look();
    }
    await world.later('all decisions', look);
    assert.equal(world.calls('chat.update').filter(({ ok }) => !ok).length, 0, 'no call was refused');
    assert.equal(world.calls('chat.update').length, presses, 'each card was edited once');
    return [...late.values()];
  }

  test('row 19: a press every 1.25 s for two minutes, just within the limit: each card shows its decision at once', () =>
    inSlack(async (world) => {
      const late = await pressInTurn(world, 96, 1_250);
      assert.ok(
        late.every((ms) => ms <= 1_250),
        late.join(' '),
      );
    }));

  test('row 19: a press a second for two minutes, more than the limit: no call is refused, and no card is forgotten', () =>
    inSlack(async (world) => {
      const late = await pressInTurn(world, 120, 1_000);
      // 120 edits at 50 a minute take 20 s longer than the presses.
      assert.ok(
        late.slice(0, 50).every((ms) => ms <= 1_000),
        late.join(' '),
      );
      assert.ok(
        late.every((ms) => ms <= 22_000),
        late.join(' '),
      );
    }));

  test('row 19: background changes leave room for a press', () =>
    inSlack(async (world) => {
      const ids: string[] = [];
      for (let card = 0; card < 60; card += 1) ids.push(await world.announce(`k${card}`));
      await world.later('all cards', () => (ids.every((id) => world.copies(id).length === 1) ? true : undefined));
      await world.pass(60_000);
      world.slack.limit({ posts: { everyMs: 1_000, burst: 8 }, updatesPerMinute: 50, lookUpsPerMinute: 100 });
      await world
        .engine()
        .intake.deliver({ type: 'reach', backend: 'runtype', reachable: false, reason: 'It does not answer.' });
      await world.pass(20_000);
      const [first = ''] = ids;
      const fingerprint = (await world.engine().store.get(first))?.fingerprint ?? '';
      await world.engine().onPress(world.engine().press({ buttonId: { approvalId: first, fingerprint } }));
      await world.later('the decision', () =>
        /Approved by Dana/.test(textOf(world.copies(first)[0] ?? assert.fail())) ? true : undefined,
      );
      assert.equal(world.calls('chat.update').filter(({ ok }) => !ok).length, 0, 'nothing was refused so far');
      await world.later('all cards to say so', () =>
        ids.slice(1).every((id) => /is unreachable/.test(textOf(world.copies(id)[0] ?? assert.fail())))
          ? true
          : undefined,
      );
    }));

  test('row 19: a press is shown before the queued cards, even while a post hangs', () =>
    inSlack(async (world) => {
      world.slack.limit({ posts: { everyMs: 1_000, burst: 8 }, updatesPerMinute: 50, lookUpsPerMinute: 100 });
      const first = await world.announce('first');
      await world.later('the first card', () => world.copies(first)[0]);
      for (let card = 0; card < 40; card += 1) await world.announce(`k${card}`);
      await world.pass(1_000);
      world.slack.fail('chat.postMessage', { kind: 'hang', when: 'before' });
      const posts = world.calls('chat.postMessage').length;
      world.clock.advance(2_000);
      await world.slack.journal.until('a post that hangs', () => world.calls('chat.postMessage')[posts]);
      const retries = () =>
        world
          .engine()
          .lines()
          .filter(({ msg }) => msg === 'job will be retried').length;
      const before = retries();
      const standing = world.slack.state().messages.length;
      const fingerprint = (await world.engine().store.get(first))?.fingerprint ?? '';
      await world.engine().onPress(world.engine().press({ buttonId: { approvalId: first, fingerprint } }));
      await world.later('the decision', () =>
        /Approved by Dana/.test(textOf(world.copies(first)[0] ?? assert.fail())) ? true : undefined,
      );
      assert.equal(world.slack.state().messages.length, standing, 'the other cards wait');
      assert.equal(retries(), before, 'the post still hangs');
    }));
});

describe('row 26: what people change in a room', () => {
  const decideElsewhere = async (world: SlackWorld, id: string) => {
    const fingerprint = (await world.engine().store.get(id))?.fingerprint ?? '';
    await world.engine().onPress(world.engine().press({ buttonId: { approvalId: id, fingerprint } }));
  };

  test('row 26: an open card that a person deletes is posted again, once', () =>
    inSlack(
      async (world) => {
        const id = await world.announce('k');
        const card = await world.later('the card', () => world.copies(id)[0]);
        world.slack.deleteMessage(card.channel, card.ts);
        await world.crash();
        const again = await world.later('the new card', () => world.copies(id)[0]);
        await world.pass(5_000);
        assert.notEqual(again.ts, card.ts);
        assert.equal(world.calls('chat.postMessage').length, 2);
        await decideElsewhere(world, id);
        await world.later('the decision', () =>
          /Approved by Dana/.test(textOf(world.copies(id)[0] ?? again)) ? true : undefined,
        );
      },
      { onDisk: true },
    ));

  test('row 26: a settled card that is deleted is not posted again, and its job ends without an error', () =>
    inSlack(async (world) => {
      const id = await world.announce('k');
      const card = await world.later('the card', () => world.copies(id)[0]);
      world.slack.deleteMessage(card.channel, card.ts);
      await world
        .engine()
        .intake.deliver({ type: 'resolved', backend: 'runtype', key: 'k', verdict: 'timeout', reason: null });
      await world.pass(120_000);
      assert.equal(world.copies(id).length, 0);
      assert.equal(world.calls('chat.update').length, 1);
      assert.equal(
        world
          .engine()
          .lines()
          .filter(({ msg }) => msg === 'job abandoned').length,
        0,
      );
      assert.equal(await world.engine().store.msUntilNextJob(), null);
    }));

  test('row 26: a deleted card that is decided elsewhere is not posted again', () =>
    inSlack(async (world) => {
      const id = await world.announce('k');
      const card = await world.later('the card', () => world.copies(id)[0]);
      world.slack.deleteMessage(card.channel, card.ts);
      const fingerprint = (await world.engine().store.get(id))?.fingerprint ?? '';
      await world.engine().onPress(world.engine().press({ buttonId: { approvalId: id, fingerprint } }));
      await world.pass(120_000);
      assert.equal((await world.engine().store.get(id))?.outcome, 'approved');
      assert.equal(world.copies(id).length, 0);
    }));

  const closings: [string, (world: SlackWorld) => void, (world: SlackWorld) => void, string][] = [
    [
      'archived',
      ({ slack }) => slack.archiveChannel(ROOM),
      ({ slack }) => slack.unarchiveChannel(ROOM),
      `slack:${ROOM}`,
    ],
    ['left by the bot', ({ slack }) => slack.removeBot(ROOM), ({ slack }) => slack.inviteBot(ROOM), `slack:${ROOM}`],
  ];
  for (const [name, close, open, place] of closings) {
    test(`row 26: a room that is ${name}: reported once, the other room continues, and it catches up later`, () =>
      inSlack(
        async (world) => {
          close(world);
          const ids: string[] = [];
          for (let card = 0; card < 20; card += 1) ids.push(await world.announce(`k${card}`));
          await world.later('the other room', () =>
            ids.every((id) => world.copies(id).length === 1) ? true : undefined,
          );
          await world.pass(60_000);
          const alerts = world
            .engine()
            .lines()
            .filter(({ level }) => level === 50);
          assert.deepEqual(
            alerts.map(({ place: where, kind }) => [where, kind]),
            [[place, 'gone']],
          );
          assert.deepEqual(world.engine().rooms.down, [{ platform: 'slack', room: ROOM }]);
          assert.equal(world.calls('chat.postMessage').filter(({ ok }) => !ok).length, 1, 'one card was tried');
          await decideElsewhere(world, ids[0] ?? '');
          await world.later('the decision, in the other room', () =>
            /Approved by Dana/.test(textOf(world.copies(ids[0] ?? '')[0] ?? assert.fail())) ? true : undefined,
          );
          open(world);
          await world.pass(5 * 60_000);
          await world.later('both rooms', () =>
            ids.slice(1).every((id) => world.copies(id).length === 2) ? true : undefined,
          );
          assert.deepEqual(world.engine().rooms.up, [{ platform: 'slack', room: ROOM }]);
          assert.ok(world.slack.state().messages.some(({ channel }) => channel === OTHER));
        },
        { rooms: SLACK_ROOMS },
      ));
  }

  test('row 26: a room that stays closed is retried every five minutes, by one card', () =>
    inSlack(async (world) => {
      world.slack.archiveChannel(ROOM);
      for (let card = 0; card < 5; card += 1) await world.announce(`k${card}`);
      await world.pass(16 * 60_000);
      assert.equal(world.calls('chat.postMessage').length, 4);
      assert.equal(world.engine().rooms.down.length, 1);
    }));

  test('row 26: a revoked token stops every room at once, and a valid one resumes all of them', () =>
    inSlack(
      async (world) => {
        const standing = await world.announce('before');
        await world.later('its cards', () => (world.copies(standing).length === 2 ? true : undefined));
        world.slack.revokeToken();
        const ids: string[] = [];
        for (let card = 0; card < 20; card += 1) ids.push(await world.announce(`k${card}`));
        await decideElsewhere(world, standing);
        await world.pass(60_000);
        assert.deepEqual(world.engine().rooms.down, [{ platform: 'slack', room: null }]);
        assert.equal((await world.engine().store.get(standing))?.outcome, 'approved', 'the decision is made anyway');
        const refused = [...world.calls('chat.postMessage'), ...world.calls('chat.update')].filter(({ ok }) => !ok);
        assert.ok(refused.length <= 4, `${refused.length} refused calls`);
        world.slack.restoreToken();
        await world.pass(5 * 60_000);
        await world.later('all cards', () => (ids.every((id) => world.copies(id).length === 2) ? true : undefined));
        await world.later('the decision', () =>
          world.copies(standing).every((card) => /Approved by Dana/.test(textOf(card))) ? true : undefined,
        );
      },
      { rooms: SLACK_ROOMS },
    ));
});

test('row 27: Slack down for 30 minutes, 200 pauses meanwhile: all are posted afterwards, at Slack’s pace, nearest deadline first', () =>
  inSlack(async (world) => {
    const { slack, clock } = world;
    await slack.goDown();
    const start = clock.now();
    const wanted: { id: string; deadline: number }[] = [];
    const overdue: string[] = [];
    for (let card = 0; card < 200; card += 1) {
      // Their deadlines are in another order than their arrival, and some of them pass before Slack is back.
      const late = card % 10 === 0 && card < 100;
      const deadline = late ? start + 15 * 60_000 : start + 2 * 3_600_000 + ((card * 7_919) % 200) * 60_000;
      const id = await world.announce(`k${card}`, { deadline });
      if (late) overdue.push(id);
      else wanted.push({ id, deadline });
      await world.pass(9_000);
    }
    const tries = world
      .engine()
      .lines()
      .filter(({ msg }) => msg === 'job will be retried').length;
    assert.ok(tries < 60, `${tries} tries in half an hour: one card a minute asks for all`);
    slack.limit({ posts: { everyMs: 1_000, burst: 8 }, updatesPerMinute: 50, lookUpsPerMinute: 100 });
    await slack.comeBack();
    const back = clock.now();
    await world.later('all cards', () => (wanted.every(({ id }) => world.copies(id).length === 1) ? true : undefined));
    const took = (clock.now() - back) / 1_000;
    assert.ok(took < 180 + 120, `${took} s`);
    const refused = world.calls('chat.postMessage').filter(({ ok }) => !ok);
    assert.ok(refused.length <= 1, `${refused.length} refused: the first refusal says that the burst was too long`);
    const order = slack
      .state()
      .messages.map((message) => wanted.find(({ id }) => world.copies(id)[0]?.ts === message.ts)?.deadline ?? 0);
    assert.deepEqual(
      order,
      [...order].sort((one, other) => one - other),
    );
    for (const id of overdue) assert.equal(world.copies(id).length, 0, 'a settled request is not posted');
    await world.pass(60_000);
    assert.equal(slack.state().messages.length, wanted.length);
  }));

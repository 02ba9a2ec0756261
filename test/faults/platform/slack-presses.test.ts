/** Rows 20, 22, 24 and 25 on Slack: presses, checked in the emulator's journal. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { encodeButtonId } from '../../../src/core/view/button-id.ts';
import type { SlackMessage, SlackPress } from '../../../src/sandbox/emulators/slack/types.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { pressOn, startSlack } from '../../platforms/slack/support.ts';
import { textOf } from '../../support/people/room.ts';
import { runs } from '../../support/property.ts';
import { inSlack, type SlackWorld } from '../../support/worlds/faulty-rooms.ts';

/** Time between two clicks, ms. */
const CLICK_MS = 4;

const button = (card: SlackMessage, action: string, userId = 'U0000000001'): SlackPress => ({
  userId,
  channel: card.channel,
  ts: card.ts,
  actionId: `countersign.${action}`,
});

async function show(world: SlackWorld, key: string): Promise<{ id: string; card: SlackMessage }> {
  const id = await world.announce(key);
  return { id, card: await world.later('the card', () => world.copies(id)[0]) };
}

const says = (world: SlackWorld, id: string, text: RegExp) =>
  world.later(`the card to say ${text}`, () =>
    text.test(textOf(world.copies(id)[0] ?? assert.fail())) ? true : undefined,
  );

test('row 20: each of two connections is refreshed in turn while clicks come every few ms: 0 lost, 0 doubled', async () => {
  // Without the backoff for connections that break repeatedly.
  const clock = { ...systemClock, random: () => -0.5 };
  await using world = await startSlack({ connections: 2, staggerMs: 0, clock });
  const { emulator } = world;
  const live = () => {
    const ended = (number: number) =>
      emulator.journal.entries.some(
        (entry) => entry.kind === 'socket' && entry.event === 'close' && entry.connection === number,
      );
    return emulator.journal.entries.flatMap((entry) =>
      entry.kind === 'socket' && entry.event === 'open' && !ended(entry.connection) ? [entry.connection] : [],
    );
  };
  await emulator.journal.until('both connections', () => (live().length === 2 ? true : undefined));
  const receipt = await world.post();
  const results: ReturnType<typeof emulator.press>[] = [];
  let clicking = true;
  const clicks = (async () => {
    while (clicking) {
      results.push(emulator.press(pressOn(receipt)));
      await systemClock.sleep(CLICK_MS);
    }
  })();
  const refreshes = runs(6);
  for (let round = 0; round < refreshes; round += 1) {
    const [oldest = 0] = live();
    emulator.refreshSockets(oldest);
    await emulator.journal.until('the new connection', () =>
      live().length === 2 && !live().includes(oldest) ? true : undefined,
    );
  }
  clicking = false;
  await clicks;
  const seen = await Promise.all(results);
  assert.ok(seen.length > refreshes);
  assert.equal(seen.filter(({ acked }) => !acked).length, 0, 'lost');
  assert.equal(world.presses.length, seen.length, 'doubled');
  assert.equal(new Set(world.presses.map(({ id }) => id)).size, seen.length);
  const acks = emulator.journal.entries.filter(({ kind }) => kind === 'ack');
  assert.equal(acks.length, seen.length, 'one acknowledgement each');
  assert.equal(emulator.journal.entries.filter(({ kind }) => kind === 'refused').length, 0);
  assert.equal(
    world.calls('apps.connections.open').length,
    2 + refreshes,
    'at most one new connection for each refresh',
  );
});

test('row 20: the second connection is opened some time after the first', async () => {
  const waits: number[] = [];
  const sleep: typeof systemClock.sleep = (ms, signal) => {
    waits.push(ms);
    return systemClock.sleep(ms, signal);
  };
  await using world = await startSlack({ clock: { ...systemClock, sleep } });
  assert.equal(world.calls('apps.connections.open').length, 1);
  assert.ok(waits.includes(30_000));
});

test('row 22: the same envelope twice, and the same click over both connections: one decision', () =>
  inSlack(
    async (world) => {
      await world.pass(1);
      await world.slack.journal.until('both connections', () =>
        world.slack.state().connections === 2 ? true : undefined,
      );
      for (let round = 0; round < runs(10); round += 1) {
        const { id, card } = await show(world, `k${round}`);
        const result = await world.slack.press({ ...button(card, 'approve'), deliveries: 2 + (round % 3) });
        assert.equal(result.acked, true);
        await says(world, id, /Approved by/);
        assert.equal(world.engine().calls.length, round + 1);
      }
      const used = world.slack.journal.entries.flatMap((entry) =>
        entry.kind === 'envelope' ? [entry.connection] : [],
      );
      assert.equal(new Set(used).size, 2);
      assert.equal(
        world.slack.state().messages.filter(({ onlyFor }) => onlyFor !== null).length,
        0,
        'no one gets a refusal',
      );
    },
    { connections: 2, staggerMs: 0 },
  ));

describe('row 24: presses that must not count', () => {
  test('row 24: forged values, foreign workspaces, other actions: no call, and a private answer', () =>
    inSlack(async (world) => {
      const { id, card } = await show(world, 'k');
      const fingerprint = (await world.engine().store.get(id))?.fingerprint ?? '';
      const buttonId = fc.record({
        approvalId: fc.constantFrom(id, 'ap_none', `${id}x`),
        action: fc.constantFrom('approve', 'reject', 'take_over', 'retry'),
        fingerprint: fc.constantFrom('other', `${fingerprint}x`),
      });
      const forged = fc.record({
        value: fc.oneof(
          fc.string(),
          buttonId.map((one) => encodeButtonId(one as Parameters<typeof encodeButtonId>[0])),
        ),
        actionId: fc.oneof(
          fc.constantFrom('countersign.approve', 'countersign.reject'),
          fc.string({ minLength: 1, maxLength: 40 }),
        ),
      });
      const foreign = fc.record({ teamId: fc.constantFrom('T0OTHER', 'T1') });
      await fc.assert(
        fc.asyncProperty(fc.oneof(forged, foreign), async (lie) => {
          const result = await world.slack.press({ ...button(card, 'approve'), ...lie });
          assert.equal(result.acked, true);
          assert.equal((await world.engine().store.get(id))?.phase, 'open');
          assert.equal(world.engine().calls.length, 0);
        }),
        { numRuns: runs(60) },
      );
      await world.slack.journal.until('a private answer', () =>
        world.slack.state().messages.some(({ onlyFor }) => onlyFor !== null) ? true : undefined,
      );
    }));

  test('row 24: a press on a closed card is answered with who decided', () =>
    inSlack(async (world) => {
      const { id, card } = await show(world, 'k');
      await world.slack.press(button(card, 'approve'));
      await says(world, id, /Approved by/);
      const late = await world.slack.press(button(card, 'reject', 'U0000000002'));
      assert.equal(late.acked, true);
      const aside = await world.later('the note', () =>
        world.slack.state().messages.find(({ onlyFor }) => onlyFor !== null),
      );
      assert.equal(aside.onlyFor, 'U0000000002');
      assert.match(textOf(aside), /dana/i);
      assert.equal(world.engine().calls.length, 1);
    }));
});

test('row 25: a backend that takes half a minute: acknowledged at once, “sending” meanwhile, the result later', () =>
  inSlack(async (world) => {
    for (let round = 0; round < runs(5); round += 1) {
      const answer = Promise.withResolvers<{ result: { type: 'recorded'; following: false } }>();
      world.engine().answers.push(answer.promise);
      const { id, card } = await show(world, `k${round}`);
      const result = await world.slack.press(button(card, 'approve'));
      assert.ok(result.afterMs !== null && result.afterMs < 1_000, `${result.afterMs} ms`);
      await says(world, id, /sending|Sending/);
      await world.pass(30_000);
      assert.doesNotMatch(textOf(world.copies(id)[0] ?? assert.fail()), /^Approved by/m);
      answer.resolve({ result: { type: 'recorded', following: false } });
      await says(world, id, /Approved by/);
    }
  }));

/** Row 19 on Slack, edits: decisions are on their cards at once although `chat.update` is limited; and what becomes of them where Slack's answers to presses fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SlackFault, SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { textOf } from '../../support/people/room.ts';
import { inSlack, SLACK_ROOMS, type SlackWorld } from '../../support/worlds/faulty-rooms.ts';

const LIMITS = { posts: { everyMs: 1_000, burst: 8 }, updatesPerMinute: 50, lookUpsPerMinute: 100 };
const APPROVED = /Approved/;

const of = (world: SlackWorld, id: string) => world.copies(id)[0] ?? assert.fail('no card');
const isDecided = (card: SlackMessage | undefined) => card !== undefined && APPROVED.test(textOf(card));
const refused = (world: SlackWorld) =>
  [...world.calls('chat.update'), ...world.calls('response_url')].filter(({ error }) => error === 'ratelimited');
const byPress = (world: SlackWorld) => world.calls('response_url').length;
const byCall = (world: SlackWorld) => world.calls('chat.update').length;

/** Cards in their rooms, before a quiet minute. */
async function cards(world: SlackWorld, count: number): Promise<string[]> {
  // The name of the person who presses is looked up at their first press, and that card is edited once more.
  const first = await world.announce('first');
  await press(world, await world.later('a card', () => world.copies(first)[0]));
  const ids: string[] = [];
  for (let card = 0; card < count; card += 1) ids.push(await world.announce(`k${card}`));
  await world.later('all cards', () => (ids.every((id) => world.copies(id).length > 0) ? true : undefined));
  await world.pass(120_000);
  world.slack.limit(LIMITS);
  assert.equal(byPress(world), 0);
  return ids;
}

function press(world: SlackWorld, card: SlackMessage): Promise<unknown> {
  return world.slack.press({
    userId: 'U0000000001',
    channel: card.channel,
    ts: card.ts,
    actionId: 'countersign.approve',
  });
}

/** Presses another card each second. @returns how late each card showed its decision, ms: in steps of a second */
async function pressInTurn(world: SlackWorld, ids: readonly string[], everyMs = 1_000): Promise<number[]> {
  const pressedAt = new Map<string, number>();
  const late = new Map<string, number>();
  const look = () => {
    for (const [id, at] of pressedAt)
      if (!late.has(id) && isDecided(of(world, id))) late.set(id, world.clock.now() - at);
    return late.size === ids.length ? true : undefined;
  };
  for (const id of ids) {
    pressedAt.set(id, world.clock.now());
    await press(world, of(world, id));
    await world.pass(everyMs);
    look();
  }
  await world.later('all decisions', look);
  return ids.map((id) => late.get(id) ?? assert.fail());
}

/** Each card shows its decision within a second of its press. */
function assertSoon(late: readonly number[]): void {
  assert.ok(
    late.every((ms) => ms <= 1_000),
    late.join(' '),
  );
}

for (const overHttp of [false, true]) {
  test(`row 19: a press a second for a minute ${overHttp ? 'over HTTP' : 'in Socket Mode'}: each card shows its decision within a second, and no call is refused`, () =>
    inSlack(
      async (world) => {
        const ids = await cards(world, 60);
        const before = byCall(world);
        assertSoon(await pressInTurn(world, ids));
        assert.equal(refused(world).length, 0);
        assert.equal(byPress(world) + byCall(world) - before, 60, 'each card is edited once');
        assert.ok(byCall(world) - before <= 2 * 12, 'the calls of chat.update are left to other edits');
      },
      { overHttp },
    ));
}

test('row 19: the copies in another room, which no press can edit, have the calls of chat.update for themselves', () =>
  inSlack(
    async (world) => {
      const ids = await cards(world, 60);
      const before = byCall(world);
      assertSoon(await pressInTurn(world, ids));
      await world.later('the copies', () => (ids.every((id) => world.copies(id).every(isDecided)) ? true : undefined));
      assert.equal(refused(world).length, 0);
      assert.equal(byPress(world) + byCall(world) - before, 120);
    },
    { rooms: SLACK_ROOMS },
  ));

const faults: [string, SlackFault][] = [
  ['is expired or used up', { kind: 'status', status: 404, when: 'before' }],
  ['answers 500, without effect', { kind: 'status', status: 500, when: 'before' }],
  ['answers 500, with effect', { kind: 'status', status: 500, when: 'after' }],
  ['does not answer', { kind: 'hang', when: 'before' }],
  ['answers 429', { kind: 'rate_limited', retryAfterSeconds: 3 }],
];
for (const [name, fault] of faults) {
  test(`row 19: where the address of a press ${name}, chat.update follows at its pace`, () =>
    inSlack(
      async (world) => {
        const ids = await cards(world, 60);
        const before = byCall(world);
        world.slack.fail('response_url', fault, 1_000);
        await pressInTurn(world, ids);
        assert.equal(refused(world).filter(({ args }) => 'ts' in args).length, 0, 'no call of chat.update is refused');
        assert.equal(byCall(world) - before, 60, 'each card is edited by one call');
        assert.ok(ids.every((id) => isDecided(of(world, id))));
      },
      { callMs: 1_000 },
    ));
}

test('row 19: after a crash between an edit by a press and its record, chat.update shows the newest state', () =>
  inSlack(
    async (world) => {
      const ids = await cards(world, 20);
      await pressInTurn(world, ids.slice(0, 19));
      const last = ids[19] ?? assert.fail();
      const [presses, calls] = [byPress(world), byCall(world)];
      assert.ok(presses > 0);
      // Slack has made the edit, and the process ends before it has the answer.
      world.slack.fail('response_url', { kind: 'hang', when: 'after' });
      await press(world, of(world, last));
      await world.slack.journal.until('the edit', () => (byPress(world) > presses ? true : undefined));
      await world.crash();
      await world.later('the second edit', () => (byCall(world) > calls ? true : undefined));
      assert.ok(isDecided(of(world, last)));
      assert.deepEqual([world.copies(last).length, byPress(world)], [1, presses + 1]);
    },
    { onDisk: true },
  ));

test('row 19: a reply in a thread is edited by chat.update alone', () =>
  inSlack(async (world) => {
    const ids: string[] = [];
    for (let card = 0; card < 20; card += 1)
      ids.push(await world.announce(`k${card}`, { runId: 'one run', groupId: `g${card}` }));
    await world.later('all cards', () => (ids.every((id) => world.copies(id).length > 0) ? true : undefined));
    await world.pass(60_000);
    world.slack.limit(LIMITS);
    await pressInTurn(world, ids.slice(1));
    assert.equal(byPress(world), 0);
  }));

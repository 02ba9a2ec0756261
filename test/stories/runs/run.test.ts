/** Runs that people start from chat, through the real libraries, checked only by the messages in the rooms. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DiscordMessage } from '../../../src/sandbox/emulators/discord/types.ts';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import {
  pressDiscord,
  pressSlack,
  privateTexts,
  slackButtons,
  submitSlack,
  textOf,
} from '../../support/people/room.ts';
import { dana, inWorld, kit, sam, type World } from '../../support/worlds/world.ts';

type Person = typeof dana;

const typeSlack = (
  world: World,
  person: Person,
  text: string,
  more: { deliveries?: number; teamId?: string; channel?: string } = {},
) => world.slack.command(person.slackId, '/countersign', text, more);

const typeDiscord = (world: World, person: Person, options: Record<string, string>, deliveries = 1) =>
  world.discord.command({
    userId: person.discordId,
    channelId: world.discord.channel,
    name: 'countersign run',
    options,
    deliveries,
  });

function dispatches(world: World) {
  return world.runtype.journal.entries.filter(
    (entry) => entry.kind === 'call' && entry.path === '/v1/dispatch' && entry.method === 'POST',
  ) as { body: Record<string, unknown>; status: number; authorization: string | null }[];
}

interface Rooms {
  slack: SlackMessage[];
  discord: DiscordMessage[];
}

/** The public messages: the first messages of threads, and the thread of the first one. */
function rooms(world: World): { roots: Rooms; thread: Rooms } {
  const slack = world.slack.state().messages.filter(({ onlyFor }) => onlyFor === null);
  const discord = world.discord.state().messages.filter(({ onlyFor }) => onlyFor === null);
  const roots = {
    slack: slack.filter(({ threadTs }) => threadTs === null),
    discord: discord.filter(({ channelId }) => channelId === world.discord.channel),
  };
  return {
    roots,
    thread: {
      slack: slack.filter(({ threadTs }) => threadTs !== null && threadTs === roots.slack[0]?.ts),
      discord: discord.filter(({ channelId }) => channelId === roots.discord[0]?.id),
    },
  };
}

/** The visible text, without Discord's escapes. */
function read(message: SlackMessage | DiscordMessage): string {
  return textOf(message).replaceAll(/\\|\*\*/g, '');
}

/** Waits until the run card with this index shows the text in both rooms. */
async function untilCardsSay(world: World, text: string | RegExp, index = 0): Promise<void> {
  await world.until(`both cards to say ${text}`, () => {
    const { slack, discord } = rooms(world).roots;
    const says = (message: SlackMessage | DiscordMessage | undefined) =>
      message !== undefined && (typeof text === 'string' ? read(message).includes(text) : text.test(read(message)));
    return (says(slack[index]) && says(discord[index])) || undefined;
  });
}

async function untilThreadsSay(world: World, text: string | RegExp): Promise<void> {
  await world.until(`both threads to say ${text}`, () => {
    const { thread } = rooms(world);
    const says = (messages: (SlackMessage | DiscordMessage)[]) =>
      messages.some((message) => new RegExp(text).test(read(message)));
    return (says(thread.slack) && says(thread.discord)) || undefined;
  });
}

/** The message of the thread with this index: the card of a pause can come after the run's own card has changed. */
function inThread<P extends 'slack' | 'discord'>(world: World, platform: P, index = 0): Promise<Rooms[P][number]> {
  return world.until(`message ${index} of the thread in ${platform}`, () => rooms(world).thread[platform][index]);
}

describe('a run started from chat', () => {
  test('in Slack pauses, is approved in Discord, and ends in one thread on each platform', () =>
    inWorld(async (world) => {
      const typed = await typeSlack(world, dana, 'run refunds Mara wants her money back & <!channel> *now*');
      assert.ok(typed.acked);
      assert.match(privateTexts(world, dana).join(), /Starting refunds\. Follow it in this channel/);
      await untilCardsSay(world, /Run refunds.*Needs a decision.*Refund order\..*Dana Reyes.* started .*refunds/s);
      await untilCardsSay(world, 'Mara wants her money back');
      await untilThreadsSay(world, 'Needs a decision.');
      const { thread } = rooms(world);
      assert.deepEqual([thread.slack.length, thread.discord.length], [1, 1], 'the pause is in the thread');
      const [pause] = thread.discord;
      assert.ok(pause);
      await pressDiscord(world, sam, pause, 'Approve');
      await untilThreadsSay(world, 'Approved by Sam Okafor');
      await untilThreadsSay(world, 'Refunded 42.50 EUR');
      await untilCardsSay(world, 'Finished.');
      const { roots } = rooms(world);
      assert.deepEqual([roots.slack.length, roots.discord.length], [1, 1], 'there is no other message');
      const [sent, ...others] = dispatches(world);
      assert.deepEqual(others, []);
      assert.equal(sent?.authorization, `Bearer ${world.runtype.apiKey}`);
      assert.deepEqual(sent?.body['agent'], { agentId: 'refund-agent' });
      const content = 'Mara wants her money back & <!channel> *now*';
      assert.deepEqual(sent?.body['messages'], [{ role: 'user', content }]);
    }));

  test('in Discord asks a flow’s question, and posts its result in the thread', () =>
    inWorld(async (world) => {
      const typed = await typeDiscord(world, sam, { name: 'visits', text: 'Café Amsel' });
      assert.equal(typed.type, 4);
      assert.match(privateTexts(world, sam).join(), /Starting visits/);
      await untilCardsSay(world, /Run visits.*Needs a decision.*Pick slot/s);
      const [sent] = dispatches(world);
      assert.deepEqual(sent?.body['flow'], { id: 'slot-flow' });
      assert.deepEqual(sent?.body['messages'], [{ role: 'user', content: 'Café Amsel' }]);
      assert.deepEqual(sent?.body['inputs'], { text: 'Café Amsel' });
      await pressSlack(world, dana, await inThread(world, 'slack'), 'Answer');
      await submitSlack(world, dana, 'Thursday 10:30');
      await untilThreadsSay(world, 'The visit at Café Amsel is booked: Thursday 10:30');
      await untilCardsSay(world, 'Finished.');
    }));

  test('without a pause posts its result in the thread, too', () =>
    inWorld(async (world) => {
      await typeSlack(world, dana, 'run hours');
      await untilThreadsSay(world, 'open from ten to six');
      await untilCardsSay(world, 'Finished.');
      assert.equal('messages' in (dispatches(world)[0]?.body ?? {}), false, 'no text, so no message');
    }));

  test('that fails says so on its card, and posts the error in the thread', () =>
    inWorld(async (world) => {
      await typeSlack(world, dana, 'run bills');
      await untilCardsSay(world, 'Needs a decision:');
      await pressSlack(world, dana, await inThread(world, 'slack'), 'Approve');
      await untilThreadsSay(world, '550 no such mailbox');
      await untilCardsSay(world, 'Failed.');
    }));

  test('pauses twice, and its card is updated for each pause', () =>
    inWorld(async (world) => {
      await typeSlack(world, dana, 'run two');
      await untilCardsSay(world, /Needs a decision.*Run migration/s);
      await pressSlack(world, dana, await inThread(world, 'slack'), 'Approve');
      await untilCardsSay(world, /Needs a decision.*Deploy service/s);
      await pressDiscord(world, sam, await inThread(world, 'discord', 1), 'Approve');
      await untilCardsSay(world, 'Finished.');
      await untilThreadsSay(world, 'billing-api 4.12.0 is in production');
      const { roots } = rooms(world);
      assert.deepEqual([roots.slack.length, roots.discord.length], [1, 1]);
    }));

  test('whose id changes at its first pause stays in its thread', () =>
    inWorld(
      async (world) => {
        await typeSlack(world, dana, 'run refunds');
        await untilCardsSay(world, 'Needs a decision:');
        await pressSlack(world, dana, await inThread(world, 'slack'), 'Approve');
        await untilThreadsSay(world, 'Refunded 42.50 EUR');
        await untilCardsSay(world, 'Finished.');
      },
      { runtype: { virtualIdAtPause: true, vocabulary: 'legacy' } },
    ));

  test('has its pause in its thread, even if its own card could not be posted at first', () =>
    inWorld(async (world) => {
      // The room is paused for the requested time, and the pause waits with its run's card.
      world.slack.fail('chat.postMessage', { kind: 'rate_limited', retryAfterSeconds: 2 });
      world.discord.fail('POST /channels/:id/messages', { kind: 'status', status: 503, when: 'before' });
      await typeSlack(world, dana, 'run refunds');
      await untilThreadsSay(world, 'Needs a decision.');
      await untilCardsSay(world, 'Needs a decision:');
      await pressSlack(world, dana, await inThread(world, 'slack'), 'Approve');
      await untilThreadsSay(world, 'Refunded 42.50 EUR');
      const { roots } = rooms(world);
      // The note that answers the first card says that a decision waits in its thread.
      const cards = roots.discord.filter(({ replyTo }) => replyTo === undefined);
      assert.deepEqual([roots.slack.length, cards.length, roots.discord.length], [1, 1, 2]);
    }));

  test('is confirmed in private where it was typed, with the room of its card', () =>
    inWorld(async (world) => {
      const elsewhere = world.slack.state().channels.find(({ id }) => id !== world.slack.channel)?.id ?? '';
      await typeSlack(world, dana, 'run hours', { channel: elsewhere });
      const [confirmation] = world.slack.state().messages.filter(({ onlyFor }) => onlyFor === dana.slackId);
      assert.equal(confirmation?.channel, elsewhere);
      assert.match(confirmation?.text ?? '', new RegExp(`Starting hours.*<#${world.slack.channel}>$`));
      await untilThreadsSay(world, 'open from ten to six');
    }));
});

describe('a command', () => {
  test('of a bystander starts nothing, is answered in private, and is in the audit log', () =>
    inWorld(async (world) => {
      await typeSlack(world, kit, 'run refunds');
      await typeDiscord(world, kit, { name: 'refunds' });
      const texts = privateTexts(world, kit);
      assert.equal(texts.length, 2);
      for (const text of texts) assert.match(text, /You can’t start refunds\./);
      await typeSlack(world, dana, 'run hours');
      await untilCardsSay(world, 'Finished.');
      assert.equal(dispatches(world).length, 1);
      assert.match(world.logText(), /"input":"started"[^\n]*"outcome":"not_allowed"/);
    }));

  test('of a group’s member is accepted once the group can be looked up', () =>
    inWorld(
      async (world) => {
        await world.stop();
        const gil = { ...kit, slackId: 'U0GROUP01' };
        world.slack.addUser({ id: gil.slackId, handle: 'gil', displayName: 'Gil', groups: ['S0STARTERS'] });
        world.slack.fail('usergroups.users.list', { kind: 'error', error: 'fatal_error' }, 99);
        await world.start();
        await typeSlack(world, gil, 'run hours');
        assert.match(privateTexts(world, gil).join(), /Your permission to start hours could not be checked/);
        await world.stop();
        world.slack.heal('usergroups.users.list');
        await world.start();
        await typeSlack(world, gil, 'run hours');
        await untilCardsSay(world, 'Finished.');
        await typeSlack(world, kit, 'run hours');
        assert.match(privateTexts(world, kit).join(), /You can’t start hours/);
        assert.equal(dispatches(world).length, 1);
      },
      { env: { RUN_STARTERS: '*=slack:group:S0STARTERS' } },
    ));

  test('with an unknown name lists this person’s runs; without a name it shows the usage', () =>
    inWorld(
      async (world) => {
        await typeSlack(world, dana, 'run refund');
        await typeSlack(world, sam, 'run refund');
        await typeSlack(world, dana, '');
        await world.discord.command({
          userId: kit.discordId,
          channelId: world.discord.channel,
          name: 'countersign help',
        });
        const [unknown = '', help = ''] = privateTexts(world, dana);
        assert.match(unknown, /Unknown run “refund”\. You can start: refunds, hours\./);
        assert.match(privateTexts(world, sam).join(), /You can start: hours\./);
        assert.match(help, /\/countersign run NAME \[text\]\..*You can start: refunds, hours\./s);
        assert.match(privateTexts(world, kit).join(), /You can’t start any run\./);
        assert.equal(dispatches(world).length, 0);
        assert.deepEqual(rooms(world).roots, { slack: [], discord: [] });
      },
      {
        env: {
          RUNS: 'refunds=agent:refund-agent,hours=agent:plain',
          RUN_STARTERS: `refunds=slack:${dana.slackId}, hours=slack:${dana.slackId}|slack:${sam.slackId}`,
        },
      },
    ));

  test('delivered five times on either platform starts one run', () =>
    inWorld(async (world) => {
      await typeSlack(world, dana, 'run hours', { deliveries: 5 });
      await untilCardsSay(world, 'Finished.');
      assert.equal(dispatches(world).length, 1);
      await typeDiscord(world, sam, { name: 'hours' }, 5);
      await untilCardsSay(world, 'Sam Okafor', 1);
      await world.until('the second run to end', () =>
        world.runtype.runs().filter(({ state }) => state === 'complete').length === 2 ? true : undefined,
      );
      assert.equal(dispatches(world).length, 2);
      assert.equal(rooms(world).roots.slack.length, 2);
    }));

  test('from another workspace starts nothing', () =>
    inWorld(async (world) => {
      const typed = await typeSlack(world, dana, 'run hours', { teamId: 'T0ELSEWHERE' });
      assert.ok(typed.acked);
      assert.match(JSON.stringify(typed.response), /works only where Countersign posts its cards/);
      assert.equal(dispatches(world).length, 0);
    }));
});

describe('a start that Runtype does not accept', () => {
  const refusals: [number, string, RegExp][] = [
    [401, 'Invalid API key', /Runtype answered 401: Invalid API key.*RUNTYPE_API_KEY/s],
    [402, 'Credit is used up', /Runtype answered 402: Credit is used up/],
    [403, 'Missing scope', /Runtype answered 403: Missing scope.*scope DISPATCH/s],
    [404, 'Agent not found', /Runtype answered 404: Agent not found\. Check the id of this run in RUNS\./],
    [422, 'inputs.text: unknown', /Runtype answered 422: inputs\.text: unknown/],
  ];
  test('is shown with Runtype’s message, and Try again starts it', () =>
    inWorld(async (world) => {
      for (const [index, [status, error, text]] of refusals.entries()) {
        world.runtype.fail('/v1/dispatch', { kind: 'status', status, when: 'before', body: { error } });
        await typeSlack(world, dana, 'run hours');
        await untilCardsSay(world, 'Could not be started.', index);
        await untilCardsSay(world, text, index);
        assert.deepEqual(
          slackButtons(await world.slackCard(index)).map(({ label }) => label),
          ['Try again', 'Details'],
        );
      }
      assert.equal(world.runtype.runs().length, 0);
      await pressSlack(world, sam, await world.slackCard(0), 'Try again');
      await untilCardsSay(world, 'Finished.', 0);
      assert.equal(world.runtype.runs().length, 1);
    }));

  test('because of a rate limit waits for the requested time, and then starts once', () =>
    inWorld(async (world) => {
      const body = { error: 'Too many runs', code: 'SLOW_MODE_HOURLY_LIMIT_EXCEEDED' };
      const headers = { 'retry-after': '4' };
      world.runtype.fail('/v1/dispatch', { kind: 'status', status: 429, when: 'before', body, headers });
      await typeSlack(world, dana, 'run hours');
      await untilCardsSay(
        world,
        /Not started yet\W*\(Runtype answered 429: Too many runs\..*\)\W*Retrying automatically\./s,
      );
      await untilCardsSay(world, 'Finished.');
      const [first, second, ...others] = world.runtype.journal.entries.filter(
        (entry) => entry.kind === 'call' && entry.method === 'POST' && entry.path === '/v1/dispatch',
      );
      assert.ok(first && second && second.at - first.at >= 3_900, 'not before the requested wait');
      assert.deepEqual(others, []);
    }));

  test('or whose answer is lost is unconfirmed, never sent again automatically, and a starter may try again', () =>
    inWorld(
      async (world) => {
        world.runtype.fail('/v1/dispatch', { kind: 'reset', when: 'after' });
        await typeSlack(world, dana, 'run hours');
        await untilCardsSay(world, /Unconfirmed\..*Check in Runtype before you try again: it could run twice\./s);
        assert.equal(dispatches(world).length, 1);
        await pressSlack(world, sam, await world.slackCard(), 'Try again');
        await world.until('the refusal', () => privateTexts(world, sam)[0]);
        assert.match(privateTexts(world, sam).join(), /You can’t start this run/, 'a reviewer is not a starter');
        assert.equal(dispatches(world).length, 1);
        await pressDiscord(world, kit, await world.discordCard(), 'Try again');
        await untilCardsSay(world, 'Finished.');
        assert.equal(dispatches(world).length, 2);
        const conversations = dispatches(world).map(({ body }) => body['conversationId']);
        assert.notEqual(conversations[0], conversations[1], 'a second start has another conversation than the first');
      },
      { env: { RUN_STARTERS: `*=slack:${dana.slackId}|discord:${kit.discordId}` } },
    ));
});

describe('the process', () => {
  test('stopped while a run without replay continues says so, once, in its thread', () =>
    inWorld(async (world) => {
      world.runtype.fail('/v1/dispatch', { kind: 'stall', afterBytes: 200 });
      await typeSlack(world, dana, 'run visits');
      await untilCardsSay(world, 'Running.');
      await world.stop();
      await world.start();
      await untilCardsSay(world, 'Lost track of this run.');
      await untilThreadsSay(world, 'Check its outcome in Runtype');
      const { thread } = rooms(world);
      assert.deepEqual([thread.slack.length, thread.discord.length], [1, 1]);
    }));

  test('stopped while a run is paused continues it afterwards, in the same thread', () =>
    inWorld(async (world) => {
      await typeSlack(world, dana, 'run refunds');
      await untilCardsSay(world, 'Needs a decision:');
      await world.stop();
      await world.start();
      await pressSlack(world, dana, await inThread(world, 'slack'), 'Approve');
      await untilThreadsSay(world, 'Refunded 42.50 EUR');
      await untilCardsSay(world, 'Finished.');
      assert.equal(dispatches(world).length, 1);
    }));

  test('whose stream of a saved agent breaks off reads the rest after a reconnect', () =>
    inWorld(async (world) => {
      world.runtype.fail('/v1/dispatch', { kind: 'cut', afterBytes: 700 });
      await typeSlack(world, dana, 'run hours');
      await untilThreadsSay(world, 'open from ten to six');
      await untilCardsSay(world, 'Finished.');
      assert.equal(dispatches(world).length, 1);
    }));
});

/** Approvals as reviewers see them: the real bot with the real libraries, and emulators of everything outside it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  calls,
  discordButtons,
  fillDiscord,
  labels,
  pressDiscord,
  pressSlack,
  privateTexts,
  slackButtons,
  submitDiscord,
  submitSlack,
  textOf,
  untilCardsSay,
} from '../../support/people/room.ts';
import { dana, inWorld, kit, sam, type World } from '../../support/worlds/world.ts';

/** The texts of the thread under the first card, on both platforms. */
async function untilThreadSays(world: World, text: string): Promise<void> {
  const root = await world.slackCard();
  const discordRoot = await world.discordCard();
  await world.until(`both threads to say ${text}`, () => {
    const slack = world.slack.state().messages.filter(({ threadTs }) => threadTs === root.ts);
    const discord = world.discord.state().messages.filter(({ channelId }) => channelId === discordRoot.id);
    const says = (messages: Parameters<typeof textOf>[0][]) =>
      messages.some((message) => textOf(message).includes(text));
    return says(slack) && says(discord) ? true : undefined;
  });
}

for (const vocabulary of ['unified', 'legacy'] as const) {
  describe(`a paused run, ${vocabulary} vocabulary`, () => {
    const inThis = (run: (world: World) => Promise<void>) => inWorld(run, { runtype: { vocabulary } });

    test('is approved in Slack: one call, both cards, the result in the thread', () =>
      inThis(async (world) => {
        await world.dispatch('refund-agent');
        const card = await world.slackCard();
        await world.discordCard();
        assert.match(textOf(card), /Refund order/);
        assert.match(textOf(card), /A-1009/);
        const pressed = await pressSlack(world, dana, card, 'Approve');
        assert.ok(pressed.acked);
        await untilCardsSay(world, 'Approved by Dana Reyes');
        await untilThreadSays(world, 'Refunded');
        const sent = calls(world, 'approve');
        assert.equal(sent.length, 1);
        assert.equal(sent[0]?.body['decision'], 'approved');
        assert.equal(sent[0]?.authorization, `Bearer ${world.runtype.apiKey}`, 'our own key, never the caller’s');
        assert.deepEqual(labels(slackButtons(await world.slackCard())), ['Details']);
        assert.deepEqual(labels(discordButtons(await world.discordCard())), ['Details']);
      }));

    test('is rejected in Discord, with a reason that reaches the agent and both cards', () =>
      inThis(async (world) => {
        await world.dispatch('refund-agent');
        const card = await world.discordCard();
        await pressDiscord(world, sam, card, 'Reject');
        await submitDiscord(world, sam, 'Ask for the receipt first');
        await untilCardsSay(world, 'Rejected by Sam Okafor');
        await untilCardsSay(world, 'Ask for the receipt first');
        const [sent] = calls(world, 'approve');
        assert.deepEqual([sent?.body['decision'], sent?.body['reason']], ['denied', 'Ask for the receipt first']);
      }));

    test('is answered by a person in Slack, and the answer is the tool’s result', () =>
      inThis(async (world) => {
        await world.dispatch('slot-flow', 'flow');
        await pressSlack(world, dana, await world.slackCard(), 'Answer');
        await submitSlack(world, dana, '{"slot":"10:30"}');
        await untilCardsSay(world, 'Answered by Dana Reyes');
        await untilThreadSays(world, '10:30');
        const [sent] = calls(world, 'resume');
        assert.deepEqual(Object.values(sent?.body['toolOutputs'] as object), [{ slot: '10:30' }]);
      }));

    test('is answered with one of its options in Discord, and its value is the tool’s result', () =>
      inThis(async (world) => {
        await world.dispatch('slot-flow', 'flow');
        const card = await world.discordCard();
        assert.deepEqual(labels(discordButtons(card)), ['Answer', 'Decline', 'Details']);
        await pressDiscord(world, sam, card, 'Answer');
        const modal = await world.until('the form', () => world.discord.state().modals[0]);
        assert.match(JSON.stringify(modal.data), /Espresso machine loses pressure/, 'the form shows the question');
        await fillDiscord(world, sam, { 'Your answer': '12:00 to 13:30' });
        await untilCardsSay(world, 'Answered by Sam Okafor');
        assert.match(textOf(await world.slackCard()), /12:00 to 13:30, Tomasz \[noon\]/);
        await untilThreadSays(world, 'is booked: noon');
        const [sent] = calls(world, 'resume');
        assert.deepEqual(Object.values(sent?.body['toolOutputs'] as object), ['noon']);
      }));

    test('is taken over in Discord: the agent is told to leave it', () =>
      inThis(async (world) => {
        await world.dispatch('refund-agent');
        await pressDiscord(world, sam, await world.discordCard(), 'Take over');
        await submitDiscord(world, sam, 'Refunded by hand in the till');
        await untilCardsSay(world, 'Taken over by Sam Okafor');
        const [sent] = calls(world, 'approve');
        assert.equal(sent?.body['decision'], 'denied');
        assert.match(String(sent?.body['reason']), /Sam Okafor.*Refunded by hand in the till/);
      }));

    test('that pauses twice has its second card in the first one’s thread', () =>
      inThis(async (world) => {
        await world.dispatch('two-pauses');
        await pressSlack(world, dana, await world.slackCard(0), 'Approve');
        const second = await world.slackCard(1);
        assert.equal(second.threadTs, (await world.slackCard(0)).ts);
        const discordSecond = await world.discordCard(1);
        assert.equal(discordSecond.channelId, (await world.discordCard(0)).id);
        await pressDiscord(world, sam, discordSecond, 'Approve');
        await untilCardsSay(world, 'Approved by Sam Okafor', 1);
        assert.equal(calls(world, 'approve').length, 2);
      }));

    test('with two questions at once is answered in one call, and the first card says what it waits for', () =>
      inThis(async (world) => {
        await world.dispatch('parallel-awaits', 'flow');
        await world.slackCard(1);
        await world.discordCard(1);
        await pressSlack(world, dana, await world.slackCard(0), 'Approve');
        await world.until(
          'the card to say what it waits for',
          () =>
            world.slack
              .state()
              .messages.some((message) =>
                textOf(message).includes('once the other question of this run is answered'),
              ) || undefined,
        );
        assert.equal(calls(world, 'resume').length, 0);
        await pressSlack(world, sam, await world.slackCard(1), 'Decline');
        await submitSlack(world, sam, 'Wrong number');
        await world.until('one resume', () => calls(world, 'resume')[0]);
        const [sent] = calls(world, 'resume');
        const outputs = Object.values(
          sent?.body['toolOutputs'] as Record<string, { approved: boolean; reason?: string; by: string }>,
        );
        assert.deepEqual(outputs.map(({ approved }) => approved).sort(), [false, true]);
        assert.ok(outputs.some(({ reason, by }) => reason === 'Wrong number' && by.includes('Sam Okafor')));
        assert.equal(calls(world, 'resume').length, 1);
      }));
  });
}

describe('one decision only', () => {
  test('the same pause from two sources makes one card', () =>
    inWorld(async (world) => {
      const stream = await world.dispatch('refund-agent');
      await world.slackCard();
      await world.discordCard();
      const { Webhook } = await import('standardwebhooks');
      const sentAt = new Date();
      const signature = new Webhook(world.ingestSecret).sign('msg_1', sentAt, stream);
      for (const id of ['first', 'again']) {
        const answer = await fetch(`http://127.0.0.1:${world.app().port}/ingest/runtype`, {
          method: 'POST',
          body: stream,
          headers: {
            'content-type': 'text/event-stream',
            'webhook-id': 'msg_1',
            'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
            'webhook-signature': signature,
          },
        });
        assert.equal(answer.status, 202, `${id}: ${await answer.text()}`);
      }
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
      await untilThreadSays(world, 'Refunded');
      const posts = world.slack.journal.entries.filter(
        (entry) => entry.kind === 'call' && entry.method === 'chat.postMessage',
      );
      assert.equal(posts.length, 2, 'the card, and the result');
    }));

  test('the same press delivered five times makes one call, and no message', () =>
    inWorld(async (world) => {
      await world.dispatch('refund-agent');
      await pressSlack(world, dana, await world.slackCard(), 'Approve', 5);
      await untilCardsSay(world, 'Approved by Dana Reyes');
      assert.equal(calls(world, 'approve').length, 1);
      assert.deepEqual(privateTexts(world, dana), []);
    }));

  test('of two reviewers at the same moment on two platforms one wins, and the other learns who', () =>
    inWorld(async (world) => {
      await world.dispatch('refund-agent');
      const [slackCard, discordCard] = [await world.slackCard(), await world.discordCard()];
      const pressed = await Promise.all([
        pressSlack(world, dana, slackCard, 'Approve'),
        pressDiscord(world, sam, discordCard, 'Approve'),
      ]);
      assert.ok(pressed.every(({ acked }) => acked));
      await untilCardsSay(world, /Approved by (?:Dana Reyes|Sam Okafor)/);
      assert.equal(calls(world, 'approve').length, 1);
      const winner = textOf(await world.slackCard()).includes('Dana Reyes') ? dana : sam;
      const loser = winner === dana ? sam : dana;
      const winnerName = winner === dana ? 'Dana Reyes' : 'Sam Okafor';
      await world.until('the answer to the loser', () => privateTexts(world, loser)[0]);
      assert.match(
        privateTexts(world, loser).join(),
        new RegExp(`${winnerName} already (?:approved this|pressed Approve)`),
      );
      assert.deepEqual(privateTexts(world, winner), []);
    }));

  test('an application’s own approval closes the card; after a press it gets 409 with the winner', () =>
    inWorld(async (world) => {
      const approve = async (index: number) => {
        const [, executionId = '', approvalId = ''] =
          /"executionId":"([^"]+)".*"approvalId":"([^"]+)"/.exec(streams[index] ?? '') ?? [];
        return fetch(`http://127.0.0.1:${world.app().port}/v1/dispatch/approve`, {
          method: 'POST',
          headers: { authorization: `Bearer ${world.runtype.applicationKey}`, 'content-type': 'application/json' },
          body: JSON.stringify({ executionId, approvalId, decision: 'approved', streamResponse: true }),
        });
      };
      const frames = async () =>
        (await world.dispatch('refund-agent')).split('\n\n').find((frame) => frame.includes('approval_start')) ?? '';
      const streams = [await frames()];
      await world.slackCard(0);
      const first = await approve(0);
      assert.equal(first.status, 200);
      assert.match(await first.text(), /execution_complete/);
      await untilCardsSay(world, 'Approved by the application');
      streams.push(await frames());
      const unrelated = await world.until(
        'a second run’s card',
        () => world.slack.state().messages.filter(({ threadTs, blocks }) => threadTs === null && blocks.length > 0)[1],
      );
      await pressSlack(world, dana, unrelated, 'Approve');
      const second = await approve(1);
      assert.equal(second.status, 409);
      const body = (await second.json()) as Record<string, string>;
      assert.equal(body['code'], 'APPROVAL_ALREADY_RESOLVED');
      assert.match(String(body['message']), /(?:approved by Dana Reyes in Slack|Dana Reyes in Slack pressed Approve)/);
      await world.until('the press to be sent', () => (calls(world, 'approve').length === 2 ? true : undefined));
    }));
});

describe('a person who is not a reviewer', () => {
  test('changes nothing, is answered in private, and is in the audit log', () =>
    inWorld(async (world) => {
      await world.dispatch('refund-agent');
      const [slackCard, discordCard] = [await world.slackCard(), await world.discordCard()];
      await pressSlack(world, kit, slackCard, 'Approve');
      await pressDiscord(world, kit, discordCard, 'Reject');
      await world.until('both refusals', () => (privateTexts(world, kit).length === 2 ? true : undefined));
      for (const text of privateTexts(world, kit)) assert.match(text, /not one of its reviewers/);
      assert.equal(calls(world, 'approve').length, 0);
      const approvalId =
        slackButtons(slackCard).length > 0 ? /cs2\.([^.]+)\./.exec(JSON.stringify(slackCard.blocks))?.[1] : '';
      // A row of the log is written once its person has the answer.
      const read = async () => {
        const rows = await world.app().store.audit(approvalId ?? '');
        return rows.filter(({ ignored }) => ignored === 'not_allowed').map(({ actor }) => actor?.id);
      };
      let refused = await read();
      while (refused.length < 2) refused = await read();
      assert.deepEqual(refused.sort(), [kit.discordId, kit.slackId].sort());
    }));
});

describe('the process', () => {
  test('stopped between card and press: the old button works afterwards', () =>
    inWorld(async (world) => {
      await world.dispatch('refund-agent');
      const card = await world.slackCard();
      await world.discordCard();
      await world.stop();
      await world.start();
      await pressSlack(world, dana, card, 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
      assert.equal(calls(world, 'approve').length, 1);
    }));

  test('whose approval took effect and whose answer was lost says that it lost track of the run', () =>
    inWorld(async (world) => {
      await world.dispatch('two-pauses');
      world.runtype.fail('/v1/dispatch/approve', { kind: 'reset', when: 'after' });
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
      await untilThreadSays(world, 'Lost track of this run');
      assert.equal(calls(world, 'approve').filter(({ effect }) => effect).length, 1);
    }));

  test('that was not in the channel posts its card once it is invited and restarted', () =>
    inWorld(async (world) => {
      world.slack.fail('chat.postMessage', { kind: 'error', error: 'not_in_channel' });
      await world.dispatch('refund-agent');
      await world.discordCard();
      await world.until('the refused post', () =>
        world.slack.journal.entries.find((entry) => entry.kind === 'call' && entry.method === 'chat.postMessage'),
      );
      await world.stop();
      await world.start();
      await world.slackCard();
    }));

  test('works with one platform only', () =>
    inWorld(
      async (world) => {
        await world.dispatch('refund-agent');
        await pressDiscord(world, dana, await world.discordCard(), 'Approve');
        await world.until(
          'the card to say so',
          () =>
            world.discord.state().messages.some((message) => textOf(message).includes('Approved by Dana Reyes')) ||
            undefined,
        );
      },
      { platforms: ['discord'] },
    ));

  test('logs what happens, and no secret or payload', () =>
    inWorld(async (world) => {
      await world.dispatch('hostile');
      await pressSlack(world, dana, await world.slackCard(), 'Reject');
      await submitSlack(world, dana, 'a reason nobody else should read');
      await untilCardsSay(world, 'Rejected by Dana Reyes');
      const log = world.logText();
      assert.match(log, /"msg":"press"/);
      assert.match(log, /"msg":"job done"/);
      const { slack, discord, runtype } = world;
      const secrets = [
        slack.botToken,
        slack.appToken,
        discord.token,
        runtype.apiKey,
        runtype.applicationKey,
        world.ingestSecret,
      ];
      const hostile = JSON.stringify(runtype.scripts.get('hostile')?.steps ?? []);
      const planted = [...hostile.matchAll(/eyJ[\w-]+\.[\w-]+\.[\w-]+|AKIA\w+|ALL TENANTS/g)].map(([text]) => text);
      assert.ok(planted.length >= 2);
      for (const secret of [...secrets, ...planted, 'a reason nobody else']) assert.ok(!log.includes(secret), secret);
    }));
});

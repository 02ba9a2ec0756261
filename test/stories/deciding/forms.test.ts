/** Questions with choices, and forms from servers, answered in both rooms. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  calls,
  discordButtons,
  discordNote,
  fillDiscord,
  fillSlack,
  pressDiscord,
  pressSlack,
  slackButtons,
  submitDiscord,
  submitSlack,
  textOf,
  untilCardsSay,
} from '../../support/people/room.ts';
import { dana, inWorld, sam, type World } from '../../support/worlds/world.ts';

/** The tool output of the only resume call. */
async function outputOf(world: World): Promise<unknown> {
  const [sent] = await world.until('the resume', () =>
    calls(world, 'resume').length > 0 ? calls(world, 'resume') : undefined,
  );
  assert.equal(calls(world, 'resume').length, 1);
  const outputs = Object.entries(sent?.body['toolOutputs'] as object);
  assert.equal(outputs.length, 1);
  assert.match(outputs[0]?.[0] ?? '', /^toolu_/, 'by the call’s id');
  return outputs[0]?.[1];
}

const travel = 'How should the team travel to Kiel on 2 September?';
const bookings = 'What should I book there?';
const contact = {
  'Full name': 'Mara Lindqvist',
  'E-mail': 'mara@amsel.example',
  Seats: '4',
  Plan: 'Team',
  'Days they can be called': 'Monday, Thursday',
};
const content = {
  name: 'Mara Lindqvist',
  email: 'mara@amsel.example',
  seats: 4,
  plan: 'team',
  days: ['Monday', 'Thursday'],
};

for (const vocabulary of ['unified', 'legacy'] as const) {
  describe(`a question with choices, ${vocabulary} vocabulary`, () => {
    const inThis = (run: (world: World) => Promise<void>) => inWorld(run, { runtype: { vocabulary } });

    test('is read on the card, and answered in Slack', () =>
      inThis(async (world) => {
        await world.dispatch('question-agent');
        const card = await world.slackCard();
        assert.match(textOf(card), /Question 1\. How should the team travel.*\n.*1\. Train: 2 h 10 min/);
        assert.doesNotMatch(textOf(card), /"questions"/, 'no JSON');
        assert.deepEqual(
          slackButtons(card).map(({ label }) => label),
          ['Answer', 'Decline', 'Details'],
        );
        await pressSlack(world, dana, card, 'Answer');
        await fillSlack(world, dana, { [travel]: 'Train', [bookings]: 'Hotel, Meeting room' });
        assert.deepEqual(await outputOf(world), { [travel]: 'Train', [bookings]: ['Hotel', 'Meeting room'] });
        await untilCardsSay(world, 'Answered by Dana Reyes');
        await untilCardsSay(world, 'Hotel, Meeting room');
      }));

    test('is answered in Discord, also with text that is not one of the choices', () =>
      inThis(async (world) => {
        await world.dispatch('question-agent');
        await pressDiscord(world, sam, await world.discordCard(), 'Answer');
        const [modal] = world.discord.state().modals;
        assert.match(
          JSON.stringify(modal?.data),
          /• How should the team travel to Kiel on 2 September\?/,
          'too long for a label',
        );
        await fillDiscord(world, sam, { 'Something else': 'By bicycle', [bookings]: 'Dinner' });
        assert.deepEqual(await outputOf(world), { [travel]: 'By bicycle', [bookings]: ['Dinner'] });
        await untilCardsSay(world, 'Answered by Sam Okafor');
      }));
  });

  describe(`a form from a server, ${vocabulary} vocabulary`, () => {
    const inThis = (run: (world: World) => Promise<void>) => inWorld(run, { runtype: { vocabulary } });

    test('with one wrong field first: Slack shows it at the field, and nothing is sent until it is right', () =>
      inThis(async (world) => {
        await world.dispatch('elicitation-agent');
        const card = await world.slackCard();
        assert.match(textOf(card), /“crm-server” asks:\nWho is the contact at Café Amsel/);
        assert.match(textOf(card), /1\. Basic, 9 € a seat \[basic\]/);
        await pressSlack(world, dana, card, 'Answer');
        await fillSlack(world, dana, { ...contact, 'E-mail': 'mara' });
        const [view] = world.slack.state().views;
        assert.deepEqual(view?.errors, { f1: 'Write an e-mail address, like name@example.com.' });
        assert.deepEqual(calls(world, 'resume'), []);
        await fillSlack(world, dana, contact);
        assert.deepEqual(await outputOf(world), { action: 'accept', content });
        await untilCardsSay(world, 'Answered by Dana Reyes');
        await untilCardsSay(world, /Plan\\?: Team, 14 € a seat \\?\[team/);
      }));

    test('is declined, with the reason', () =>
      inThis(async (world) => {
        await world.dispatch('elicitation-agent');
        await pressSlack(world, dana, await world.slackCard(), 'Decline');
        await submitSlack(world, dana, 'Not before the contract');
        const by = `Dana Reyes (${dana.slackId})`;
        assert.deepEqual(await outputOf(world), {
          action: 'decline',
          _meta: { by, reason: 'Not before the contract' },
        });
        await untilCardsSay(world, 'Rejected by Dana Reyes');
      }));
  });
}

describe('six fields in Discord', () => {
  const pages = [
    {
      'Full name': 'Mara Lindqvist',
      'E-mail': 'mara',
      Seats: '4',
      Plan: 'Team',
    },
    { 'Days they can be called': 'Monday, Thursday', 'First day': '2026-09-02' },
  ] as const;

  for (const restart of [false, true]) {
    test(`have two pages, with one field corrected${restart ? ', and the bot restarted after each of them' : ''}`, () =>
      inWorld(async (world) => {
        const pause = async () => {
          if (!restart) return;
          await world.stop();
          await world.start();
        };
        await world.dispatch('elicitation-agent');
        await pressDiscord(world, sam, await world.discordCard(), 'Answer');
        await fillDiscord(world, sam, pages[0]);
        const wrong = await discordNote(world, sam, 'Not sent yet');
        assert.match(textOf(wrong), /E\\-mail\\: Write an e\\-mail address/);
        await pause();
        await pressDiscord(world, sam, wrong, 'Fix');
        // The other fields of the page are unchanged.
        await fillDiscord(world, sam, { 'E-mail': 'mara@amsel.example' });
        const kept = await discordNote(world, sam, 'Page 1 of 2 saved');
        assert.equal(kept.id, wrong.id, 'one message, which names the next page');
        await pause();
        await pressDiscord(world, sam, kept, 'Continue to page 2');
        await fillDiscord(world, sam, pages[1]);
        assert.deepEqual(await outputOf(world), { action: 'accept', content: { ...content, start: '2026-09-02' } });
        await untilCardsSay(world, 'Answered by Sam Okafor');
        const note = await discordNote(world, sam, 'Recorded.');
        assert.deepEqual([note.id, discordButtons(note)], [wrong.id, []]);
      }));
  }

  test('another reviewer decides between two pages: the second page says so, and returns the text', () =>
    inWorld(async (world) => {
      await world.dispatch('elicitation-agent');
      await pressDiscord(world, sam, await world.discordCard(), 'Answer');
      await fillDiscord(world, sam, { ...pages[0], 'E-mail': 'mara@amsel.example' });
      await pressDiscord(world, sam, await discordNote(world, sam, 'Page 1 of 2'), 'Continue');
      // The claim is Sam's while he writes.
      await untilCardsSay(world, 'Claimed by Sam Okafor');
      await pressDiscord(world, sam, await world.discordCard(), 'Release');
      await untilCardsSay(world, 'Needs an answer.');
      await pressSlack(world, dana, await world.slackCard(), 'Decline');
      await submitSlack(world, dana, 'Too late for this year');
      await untilCardsSay(world, 'Rejected by Dana Reyes');
      await fillDiscord(world, sam, pages[1]);
      const note = await discordNote(world, sam, 'Dana Reyes already ');
      assert.match(textOf(note), /2026-09-02/);
      assert.equal(calls(world, 'resume').length, 1);
    }));
});

describe('a quick reason', () => {
  const env = { QUICK_REASONS: 'Too expensive, Wrong customer' };

  test('is enough in Slack, and can be combined with a note in Discord', () =>
    inWorld(
      async (world) => {
        await world.dispatch('refund-agent');
        await pressSlack(world, dana, await world.slackCard(), 'Reject');
        await fillSlack(world, dana, {});
        assert.match(world.slack.state().views[0]?.errors['reason'] ?? '', /Choose one, or write/);
        await fillSlack(world, dana, { 'Why?': 'Too expensive' });
        await untilCardsSay(world, 'Rejected by Dana Reyes');
        await world.dispatch('refund-agent');
        // The first run's result is between the two cards.
        const card = await world.until('the second card', () =>
          world.discord
            .state()
            .messages.find((message) => discordButtons(message).some(({ label }) => label === 'Reject')),
        );
        await pressDiscord(world, sam, card, 'Reject');
        await fillDiscord(world, sam, { 'Why?': 'Wrong', 'Your own reason': 'It is Jo’s order' });
        await world.until('both decisions', () => calls(world, 'approve')[1]);
        const reasons = calls(world, 'approve').map(({ body }) => body['reason']);
        assert.deepEqual(reasons, ['Too expensive', 'Wrong customer: It is Jo’s order']);
      },
      { env },
    ));

  test('and a note with Approve, in both rooms', () =>
    inWorld(
      async (world) => {
        await world.dispatch('refund-agent');
        await pressDiscord(world, sam, await world.discordCard(), 'Approve');
        await fillDiscord(world, sam, { Note: 'Checked the photo' });
        await untilCardsSay(world, 'Approved by Sam Okafor');
        const [sent] = calls(world, 'approve');
        assert.deepEqual([sent?.body['decision'], sent?.body['reason']], ['approved', 'Checked the photo']);
      },
      { env: { APPROVE_NOTE: 'on' } },
    ));
});

describe('what can’t be answered in chat', () => {
  test('a link is shown as text, and Done says only that it was done', () =>
    inWorld(async (world) => {
      await world.dispatch('elicitation-url');
      const card = await world.slackCard();
      assert.match(textOf(card), /Open this link, outside of Countersign:\nhttps:\/\/calendar\.example\/connect\/4417/);
      assert.match(textOf(card), /Open the link yourself/);
      assert.doesNotMatch(JSON.stringify(card.blocks), /"type":"link"|"url":/);
      await world.discordCard();
      await pressDiscord(world, sam, await world.discordCard(), 'Done');
      const output = (await outputOf(world)) as { action: string };
      assert.equal(output.action, 'accept');
      assert.ok(!('content' in output));
    }));

  test('an external agent’s question has a card without buttons, and its application’s answer closes it', () =>
    inWorld(async (world) => {
      const stream = await world.dispatch('external-agent');
      const card = await world.slackCard();
      assert.match(textOf(card), /Answer this in your application;/);
      assert.match(textOf(card), /Runtype does not pass on the question/);
      const labels = [...slackButtons(card), ...discordButtons(await world.discordCard())].map(({ label }) => label);
      assert.deepEqual(labels, ['Details', 'Details']);
      const [, executionId = ''] = /"executionId":"([^"]+)"/.exec(stream) ?? [];
      const [, toolCallId = ''] = /"type":"await".*"toolCallId":"([^"]+)"/.exec(stream) ?? [];
      const answer = await fetch(`http://127.0.0.1:${world.app().port}/v1/dispatch/resume`, {
        method: 'POST',
        headers: { authorization: `Bearer ${world.runtype.applicationKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ executionId, toolOutputs: { [toolCallId]: 'Two pallets' }, streamResponse: true }),
      });
      assert.match(await answer.text(), /Two pallets/);
      await untilCardsSay(world, 'Answered by the application');
    }));
});

describe('through the gateway', () => {
  for (const streamResponse of [true, false]) {
    test(`the application’s response stays open over a question, ${streamResponse ? 'streamed' : 'as one JSON'}`, () =>
      inWorld(async (world) => {
        const call = fetch(`http://127.0.0.1:${world.app().port}/v1/dispatch`, {
          method: 'POST',
          headers: { authorization: `Bearer ${world.runtype.applicationKey}`, 'content-type': 'application/json' },
          body: JSON.stringify({
            agent: { agentId: 'elicitation-agent' },
            messages: [{ role: 'user', content: 'Go.' }],
            streamResponse,
          }),
        }).then((answer) => answer.text());
        await pressSlack(world, dana, await world.slackCard(), 'Answer');
        await fillSlack(world, dana, contact);
        assert.match(await call, /The CRM has it: .*mara@amsel\.example/);
      }));

    test(`and ends where only the application can answer, ${streamResponse ? 'streamed' : 'as one JSON'}`, () =>
      inWorld(async (world) => {
        const answer = await fetch(`http://127.0.0.1:${world.app().port}/v1/dispatch`, {
          method: 'POST',
          headers: { authorization: `Bearer ${world.runtype.applicationKey}`, 'content-type': 'application/json' },
          body: JSON.stringify({
            agent: { agentId: 'external-agent' },
            messages: [{ role: 'user', content: 'Go.' }],
            streamResponse,
          }),
        });
        assert.match(await answer.text(), /task_4102/);
      }));
  }

  test('AWAIT_TOOLS leaves a question to the application', () =>
    inWorld(
      async (world) => {
        await world.dispatch('question-agent');
        await world.dispatch('refund-agent');
        assert.match(textOf(await world.slackCard()), /Refund order/);
      },
      { env: { AWAIT_TOOLS: 'pick_*' } },
    ));
});

describe('a reason of invisible characters', () => {
  const BLANK = '\u200b\u3164 \u2800';
  for (const platform of ['Slack', 'Discord'] as const) {
    test(`is asked for again in ${platform}, and nothing is decided`, () =>
      inWorld(async (world) => {
        await world.dispatch('refund-agent');
        const [slack, discord] = [await world.slackCard(), await world.discordCard()];
        if (platform === 'Slack') {
          await pressSlack(world, dana, slack, 'Reject');
          await submitSlack(world, dana, BLANK);
          const [view] = world.slack.state().views;
          assert.match(Object.values(view?.errors ?? {}).join(), /This is needed/);
          await submitSlack(world, dana, 'Not this one');
        } else {
          await pressDiscord(world, sam, discord, 'Reject');
          await submitDiscord(world, sam, BLANK);
          const note = await discordNote(world, sam, 'This is needed');
          assert.equal(calls(world, 'approve').length, 0);
          await pressDiscord(world, sam, note, 'Fix');
          await submitDiscord(world, sam, 'Not this one');
        }
        await untilCardsSay(world, 'Rejected by');
        assert.equal(calls(world, 'approve').length, 1);
      }));
  }
});

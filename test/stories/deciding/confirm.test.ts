/** `CONFIRM`: dangerous requests need a confirmation, for reviewers in both rooms and against forged presses. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { signedRequest } from '../../../src/sandbox/emulators/slack/delivery/http.ts';
import { createSlackEmulator } from '../../../src/sandbox/emulators/slack/index.ts';
import { openIn } from '../../support/data/lists.ts';
import {
  calls,
  fillDiscord,
  fillSlack,
  pressDiscord,
  pressSlack,
  submitSlack,
  textOf,
  untilCardsSay,
} from '../../support/people/room.ts';
import { dana, inWorld, sam, type World } from '../../support/worlds/world.ts';

const { signingSecret, close } = await createSlackEmulator();
await close();

const env = { CONFIRM: 'Refund_*' };
const sure = 'Are you sure?';

async function onlyCall(world: World) {
  await world.until('the call', () => calls(world, 'approve')[0]);
  const [sent, ...others] = calls(world, 'approve');
  assert.deepEqual(others, []);
  return sent?.body;
}

function refusals(world: World): unknown[] {
  return [...world.slack.journal.entries, ...world.discord.journal.entries].filter(({ kind }) => kind === 'refused');
}

const privateMessage = (world: World) =>
  world.slack.state().messages.findLast(({ onlyFor }) => onlyFor === dana.slackId);
const slackModal = (world: World) =>
  world.until('a modal', () => world.slack.state().views.find(({ userId }) => userId === dana.slackId));

describe('a dangerous approval', () => {
  test('in Slack: says so, says what will happen, and needs an explicit yes', () =>
    inWorld(
      async (world) => {
        await world.dispatch('refund-agent');
        const card = await world.slackCard();
        assert.match(textOf(card), /Dangerous: [\s\S]*Approve will ask you to confirm/);
        assert.match(textOf(await world.discordCard()), /Dangerous/);
        await pressSlack(world, dana, card, 'Approve');
        const { view } = await slackModal(world);
        const form = JSON.stringify(view);
        assert.match(
          form,
          /You are about to approve “Refund order” \(refund_order\) for “Order desk”: “orderId: A-1009 · amount: 42\.5/,
        );
        assert.match(form, /"Yes, Refund order"/);
        assert.match(form, /"radio_buttons"/);
        assert.doesNotMatch(form, /initial_option/, 'no option is preselected');
        assert.equal(calls(world, 'approve').length, 0);
        await assert.rejects(fillSlack(world, dana, {}), /"Are you sure\?" is required/, 'Slack itself asks for it');
        await fillSlack(world, dana, { [sure]: 'Yes' });
        await untilCardsSay(world, 'Approved by Dana Reyes');
        const body = await onlyCall(world);
        assert.deepEqual([body?.['decision'], body?.['reason']], ['approved', undefined]);
        assert.deepEqual(refusals(world), []);
      },
      { env },
    ));

  test('in Discord: the same', () =>
    inWorld(
      async (world) => {
        await world.dispatch('refund-agent');
        await pressDiscord(world, sam, await world.discordCard(), 'Approve');
        const form = JSON.stringify(world.discord.state().modals[0]?.data);
        assert.match(form, /You are about to approve “Refund order”/);
        assert.match(form, /orderId.*A.*1009/);
        assert.equal(calls(world, 'approve').length, 0);
        await fillDiscord(world, sam, { [sure]: 'Yes' });
        await untilCardsSay(world, 'Approved by Sam Okafor');
        assert.equal((await onlyCall(world))?.['decision'], 'approved');
        assert.deepEqual(refusals(world), []);
      },
      { env },
    ));

  test('has a note field where notes are enabled, and the note alone is not a yes', () =>
    inWorld(
      async (world) => {
        await world.dispatch('refund-agent');
        await pressSlack(world, dana, await world.slackCard(), 'Approve');
        await assert.rejects(fillSlack(world, dana, { Note: 'Checked the photo' }), /"Are you sure\?" is required/);
        await fillSlack(world, dana, { Note: 'Checked the photo', [sure]: 'Yes' });
        await untilCardsSay(world, 'Approved by Dana Reyes');
        assert.equal((await onlyCall(world))?.['reason'], 'Checked the photo');
      },
      { env: { ...env, APPROVE_NOTE: 'on' } },
    ));

  test('is rejected without a confirmation, and a request that is not dangerous is approved with one press', () =>
    inWorld(
      async (world) => {
        await world.dispatch('refund-agent');
        await pressSlack(world, dana, await world.slackCard(), 'Reject');
        await submitSlack(world, dana, 'Not today');
        await untilCardsSay(world, 'Rejected by Dana Reyes');
        await world.dispatch('parallel-awaits', 'flow');
        const find = (shown: RegExp) =>
          world.slack
            .state()
            .messages.find((message) => shown.test(textOf(message)) && /address/.test(textOf(message)));
        const other = await world.until('the other card', () => find(/Confirm address/));
        assert.doesNotMatch(textOf(other), /dangerous/i);
        await pressSlack(world, dana, other, 'Approve');
        await world.until('its decision', () => find(/pressed Approve/));
        assert.deepEqual(world.slack.state().views, []);
      },
      { env },
    ));

  test('from a list: after the form the list is shown again', () =>
    inWorld(
      async (world) => {
        await world.dispatch('refund-agent');
        await world.slackCard();
        await untilCardsSay(world, 'Needs a decision');
        await world.slack.command(dana.slackId, '/approvals', '');
        const list = await world.until('a list', () => privateMessage(world));
        assert.match(textOf(list), /Dangerous/);
        await pressSlack(world, dana, list, 'Approve');
        await fillSlack(world, dana, { [sure]: 'Yes' });
        await world.until('the list', () =>
          world.slack
            .state()
            .messages.find(
              (one) => one.onlyFor === dana.slackId && /You pressed Approve for “Refund/.test(textOf(one)),
            ),
        );
        await onlyCall(world);
      },
      { env },
    ));
});

describe('what a backend reports of a request', () => {
  const filtered = async (world: World, filter: string) => {
    const before = privateMessage(world);
    await world.slack.command(dana.slackId, '/approvals', filter);
    return textOf(
      await world.until('a list', () => (privateMessage(world)?.ts === before?.ts ? undefined : privateMessage(world))),
    );
  };

  test('selects it for CONFIRM and for a filter: Sonzai’s tags, HookPulse’s workflow, Runtype’s agent and kind of tool', () =>
    inWorld(
      async (world) => {
        world.sonzai.seed({ tags: ['churn-risk'], context: 'Offers a discount' });
        world.hookpulse.seed({ workflowName: 'Vendor payout' });
        await world.dispatch('refund-agent');
        const cards = await world.until('three cards', () => {
          const all = world.slack
            .state()
            .messages.filter(({ blocks, onlyFor }) => blocks.length > 0 && onlyFor === null);
          return all.length === 3 ? all : undefined;
        });
        for (const card of cards) assert.match(textOf(card), /Dangerous/);
        assert.match(await filtered(world, 'churn-risk'), /1 pending request for “[\s\S]*Offers a discount/);
        assert.match(await filtered(world, 'vendor*'), /1 pending request for “[\s\S]*Vendor payout/);
        assert.match(await filtered(world, 'external'), /1 pending request for “[\s\S]*Refund order/);
        assert.match(await filtered(world, 'order*desk'), /1 pending request for “[\s\S]*Refund order/);
      },
      { polled: true, env: { CONFIRM: 'churn-*, vendor payout, order desk' } },
    ));
});

describe('a forged confirmation', () => {
  const overHttp = { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: signingSecret };

  test('approves nothing, whatever the forged form contains; it shows the confirmation', () =>
    inWorld(
      async (world) => {
        const events = `http://127.0.0.1:${world.app().port}/slack/events`;
        world.slack.sendOverHttp(events);
        await world.dispatch('refund-agent');
        await pressSlack(world, dana, await world.slackCard(), 'Approve');
        const { id, view } = await slackModal(world);
        const forged = (values: object) => ({
          type: 'view_submission',
          api_app_id: 'A0000000001',
          team: { id: world.slack.teamId },
          user: { id: dana.slackId, name: dana.handle, team_id: world.slack.teamId },
          view: { ...view, id, submit: { text: 'Approve' }, state: { values } },
        });
        const chosen = (value: string) => ({
          confirm: { confirm: { type: 'radio_buttons', selected_option: { value } } },
        });
        const send = async (values: object) => {
          const target = { signingSecret, now: () => Date.now() };
          const request = signedRequest(target, 'interactive', forged(values));
          return (await fetch(events, { method: 'POST', ...request })).json() as Promise<Record<string, unknown>>;
        };
        for (const value of ['1', 'yes', '-1', '0x0'])
          assert.equal((await send(chosen(value)))['response_action'], 'errors', value);
        const noted = await send({ text: { text: { type: 'plain_text_input', value: 'Just do it' } } });
        assert.equal(noted['response_action'], 'update');
        assert.match(JSON.stringify(noted['view']), /Are you sure\?/);
        assert.equal(calls(world, 'approve').length, 0);
        const [open] = await openIn(world.app().store);
        assert.equal(open?.phase, 'open');
        // A control: the same request with a valid confirmation is accepted.
        assert.equal(JSON.stringify(await send(chosen('0')).catch(() => 'empty')), '"empty"');
        await untilCardsSay(world, 'Approved by Dana Reyes');
        await onlyCall(world);
      },
      { env: { ...env, ...overHttp } },
    ));
});

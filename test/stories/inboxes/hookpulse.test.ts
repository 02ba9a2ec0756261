/** What a card says of a step of HookPulse, and whose it is. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DiscordMessage } from '../../../src/sandbox/emulators/discord/types.ts';
import type { HookPulseSeed } from '../../../src/sandbox/emulators/hookpulse/types.ts';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import { fillSlack, pressDiscord, pressSlack, textOf, untilCardsSay } from '../../support/people/room.ts';
import { dana, inWorld, sam, type World } from '../../support/worlds/world.ts';

const TEMPLATE = '/v1/api/single_workflow_template_detail/';
const payout: HookPulseSeed = {
  workflowName: 'Vendor payout',
  workflowDescription: 'Pays the invoices of a vendor',
  steps: [
    {
      step_identifier: 'release_funds',
      webhook: {
        method: 'PUT',
        domain: { protocol: 'https', domain: 'bank.example' },
        path: '/v2/payouts',
        headers_json: { Authorization: 'Bearer s3cret-value-of-a-header' },
        query_params_json: { notify: true },
        request_body_json: { amount: 120.5, apiKey: 'sk_live_0123456789abcdefghij' },
      },
      execution_conditions: [{ field: 'total', operator: 'less_than', value: '20000' }],
    },
  ],
};
const plain = (message: SlackMessage | DiscordMessage) => textOf(message).replace(/[\\“”]/g, '');
const effects = ({ hookpulse }: World) =>
  hookpulse.journal.entries.flatMap((one) => (one.kind === 'call' && one.effect ? [one] : []));

describe('a step of HookPulse', () => {
  test('shows its call in both rooms, masked, and no value of a header', () =>
    inWorld(
      async (world) => {
        world.hookpulse.seed(payout);
        for (const card of [await world.slackCard(), await world.discordCard()]) {
          const text = plain(card);
          for (const part of [
            /Pays the invoices of a vendor/,
            /PUT/,
            /https:\/\/bank\.example\/v2\/payouts/,
            /notify/,
            /120\.5/,
            /total less_than 20000/,
            /Authorization/,
            /hides 1 parameter from reviewers: header values/,
          ]) {
            assert.match(text, part);
          }
          assert.doesNotMatch(JSON.stringify(card), /s3cret|sk_live/);
        }
        assert.doesNotMatch(world.logText(), /s3cret|sk_live/);
        await pressSlack(world, dana, await world.slackCard(), 'Approve');
        await untilCardsSay(world, 'Approved by Dana Reyes');
      },
      { polled: true },
    ));

  test('whose template changes between the press and the call: nothing is sent, and the card shows the difference', () =>
    inWorld(
      async (world) => {
        const { executionPlanUuid: plan } = world.hookpulse.seed(payout);
        const card = await world.slackCard();
        world.hookpulse.rewrite(plan, {
          step: { webhook: { ...payout.steps?.[0]?.webhook, path: '/v2/all-payouts' } },
        });
        await pressSlack(world, dana, card, 'Approve');
        await untilCardsSay(world, /address was .*payouts/);
        assert.deepEqual(effects(world), []);
        await pressDiscord(world, sam, await world.discordCard(), 'Approve');
        await untilCardsSay(world, 'Approved by Sam Okafor');
      },
      // Read often enough to be found, and not again before the press.
      { polled: true, env: { HOOKPULSE_POLL_MS: '5000', DIGEST_FROM: 'off' } },
    ));

  test('whose template can’t be read: the card says so, and is updated when it can', () =>
    inWorld(
      async (world) => {
        world.hookpulse.fail(TEMPLATE, { kind: 'status', status: 503, when: 'before' }, 1);
        world.hookpulse.seed(payout);
        await untilCardsSay(world, /What this step does is not shown yet/);
        await untilCardsSay(world, /v2\/payouts/);
        assert.doesNotMatch(plain(await world.slackCard()), /not shown yet: the template/);
      },
      { polled: true },
    ));

  test('whose template HookPulse refuses is not approved by one press', () =>
    inWorld(
      async (world) => {
        world.hookpulse.fail(TEMPLATE, { kind: 'status', status: 404, when: 'before' }, 1000);
        world.hookpulse.seed(payout);
        await untilCardsSay(world, /Dangerous/);
        await pressSlack(world, dana, await world.slackCard(), 'Approve');
        const opened = await world.until('a modal', () => world.slack.state().views[0]);
        assert.match(JSON.stringify(opened), /What it does can’t be shown here/);
        assert.deepEqual(effects(world), []);
        await fillSlack(world, dana, { 'Are you sure?': 'Yes' });
        await untilCardsSay(world, 'Approved by Dana Reyes');
        assert.equal(effects(world).length, 1);
      },
      { polled: true },
    ));

  test('of several brands: each card names its brand, and the decision has its key', () =>
    inWorld(
      async (world) => {
        const [, beta] = world.hookpulse.brands;
        assert.ok(beta !== undefined);
        await world.stop();
        world.hookpulse.seed({ ...payout, brand: beta.brandUuid });
        await world.start();
        assert.match(plain(await world.slackCard()), /brand:\s+Beta/);
        await pressSlack(world, dana, await world.slackCard(), 'Approve');
        await untilCardsSay(world, 'Approved by Dana Reyes');
        const [call] = effects(world);
        assert.equal(call?.headers['x-hookpulse-api-key'], beta.apiKey);
      },
      {
        polled: true,
        hookpulse: { brands: 2 },
        envOf: ({ hookpulse }) => ({
          HOOKPULSE_API_KEY: hookpulse.brands.map(({ apiKey }) => apiKey).join(', '),
          HOOKPULSE_BRAND_UUID: hookpulse.brands.map(({ brandUuid }) => brandUuid).join(', '),
          HOOKPULSE_BRAND_NAME: 'Acme, Beta',
        }),
      },
    ));

  test('that does not wait gets no card; one that can’t be read gets one note', () =>
    inWorld(
      async (world) => {
        const idle = world.hookpulse.seed({ workflowName: 'Idle' });
        world.hookpulse.listAs(idle.executionPlanUuid, { status: 'active' });
        const broken = world.hookpulse.seed({ workflowName: 'Broken' });
        world.hookpulse.listAs(broken.executionPlanUuid, { workflow_index: 'first' });
        world.hookpulse.seed(payout);
        const found = (text: RegExp) => world.slack.state().messages.filter((one) => text.test(plain(one)));
        await world.until('the note', () => found(/An item \(.*Broken · release_funds.*\) could not be read/)[0]);
        await world.until('the card', () => found(/Vendor payout/)[0]);
        assert.deepEqual(found(/Idle/), []);
      },
      { polled: true },
    ));
});

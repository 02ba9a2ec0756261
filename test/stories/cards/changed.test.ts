/** Requests that change after they were shown: a button decides only what its card showed when it was drawn. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { DiscordMessage } from '../../../src/sandbox/emulators/discord/types.ts';
import type { HookPulseEdit } from '../../../src/sandbox/emulators/hookpulse/types.ts';
import type { SlackMessage } from '../../../src/sandbox/emulators/slack/types.ts';
import type { SonzaiItem } from '../../../src/sandbox/emulators/sonzai/types.ts';
import {
  calls,
  discordButtons,
  pressDiscord,
  pressSlack,
  privateTexts,
  submitDiscord,
  submitSlack,
  textOf,
  untilCardsSay,
} from '../../support/people/room.ts';
import { dana, inWorld, sam, type World } from '../../support/worlds/world.ts';

const inThis = (run: (world: World) => Promise<void>) => inWorld(run, { polled: true });
const decided = ({ sonzai }: World) => sonzai.journal.entries.filter((entry) => entry.kind === 'call' && entry.effect);

/** The value of the Approve button, which a person may still press while the card is redrawn. */
function approveValue(card: SlackMessage): string {
  const buttons = card.blocks.flatMap((block) => (Array.isArray(block['elements']) ? block['elements'] : []));
  const button = buttons.find((element) => JSON.stringify(element).includes('countersign.approve'));
  return String((button as { value?: string } | undefined)?.value);
}

describe('an item that its agent rewrites', () => {
  test('is not approved by a press on the old card; the new card shows what changed', () =>
    inThis(async (world) => {
      const { approval_id: id } = world.sonzai.seed({ payload: { to: 'Bo Li', discount: '10%' } });
      const [inSlack, inDiscord] = [await world.slackCard(), await world.discordCard()];
      const old = { slack: approveValue(inSlack), discord: discordButtons(inDiscord)[0]?.customId ?? '' };

      world.sonzai.rewrite(id, { payload: { to: 'Bo Li', discount: '90%' } });
      await untilCardsSay(world, /payload\.discount was "10%"/);
      const press = { userId: dana.slackId, channel: inSlack.channel, ts: inSlack.ts };
      await world.slack.press({ ...press, actionId: 'countersign.approve', value: old.slack });
      await world.until('a private answer in Slack', () => privateTexts(world, dana)[0]);
      await world.discord.press({
        ...{ userId: sam.discordId, channelId: inDiscord.channelId, messageId: inDiscord.id, customId: old.discord },
      });
      await world.until('a private answer in Discord', () => privateTexts(world, sam)[0]);
      for (const person of [dana, sam]) {
        assert.match(privateTexts(world, person)[0] ?? '', /The request has changed\./);
      }
      assert.deepEqual(decided(world), []);

      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
      assert.match(textOf(await world.discordCard()), /90%/);
      assert.equal(decided(world).length, 1);
    }));

  test('refuses the form that was open for the old version, and returns the text', () =>
    inThis(async (world) => {
      const { approval_id: id } = world.sonzai.seed({ payload: { discount: '10%' } });
      await pressDiscord(world, sam, await world.discordCard(), 'Reject');
      world.sonzai.rewrite(id, { payload: { discount: '5%' } });
      await untilCardsSay(world, /payload\.discount was "10%"/);
      assert.deepEqual(decided(world), []);
    }));
});

/** Without Discord's backslashes and our quotation marks. */
const plain = (message: SlackMessage | DiscordMessage) => textOf(message).replace(/[\\“”]/g, '');

/** The two copies of one card, found by a text that stays on it. */
interface Copies {
  slack(): SlackMessage;
  discord(): DiscordMessage;
}

async function copiesOf(world: World, mark: string): Promise<Copies> {
  const isIt = (message: SlackMessage | DiscordMessage) => message.onlyFor === null && plain(message).includes(mark);
  const first = await world.until(`both cards of ${mark}`, () => {
    const slack = world.slack.state().messages.find(isIt);
    const discord = world.discord.state().messages.find(isIt);
    return slack && discord ? { slack, discord } : undefined;
  });
  const gone = () => assert.fail(`${mark} is gone from its room`);
  return {
    slack: () => world.slack.state().messages.find(({ ts }) => ts === first.slack.ts) ?? gone(),
    discord: () => world.discord.state().messages.find(({ id }) => id === first.discord.id) ?? gone(),
  };
}

async function say(world: World, { slack, discord }: Copies, expected: RegExp): Promise<void> {
  await world
    .until(`both copies to say ${expected}`, () =>
      [slack(), discord()].every((message) => expected.test(plain(message))) ? true : undefined,
    )
    .catch((error: unknown) => assert.fail(`${String(error)}\n${plain(slack())}\n---\n${plain(discord())}`));
}

/** A press of Dana's in Slack or of Sam's in Discord, with its form where it opens one. */
async function press(world: World, copies: Copies, where: 'slack' | 'discord', label: 'Approve' | 'Reject') {
  if (where === 'slack') await pressSlack(world, dana, copies.slack(), label);
  else await pressDiscord(world, sam, copies.discord(), label);
  if (label === 'Approve') return;
  if (where === 'slack') await submitSlack(world, dana, 'No.');
  else await submitDiscord(world, sam, 'No.');
}

const REOPENED = /The request changed after a button was pressed/;
/** Read once, when the bot starts: what changes afterwards is not seen by polling. */
const readOnce = {
  polled: true,
  env: {
    SONZAI_POLL_MS: '3600000',
    HOOKPULSE_POLL_MS: '3600000',
    DIGEST_FROM: 'off',
    MASK_PATTERNS: 'ACME-\\d+',
    // Whether a person has to read first is another story.
    READ_FIRST: 'off',
  },
};

/** Nested so deep that it can't be approved here, only rejected. */
const deep = (amount: number): unknown =>
  Array.from({ length: 80 }).reduce<unknown>((inner) => ({ inner }), { amount });
const long = (end: string) => ({ text: 'x'.repeat(6_000) + end });

interface Rewrite {
  name: string;
  before?: Partial<SonzaiItem>;
  after: Partial<SonzaiItem>;
  /** On the card afterwards. */
  difference: RegExp;
  press?: 'Reject';
}

const rewrites: Rewrite[] = [
  {
    name: 'the context',
    before: { context: 'Refund 5 EUR to Bo' },
    after: { context: 'Wire 99,999 EUR to Mallory' },
    difference: /the description was Refund 5 EUR to Bo/,
  },
  {
    name: 'a payload',
    before: { payload: { amount: 5, to: 'Bo' } },
    after: { payload: { amount: 99_999, to: 'Bo' } },
    difference: /payload\.amount was 5/,
  },
  { name: 'the agent’s name', after: { agent_name: 'Mallory' }, difference: /the name of who asks was Rana/ },
  { name: 'the agent', after: { agent_id: 'agt_other' }, difference: /the ID of who asks was agt_rana/ },
  { name: 'the contact', after: { user_id: 'usr_other' }, difference: /the ID of the contact was usr_77/ },
  { name: 'the contact’s name', after: { contact_name: 'Mallory' }, difference: /the contact was Bo Li/ },
  { name: 'the tags', before: { tags: ['vip'] }, after: { tags: ['vip', 'prod'] }, difference: /tags was "?vip/ },
  { name: 'the type', after: { type: 'goal' }, difference: /type was "?message/ },
  {
    name: 'a masked value',
    before: { payload: { password: 'kR7vQ2xW9pLm4' } },
    after: { payload: { password: 'kR7vQ2xW9pLm5' } },
    difference: /payload\.password changed: it is a masked value/,
  },
  {
    name: 'a value that the operator redacts',
    before: { payload: { account: 'ACME-1' } },
    after: { payload: { account: 'ACME-2' } },
    difference: /a masked value changed/,
  },
  {
    name: 'a value behind what the card shows',
    before: { payload: long('5') },
    after: { payload: long('6') },
    difference: /payload\.text was/,
  },
  {
    name: 'a value that is nested too deep to be shown',
    before: { payload: deep(5) },
    after: { payload: deep(99_999) },
    difference: /Changed since it was first shown/,
    press: 'Reject',
  },
];

test('row 37: Sonzai: what changes between the card and the press is not sent, though no list was read since', () =>
  inWorld(async (world) => {
    await world.stop();
    const seeded = rewrites.map(({ before = {} }, index) =>
      // Each with its own mark, which no change touches.
      world.sonzai.seed({ channel: `channel-${index}-`, ...before }),
    );
    await world.start();
    for (const [index, { name, after, difference, press: label = 'Approve' }] of rewrites.entries()) {
      const copies = await copiesOf(world, `channel-${index}-`);
      const where = index % 2 === 0 ? 'slack' : 'discord';
      const effects = decided(world).length;
      world.sonzai.rewrite(seeded[index]?.approval_id ?? '', after);
      await press(world, copies, where, label);
      await say(world, copies, REOPENED);
      await say(world, copies, difference);
      assert.equal(decided(world).length, effects, `${name}: nothing is sent`);

      // On the other platform, by the other person.
      await press(world, copies, where === 'slack' ? 'discord' : 'slack', label);
      await say(world, copies, label === 'Approve' ? /Approved by/ : /Rejected by/);
      assert.equal(decided(world).length, effects + 1, `${name}: sent once`);
    }
  }, readOnce));

const edits: { name: string; edit: HookPulseEdit; says: RegExp; again: boolean }[] = [
  {
    name: 'the workflow’s name',
    edit: { workflowName: 'Wire 99,999 EUR' },
    says: /the name of who asks was step-owner-0-/,
    again: true,
  },
  { name: 'the delay', edit: { step: { delay_to_next_step: 9 } }, says: /then_waits was "?0 s/, again: true },
  {
    name: 'the identifier',
    edit: { step: { step_identifier: 'wipe_disks' } },
    says: /This plan has moved on to step wipe_disks/,
    again: false,
  },
  {
    name: 'the position',
    edit: { stepBefore: 'audit' },
    says: /This plan has moved on to step release_funds/,
    again: false,
  },
];

test('row 37: HookPulse: a step that is edited between the card and the press is not decided', () =>
  inWorld(async (world) => {
    const effects = () =>
      world.hookpulse.journal.entries.filter((entry) => entry.kind === 'call' && entry.effect).length;
    await world.stop();
    const seeded = edits.map((_, index) =>
      world.hookpulse.seed({
        workflowName: `step-owner-${index}-`,
        steps: [{ step_identifier: 'release_funds', delay_to_next_step: 0 }],
      }),
    );
    await world.start();
    for (const [index, { name, edit, says, again }] of edits.entries()) {
      const copies = await copiesOf(world, `step-owner-${index}-`);
      const sent = effects();
      world.hookpulse.rewrite(seeded[index]?.executionPlanUuid ?? '', edit);
      await press(world, copies, 'slack', 'Approve');
      await say(world, copies, says);
      assert.equal(effects(), sent, `${name}: nothing is sent`);
      if (!again) continue;
      await say(world, copies, REOPENED);
      await press(world, copies, 'discord', 'Approve');
      await say(world, copies, /Approved by/);
      assert.equal(effects(), sent + 1, `${name}: sent once`);
    }
  }, readOnce));

type Event = Record<string, unknown>;
const onApproval = (change: (event: Event) => object) => (event: Event) =>
  String(event['type']).endsWith('approval_start') ? { ...event, ...change(event) } : event;
const withParameters = (more: object) =>
  onApproval(({ parameters }) => ({ parameters: { ...(parameters as object), ...more } }));

/** What a pause of Runtype says when it is announced once more. */
const announcements: { name: string; change: (event: Event) => object; difference: RegExp }[] = [
  {
    name: 'the description',
    change: onApproval(() => ({ description: 'Wire 99,999 EUR to Mallory' })),
    difference: /the description was Refund an order/,
  },
  { name: 'the reason', change: onApproval(() => ({ reason: 'Because.' })), difference: /the stated reason was/ },
  { name: 'a parameter', change: withParameters({ amount: 99_999 }), difference: /amount was 42\.5/ },
  { name: 'a masked value', change: withParameters({ password: 'kR7vQ2xW9pLm5' }), difference: /password changed/ },
  { name: 'a redacted value', change: withParameters({ account: 'ACME-2' }), difference: /a masked value changed/ },
  {
    name: 'the tool',
    change: onApproval(() => ({ toolName: 'wire_money' })),
    difference: /the tool was refund_order/,
  },
  {
    name: 'the agent’s name',
    change: (event) => ({ ...event, ...('agentName' in event && { agentName: 'Mallory' }) }),
    difference: /the name of who asks was Order desk/,
  },
  {
    name: 'what is hidden',
    change: (event) => ({ ...event, ...('hiddenParameterNames' in event && { hiddenParameterNames: ['note'] }) }),
    difference: /note is hidden now/,
  },
];

/** Forwards a stream to the bot as a signed delivery, each of its events changed. */
async function forwarded(world: World, id: string, stream: string, change: (event: Event) => object): Promise<void> {
  const body = stream.replace(/^data: (\{.*\})$/gm, (_, event) => `data: ${JSON.stringify(change(JSON.parse(event)))}`);
  const at = new Date();
  const answer = await fetch(`http://127.0.0.1:${world.app().port}/ingest/runtype`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'text/event-stream',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(world.ingestSecret).sign(id, at, body),
    },
  });
  assert.equal(answer.status, 202);
}

test('row 37: Runtype: a pause that is announced again as another is not decided by the old card', () =>
  inWorld(async (world) => {
    const script = world.runtype.scripts.get('refund-agent') ?? assert.fail();
    for (const [index, { name, change, difference }] of announcements.entries()) {
      const mark = `order-${index}-`;
      const steps = script.steps.map((step) => {
        if (step.do !== 'approval') return step;
        const secrets = { password: 'kR7vQ2xW9pLm4', account: 'ACME-1' };
        return { ...step, parameters: { ...step.parameters, ...secrets, orderId: mark } };
      });
      world.runtype.scripts.set(mark, { ...script, name: mark, steps });
      const { executionId, stream } = await world.runtype.runToPause(mark);
      const sent = () => calls(world, 'approve').filter(({ body }) => body['executionId'] === executionId).length;
      await forwarded(world, `${executionId}-1`, stream, (event) => event);
      const copies = await copiesOf(world, mark);
      const old = { slack: approveValue(copies.slack()), discord: discordButtons(copies.discord())[0]?.customId ?? '' };
      await forwarded(world, `${executionId}-2`, stream, change);
      await say(world, copies, difference);

      const { channel, ts } = copies.slack();
      const { channelId, id: messageId } = copies.discord();
      const told = [dana, sam].map((person) => privateTexts(world, person).length);
      await world.slack.press({ userId: dana.slackId, channel, ts, actionId: 'countersign.approve', value: old.slack });
      await world.discord.press({ userId: sam.discordId, channelId, messageId, customId: old.discord });
      for (const [at, person] of [dana, sam].entries()) {
        const text = await world.until('a private answer', () => privateTexts(world, person)[told[at] ?? 0]);
        assert.match(text, /The request has changed\./, name);
      }
      assert.equal(sent(), 0, `${name}: nothing is sent`);
      await press(world, copies, index % 2 === 0 ? 'slack' : 'discord', 'Approve');
      await say(world, copies, /Approved by/);
      assert.equal(sent(), 1, `${name}: sent once`);
    }
  }, readOnce));

test('a button of the first version decides nothing, and its card is drawn again', () =>
  inThis(async (world) => {
    world.sonzai.seed();
    const [inSlack, inDiscord] = [await world.slackCard(), await world.discordCard()];
    const value = approveValue(inSlack);
    const old = value.replace(/^cs2\.([^.]+)\.a\..*$/, 'cs1.$1.a.0123456789');
    assert.notEqual(old, value);
    const press = { userId: dana.slackId, channel: inSlack.channel, ts: inSlack.ts };
    await world.slack.press({ ...press, actionId: 'countersign.approve', value: old });
    const { channelId, id: messageId } = inDiscord;
    await world.discord.press({ userId: sam.discordId, channelId, messageId, customId: old });
    for (const person of [dana, sam]) {
      const text = await world.until('a private answer', () => privateTexts(world, person)[0]);
      assert.match(text, /The request has changed\./);
    }
    assert.deepEqual(decided(world), []);
    await pressSlack(world, dana, await world.slackCard(), 'Approve');
    await untilCardsSay(world, 'Approved by');
    assert.equal(decided(world).length, 1);
  }));

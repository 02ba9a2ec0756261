/** What its card does not show is read before it is approved, and masked values are opened in private. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DiscordMessage } from '../../../src/sandbox/emulators/discord/types.ts';
import type { Json, SlackView } from '../../../src/sandbox/emulators/slack/types.ts';
import {
  discordButtons,
  discordNote,
  pressDiscord,
  pressSlack,
  slackButtons,
  textOf,
  untilCardsSay,
} from '../../support/people/room.ts';
import { dana, inWorld, kit, sam, type World } from '../../support/worlds/world.ts';

const filler = Object.fromEntries(
  Array.from({ length: 45 }, (_, at) => [`field_${at}`, `value ${at} of a long list that nobody reads `.repeat(6)]),
);
const pay = { ...filler, memo: 'x', payee_note: 'Mallory', z_end: 'the end' };
const secret = 'x1y2'.repeat(60);

const inThis = (run: (world: World) => Promise<void>, env: Record<string, string> = {}) =>
  inWorld(run, { polled: true, env });
const decided = ({ sonzai }: World) => sonzai.journal.entries.filter((entry) => entry.kind === 'call' && entry.effect);
const refusals = (world: World) =>
  [...world.slack.journal.entries, ...world.discord.journal.entries].filter(({ kind }) => kind === 'refused');

function viewText({ view }: SlackView): string {
  return JSON.stringify(view);
}

function modal(world: World, what: string | RegExp): Promise<SlackView> {
  return world.until(`a modal that says ${what}`, () =>
    world.slack
      .state()
      .views.find(
        (open) =>
          open.userId === dana.slackId &&
          (typeof what === 'string' ? viewText(open).includes(what) : what.test(viewText(open))),
      ),
  );
}

function modalButtons({ view }: SlackView): { label: string; actionId: string }[] {
  return slackButtons({ blocks: view['blocks'] as Json[] } as never);
}

async function pressModal(world: World, open: SlackView, label: string) {
  const button = modalButtons(open).find((one) => one.label.startsWith(label));
  if (button === undefined) throw new Error(`no button ${label} among ${JSON.stringify(modalButtons(open))}`);
  await world.slack.pressInView(dana.slackId, open.id, button.actionId);
}

async function turnToEnd(world: World): Promise<SlackView> {
  let view = await modal(world, 'Page 1 of');
  for (let page = 2; modalButtons(view).some(({ label }) => label.startsWith('Next')); page += 1) {
    await pressModal(world, view, 'Next');
    view = await modal(world, `Page ${page} of`);
  }
  return view;
}

async function turnNoteToEnd(world: World): Promise<DiscordMessage> {
  let note = await discordNote(world, sam, 'Page 1 of');
  for (let page = 2; discordButtons(note).some(({ label }) => label.startsWith('Next')); page += 1) {
    await pressDiscord(world, sam, note, 'Next');
    note = await discordNote(world, sam, `Page ${page} of`);
  }
  return note;
}

describe('a request that its card does not show whole', () => {
  test('Slack: Approve opens Details; Approve is on the last page, and decides', () =>
    inThis(async (world) => {
      world.sonzai.seed({ payload: pay });
      const card = await world.slackCard();
      assert.match(textOf(card), /Not shown: [\d,]+ characters. Approve opens Details first/);
      const elements = card.blocks.flatMap((block) => (block['elements'] ?? []) as Json[]);
      const approve = elements.find((element) => element['action_id'] === 'countersign.approve');
      assert.ok(approve !== undefined);
      assert.notEqual(approve['style'], 'primary');
      await pressSlack(world, dana, card, 'Approve');
      const first = await modal(world, 'Read this first');
      assert.equal(
        modalButtons(first).some(({ label }) => label === 'Approve'),
        false,
      );
      const last = await turnToEnd(world);
      assert.ok(modalButtons(last).some(({ label }) => label === 'Reject'));
      assert.deepEqual(decided(world), []);
      await pressModal(world, last, 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
      await modal(world, 'Recorded.');
      assert.equal(decided(world).length, 1);
      assert.deepEqual(refusals(world), []);
    }));

  test('Discord: the same, and each person reads for themselves', () =>
    inThis(async (world) => {
      world.sonzai.seed({ payload: pay });
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      await modal(world, 'Read this first');
      await pressDiscord(world, sam, await world.discordCard(), 'Approve');
      const first = await discordNote(world, sam, 'Read this first');
      assert.equal(
        discordButtons(first).some(({ label }) => label === 'Approve'),
        false,
      );
      const last = await turnNoteToEnd(world);
      assert.deepEqual(decided(world), []);
      await pressDiscord(world, sam, last, 'Approve');
      await untilCardsSay(world, 'Approved by Sam Okafor');
      assert.equal(decided(world).length, 1);
      assert.deepEqual(refusals(world), []);
    }));

  test('once Details were open, the card takes one press; a bystander’s reading counts for no one', () =>
    inThis(async (world) => {
      world.sonzai.seed({ payload: pay });
      const card = await world.slackCard();
      await pressSlack(world, kit, card, 'Details');
      await world.until('their details', () => world.slack.state().views.find(({ userId }) => userId === kit.slackId));
      const theirs = world.slack.state().views.find(({ userId }) => userId === kit.slackId);
      assert.ok(theirs !== undefined);
      assert.equal(
        modalButtons(theirs).some(({ label }) => label === 'Approve'),
        false,
      );
      await pressSlack(world, dana, card, 'Approve');
      await modal(world, 'Read this first');
      assert.deepEqual(decided(world), []);
      await pressSlack(world, dana, card, 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
    }));

  test('that changes in between is read again', () =>
    inThis(async (world) => {
      const { approval_id: id } = world.sonzai.seed({ payload: pay });
      await pressSlack(world, dana, await world.slackCard(), 'Approve');
      const last = await turnToEnd(world);
      world.sonzai.rewrite(id, { payload: { ...pay, z_end: 'another end' } });
      await untilCardsSay(world, /Changed since/);
      await pressModal(world, last, 'Approve');
      await modal(world, 'The request has changed');
      assert.deepEqual(decided(world), []);
      await pressModal(world, await turnToEnd(world), 'Reject');
      await modal(world, 'Why?');
    }));

  test('that is dangerous is read first, then confirmed', () =>
    inThis(
      async (world) => {
        world.sonzai.seed({ payload: pay });
        await pressDiscord(world, sam, await world.discordCard(), 'Approve');
        await pressDiscord(world, sam, await turnNoteToEnd(world), 'Approve');
        const form = await world.until('the form', () => world.discord.state().modals[0]);
        assert.match(JSON.stringify(form.data), /Are you sure/);
        assert.deepEqual(decided(world), []);
      },
      { CONFIRM: '*' },
    ));

  test('READ_FIRST=off: one press', () =>
    inThis(
      async (world) => {
        world.sonzai.seed({ payload: pay });
        const card = await world.slackCard();
        assert.match(textOf(card), /Open Details before you decide/);
        await pressSlack(world, dana, card, 'Approve');
        await untilCardsSay(world, 'Approved by Dana Reyes');
      },
      { READ_FIRST: 'off' },
    ));
});

describe('a masked value', () => {
  test('Slack: Show opens it in the modal, Hide closes it, and then it is seen', () =>
    inThis(async (world) => {
      world.sonzai.seed({ payload: { to: 'Bo', password: secret } });
      const card = await world.slackCard();
      await pressSlack(world, dana, card, 'Approve');
      const details = await modal(world, 'Masked values');
      assert.equal(viewText(details).includes(secret), false);
      await pressModal(world, details, 'Show');
      const open = await modal(world, secret);
      await pressModal(world, open, 'Hide');
      await modal(world, 'Masked values');
      assert.equal(JSON.stringify(world.slack.state().messages).includes(secret), false);
      await pressSlack(world, dana, card, 'Approve');
      await untilCardsSay(world, 'Approved by Dana Reyes');
      assert.equal(world.logText().includes(secret), false);
      assert.deepEqual(refusals(world), []);
    }));

  test('Discord: Show opens it in the private message, for who may decide', () =>
    inThis(async (world) => {
      world.sonzai.seed({ payload: { to: 'Bo', password: secret } });
      const card = await world.discordCard();
      await pressDiscord(world, kit, card, 'Details');
      const theirs = await discordNote(world, kit, 'Reference');
      assert.equal(
        discordButtons(theirs).some(({ label }) => label.startsWith('Show')),
        false,
      );
      await pressDiscord(world, sam, card, 'Approve');
      const note = await discordNote(world, sam, 'Masked values');
      await pressDiscord(world, sam, note, 'Show 1');
      const open = await discordNote(world, sam, secret);
      await pressDiscord(world, sam, open, 'Hide');
      await discordNote(world, sam, 'Masked values');
      await pressDiscord(world, sam, card, 'Approve');
      await untilCardsSay(world, 'Approved by Sam Okafor');
      assert.deepEqual(refusals(world), []);
    }));

  test('REVEAL=off: there is no Show, and Approve at the end of Details', () =>
    inThis(
      async (world) => {
        world.sonzai.seed({ payload: { to: 'Bo', password: secret } });
        await pressDiscord(world, sam, await world.discordCard(), 'Approve');
        const note = await discordNote(world, sam, 'Read this first');
        assert.match(textOf(note), /can’t be opened/);
        assert.equal(
          discordButtons(note).some(({ label }) => label.startsWith('Show')),
          false,
        );
        await pressDiscord(world, sam, note, 'Approve');
        await untilCardsSay(world, 'Approved by Sam Okafor');
      },
      { REVEAL: 'off' },
    ));
});

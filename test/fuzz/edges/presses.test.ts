/** Row 24: any interaction payload, forged, foreign or old: only a true press of a true button decides anything. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { writtenIn } from '../../../src/core/form/form.ts';
import { parseReviewers } from '../../../src/core/policy/reviewers.ts';
import { documentOfSettings } from '../../../src/core/policy/rules/document-of-settings.ts';
import type { Press } from '../../../src/core/ports/ports.ts';
import { type ButtonId, encodeButtonId, parseButtonId } from '../../../src/core/view/button-id.ts';
import { createEngine } from '../../../src/engine/index.ts';
import { parseInteraction } from '../../../src/platforms/discord/inbound/parse-interaction.ts';
import { renderAnswer } from '../../../src/platforms/discord/render/reply.ts';
import { Organisation } from '../../../src/platforms/slack/inbound/organisation.ts';
import { parseClick, parseSubmission } from '../../../src/platforms/slack/inbound/parse-press.ts';
import { renderForm, renderNotice } from '../../../src/platforms/slack/render/form.ts';
import { loadBodyChecks } from '../../../src/sandbox/emulators/discord/checks/body.ts';
import { checkView } from '../../../src/sandbox/emulators/slack/checks/view.ts';
import { createSqliteStore } from '../../../src/store/sqlite/index.ts';
import { createTestClock } from '../../support/clock.ts';
import { dana, discordRoom, pauseOf, sam, slackRoom } from '../../support/data/pauses.ts';
import { ids } from '../../support/ids.ts';
import { runs } from '../../support/property.ts';
import { checkedStates } from '../../support/worlds/checked-states.ts';
import { anyJson, oddText, quiet, spoiled } from '../arbitrary.ts';

const home = 'T1';
const ours = new Organisation({ teamId: home, enterpriseId: null }, async () => {});
const checks = await loadBodyChecks();

/** Ids of the approval that is there, of one that is not, and of none at all. */
const buttonIdText = (buttonId: ButtonId) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(encodeButtonId(buttonId)) },
    {
      weight: 3,
      arbitrary: fc
        .record({
          approvalId: fc.constantFrom(buttonId.approvalId, 'ap_unknown', 'constructor', '__proto__'),
          action: fc.constantFrom(
            'approve' as const,
            'reject' as const,
            'take_over' as const,
            'retry' as const,
            'details' as const,
            'hand_back' as const,
          ),
          fingerprint: fc.constantFrom(buttonId.fingerprint, 'd0', 'constructor'),
        })
        .map(encodeButtonId),
    },
    { weight: 1, arbitrary: oddText(120) },
    { weight: 1, arbitrary: oddText(40).map((text) => `cs2.${text}.a.d1`) },
    { weight: 1, arbitrary: fc.nat(20_000).map((length) => `cs2.${'a'.repeat(length)}.a.d1`) },
  );

const slackPerson = fc
  .oneof(fc.constantFrom(dana.id, 'U0STRANGER', sam.id), oddText(20))
  .map((id) => ({ id, username: 'x', name: 'Dana', team_id: home }));
const slackBody = (buttonId: ButtonId) =>
  fc
    .record({
      buttonId: buttonIdText(buttonId),
      user: slackPerson,
      at: oddText(10),
      text: fc.option(oddText(4_000)),
      verb: fc.constantFrom('approve', 'reject', 'take_over', 'retry', 'details', 'hand_back', 'x'),
    })
    .chain(({ buttonId: value, user, at, text, verb }) => {
      const parsed = parseButtonId(value);
      const click = {
        type: 'block_actions',
        team: { id: home },
        user,
        channel: { id: 'C1' },
        message: { ts: '2.1', thread_ts: '1.1' },
        response_url: 'https://hooks.slack.com/actions/1',
        trigger_id: '1.2.3',
        actions: [{ type: 'button', action_id: `countersign.${parsed?.action ?? verb}`, action_ts: at, value }],
      };
      const submission = {
        type: 'view_submission',
        team: { id: home },
        user,
        view: {
          id: `V${at}`,
          private_metadata: JSON.stringify({ aim: value, channel: 'C1', thread: null }),
          submit: { text: 'Reject' },
          state: { values: { text: { text: { type: 'plain_text_input', value: text } } } },
        },
      };
      return fc.constantFrom<unknown>(click, submission);
    });
const discordBody = (buttonId: ButtonId) =>
  fc
    .record({
      buttonId: buttonIdText(buttonId),
      user: fc.oneof(fc.constantFrom(sam.id, '9999'), oddText(10)),
      id: fc.nat(1e9),
      text: oddText(4_000),
      nick: fc.option(oddText(100)),
      roles: fc.array(fc.constantFrom('1', '2'), { maxLength: 2 }),
    })
    .chain(({ buttonId: custom_id, user, id, text, nick, roles }) => {
      const common = {
        id: String(id),
        token: 'secret',
        message: { id: '5' },
        member: { nick, roles, user: { id: user, username: 'sam', global_name: null } },
      };
      return fc.constantFrom<unknown>(
        { ...common, type: 3, data: { custom_id, component_type: 2 } },
        {
          ...common,
          type: 5,
          data: { custom_id, components: [{ type: 18, component: { type: 4, custom_id: 'text', value: text } }] },
        },
      );
    });
const spoiledOr = (valid: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 4, arbitrary: valid },
    { weight: 4, arbitrary: spoiled(valid) },
    { weight: 1, arbitrary: anyJson },
    { weight: 1, arbitrary: fc.anything() },
  );

/** One open approval, and what a press of its button carries. */
async function world() {
  const clock = createTestClock();
  const onFatal = (error: Error) => assert.fail(error);
  const store = createSqliteStore({ file: ':memory:', clock, log: quiet, onFatal, watch: checkedStates });
  const reviewers = parseReviewers(`slack:${dana.id},discord:${sam.id}`, ids);
  const policy = documentOfSettings({ reviewers, places: [slackRoom, discordRoom] });
  const { intake, handlers } = createEngine({
    store,
    release: null,
    platforms: new Map(),
    backends: () => [],
    policy,
    clock,
    log: quiet,
  });
  const { onPress } = handlers;
  let count = 0;
  /** A new open approval. */
  async function ask(): Promise<ButtonId> {
    count += 1;
    const key = `approval:${count}`;
    await intake.deliver({
      type: 'announced',
      pause: pauseOf({ key, groupId: key, runId: key }),
      via: 'stream',
      streamOpen: false,
      inputId: null,
    });
    const approvalId = clock.hash(`runtype\n${key}`);
    return { approvalId, action: 'approve', fingerprint: (await store.get(approvalId))?.fingerprint ?? '' };
  }
  return { store, onPress, ask, decided: 0 };
}
type World = Awaited<ReturnType<typeof world>>;

/** Who may decide, said anew and plainly. */
function mayDecide({ platform, actor }: Press): boolean {
  return (platform === 'slack' && actor.id === dana.id) || (platform === 'discord' && actor.id === sam.id);
}

async function pressAll(world: World, buttonId: ButtonId, presses: readonly Press[]): Promise<void> {
  const { store, onPress } = world;
  for (const press of presses) {
    const before = await store.get(buttonId.approvalId);
    const answer = await onPress(press);
    const now = await store.get(buttonId.approvalId);
    const isTrue =
      press.buttonId.approvalId === buttonId.approvalId &&
      press.buttonId.fingerprint === buttonId.fingerprint &&
      mayDecide(press);
    if (before?.decision === null && now?.decision) {
      world.decided += 1;
      assert.ok(isTrue && now.decision.action === press.buttonId.action && now.decision.actor.id === press.actor.id);
      assert.ok(
        press.buttonId.action === 'approve' || press.form !== null,
        'who rejects or takes over fills in a form',
      );
    }
    if (before?.decision) assert.deepEqual(now?.decision, before.decision);
    if (!isTrue) assert.notEqual(answer.type, 'form', 'nobody else is even asked why');
    const written = press.form === null ? null : writtenIn(press.form);
    const about = { channel: null, thread: null };
    const { body } = renderAnswer(answer, {
      written,
      fromMessage: true,
      fromPrivate: false,
      page: press.buttonId.page?.at ?? 0,
    });
    const data = (body['data'] ?? {}) as Record<string, unknown>;
    if (body['type'] === 9) checks.modal(data);
    else if (body['type'] === 4) checks.reply(data);
    if ('form' in answer) assert.deepEqual(checkView(renderForm(answer.form, about)), []);
    if (answer.type === 'refused') assert.deepEqual(checkView(renderNotice(answer.text, written ?? '')), []);
  }
}

describe('row 24: a payload', () => {
  test('row 24: of Slack’s of any shape decides nothing, unless it is a reviewer’s press of this card’s button', async () => {
    const room = await world();
    try {
      const buttonId = await room.ask();
      await fc.assert(
        fc.asyncProperty(
          fc.array(spoiledOr(slackBody(buttonId)), { maxLength: 4 }),
          fc.boolean(),
          async (bodies, fresh) => {
            const now = fresh ? await room.ask() : buttonId;
            const presses = bodies.flatMap((body) =>
              [parseClick(body, ours), parseSubmission(body, ours)].flatMap((read) =>
                read.type === 'press' ? [read.press] : [],
              ),
            );
            for (const body of bodies) {
              const { team, user } = (body ?? {}) as { team?: { id?: unknown }; user?: { team_id?: unknown } };
              const foreign = (team?.id ?? home) !== home || (user?.team_id ?? home) !== home;
              if (foreign)
                assert.ok(parseClick(body, ours).type !== 'press' && parseSubmission(body, ours).type !== 'press');
            }
            await pressAll(room, now, fresh ? presses.map((press) => aimedAt(press, buttonId, now)) : presses);
          },
        ),
        { numRuns: runs(120) },
      );
      assert.ok(room.decided > 0, 'true presses were among them');
    } finally {
      await room.store.close();
    }
  });

  test('row 24: of Discord’s likewise', async () => {
    const room = await world();
    try {
      const buttonId = await room.ask();
      await fc.assert(
        fc.asyncProperty(
          fc.array(spoiledOr(discordBody(buttonId)), { maxLength: 4 }),
          fc.boolean(),
          async (bodies, fresh) => {
            const now = fresh ? await room.ask() : buttonId;
            const presses = bodies.flatMap((body) => {
              const read = parseInteraction(body);
              return read.kind === 'press' ? [read.press] : [];
            });
            await pressAll(room, now, fresh ? presses.map((press) => aimedAt(press, buttonId, now)) : presses);
          },
        ),
        { numRuns: runs(120) },
      );
      assert.ok(room.decided > 0, 'true presses were among them');
    } finally {
      await room.store.close();
    }
  });
});

/** The same press, on the card of another approval. */
function aimedAt(press: Press, from: ButtonId, to: ButtonId): Press {
  const approvalId = press.buttonId.approvalId === from.approvalId ? to.approvalId : press.buttonId.approvalId;
  return { ...press, id: `${press.id}:${to.approvalId}`, buttonId: { ...press.buttonId, approvalId } };
}

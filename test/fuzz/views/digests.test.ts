/** A digest of any texts of strangers: both rooms take every line of it, its form and its details. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Approval } from '../../../src/core/approval/approval.ts';
import { canBeDecided, digestOf, MEMBERS_MAX } from '../../../src/core/approval/digest.ts';
import { slotKey } from '../../../src/core/approval/parts/slot.ts';
import { renderDigest } from '../../../src/core/view/cards/digest/card.ts';
import { digestDetails } from '../../../src/core/view/details/of-digest.ts';
import { bulkForm, bulkText, chosenIn } from '../../../src/core/view/forms/bulk-form.ts';
import { renderMessage as onDiscord } from '../../../src/platforms/discord/render/message.ts';
import { privateReply, renderAnswer } from '../../../src/platforms/discord/render/reply.ts';
import { renderDetails } from '../../../src/platforms/slack/render/details.ts';
import { renderForm, renderNotice } from '../../../src/platforms/slack/render/form.ts';
import { renderMessage as onSlack } from '../../../src/platforms/slack/render/message.ts';
import { loadBodyChecks } from '../../../src/sandbox/emulators/discord/checks/body.ts';
import { checkBlocks } from '../../../src/sandbox/emulators/slack/checks/blocks.ts';
import { checkView } from '../../../src/sandbox/emulators/slack/checks/view.ts';
import { LIMITS } from '../../../src/sandbox/emulators/slack/web-api/limits.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { asApproval, slackRoom } from '../../support/data/pauses.ts';
import { runs } from '../../support/property.ts';
import { oddText } from '../arbitrary.ts';
import { anyState } from './states.ts';
import { discordTexts, hasHidden, markupIn, pingsIn, slackTexts } from './visible.ts';

const { hash } = systemClock;

const checks = await loadBodyChecks();
const SECRET = 'sk_live_4eC39HqLyjWDarjtT1zdp7dc';
const ID = 'digest_of_twentytwo_ch';
const forms = { quickReasons: ['Too expensive'], reasonRequired: true, approveNote: true };
const slot = slotKey('card', slackRoom);

const member = fc.tuple(anyState, fc.boolean(), fc.boolean());
const digest = fc.array(member, { minLength: 1, maxLength: MEMBERS_MAX, size: 'max' }).map((all) => {
  const members = all.map(([state, left, open], index): Approval => {
    const own = state.slots[slot];
    assert.ok(own !== undefined);
    const mark = { id: ID, at: 0, runId: null, ...(left && { left: { receipt: null } }) };
    const parameters = { ...state.pause.parameters, note: SECRET };
    return asApproval({
      ...state,
      id: `approval_of_22_chars${String(index).padStart(2, '0')}`,
      fingerprint: '0123456789',
      ...(open && { phase: 'open' as const, claim: null }),
      pause: { ...state.pause, parameters },
      slots: { ...state.slots, [slot]: { ...own, digest: mark } },
    });
  });
  const made = digestOf(ID, members);
  assert.ok(made !== null);
  return made;
});

describe('a digest made of any texts', () => {
  test('is one that both rooms take, with a line for each, that does nothing there and hides nothing', () => {
    fc.assert(
      fc.property(digest, (made) => {
        const card = renderDigest(made, { backend: 'Runtype' });
        const { text, blocks } = onSlack(card);
        assert.deepEqual(checkBlocks(blocks), []);
        assert.ok(JSON.stringify(blocks).length <= LIMITS.messageBlocksJson);
        assert.ok(text !== '' && Buffer.byteLength(text) <= LIMITS.updateTextBytes);
        assert.deepEqual(pingsIn({ text, blocks }), []);
        const message = onDiscord(card);
        checks.newMessage({ ...message, nonce: 'n', enforce_nonce: true });
        checks.messageEdit(message, 0);
        const slack = slackTexts({ text, blocks });
        const discord = discordTexts(message);
        for (const shown of [...slack, ...discord]) {
          assert.ok(!hasHidden(shown), JSON.stringify(shown));
          assert.ok(!shown.replaceAll('\\', '').includes(SECRET));
        }
        for (const shown of discord) assert.deepEqual(markupIn(shown), [], shown);
        if (card.body === null) return;
        for (const texts of [slack.join('\n'), discord.join('\n')]) {
          for (const number of made.members.keys()) {
            assert.match(texts, new RegExp(`^.{1,3} ${number + 1}\\. .+$`, 'mu'), texts);
          }
        }
      }),
      { numRuns: runs(30) },
    );
  });

  test('is decided by a form, and told of in words, that both rooms take', () => {
    const action = fc.constantFrom('approve_several' as const, 'reject_several' as const);
    fc.assert(
      fc.property(digest, action, fc.array(oddText(300), { maxLength: MEMBERS_MAX }), (made, wanted, refusals) => {
        const offered = made.members.filter((one) => canBeDecided(one, ID));
        if (offered.length > 0) {
          const form = bulkForm(wanted, made, offered, forms, null, hash);
          assert.deepEqual(checkView(renderForm(form, { channel: 'C1', thread: null })), []);
          const asked = { written: null, fromMessage: true, fromPrivate: false, page: 0 };
          checks.modal(renderAnswer({ type: 'form', form }, asked).body['data'] as never);
          // What its options are named by says which, and what was shown.
          const [field] = form.fields;
          assert.ok(field?.kind === 'choice');
          const names = field.options.map(({ name = '' }) => name);
          const single = names.filter((name) => !name.startsWith('all.'));
          const chosen = chosenIn({ which: single }, offered, hash);
          assert.deepEqual(
            chosen,
            offered.map(({ id, fingerprint }) => ({ approvalId: id, fingerprint })),
          );
          // All of them is the same choice, and only as long as they are what was shown.
          assert.deepEqual(chosenIn({ which: names }, offered, hash), chosen);
          if (offered.length > 1) {
            const fewer = offered.slice(1);
            assert.equal(chosenIn({ which: names.slice(0, 1) }, fewer, hash), 'changed');
          }
        }
        const told = made.members.map(({ id }, index) => ({ approvalId: id, text: refusals[index] ?? null }));
        const text = bulkText('approve', made, told);
        assert.deepEqual(checkView(renderNotice(text, '', 'Recorded')), []);
        checks.reply(privateReply(text)['data'] as Record<string, unknown>);
        for (const page of [0, 1, 99]) {
          const view = { approvalId: ID, details: digestDetails(made, 'Runtype'), page };
          assert.deepEqual(checkView(renderDetails(view)), []);
          const { data } = renderAnswer({ type: 'details', view }, { ...asNew }).body as {
            data: Record<string, unknown>;
          };
          checks.reply(data);
        }
      }),
      { numRuns: runs(20) },
    );
  });
});

const asNew = { written: null, fromMessage: true, fromPrivate: false, page: 0 };

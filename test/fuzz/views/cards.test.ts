/** Any text of any stranger, through the core and both renderers: what comes out is taken by the room, and does nothing there. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Approval } from '../../../src/core/approval/approval.ts';
import { toolTitle } from '../../../src/core/approval/names.ts';
import type { Card } from '../../../src/core/view/card.ts';
import { renderCard } from '../../../src/core/view/cards/approval-card.ts';
import { renderResult } from '../../../src/core/view/cards/thread-notes.ts';
import { detailsOf } from '../../../src/core/view/details/sections.ts';
import { formFor } from '../../../src/core/view/forms/decision-form.ts';
import { defaultForms } from '../../../src/core/view/forms/form-rule.ts';
import { refusalText } from '../../../src/core/view/refusals.ts';
import { renderMessage as onDiscord, renderThreadName } from '../../../src/platforms/discord/render/message.ts';
import { privateReply, renderAnswer } from '../../../src/platforms/discord/render/reply.ts';
import { renderDetails } from '../../../src/platforms/slack/render/details.ts';
import { renderForm, renderNotice } from '../../../src/platforms/slack/render/form.ts';
import {
  renderNewMessage as asNewOnSlack,
  renderMessage as onSlack,
} from '../../../src/platforms/slack/render/message.ts';
import { loadBodyChecks } from '../../../src/sandbox/emulators/discord/checks/body.ts';
import { checkBlocks } from '../../../src/sandbox/emulators/slack/checks/blocks.ts';
import { checkView } from '../../../src/sandbox/emulators/slack/checks/view.ts';
import { LIMITS } from '../../../src/sandbox/emulators/slack/web-api/limits.ts';
import { runs } from '../../support/property.ts';
import { oddText } from '../arbitrary.ts';
import { anyState } from './states.ts';
import { discordTexts, hasHidden, markupIn, peopleOf, pingsIn, slackTexts } from './visible.ts';

const checks = await loadBodyChecks();
function cardsOf(state: Approval): Card[] {
  return [renderCard(state, { backend: 'Runtype' }), renderResult(state, 'Runtype')].filter((card) => card !== null);
}
const settings = (short: number) => ({ numRuns: runs(short) });

describe('a card made of any texts', () => {
  test('is one that Slack takes, pings no one, and hides nothing', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        for (const card of cardsOf(state)) {
          const { text, blocks } = onSlack(card);
          assert.deepEqual(checkBlocks(blocks), []);
          assert.ok(JSON.stringify(blocks).length <= LIMITS.messageBlocksJson);
          assert.ok(text !== '' && Buffer.byteLength(text) <= LIMITS.updateTextBytes);
          assert.deepEqual(pingsIn({ text, blocks }, peopleOf(state)), []);
          assert.deepEqual(pingsIn(asNewOnSlack(card)), []);
          for (const shown of slackTexts({ text, blocks })) assert.ok(!hasHidden(shown), JSON.stringify(shown));
        }
      }),
      settings(60),
    );
  });

  test('is one that Discord takes, pings no one, links nowhere, breaks out of no code, and hides nothing', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        for (const card of cardsOf(state)) {
          const message = onDiscord(card);
          checks.newMessage({ ...message, nonce: 'n', enforce_nonce: true });
          checks.messageEdit(message, 0);
          assert.deepEqual(message['allowed_mentions'], { parse: [] });
          for (const shown of discordTexts(message)) {
            assert.ok(!hasHidden(shown), JSON.stringify(shown));
            assert.deepEqual(markupIn(shown), [], shown);
          }
        }
      }),
      settings(60),
    );
  });

  test('has a form, refusals and a thread that both rooms take, and that hide nothing', () => {
    const reasons = fc.constantFrom(
      'not_allowed',
      'unverified',
      'already_decided',
      'changed',
      'not_possible',
      'unknown',
    );
    fc.assert(
      fc.property(
        anyState,
        reasons,
        fc.constantFrom('approve' as const, 'reject' as const, 'take_over' as const),
        oddText(3_000),
        (state, reason, action, written) => {
          const form = formFor(
            { approvalId: state.id, action, fingerprint: state.fingerprint },
            state,
            defaultForms,
            null,
          );
          const text = refusalText(reason as never, state);
          assert.deepEqual(checkView(renderForm(form, { channel: 'C1', thread: null })), []);
          assert.deepEqual(checkView(renderNotice(text, written)), []);
          const asked = { written: null, fromMessage: true, fromPrivate: false, page: 0 };
          checks.modal(renderAnswer({ type: 'form', form }, asked).body['data'] as never);
          for (const page of [0, 1, 99]) {
            const view = { approvalId: state.id, details: detailsOf(state, [], 'Runtype'), page };
            const pages = renderDetails(view);
            assert.deepEqual(checkView(pages), []);
            const { data } = renderAnswer({ type: 'details', view }, asked).body as { data: Record<string, unknown> };
            checks.reply(data);
            const texts = [...slackTexts({ text: '', blocks: pages }), ...discordTexts(data)];
            for (const shown of texts) assert.ok(!hasHidden(shown, true), JSON.stringify(shown));
            for (const shown of discordTexts(data)) assert.deepEqual(markupIn(shown), [], shown);
            assert.deepEqual(pingsIn({ text: '', blocks: pages }, peopleOf(state)), []);
          }
          const told = privateReply(text, written)['data'] as Record<string, unknown>;
          checks.reply(told);
          assert.deepEqual(markupIn(String(told['content'])), []);
          const name = renderThreadName(toolTitle(state.pause, 100));
          assert.ok(name.trim() !== '' && name.length <= 100);
          for (const shown of [form.about, text, name]) assert.ok(!hasHidden(shown), JSON.stringify(shown));
        },
      ),
      settings(60),
    );
  });
});

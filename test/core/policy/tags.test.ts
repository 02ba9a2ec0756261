import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readConfig } from '../../../src/config/config.ts';
import type { Pause } from '../../../src/core/approval/pause/pause.ts';
import { isPicked, labelsOf, shownLabelsOf } from '../../../src/core/policy/tags.ts';
import { matchesGlob } from '../../../src/core/text/glob.ts';
import { renderCard } from '../../../src/core/view/cards/approval-card.ts';
import { formFor } from '../../../src/core/view/forms/decision-form.ts';
import { defaultForms } from '../../../src/core/view/forms/form-rule.ts';
import { after, announced, pauseOf, pressed } from '../../support/data/pauses.ts';
import { runs } from '../../support/property.ts';

describe('patterns of names', () => {
  test('mean what the same regular expression means', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', '_'), maxLength: 12 });
    const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(patterns, letters, (pattern, name) => {
        const source = pattern.replace(/\./g, '\\.').replace(/\*/g, '.*').replace(/\?/g, '.');
        assert.equal(matchesGlob(pattern, name), new RegExp(`^${source}$`).test(name));
      }),
      { numRuns: runs(2_000) },
    );
  });

  test('take no time to speak of where a regular expression would take for ever', () => {
    const startedAt = performance.now();
    assert.equal(matchesGlob(`${'a*'.repeat(30)}b`, 'a'.repeat(20_000)), false);
    assert.ok(performance.now() - startedAt < 2_000);
  });
});

describe('what a setting picks', () => {
  const picked = (pause: Partial<Pause>, ...patterns: string[]) => isPicked(pauseOf(pause), patterns);

  test('by its tool, in any case', () => {
    assert.ok(picked({}, 'refund_*'));
    assert.ok(picked({}, 'nothing', 'REFUND_ORDER'));
    assert.ok(!picked({}, 'refund'), 'the whole name');
    assert.ok(!picked({}));
  });

  test('by a tag, as a list or as one text, also one that its backend hides', () => {
    assert.ok(picked({ parameters: { tags: ['vip', 'Churn Risk'] } }, 'churn*'));
    assert.ok(picked({ parameters: { tags: 'vip, payout' } }, 'payout'));
    assert.ok(picked({ parameters: { tags: 'payout' }, hidden: ['tags'] }, 'payout'));
    assert.ok(!picked({ parameters: { tags: { payout: true } } }, 'payout'));
    assert.ok(!picked({ parameters: { note: 'payout' } }, 'payout'));
  });

  test('by whoever asks, alone or through another, and by the words of its backend for its sort', () => {
    assert.ok(picked({ asker: 'Order desk › Mail agent' }, 'mail agent'));
    assert.ok(picked({ asker: 'Vendor payout' }, 'vendor*'));
    assert.ok(picked({ labels: ['mcp'] }, 'mcp'));
    assert.ok(picked({ kind: 'item', parameters: { type: 'Handoff', channel: 'whatsapp' } }, 'handoff'));
    assert.ok(
      !picked({ asker: null, parameters: { type: 'mcp' } }, 'mcp'),
      'what an agent calls a parameter is no label',
    );
  });

  test('and nothing that a backend hides is found by a filter', () => {
    const pause = pauseOf({
      kind: 'item',
      parameters: { tags: 'payout', channel: 'sms' },
      hidden: ['tags', 'channel'],
    });
    assert.deepEqual(shownLabelsOf(pause), ['Order desk']);
    assert.deepEqual(labelsOf(pause), ['payout', 'sms', 'Order desk']);
  });
});

describe('a card of what is dangerous', () => {
  const state = (pause: Partial<Pause> = {}) => after(announced({ pause: pauseOf(pause), confirm: true }));
  const aboutOf = (pause: Partial<Pause> = {}) => {
    const buttonId = { approvalId: 'ap1', action: 'approve', fingerprint: 'd1' } as const;
    return formFor(buttonId, state(pause), defaultForms, null).about;
  };

  test('says so in words, first of all that is unusual, and its button is not the one that invites', () => {
    const card = renderCard(state({ parameters: { api_key: 'sk_live_4f9a8b7c6d5e4f3a2b1c' } }), { backend: 'Runtype' });
    assert.equal(card.danger, 'Approve will ask you to confirm.');
    assert.equal(card.tone, 'danger');
    assert.equal(card.title, 'Dangerous: Refund order');
    assert.equal(card.summary, '🛑 Dangerous: Refund order: Needs a decision. No deadline.');
    assert.equal(card.buttons.find(({ action }) => action === 'approve')?.style, 'plain');
    const sent = after(announced({ confirm: true }), pressed({ confirmed: true }));
    assert.equal(renderCard(sent, { backend: 'Runtype' }).danger, 'Dangerous.');
  });

  test('says nothing where no one can approve', () => {
    assert.deepEqual(renderCard(state({ actions: ['reject'] }), { backend: 'Runtype' }).cautions, []);
  });

  test('repeats what will happen on one line: masked, without what is hidden, and with how much is missing', () => {
    assert.equal(
      aboutOf(),
      'You are about to approve “Refund order” (refund_order) for “Order desk”: “orderId: A-1009 · amount: 42.5”',
    );
    assert.equal(
      aboutOf({ parameters: {}, tool: 'Wipe' }),
      'You are about to approve “Wipe” for “Order desk”. It has no parameters.',
    );
    const secret = aboutOf({
      parameters: { api_key: 'sk_live_4f9a8b7c6d5e4f3a2b1c', note: 'internal' },
      hidden: ['note'],
    });
    assert.doesNotMatch(secret, /sk_live_4f9a|internal/);
    assert.match(secret, / The backend hides 1 parameter from reviewers: note\.$/);
    assert.match(aboutOf({ parameters: { note: 'x' }, hidden: ['note'] }), / Its parameters are hidden\.$/);
    const long = aboutOf({ parameters: { text: `${'word '.repeat(400)}` } });
    assert.match(long, /” 1,\d{3} more characters: open Details before you confirm\.$/);
    const item = aboutOf({ kind: 'item', tool: 'Message to Mara', description: 'Offers 20 %\noff', parameters: {} });
    assert.equal(item, 'You are about to approve Request “Message to Mara” for “Order desk”: “Offers 20 % off”');
  });
});

test('CONFIRM is a list of patterns, and empty by default', () => {
  const env = { DISCORD_TOKEN: 't', DISCORD_CHANNEL: '1', RUNTYPE_API_KEY: 'k' };
  assert.deepEqual(readConfig({ ...env, CONFIRM: ' delete_*, ,vip ' }).confirm, ['delete_*', 'vip']);
  assert.deepEqual(readConfig(env).confirm, []);
});

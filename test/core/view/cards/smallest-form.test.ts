/** The smallest form shows nothing that could be the reason for a refusal, and everything that is needed to go on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Input } from '../../../../src/core/approval/inputs.ts';
import { parseButtonId } from '../../../../src/core/view/button-id.ts';
import type { Card } from '../../../../src/core/view/card.ts';
import { renderCard } from '../../../../src/core/view/cards/approval-card.ts';
import { plainName, smallestCard } from '../../../../src/core/view/cards/smallest-form.ts';
import { oddText } from '../../../fuzz/arbitrary.ts';
import { after, announced, pauseOf, pressed } from '../../../support/data/pauses.ts';
import { runs } from '../../../support/property.ts';

const refusal = { platform: 'slack', reason: 'invalid layout' };
/** A word that is in every text of the request that its author is free to write. */
const EVIL = 'https://evil.example/x';
const pause = pauseOf({
  description: `See ${EVIL}`,
  reason: `Because of ${EVIL}`,
  parameters: { note: EVIL, [EVIL]: 1, password: `${EVIL}/secret` },
  hidden: ['note'],
  labels: [],
});

function textsOf({ buttons, ...card }: Card): string {
  return JSON.stringify([card, buttons.map(({ label }) => label)]);
}

test('it has the title, who asks, counts, a caution and the buttons of the full card, and nothing of the request', () => {
  const approval = after(announced({ pause }));
  const full = renderCard(approval, { backend: 'Runtype' });
  const small = smallestCard(approval, { backend: 'Runtype' }, refusal);
  assert.match(textsOf(full), /evil/);
  assert.doesNotMatch(textsOf(small), /evil/);
  assert.equal(small.title, 'Refund order');
  assert.match(JSON.stringify(small.asker), /Order desk.*wants to run.*refund_order/);
  assert.deepEqual(
    small.buttons.map(({ action, label, id }) => [action, label, id]),
    full.buttons.map(({ action, label, id }) => [action, label, id]),
  );
  assert.equal(small.buttons.find(({ action }) => action === 'approve')?.style, 'plain');
  assert.match(small.cautions[0] ?? '', /^Slack refused the full card \(invalid layout\)$/);
  assert.match(small.cautions[1] ?? '', /^Not shown: [\d,]+ characters. Approve opens Details first$/);
  assert.match(small.cautions.join('\n'), /Runtype hides 1 parameter from reviewers/);
  assert.match(small.summary, /^Refund order: Needs a decision/);
});

test('READ_FIRST=off: Approve decides, and the caution says to open Details before', () => {
  const small = smallestCard(after(announced({ pause })), { backend: 'Runtype', readFirst: false }, refusal);
  assert.match(small.cautions[1] ?? '', /Open Details before you decide$/);
  assert.equal(small.buttons.find(({ action }) => action === 'approve')?.style, 'primary');
});

test('a settled one says who decided, without what they wrote', () => {
  const rejected: Input[] = [
    pressed({ action: 'reject', text: `No: ${EVIL}` }),
    { type: 'resolved', verdict: 'reject', reason: EVIL },
  ];
  const small = smallestCard(after(announced({ pause }), ...rejected), { backend: 'Runtype' }, refusal);
  assert.doesNotMatch(textsOf(small), /evil/);
  assert.match(JSON.stringify(small.status), /Dana Reyes/);
  assert.doesNotMatch(small.cautions.join('\n'), /Not shown: /);
});

test('of a dangerous request, it says so first', () => {
  const small = smallestCard(after(announced({ pause, confirm: true })), { backend: 'Runtype' }, refusal);
  assert.match(small.danger ?? '', /^Approve will ask you to confirm/);
  assert.match(small.title, /^Dangerous: /);
  assert.equal(small.tone, 'danger');
});

test('law: whatever others write, neither a link, a mention nor markup is in it, and its buttons are those of the card', () =>
  fc.assert(
    fc.property(
      fc.record({
        tool: oddText(80),
        asker: oddText(60),
        description: oddText(),
        reason: oddText(),
        note: oddText(),
        words: oddText(),
      }),
      ({ tool, asker, description, reason, note, words }) => {
        const odd = pauseOf({ tool, asker, description, reason, parameters: { note } });
        const approval = after(announced({ pause: odd }), { type: 'unreachable', reason: words });
        const small = smallestCard(approval, { backend: 'Runtype' }, refusal);
        const written = JSON.stringify([small.title, small.asker, small.footer]);
        assert.doesNotMatch(written, /https?:\/\/|<[@#!]|@everyone|\]\(|`|\|\|/);
        assert.ok(small.title.trim() !== '' && small.title.length <= 60);
        assert.deepEqual([small.quotes, small.body, small.remark], [[], null, null]);
        assert.ok(small.buttons.every(({ id }) => parseButtonId(id)?.approvalId === approval.id));
      },
    ),
    { numRuns: runs(200) },
  ));

test('a plain name keeps its words', () => {
  assert.equal(plainName('Tool “refund any.order”'), 'Tool “refund any order”');
  assert.equal(plainName('<@U1> see https://evil.example'), 'U1 see https: evil example');
});

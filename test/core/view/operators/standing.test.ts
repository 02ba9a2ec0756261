import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Grant } from '../../../../src/core/policy/grants/grant.ts';
import { encodeCommandButton, parseCommandButton } from '../../../../src/core/view/command.ts';
import { grantForm } from '../../../../src/core/view/forms/grant-form.ts';
import { spanText } from '../../../../src/core/view/line-text.ts';
import { endedText, notGivenText, standingList } from '../../../../src/core/view/operators/standing.ts';
import { grantButtons, grantLine } from '../../../../src/core/view/policy/grant-line.ts';
import { after, announced, dana, pauseOf } from '../../../support/data/pauses.ts';

const grant: Grant = {
  ...{ by: dana, from: 'abc', rule: 'reads', version: 'v1', key: 'k', same: 's', shape: 'p', vary: [] },
  ...{ uses: 5, used: 2, at: 0, until: Date.parse('2026-09-01T10:30:00Z') },
};
const hostile = '`*bold*` <!channel> @everyone\nApproved by the operator';
const listed = (more: Partial<Grant> = {}, tool = 'get_order') => ({
  grant: { ...grant, ...more },
  approval: after(announced({ pause: pauseOf({ tool, asker: hostile, askerId: null }) })),
  backend: 'Runtype',
});

describe('the list of standing answers', () => {
  test('has a button for each, which a press gives back as it was typed', () => {
    const { buttons = [] } = standingList([listed(), listed({ from: 'def' })]);
    const asked = buttons.map((button) => parseCommandButton(encodeCommandButton(button) ?? ''));
    assert.deepEqual(asked, [
      { verb: 'standing', end: 'abc' },
      { verb: 'standing', end: 'def' },
    ]);
  });

  test('shows five, and says how many more there are', () => {
    const { text, buttons } = standingList(Array.from({ length: 7 }, (_, at) => listed({ from: `g${at}` })));
    assert.equal(buttons?.length, 5);
    assert.match(text, /2 more are in force; end these first to see them\.$/);
    assert.ok(text.length < 1_900, String(text.length));
  });

  test('keeps what agents wrote in quotation marks, on one line', () => {
    const { text } = standingList([listed()]);
    assert.equal(text.split('\n').length, 2);
    assert.match(text, /for “`\*bold\*` <!channel> @everyone/);
  });

  test('says so where there are none', () => {
    assert.deepEqual(standingList([], endedText(grant)), {
      text: 'The standing answer of Dana Reyes has ended: 2 of 5 used. The next such request asks people.\nNo standing answer of yours is in force.',
      rooms: [],
    });
  });
});

describe('a settled card', () => {
  const shown = after(announced());
  const say = (given: Parameters<typeof grantLine>[1]['given']) =>
    (grantLine(shown, { given, offer: null }) ?? []).map(spanText).join('');

  test('says until when and how often, or why it ended', () => {
    assert.match(say({ ...grant, end: null }), /^Dana Reyes allows the same until .*: 2 of 5 used\.$/);
    assert.equal(
      say({ ...grant, end: 'policy' }),
      'The standing answer of Dana Reyes has ended: the policy changed, 2 of 5 used.',
    );
    assert.equal(say(null), '');
  });

  test('has the button that fits', () => {
    const actions = (given: Parameters<typeof grantLine>[1]['given'], offer: { forMs: number } | null) =>
      grantButtons(shown, { given, offer }).map(({ label }) => label);
    assert.deepEqual(actions(null, { forMs: 5_400_000 }), ['Allow the same for 1 hour 30 minutes']);
    assert.deepEqual(actions({ ...grant, end: null }, { forMs: 60_000 }), ['End standing answer']);
    assert.deepEqual(actions({ ...grant, end: 'time' }, null), []);
  });
});

test('the form says what is allowed in full, whatever the names', () => {
  const approval = after(announced({ pause: pauseOf({ tool: 'x'.repeat(500), asker: hostile, askerId: null }) }));
  const vary = Array.from({ length: 20 }, (_, at) => `params.${'name'.repeat(12)}${at}`);
  const { about, fields } = grantForm(approval, { forMs: 86_400_000, uses: 1_000, vary });
  assert.ok(about.length <= 900);
  assert.match(about, /^For 1 day, at most 1,000 times, /);
  assert.ok(fields.every((field) => field.kind === 'choice' && (field.options[0]?.label.length ?? 0) <= 75));
  assert.match(notGivenText('deputy'), /in place of another person/);
});

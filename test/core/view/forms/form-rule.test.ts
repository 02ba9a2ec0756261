import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval } from '../../../../src/core/approval/approval.ts';
import type { VerbRule } from '../../../../src/core/approval/parts/requirement.ts';
import { checkForm } from '../../../../src/core/form/check.ts';
import { formFor } from '../../../../src/core/view/forms/decision-form.ts';
import { defaultForms, type FormSettings, formRuleOf, opensForm } from '../../../../src/core/view/forms/form-rule.ts';
import { after, announced, pauseOf } from '../../../support/data/pauses.ts';
import { requirementOf, verbRule } from '../../../support/data/requirements.ts';

const plain = after(announced());
const by = (
  verbs: Partial<Record<'approve' | 'reject', Partial<VerbRule>>>,
  kind: 'approval' | 'item' = 'approval',
) => {
  const rules = { approve: verbRule(verbs.approve), reject: verbRule(verbs.reject) };
  return after(announced({ pause: pauseOf({ kind }), requirement: requirementOf({ verbs: rules }) }));
};
const actions = ['approve', 'reject', 'take_over'] as const;
const opens = (approval: Approval, settings: FormSettings = defaultForms) =>
  actions.filter((action) => opensForm(approval, action, settings));
const formOf = (approval: Approval, action: 'approve' | 'reject') =>
  formFor({ approvalId: 'ap1', action, fingerprint: 'd1' }, approval, defaultForms, null);

describe('a form', () => {
  test('opens where the settings ask for it, on what has no rule', () => {
    assert.deepEqual(opens(plain), ['reject', 'take_over']);
    assert.deepEqual(opens({ ...plain, confirm: true }), ['approve', 'reject', 'take_over']);
    assert.deepEqual(opens(plain, { ...defaultForms, approveNote: true }), ['approve', 'reject', 'take_over']);
  });

  test('opens where the rule asks for it, whatever the settings say', () => {
    assert.deepEqual(opens(by({}), { ...defaultForms, approveNote: true }), ['take_over']);
    assert.deepEqual(opens(by({ approve: { note: 'required' } })), ['approve', 'take_over']);
    assert.deepEqual(opens(by({ reject: { confirm: true } })), ['reject', 'take_over']);
  });

  test('requires a text where the rule does, or where the backend can carry one', () => {
    const noteOf = (approval: Approval) => formRuleOf(approval, 'reject', defaultForms).note;
    assert.equal(noteOf(by({ reject: { note: 'carried' } })), 'required');
    assert.equal(noteOf(by({ reject: { note: 'carried' } }, 'item')), 'optional');
    assert.equal(noteOf(by({ reject: { note: 'required' } }, 'item')), 'required');
    assert.equal(noteOf(by({ reject: { note: 'off' } })), 'off');
    const form = formOf(by({ approve: { note: 'required' } }), 'approve');
    assert.equal(checkForm(form, { text: '' }).ok, false);
    assert.equal(checkForm(form, { text: 'Agreed by phone' }).ok, true);
  });

  test('offers the texts of the rule', () => {
    const form = formOf(by({ reject: { note: 'required', quick: ['Wrong customer'] } }), 'reject');
    assert.deepEqual(
      form.fields.map((field) => (field.kind === 'choice' ? field.options.map(({ label }) => label) : [])),
      [['Wrong customer']],
    );
    const noted = formOf(by({ approve: { note: 'optional', quick: ['Checked'] } }), 'approve');
    assert.match(noted.fields[0]?.hint ?? '', /^Pick a note or write your own\./);
  });

  test('asks twice before a rejection where the rule does', () => {
    const form = formOf(by({ reject: { note: 'required', confirm: true } }), 'reject');
    assert.deepEqual(
      form.fields.map(({ label }) => label),
      ['Why?', 'Are you sure?'],
    );
    assert.match(form.about, /^You are about to reject/);
  });
});

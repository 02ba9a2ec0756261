import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Approval } from '../../../../src/core/approval/approval.ts';
import type { Action } from '../../../../src/core/approval/pause/pause.ts';
import { otherHint } from '../../../../src/core/form/form.ts';
import { WRITTEN_HINT } from '../../../../src/core/form/output.ts';
import { formFor } from '../../../../src/core/view/forms/decision-form.ts';
import { defaultForms, type FormSettings } from '../../../../src/core/view/forms/form-rule.ts';
import { after, announced, pauseOf } from '../../../support/data/pauses.ts';

function form(action: Action, approval: Approval, settings: FormSettings = defaultForms) {
  return formFor({ approvalId: approval.id, action, fingerprint: approval.fingerprint }, approval, settings, null);
}

function facts({ title, submit, fields }: ReturnType<typeof form>) {
  return { title, submit, fields: fields.map(({ label, hint, required }) => ({ label, hint, required })) };
}

describe('a form', () => {
  const approval = after(announced());
  const item = after(announced({ pause: pauseOf({ kind: 'item' }) }));
  const awaited = after(announced({ pause: pauseOf({ kind: 'await' }) }));

  test('to reject asks for the reason, which an inbox does not require', () => {
    assert.deepEqual(facts(form('reject', approval)), {
      title: 'Reject',
      submit: 'Reject',
      fields: [{ label: 'Why?', hint: 'The reason is sent to the agent.', required: true }],
    });
    const [field] = facts(form('reject', item)).fields;
    assert.deepEqual(field, { label: 'Why?', hint: 'Shown on the card and kept in the audit log.', required: false });
  });

  test('to reject offers the operator’s reasons', () => {
    const settings = { ...defaultForms, quickReasons: ['Wrong amount', 'Duplicate'] };
    const [field] = form('reject', approval, settings).fields;
    assert.equal(field?.hint, 'Pick a reason or write your own (required). The reason is sent to the agent.');
    assert.deepEqual(field?.kind === 'choice' && field.options.map(({ label }) => label), settings.quickReasons);
    assert.ok(field?.kind === 'choice');
    assert.equal(field.other?.label, 'Your own reason');
    assert.equal(otherHint(field), 'Needed if chosen above, else optional.');
    const [optional] = form('reject', approval, { ...settings, reasonRequired: false }).fields;
    assert.equal(optional?.kind === 'choice' && otherHint(optional), '');
  });

  test('to take over asks what was done, or for the answer', () => {
    assert.deepEqual(facts(form('take_over', approval)), {
      title: 'Take over',
      submit: 'Take over',
      fields: [
        {
          label: 'What did you do?',
          hint: 'Empty: you do it now. Filled in: it is done, and sent.',
          required: false,
        },
      ],
    });
    assert.deepEqual(facts(form('take_over', awaited)), {
      title: 'Answer',
      submit: 'Send answer',
      fields: [{ label: 'Your answer', hint: WRITTEN_HINT, required: true }],
    });
  });

  test('to approve what is dangerous asks to confirm', () => {
    const dangerous = { ...approval, confirm: true };
    const { title, about, fields } = form('approve', dangerous);
    assert.equal(title, 'Approve?');
    assert.match(about, /^You are about to approve “Refund order”/);
    assert.deepEqual(
      fields.map(({ label, hint, required }) => [label, hint, required]),
      [['Are you sure?', 'Dangerous action: please confirm.', true]],
    );
  });
});

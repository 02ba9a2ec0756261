/** Forms as people fill them in. Tested in test/engine/presses/form-session.test.ts. */
import type { Approval } from '../../core/approval/approval.ts';
import type { Action } from '../../core/approval/pause/pause.ts';
import { type Checked, checkForm } from '../../core/form/check.ts';
import { type AnswerForm, CONFIRM_KEY, type Filled, keysOf } from '../../core/form/form.ts';
import type { Log, Press, PressAnswer } from '../../core/ports/ports.ts';
import type { DraftKey, Drafts } from '../../core/ports/store.ts';
import { DRAFT_EXPIRED, type Form, formFor } from '../../core/view/forms/decision-form.ts';
import { type FormSettings, opensForm } from '../../core/view/forms/form-rule.ts';

/** What came in with a form. */
export interface FilledIn {
  /** Of a page: with the draft of the others. */
  checked: Checked;
  /** It asked for a confirmation, and has it. */
  confirmed: boolean;
  filled: Filled;
  /** The answer when it can't decide yet: a field is invalid, or a page is missing. */
  answer: Extract<PressAnswer, { type: 'form' | 'invalid' | 'next' }> | null;
}

export type FormSessions = ReturnType<typeof createFormSessions>;

/** Opens and checks forms, and keeps drafts between pages where the platform can't. */
export function createFormSessions(options: { drafts: Drafts; settings: FormSettings; log: Log }) {
  const { drafts, settings, log } = options;

  return {
    /** The press of this button needs a form first. */
    isNeeded: ({ buttonId, form }: Press, approval: Approval): boolean =>
      form === null && isDecision(buttonId.action) && opensForm(approval, buttonId.action, settings),

    /** What this person wrote before; null: nothing. Read before the claim of a form is committed. */
    draftOf: ({ buttonId, actor }: Press): Promise<Filled | null> =>
      drafts.find({ ...buttonId, action: buttonId.action as Action, actor }),

    /**
     * With a draft, if there is one. A confirmation is given each time anew.
     * @param keptMs how long a claim can be kept, ms
     */
    open({ buttonId }: Press, approval: Approval, draft: Filled | null, keptMs: number): Form {
      const { [CONFIRM_KEY]: _, ...kept } = draft ?? {};
      const id = { ...buttonId, action: buttonId.action as Action };
      return formFor(id, approval, settings, draft === null ? null : kept, keptMs);
    },

    /** Null from a button. Writes nothing. */
    async read({ buttonId, actor, form: given }: Press, approval: Approval | null): Promise<FilledIn | null> {
      const { action, page } = buttonId;
      if (given === null || approval === null || !isDecision(action)) return null;
      const draft = page === undefined ? null : await drafts.find({ ...buttonId, action, actor });
      const filled = { ...draft, ...given };
      const form = formFor({ ...buttonId, action }, approval, settings, filled);
      const more = page !== undefined && page.at + 1 < page.of;
      const lost = page !== undefined && page.at > 0 && draft === null;
      const checked = lost ? expired(form) : checkForm(form, filled, more ? fieldsOn(form, given) : undefined);
      const asked = form.fields.some(({ key }) => key === CONFIRM_KEY);
      const confirmed = checked.ok && !more && asked && (filled[CONFIRM_KEY] ?? '').length > 0;
      if (checked.ok) return { checked, confirmed, filled, answer: more ? { type: 'next', form } : null };
      const { errors } = checked;
      // It was opened before a confirmation was required: the error has no field to appear at.
      const missing = page === undefined && CONFIRM_KEY in errors && !(CONFIRM_KEY in given);
      const answer = missing ? ({ type: 'form', form } as const) : ({ type: 'invalid', form, errors } as const);
      return { checked, confirmed, filled, answer };
    },

    /** What was written, for the next page, or for when its form opens again. @throws StoreError */
    async save(press: Press, { filled }: FilledIn): Promise<void> {
      await drafts.save(keyOf(press), filled);
    },

    /** After a decision. In a commit of its own, which the answer to the press does not wait for. */
    discard({ buttonId, form }: Press): void {
      if (form === null || buttonId.page === undefined) return;
      drafts.delete(buttonId.approvalId).catch((error: unknown) => {
        log.warn({ approval: buttonId.approvalId, err: error }, 'the drafts of a form are not deleted yet');
      });
    },
  };
}

function isDecision(action: Press['buttonId']['action']): action is Action {
  return action === 'approve' || action === 'reject' || action === 'take_over';
}

function keyOf({ buttonId, actor }: Press): DraftKey {
  return {
    approvalId: buttonId.approvalId,
    action: buttonId.action as Action,
    actor,
    fingerprint: buttonId.fingerprint,
  };
}

/** An optional field must not be dropped because its draft has expired. */
function expired({ fields }: AnswerForm): Checked {
  return {
    ok: false,
    errors: { [fields[0]?.key ?? '']: DRAFT_EXPIRED },
  };
}

/** The fields of the page that was submitted. */
function fieldsOn(form: AnswerForm, given: Filled): ReadonlySet<string> {
  return new Set(form.fields.filter((field) => keysOf(field).some((key) => key in given)).map(({ key }) => key));
}

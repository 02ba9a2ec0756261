import type { Action, Approval } from '../../core/approval/approval.ts';
import { type Checked, checkForm } from '../../core/form/check.ts';
import { type AnswerForm, CONFIRM_KEY, type Filled, keysOf } from '../../core/form/form.ts';
import type { Log, Press, PressAnswer } from '../../core/ports/ports.ts';
import type { DraftKey, Drafts } from '../../core/ports/store.ts';
import type { Form } from '../../core/view/forms/decision-form.ts';
import { DRAFT_EXPIRED, type FormSettings, formFor, opensForm } from '../../core/view/forms/decision-form.ts';

/** What came in with a form. */
export interface FilledIn {
  /** What it says; of a page, with what was kept from the others. */
  checked: Checked;
  /** It asked for a deliberate yes, and has it. */
  confirmed: boolean;
  filled: Filled;
  /** What is answered where it can't decide anything yet: a field is wrong, or a page is missing. */
  answer: Extract<PressAnswer, { type: 'form' | 'invalid' | 'next' }> | null;
}

/** Forms as people fill them in: opened, checked, and kept between pages where the platform can't do that itself. */
export function createFormSessions(options: { drafts: Drafts; settings: FormSettings; log: Log }) {
  const { drafts, settings, log } = options;

  return {
    /** A button whose press needs a form first. */
    isNeeded: ({ buttonId, form }: Press, { confirm }: Approval): boolean =>
      form === null && opensForm(buttonId.action, settings, confirm),

    /** The form as this person left it, or as it begins. */
    async open({ buttonId, actor }: Press, approval: Approval): Promise<Form> {
      const action = buttonId.action as Action;
      const draft = await drafts.find({ ...buttonId, action, actor });
      return formFor({ ...buttonId, action }, approval, settings, draft);
    },

    /** Null from a button. Changes nothing. */
    async read({ buttonId, actor, form: given }: Press, approval: Approval | null): Promise<FilledIn | null> {
      const { action, page } = buttonId;
      if (given === null || approval === null || !isDecision(action)) return null;
      const draft = page === undefined ? null : await drafts.find({ ...buttonId, action, actor });
      const filled = { ...draft, ...given };
      const form = formFor({ ...buttonId, action }, approval, settings, filled);
      const more = page !== undefined && page.at + 1 < page.of;
      const lost = page !== undefined && page.at > 0 && draft === null;
      const checked = lost ? forgotten(form) : checkForm(form, filled, more ? fieldsOn(form, given) : undefined);
      const asked = form.fields.some(({ key }) => key === CONFIRM_KEY);
      const confirmed = checked.ok && !more && asked;
      if (checked.ok) return { checked, confirmed, filled, answer: more ? { type: 'next', form } : null };
      const { errors } = checked;
      // It was opened before a confirmation was asked for: no error can stand at a field that isn't there.
      const missing = page === undefined && CONFIRM_KEY in errors && !(CONFIRM_KEY in given);
      const answer = missing ? ({ type: 'form', form } as const) : ({ type: 'invalid', form, errors } as const);
      return { checked, confirmed, filled, answer };
    },

    /** @throws StoreError */
    async keep({ buttonId, actor }: Press, { filled }: FilledIn): Promise<void> {
      if (buttonId.page !== undefined) await drafts.save(keyOf({ buttonId, actor }), filled);
    },

    /** It is decided, so nobody goes on with theirs. In a commit of its own: the answer to the press need not wait for it. */
    discard({ buttonId, form }: Press): void {
      if (form === null || buttonId.page === undefined) return;
      drafts.delete(buttonId.approvalId).catch((error: unknown) => {
        log.warn({ approval: buttonId.approvalId, err: error }, 'what was kept of a form is not removed yet');
      });
    },
  };
}

function isDecision(action: Press['buttonId']['action']): action is Action {
  return action === 'approve' || action === 'reject' || action === 'take_over';
}

function keyOf({ buttonId, actor }: Pick<Press, 'buttonId' | 'actor'>): DraftKey {
  return {
    approvalId: buttonId.approvalId,
    action: buttonId.action as Action,
    actor,
    fingerprint: buttonId.fingerprint,
  };
}

/** What somebody wrote and may leave out must not be left out because we forgot it. */
function forgotten({ fields }: AnswerForm): Checked {
  return {
    ok: false,
    errors: { [fields[0]?.key ?? '']: DRAFT_EXPIRED },
  };
}

/** The fields whose inputs stood on the page that came in. */
function fieldsOn(form: AnswerForm, given: Filled): ReadonlySet<string> {
  return new Set(form.fields.filter((field) => keysOf(field).some((key) => key in given)).map(({ key }) => key));
}

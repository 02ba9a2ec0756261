/** Button presses and submitted forms on Slack, from the payload to the answer. */
import type { App, BlockAction, types, ViewClosedAction, ViewResponseAction, ViewSubmitAction } from '@slack/bolt';
import { writtenIn } from '../../../core/form/form.ts';
import { failedPressText, StoreDoubt } from '../../../core/ports/errors.ts';
import type { Handlers, Log, Press, PressAnswer } from '../../../core/ports/ports.ts';
import { FOREIGN_CARD, FORM_NOT_OPENED, OUT_OF_DATE, refusalText } from '../../../core/view/refusals.ts';
import type { SlackPressEdits } from '../api/press-edits.ts';
import { renderDetails } from '../render/details.ts';
import { FORM_CALLBACK, type FormOrigin, renderForm, renderNotice } from '../render/form.ts';
import type { Organisation } from './organisation.ts';
import { reportAttempt } from './our-app.ts';
import {
  foreignReasons,
  type ModalTrigger,
  type ParsedPress,
  parseClick,
  parseClosed,
  parseSubmission,
  type ReplyTarget,
  type Unsupported,
} from './parse-press.ts';
import type { Replies } from './replies.ts';

const unsupportedTexts: Record<Unsupported, string> = {
  foreign: FOREIGN_CARD,
  unverified: refusalText('unverified', null),
  unreadable: OUT_OF_DATE,
};

export interface PressOptions {
  replies: Replies;
  log: Log;
  organisation: Organisation;
  onPress: Handlers['onPress'];
  onForeignPress: Handlers['onForeignPress'];
  onFormNotShown: Handlers['onFormNotShown'];
  onFormClosed: Handlers['onFormClosed'];
  pressEdits: Pick<SlackPressEdits, 'keep'>;
}

/**
 * Handles presses and forms. When `onPress` resolves, the press is committed, and the acknowledgement is the first network
 * call after that. Nothing here throws: if the socket closed meanwhile, the decision is recorded without its answer.
 */
export function handlePresses(
  app: App,
  { replies, log, organisation, onPress, onForeignPress, onFormNotShown, onFormClosed, pressEdits }: PressOptions,
): void {
  app.action<BlockAction>(/^countersign\.(?!list\.|command\.)/, async ({ body, ack }) => {
    const click = parseClick(body, organisation);
    if (click.type === 'unsupported') {
      await replies.acknowledge('press', ack);
      logUnsupported(click);
      await audit(body, click.reason);
      if (click.target !== null) await replies.text(click.target, unsupportedTexts[click.reason]);
      return;
    }
    // Before its commit, which may start the edit.
    if (click.pressed !== null) pressEdits.keep(click.pressed);
    const answer = await record(click.press);
    await replies.acknowledge('press', ack);
    if (await answerClick(answer, click)) return;
    if (answer.type === 'form') await onFormNotShown(click.press);
    await replies.text(click.target, FORM_NOT_OPENED);
  });

  app.view<ViewSubmitAction>(FORM_CALLBACK, async ({ body, ack }) => {
    const submission = parseSubmission(body, organisation);
    if (submission.type === 'unsupported') {
      const notice = replaceBy(renderNotice(unsupportedTexts[submission.reason]));
      await replies.acknowledge('press', () => ack(notice));
      logUnsupported(submission);
      return audit(body, submission.reason);
    }
    const { press, target } = submission;
    const answer = await record(press);
    const response = submissionResponse(answer, submission);
    const acked = await replies.acknowledge('press', () => (response === null ? ack() : ack(response)));
    if (!acked && answer.type === 'form') await onFormNotShown(press);
    if (target.claim !== undefined && isFormOver(answer)) await onFormClosed({ ...target.claim, actor: press.actor });
    if (answer.type === 'list') await replies.list(target, answer.list);
    else if (!acked && (answer.type === 'refused' || answer.type === 'notified'))
      await replies.text(target, answer.text);
  });

  // A modal that was submitted, or shows something else by now, is not closed in this sense: Slack sends nothing then.
  app.view<ViewClosedAction>({ type: 'view_closed', callback_id: /^countersign\./ }, async ({ body, ack }) => {
    const closed = parseClosed(body, organisation);
    await replies.acknowledge('press', ack);
    if (closed === null) return;
    if (typeof closed !== 'string') return onFormClosed(closed);
    log.warn({ reason: closed }, 'the closing of a form was refused before it was parsed');
    await audit(body, closed);
  });

  function audit(body: unknown, reason: Unsupported): Promise<void> {
    return reportAttempt(body, foreignReasons[reason], onForeignPress);
  }

  async function record(press: Press): Promise<Answer> {
    try {
      return await onPress(press);
    } catch (error) {
      log.error({ err: error, press: press.id, approval: press.buttonId.approvalId }, 'a press was not recorded');
      return { type: 'failed', error };
    }
  }

  /** @returns false if what should open did not */
  async function answerClick(
    answer: Answer,
    { target, trigger }: { target: ReplyTarget; trigger: ModalTrigger },
  ): Promise<boolean> {
    // A press in a modal is answered in that modal; the home tab can't show a private message.
    const notice = trigger.viewId === null ? null : noticeOf(answer);
    if (answer.type === 'failed' && target.inHome) return replies.modal(trigger, () => failedNotice(answer));
    if (notice !== null) return replies.modal(trigger, () => notice);
    if (answer.type === 'form')
      return replies.modal(trigger, () => renderForm(answer.form, claimedFor(answer, target)));
    if (answer.type === 'details') return replies.modal(trigger, () => renderDetails(answer.view, originOf(target)));
    if (answer.type === 'failed') await replies.text(target, failedPressText(answer.error));
    else if (answer.type === 'refused' && !target.inHome) await replies.text(target, answer.text);
    else if (answer.type === 'notified') await replies.text(target, answer.text);
    else if (answer.type === 'list') await replies.list(target, answer.list);
    return true;
  }

  function logUnsupported({ reason, target }: Extract<ParsedPress, { type: 'unsupported' }>): void {
    log.warn({ reason, user: target?.user, channel: target?.channel }, 'a press was refused before it was parsed');
  }
}

/** `failed`: nothing was recorded, or that is not known. */
type Answer = PressAnswer | { type: 'failed'; error: unknown };

/** What the acknowledgement changes in the modal; null closes it. */
function submissionResponse(
  answer: Answer,
  { press, target, submitLabel }: { press: Press; target: ReplyTarget; submitLabel: string },
): ViewResponseAction | null {
  switch (answer.type) {
    case 'failed': {
      // An error at a field keeps the form open, with what the person wrote.
      const [field = ''] = Object.keys(press.form ?? {});
      const text =
        answer.error instanceof StoreDoubt
          ? failedPressText(answer.error)
          : `Nothing was recorded. Press ${submitLabel} again.`;
      return { response_action: 'errors', errors: { [field]: text } };
    }
    case 'invalid':
      return { response_action: 'errors', errors: { ...answer.errors } };
    case 'form':
      return replaceBy(renderForm(answer.form, claimedFor(answer, target)));
    case 'next':
      return replaceBy(renderForm(answer.form, originOf(target)));
    case 'details':
      return replaceBy(renderDetails(answer.view, originOf(target)));
    case 'notified':
      return replaceBy(renderNotice(answer.text, '', 'Recorded'));
    case 'refused':
      return replaceBy(renderNotice(answer.text, writtenIn(press.form)));
    case 'list':
      return answer.refused === null ? null : replaceBy(renderNotice(answer.refused, writtenIn(press.form)));
    case 'accepted':
      return null;
  }
}

function replaceBy(view: types.ModalView): ViewResponseAction {
  return { response_action: 'update', view };
}

/** Replaces the details after a press in them; null where a form, a list or other details do. */
function noticeOf(answer: Answer): types.ModalView | null {
  switch (answer.type) {
    case 'failed':
      return failedNotice(answer);
    case 'accepted':
      return renderNotice('Recorded. The card shows when it is confirmed.', '', 'Recorded');
    case 'notified':
      return renderNotice(answer.text, '', 'Recorded');
    case 'refused':
      return renderNotice(answer.text);
    default:
      return null;
  }
}

function failedNotice({ error }: Extract<Answer, { type: 'failed' }>): types.ModalView {
  const text = failedPressText(error);
  return error instanceof StoreDoubt ? renderNotice(text, '', 'In doubt') : renderNotice(text);
}

/** Where a form or details were opened: a press in them names no channel. */
function originOf({ channel, thread, responseUrl, claim }: ReplyTarget): FormOrigin {
  return { channel, thread, responseUrl, claim };
}

function claimedFor({ form, claim }: Extract<PressAnswer, { type: 'form' }>, target: ReplyTarget): FormOrigin {
  const origin = originOf(target);
  return claim === undefined
    ? origin
    : { ...origin, claim: { approvalId: form.buttonId.approvalId, form: claim.form } };
}

/** After this answer to its submission the form is not open any more, and nothing was decided with it. */
function isFormOver(answer: Answer): boolean {
  return answer.type === 'refused' || (answer.type === 'list' && answer.refused !== null);
}

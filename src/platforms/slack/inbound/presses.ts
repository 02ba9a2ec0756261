import type { App, BlockAction, types, ViewSubmitAction } from '@slack/bolt';
import { type FetchFunction, WebAPIPlatformError, type WebClient } from '@slack/web-api';
import { writtenIn } from '../../../core/form/form.ts';
import { coerceError } from '../../../core/ports/errors.ts';
import type { Handlers, Log, Press, PressAnswer } from '../../../core/ports/ports.ts';
import { clipMiddle } from '../../../core/text/text.ts';
import type { PendingList } from '../../../core/view/lists/pending-list.ts';
import { limits } from '../api/limits.ts';
import { respond } from '../api/respond.ts';
import { plainText } from '../render/blocks.ts';
import { renderDetails } from '../render/details.ts';
import { FORM_CALLBACK, type FormOrigin, renderForm, renderNotice } from '../render/form.ts';
import { renderListMessage } from '../render/list.ts';
import { escapeMrkdwn } from '../render/message.ts';
import { type ModalTrigger, parseClick, parseSubmission, type ReplyTarget, type Unsupported } from './press.ts';

const NOTHING_RECORDED = 'Nothing was recorded. Please press again.';
const NO_FORM = 'Slack did not open the window, and nothing was recorded. Please press again.';
const unsupportedTexts: Record<Unsupported, string> = {
  foreign: 'This card belongs to another workspace. Nothing was recorded.',
  unreadable: 'This button is not one of Countersign’s, or from another version of it. Nothing was recorded.',
};

export interface PressOptions {
  client: WebClient;
  fetch: FetchFunction;
  /** How long a call of a `response_url` may take, ms. */
  callMs: number;
  log: Log;
  /** The workspace that the bot belongs to. */
  home: string;
  /** Its address, `https://team.slack.com/`. */
  site: string | null;
  onPress: Handlers['onPress'];
}

/**
 * Answers presses and submitted forms. `onPress` has committed when it resolves, and the acknowledgement is the first
 * thing that goes to the network after it. Nothing in here throws: a socket that died in between takes the
 * acknowledgement with it, and the decision stands all the same.
 */
export function handlePresses(app: App, options: PressOptions): void {
  const { client, home, site, log, onPress } = options;

  app.action<BlockAction>(/^countersign\.(?!list\.)/, async ({ body, ack }) => {
    const read = parseClick(body, home);
    if (read.type === 'unsupported') {
      await acknowledge(() => ack());
      return refuse(read.reason, read.aside);
    }
    const answer = await ask(read.press);
    await acknowledge(() => ack());
    if (answer === null && read.aside.inHome)
      await open(() => renderNotice(NOTHING_RECORDED), read.opening, read.aside);
    else if (answer === null) await tell(read.aside, NOTHING_RECORDED);
    else if (answer.type === 'refused' && !read.aside.inHome) await tell(read.aside, answer.text);
    else if (answer.type === 'told') await tell(read.aside, answer.text);
    else if (answer.type === 'list') await show(answer.list, read.aside);
    else if (answer.type === 'form')
      await open(() => renderForm(answer.form, originOf(read.aside)), read.opening, read.aside);
    else if (answer.type === 'details') await open(() => renderDetails(answer.view), read.opening, read.aside);
  });

  app.view<ViewSubmitAction>(FORM_CALLBACK, async ({ body, ack }) => {
    const read = parseSubmission(body, home);
    if (read.type === 'unsupported') {
      await acknowledge(() => ack({ response_action: 'update', view: renderNotice(unsupportedTexts[read.reason]) }));
      return logRefusal(read.reason, read.aside);
    }
    const answer = await ask(read.press);
    if (answer === null) {
      // An error at the field keeps the form open, and in it what the person wrote.
      const [first = ''] = Object.keys(read.press.form ?? {});
      const errors = { [first]: `Nothing was recorded. Press ${read.submit} again.` };
      await acknowledge(() => ack({ response_action: 'errors', errors }));
    } else if (answer.type === 'list') {
      const { refused } = answer;
      const view = refused === null ? null : renderNotice(refused, writtenIn(read.press.form));
      await acknowledge(() => (view === null ? ack() : ack({ response_action: 'update', view })));
      await show(answer.list, read.aside);
    } else if (answer.type === 'refused') {
      const told = await acknowledge(() =>
        ack({ response_action: 'update', view: renderNotice(answer.text, writtenIn(read.press.form)) }),
      );
      if (!told) await tell(read.aside, answer.text);
    } else if (answer.type === 'told') {
      const told = await acknowledge(() =>
        ack({ response_action: 'update', view: renderNotice(answer.text, '', 'Recorded') }),
      );
      if (!told) await tell(read.aside, answer.text);
    } else if (answer.type === 'invalid') {
      await acknowledge(() => ack({ response_action: 'errors', errors: { ...answer.errors } }));
    } else if (answer.type === 'form' || answer.type === 'next') {
      const view = renderForm(answer.form, originOf(read.aside));
      await acknowledge(() => ack({ response_action: 'update', view }));
    } else if (answer.type === 'details') {
      await acknowledge(() => ack({ response_action: 'update', view: renderDetails(answer.view) }));
    } else {
      await acknowledge(() => ack());
    }
  });

  /** Null when nothing was recorded. */
  async function ask(press: Press): Promise<PressAnswer | null> {
    try {
      return await onPress(press);
    } catch (error) {
      log.error({ err: error, press: press.id, approval: press.aim.approvalId }, 'A press was not recorded');
      return null;
    }
  }

  async function acknowledge(ack: () => Promise<void>): Promise<boolean> {
    try {
      await ack();
      return true;
    } catch (error) {
      log.warn({ err: error }, 'Slack was gone before a press could be acknowledged');
      return false;
    }
  }

  /** `trigger_id` lives for three seconds: nothing may come before this but the acknowledgement. */
  async function open(
    render: () => types.ModalView,
    { trigger, viewId }: ModalTrigger,
    aside: ReplyTarget,
  ): Promise<void> {
    try {
      if (viewId === null) await client.views.open({ trigger_id: trigger, view: render() });
      else await client.views.update({ view_id: viewId, view: render() });
    } catch (error) {
      if (error instanceof WebAPIPlatformError && error.data.error === 'exchanged_trigger_id') {
        log.debug({}, 'The same press came twice, and its form is open already');
        return;
      }
      log.warn({ err: coerceError(error) }, 'A form did not open');
      await tell(aside, NO_FORM);
    }
  }

  async function refuse(reason: Unsupported, aside: ReplyTarget | null): Promise<void> {
    logRefusal(reason, aside);
    if (aside !== null) await tell(aside, unsupportedTexts[reason]);
  }

  function logRefusal(reason: Unsupported, aside: ReplyTarget | null): void {
    log.warn({ reason, user: aside?.user, channel: aside?.channel }, 'A press was refused before it was read');
  }

  /**
   * Tells one person privately. An ephemeral message needs no scope beyond the card's own `chat:write` and can stand in
   * the card's thread; `response_url` needs none at all, and works where the bot was removed.
   */
  async function tell(aside: ReplyTarget, words: string): Promise<void> {
    const { text } = clipMiddle(words, limits.textObject);
    const message = {
      text: escapeMrkdwn(text),
      blocks: [{ type: 'section' as const, text: plainText(text) }],
      ...(aside.thread === null ? {} : { thread_ts: aside.thread }),
    };
    try {
      if (aside.channel === null) throw new Error('The press came from no channel');
      await client.chat.postEphemeral({ channel: aside.channel, user: aside.user, ...message });
    } catch (first) {
      try {
        await respond(options, aside.responseUrl, { response_type: 'ephemeral', replace_original: false, ...message });
      } catch (second) {
        log.warn(
          { err: first, also: coerceError(second).message, user: aside.user },
          'A private answer did not get through',
        );
      }
    }
  }

  /** In the place of the list that was pressed. */
  async function show(list: PendingList, aside: ReplyTarget): Promise<void> {
    try {
      const message = { replace_original: true, response_type: 'ephemeral', ...renderListMessage(list, site) };
      await respond(options, aside.responseUrl, message);
    } catch (error) {
      log.warn({ err: coerceError(error), user: aside.user }, 'A list was not drawn again');
      if (list.notice !== null) await tell(aside, list.notice);
    }
  }
}

/** What a form carries along of where it was opened. */
function originOf({ channel, thread, responseUrl }: ReplyTarget): FormOrigin {
  return { channel, thread, responseUrl };
}

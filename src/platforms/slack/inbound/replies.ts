/** What people on Slack get to see after a press or a command. Tested in test/platforms/slack/inbound/answer-presses.test.ts. */
import type { types } from '@slack/bolt';
import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import { coerceError } from '../../../core/ports/errors.ts';
import type { Log } from '../../../core/ports/ports.ts';
import { clipMiddle } from '../../../core/text/clip.ts';
import type { PendingList } from '../../../core/view/lists/pending-list.ts';
import { type ResponseCalls, respond } from '../api/client.ts';
import { limits } from '../api/size-limits.ts';
import { plainText } from '../render/blocks.ts';
import { renderListMessage } from '../render/list.ts';
import { escapeMrkdwn } from '../render/message.ts';
import type { ModalTrigger, ReplyTarget } from './parse-press.ts';

export interface ReplyOptions extends ResponseCalls {
  client: WebClient;
  log: Log;
  /** The address of the workspace, `https://team.slack.com/`. */
  site: string | null;
}

export class Replies {
  readonly #options: ReplyOptions;

  constructor(options: ReplyOptions) {
    this.#options = options;
  }

  /** Sends Slack’s acknowledgement. @returns false if Slack did not get it */
  async acknowledge(what: 'press' | 'command', ack: () => Promise<void>): Promise<boolean> {
    try {
      await ack();
      return true;
    } catch (error) {
      this.#options.log.warn({ err: error }, `a ${what} could not be acknowledged`);
      return false;
    }
  }

  /**
   * Shows a text to one person. An ephemeral message needs no scope beyond `chat:write` and can be in the card’s thread;
   * a `response_url` needs no scope and works where the bot was removed.
   */
  async text(target: ReplyTarget, text: string): Promise<void> {
    const shown = clipMiddle(text, limits.textObject).text;
    const message = {
      text: escapeMrkdwn(shown),
      blocks: [{ type: 'section' as const, text: plainText(shown) }],
      ...(target.thread === null ? {} : { thread_ts: target.thread }),
    };
    const { client, log } = this.#options;
    try {
      if (target.channel === null) throw new Error('The press came from no channel');
      await client.chat.postEphemeral({ channel: target.channel, user: target.user, ...message });
    } catch (first) {
      try {
        const reply = { response_type: 'ephemeral', replace_original: false, ...message };
        await respond(this.#options, target.responseUrl, reply);
      } catch (second) {
        const fields = { err: first, also: coerceError(second).message, user: target.user };
        log.warn(fields, 'a private answer was not delivered');
      }
    }
  }

  /**
   * Opens a modal. A `trigger_id` is valid for three seconds: only the acknowledgement may come before this.
   * @returns false if it is not open, or may not be
   */
  async modal({ triggerId, viewId }: ModalTrigger, render: () => types.ModalView): Promise<boolean> {
    const { client, log } = this.#options;
    try {
      if (viewId === null) await client.views.open({ trigger_id: triggerId, view: render() });
      else await client.views.update({ view_id: viewId, view: render() });
      return true;
    } catch (error) {
      if (error instanceof WebAPIPlatformError && error.data.error === 'exchanged_trigger_id') {
        log.debug({}, 'a press was delivered twice; its form is open already');
        return true;
      }
      log.warn({ err: coerceError(error) }, 'a form did not open');
      return false;
    }
  }

  /** Replaces the list that was pressed. */
  async list(target: ReplyTarget, list: PendingList): Promise<void> {
    try {
      const message = renderListMessage(list, this.#options.site);
      await respond(this.#options, target.responseUrl, {
        replace_original: true,
        response_type: 'ephemeral',
        ...message,
      });
    } catch (error) {
      this.#options.log.warn({ err: coerceError(error), user: target.user }, 'a list was not replaced');
      if (list.notice !== null) await this.text(target, list.notice);
    }
  }

  /** Sends a message to a `response_url`. */
  async respond(url: string | null, message: object): Promise<void> {
    try {
      await respond(this.#options, url, message);
    } catch (error) {
      this.#options.log.warn({ err: coerceError(error) }, 'a private answer was not delivered');
    }
  }
}

import type { Json } from '../types.ts';
import { BOT } from '../workspace/identity.ts';
import type { Change, StoredMessage } from '../workspace/messages.ts';
import type { ResponseTarget } from '../workspace/response-urls.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { flagArg, textArg } from './args.ts';
import { LIMITS } from './limits.ts';
import { acceptedBody } from './methods/chat.ts';
import { Refusal } from './refusal.ts';

/**
 * Applies a `response_url` call, or an acknowledgement with a message: posts a new message, by default only for that
 * person, or changes the pressed message.
 * @throws Refusal with Slack's error code
 */
export function respond(slack: Workspace, target: ResponseTarget, args: Json): void {
  const { channel, userId } = target;
  const pressed = target.ts === null ? undefined : slack.messages.find(channel, target.ts);
  if (flagArg(args, 'delete_original')) {
    slack.messages.remove(original(pressed));
    return;
  }
  const { text = '', blocks = [], attachments = [] } = acceptedBody(slack, args);
  if (flagArg(args, 'replace_original')) {
    if (Buffer.byteLength(text) > LIMITS.updateTextBytes) throw new Refusal('msg_too_long');
    replace(slack, pressed, { text, blocks, attachments });
    return;
  }
  const threadTs = textArg(args, 'thread_ts');
  slack.messages.post({
    channel,
    threadTs: threadTs !== '' && slack.messages.find(channel, threadTs) ? threadTs : null,
    user: BOT.userId,
    text,
    blocks,
    attachments,
    metadata: null,
    onlyFor: args['response_type'] === 'in_channel' ? null : userId,
  });
}

/**
 * Slack documents that the pressed message is updated, and no more; of the rest this is the strictest reading (assumed). A
 * reply in a thread that all see can't be replaced. A message that was deleted stays deleted, and the answer does not say so.
 * Metadata that the body does not repeat is gone.
 */
function replace(slack: Workspace, pressed: StoredMessage | undefined, change: Change): void {
  if (pressed === undefined) return;
  const { threadTs, ts, onlyFor } = pressed.shown;
  if (onlyFor === null && threadTs !== null && threadTs !== ts) throw new Refusal('cant_update_message');
  slack.messages.update(pressed, { ...change, metadata: null });
}

function original(pressed: StoredMessage | undefined): StoredMessage {
  if (!pressed) throw new Refusal('message_not_found');
  return pressed;
}

import { readBody } from '../checks/message.ts';
import type { Json } from '../types.ts';
import { BOT } from '../workspace/identity.ts';
import type { StoredMessage } from '../workspace/messages.ts';
import type { ResponseTarget } from '../workspace/response-urls.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { flagArg, textArg } from './args.ts';
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
  const { text = '', blocks = [], attachments = [] } = readBody(args);
  if (flagArg(args, 'replace_original')) {
    slack.messages.update(original(pressed), { text, blocks, attachments });
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

function original(pressed: StoredMessage | undefined): StoredMessage {
  if (!pressed) throw new Refusal('message_not_found');
  return pressed;
}

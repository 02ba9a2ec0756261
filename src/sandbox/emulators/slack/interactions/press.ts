import { commonPayload } from '../delivery/payload.ts';
import type { Json, SlackPress } from '../types.ts';
import type { Button } from '../workspace/buttons.ts';
import { BOT, TEAM } from '../workspace/identity.ts';
import { messageJson } from '../workspace/message-json.ts';
import type { StoredMessage } from '../workspace/messages.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { stateValues } from './view-values.ts';

/**
 * The `block_actions` payload of a press. The button may no longer exist: a client that shows an old version of the
 * message, or a deleted message, sends what it shows.
 * @throws Error if the press is impossible: unknown person, someone else's ephemeral message, or a button that was
 * never on the message while no `value` is given.
 */
export function pressPayload(slack: Workspace, origin: string, press: SlackPress): Json {
  const { userId, channel, ts } = press;
  const person = press.teamId === undefined ? slack.people.get(userId) : { id: userId, handle: userId.toLowerCase() };
  const memory = slack.messages.remember(channel, ts);
  const message = slack.messages.find(channel, ts) ?? memory?.last;
  if (message && message.shown.onlyFor !== null && message.shown.onlyFor !== userId) {
    throw new Error(`Only ${message.shown.onlyFor} sees the message ${ts}; ${userId} cannot press a button on it.`);
  }
  const button = memory?.buttons.get(press.actionId);
  const value = press.value ?? button?.element['value'];
  if (button === undefined && press.value === undefined) {
    const known = [...(memory?.buttons.keys() ?? [])].join(', ') || 'none';
    throw new Error(`The message ${channel}/${ts} never had a button "${press.actionId}" (known: ${known}).`);
  }
  const ephemeral = message !== undefined && message.shown.onlyFor !== null;
  return {
    ...commonPayload(slack, 'block_actions', person, press.teamId),
    ...(press.appId !== undefined && { api_app_id: press.appId }),
    container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: ephemeral },
    trigger_id: slack.triggers.issue(userId),
    channel: { id: channel, name: slack.rooms.find(channel)?.name ?? 'unknown' },
    ...(ephemeral ? {} : { message: byAnother(pressedMessage(slack, press, message), press.messageBy) }),
    state: { values: stateValues(message?.blocks ?? [], {}) },
    response_url: origin + slack.responseUrls.issue({ channel, userId, ts: message ? ts : null }),
    actions: [action(press, button, value, slack.clock.nextTs())],
  };
}

function pressedMessage(slack: Workspace, { channel, ts }: SlackPress, message: StoredMessage | undefined): Json {
  if (!message) return { type: 'message', user: BOT.userId, bot_id: BOT.id, text: '', ts, team: TEAM.id, blocks: [] };
  return messageJson(message, { replies: slack.messages.replies(channel, ts) });
}

function byAnother(message: Json, author: SlackPress['messageBy']): Json {
  if (author === undefined) return message;
  const { bot_id: _, app_id: __, user: ___, ...rest } = message;
  return { ...rest, ...author };
}

function action(press: SlackPress, button: Button | undefined, value: unknown, ts: string): Json {
  const style = button?.element['style'];
  return {
    action_id: press.actionId,
    block_id: press.blockId ?? button?.blockId ?? 'forged',
    text: { emoji: true, ...asJson(button?.element['text'] ?? { type: 'plain_text', text: press.actionId }) },
    ...(value === undefined ? {} : { value }),
    ...(style === undefined ? {} : { style }),
    type: 'button',
    action_ts: ts,
  };
}

function asJson(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

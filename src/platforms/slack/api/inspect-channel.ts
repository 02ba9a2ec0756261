/**
 * What is wrong with a channel, before its first card is due. Tested in test/platforms/slack/api/inspect-channel.test.ts.
 */
import type { WebClient } from '@slack/web-api';
import type { RoomProblem } from '../../../core/ports/ports.ts';
import { callSlack } from './client.ts';
import { slackErrorCode } from './errors.ts';

/** Needed to look at public channels and at private ones. */
const SCOPES = 'channels:read or groups:read';

/**
 * @param room a channel's ID; direct messages are not looked at
 * @returns what the operator has to know, and what to do about it; empty where all is well
 * @throws PlatformError where Slack does not answer
 */
export async function inspectChannel(
  client: WebClient,
  room: string,
  signal: AbortSignal,
): Promise<readonly RoomProblem[]> {
  if (!/^[CG]/.test(room)) return [];
  try {
    const { channel } = await callSlack(signal, () => client.conversations.info({ channel: room }));
    if (channel === undefined) return [];
    const name = channel.name === undefined ? room : `#${channel.name} (${room})`;
    return [
      ...(channel.is_archived ? [closed(`${name} is archived: unarchive it, or choose another channel.`)] : []),
      ...(channel.is_member || channel.is_archived
        ? []
        : [closed(`The bot is not in ${name}: run /invite @Countersign there.`)]),
      ...(channel.is_ext_shared || channel.is_pending_ext_shared
        ? [open(`${name} is shared with another organisation (Slack Connect): its people read every card there.`)]
        : []),
      ...(channel.is_org_shared && !channel.is_ext_shared
        ? [open(`${name} is shared with other workspaces of your organisation: their people read every card there.`)]
        : []),
    ];
  } catch (error) {
    // The library gives Slack's own answer as the cause.
    switch (slackErrorCode(error)) {
      case 'channel_not_found':
        return [
          closed(
            `${room} does not exist, or is private and the bot is not in it: check the ID, and run /invite @Countersign there.`,
          ),
        ];
      case 'missing_scope':
        return [
          open(
            `${room} could not be checked: the Slack app lacks ${SCOPES}. Apply manifest.yml again and reinstall it.`,
          ),
        ];
      default:
        throw error;
    }
  }
}

function closed(message: string): RoomProblem {
  return { message, closed: true };
}

function open(message: string): RoomProblem {
  return { message, closed: false };
}

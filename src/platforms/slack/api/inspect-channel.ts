/**
 * What is wrong with a channel, before its first card is due. Tested in test/platforms/slack/api/inspect-channel.test.ts.
 */
import type { WebClient } from '@slack/web-api';
import type { RoomProblem } from '../../../core/ports/ports.ts';
import { callSlack } from './client.ts';
import { slackErrorCode } from './errors.ts';
import { slackRoom } from './room.ts';

/** Needed to look at public channels and at private ones. */
const SCOPES = 'channels:read or groups:read';
const UNSHARE = 'If they may, all is well; otherwise choose a channel of your own.';

/**
 * @param place a channel's ID, or a thread's in it; direct messages are not looked at
 * @returns what the operator has to know, and what to do about it; empty where all is well
 * @throws PlatformError where Slack does not answer
 */
export async function inspectChannel(
  client: WebClient,
  place: string,
  signal: AbortSignal,
): Promise<readonly RoomProblem[]> {
  const { channel: room, thread } = slackRoom(place);
  if (!/^[CG]/.test(room)) return [];
  try {
    const { channel } = await callSlack(signal, () => client.conversations.info({ channel: room }));
    if (channel === undefined) return [];
    const name = channel.name === undefined ? room : `#${channel.name} (${room})`;
    const isGone = thread !== null && channel.is_member === true && (await isThreadGone(client, room, thread, signal));
    return [
      ...(isGone
        ? [
            open(
              `The thread ${thread} of ${name} does not exist: its cards are posted in the channel.`,
              'Correct the rooms.',
            ),
          ]
        : []),
      ...(channel.is_archived ? [closed(`${name} is archived:`, 'unarchive it, or choose another channel.')] : []),
      ...(channel.is_member || channel.is_archived
        ? []
        : [closed(`The bot is not in ${name}:`, 'run /invite @Countersign there.')]),
      ...(channel.is_ext_shared || channel.is_pending_ext_shared
        ? [
            open(
              `${name} is shared with another organisation (Slack Connect): its people read every card there.`,
              UNSHARE,
            ),
          ]
        : []),
      ...(channel.is_org_shared && !channel.is_ext_shared
        ? [
            open(
              `${name} is shared with other workspaces of your organisation: their people read every card there.`,
              UNSHARE,
            ),
          ]
        : []),
    ];
  } catch (error) {
    // The library gives Slack's own answer as the cause.
    switch (slackErrorCode(error)) {
      case 'channel_not_found':
        return [
          closed(
            `${room} does not exist, or is private and the bot is not in it:`,
            'check the ID, and run /invite @Countersign there.',
          ),
        ];
      case 'missing_scope':
        return [
          open(
            `${room} could not be checked: the Slack app lacks ${SCOPES}.`,
            'Apply manifest.yml again and reinstall it.',
          ),
        ];
      default:
        throw error;
    }
  }
}

async function isThreadGone(client: WebClient, channel: string, ts: string, signal: AbortSignal): Promise<boolean> {
  try {
    await callSlack(signal, () => client.conversations.replies({ channel, ts, limit: 1 }));
    return false;
  } catch (error) {
    // What the bot may not read is not said to be gone.
    return slackErrorCode(error) === 'thread_not_found';
  }
}

function closed(what: string, remedy: string): RoomProblem {
  return problem(what, remedy, true);
}

function open(what: string, remedy: string): RoomProblem {
  return problem(what, remedy, false);
}

function problem(what: string, remedy: string, isClosed: boolean): RoomProblem {
  const whole = `${what} ${remedy}`;
  return { message: whole, what: what.replace(/:$/, '.'), remedy: capitalised(remedy), closed: isClosed };
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * What is wrong with a channel, before its first card is due. Tested in test/platforms/slack/api/inspect-channel.test.ts.
 */
import type { ConversationsInfoResponse, WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { RoomProblem } from '../../../core/ports/ports.ts';
import { capitalise } from '../../../core/text/humanise.ts';
import { callSlack } from './client.ts';
import { slackErrorCode } from './errors.ts';
import { slackRoom } from './room.ts';

export type SlackChannel = NonNullable<ConversationsInfoResponse['channel']>;

/** Needed to look at public channels and at private ones. */
const SCOPES = 'channels:read or groups:read';
const UNSHARE = 'If they may, all is well; otherwise choose a channel of your own.';

/**
 * @param place a channel's ID, or a thread's in it; direct messages are not looked at
 * @param look by default one call; its errors are those of `callSlack`
 * @returns what the operator has to know, and what to do about it; empty where all is well
 * @throws PlatformError where Slack does not answer
 */
export async function inspectChannel(
  client: WebClient,
  place: string,
  signal: AbortSignal,
  look: (room: string) => Promise<SlackChannel | null> = async (room) =>
    (await callSlack(signal, () => client.conversations.info({ channel: room }))).channel ?? null,
): Promise<readonly RoomProblem[]> {
  const { channel: room, thread } = slackRoom(place);
  if (!/^[CG]/.test(room)) return [];
  try {
    const channel = await look(room);
    if (channel === null) return [];
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
      ...(channel.is_archived ? [] : postingProblems(channel, name, thread !== null)),
      ...sharingProblems(channel, name),
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

function sharingProblems(channel: SlackChannel, name: string): RoomProblem[] {
  if (channel.is_ext_shared || channel.is_pending_ext_shared) {
    const what = `${name} is shared with another organisation (Slack Connect): its people read every card there.`;
    return [open(what, UNSHARE)];
  }
  if (!channel.is_org_shared) return [];
  const what = `${name} is shared with other workspaces of your organisation: their people read every card there.`;
  return [open(what, UNSHARE)];
}

/** Documented with a channel, and not in the library's types. */
const limitedSchema = z.object({ properties: z.object({ posting_restricted_to: z.unknown() }).nullish() });

/** Slack refuses such posts as `restricted_action…`. */
function postingProblems(channel: SlackChannel, name: string, isThread: boolean): RoomProblem[] {
  const allow = 'allow the app to post (the channel’s settings → “Permissions”), or choose another channel.';
  if (channel.is_read_only) return [closed(`${name} is read-only: no card can be posted.`, allow)];
  if (channel.is_thread_only && !isThread) {
    return [closed(`${name} takes only replies in threads: no card can be posted.`, allow)];
  }
  if (channel.is_non_threadable) {
    const what = `${name} takes no replies: the further cards of a run, and its result, can’t be posted there.`;
    return [isThread ? closed(what, allow) : open(what, allow)];
  }
  const limited = limitedSchema.safeParse(channel).data?.properties?.posting_restricted_to ?? null;
  if (limited === null) return [];
  const what = `Only some people may post in ${name}, and Slack does not say whether the app is one of them.`;
  return [open(what, 'Add it to those who may (the channel’s settings → “Permissions”).')];
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
  return { message: whole, what: what.replace(/:$/, '.'), remedy: capitalise(remedy), closed: isClosed };
}

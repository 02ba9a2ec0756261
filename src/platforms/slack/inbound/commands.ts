/** `/countersign` on Slack, and the buttons of its answers. Tested in test/platforms/slack/inbound/commands.test.ts. */
import type { App, BlockAction } from '@slack/bolt';
import { z } from 'zod';
import { failedCommandText } from '../../../core/ports/errors.ts';
import type { Handlers, Log } from '../../../core/ports/ports.ts';
import { clipMiddle, sized } from '../../../core/text/clip.ts';
import {
  COMMAND,
  type Command,
  type CommandAnswer,
  encodeCommandButton,
  parseAsk,
  parseCommandButton,
} from '../../../core/view/command.ts';
import { FOREIGN_COMMAND, NOT_DONE } from '../../../core/view/refusals.ts';
import { slackRoom } from '../api/room.ts';
import { limits } from '../api/size-limits.ts';
import { dateToken, plainText } from '../render/blocks.ts';
import { escapeMrkdwn } from '../render/message.ts';
import type { Organisation } from './organisation.ts';
import { reportAttempt } from './our-app.ts';
import { clickSchema, foreignReasons, personOf, strangerIn } from './parse-press.ts';
import type { Replies } from './replies.ts';
import { typedText } from './typed-text.ts';

const commandSchema = z.object({
  team_id: z.string(),
  enterprise_id: z.string().nullish(),
  channel_id: z.string(),
  user_id: z.string(),
  user_name: z.string().nullish(),
  text: z.string().default(''),
  trigger_id: z.string().refine(sized(1)),
  response_url: z.string().nullish(),
});

export type ParsedCommand =
  | { type: 'command'; command: Command; responseUrl: string | null }
  | { type: 'foreign' | 'unreadable'; responseUrl: string | null };

export function parseCommand(body: unknown, organisation: Organisation): ParsedCommand {
  const { data } = commandSchema.safeParse(body);
  if (data === undefined) return { type: 'unreadable', responseUrl: null };
  const { channel_id: room, user_id: id, user_name: name, text, trigger_id: triggerId } = data;
  const responseUrl = data.response_url ?? null;
  if (!organisation.isOwnPlace(data.team_id, data.enterprise_id)) return { type: 'foreign', responseUrl };
  const command: Command = {
    // A command has no id of its own. Its trigger is new each time, and the same in a repeated delivery.
    id: ['slack', organisation.teamId, id, triggerId].join(':'),
    platform: 'slack',
    ...personOf({ id, name }),
    place: { platform: 'slack', room },
    ask: parseAsk(typedText(text)),
  };
  return { type: 'command', command, responseUrl };
}

/**
 * Handles our slash command. When `onCommand` resolves, the command is committed; the acknowledgement, which contains the
 * private answer, is the first network call after that.
 */
export function handleCommands(
  app: App,
  {
    replies,
    log,
    organisation,
    onCommand,
    onForeignPress,
  }: { replies: Replies; log: Log; organisation: Organisation } & Pick<Handlers, 'onCommand' | 'onForeignPress'>,
): void {
  app.command(COMMAND, async ({ body, ack }) => {
    const parsed = parseCommand(body, organisation);
    const message = renderPrivateReply(parsed.type === 'command' ? await run(parsed.command) : refuse(parsed.type));
    const acked = await replies.acknowledge('command', () => ack(message));
    if (!acked) await replies.respond(parsed.responseUrl, message);
    if (parsed.type !== 'command') await reportAttempt(body, foreignReasons[parsed.type], onForeignPress);
  });

  app.action<BlockAction>(new RegExp(`^${BUTTON_PREFIX.replaceAll('.', '\\.')}`), async ({ body, ack }) => {
    const click = clickSchema.safeParse(body).data;
    const ask = parseCommandButton(click?.actions[0]?.value ?? '');
    const stranger = click === undefined ? null : strangerIn(click, organisation);
    if (click === undefined || ask === null || stranger !== null) {
      await replies.acknowledge('press', () => ack());
      log.warn({ user: click?.user.id }, 'a press on an answer was refused before it was parsed');
      return reportAttempt(body, foreignReasons[stranger ?? 'unreadable'], onForeignPress);
    }
    const { user, channel, trigger_id: triggerId, response_url: url } = click;
    const answer = await run({
      id: ['slack', organisation.teamId, user.id, triggerId].join(':'),
      platform: 'slack',
      ...personOf({ id: user.id, name: user.username ?? user.name }),
      place: { platform: 'slack', room: channel?.id ?? '' },
      ask,
    });
    await replies.acknowledge('press', () => ack());
    await replies.respond(url ?? null, { replace_original: true, ...renderPrivateReply(answer) });
  });

  async function run(command: Command): Promise<CommandAnswer> {
    try {
      return await onCommand(command);
    } catch (error) {
      log.error({ err: error, command: command.id }, 'a command was not recorded');
      return { text: failedCommandText(error), rooms: [] };
    }
  }

  function refuse(reason: 'foreign' | 'unreadable'): CommandAnswer {
    log.warn({ reason }, 'a command was refused before it was parsed');
    return { text: reason === 'foreign' ? FOREIGN_COMMAND : NOT_DONE, rooms: [] };
  }
}

const BUTTON_PREFIX = 'countersign.command.';

/** A message for one person. The text is shown character by character; the channels are links. */
export function renderPrivateReply({ text, rooms, at, buttons = [] }: CommandAnswer) {
  const shown = clipMiddle(text, limits.textObject).text;
  const moment = at === undefined ? [] : [dateToken({ at, style: 'exact' })];
  const links = [...new Set(rooms.map((room) => `<#${slackRoom(room).channel}>`)), ...moment].join(', ');
  const linkBlocks = links === '' ? [] : [{ type: 'section' as const, text: { type: 'mrkdwn' as const, text: links } }];
  const elements = buttons.flatMap((button, index) => {
    const value = encodeCommandButton(button);
    const action_id = `${BUTTON_PREFIX}${index}`;
    return value === null ? [] : [{ type: 'button' as const, action_id, value, text: plainText(button.label) }];
  });
  return {
    response_type: 'ephemeral' as const,
    text: [escapeMrkdwn(shown), links].filter((part) => part !== '').join(' '),
    blocks: [
      { type: 'section' as const, text: plainText(shown) },
      ...linkBlocks,
      ...(elements.length === 0 ? [] : [{ type: 'actions' as const, elements }]),
    ],
  };
}

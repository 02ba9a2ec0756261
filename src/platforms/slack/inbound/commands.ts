/** `/countersign` on Slack. */
import type { App } from '@slack/bolt';
import { z } from 'zod';
import type { Handlers, Log } from '../../../core/ports/ports.ts';
import { clipMiddle, sized } from '../../../core/text/clip.ts';
import { COMMAND, type Command, type CommandAnswer, parseAsk } from '../../../core/view/command.ts';
import { FOREIGN_COMMAND, NOT_STARTED } from '../../../core/view/refusals.ts';
import { limits } from '../api/size-limits.ts';
import { plainText } from '../render/blocks.ts';
import { escapeMrkdwn } from '../render/message.ts';
import type { Organisation } from './organisation.ts';
import { reportAttempt } from './our-app.ts';
import { foreignReasons, personOf } from './parse-press.ts';
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

  async function run(command: Command): Promise<CommandAnswer> {
    try {
      return await onCommand(command);
    } catch (error) {
      log.error({ err: error, command: command.id }, 'a command was not recorded');
      return { text: NOT_STARTED, rooms: [] };
    }
  }

  function refuse(reason: 'foreign' | 'unreadable'): CommandAnswer {
    log.warn({ reason }, 'a command was refused before it was parsed');
    return { text: reason === 'foreign' ? FOREIGN_COMMAND : NOT_STARTED, rooms: [] };
  }
}

/** A message for one person. The text is shown character by character; the channels are links. */
export function renderPrivateReply({ text, rooms }: CommandAnswer) {
  const shown = clipMiddle(text, limits.textObject).text;
  const links = rooms.map((room) => `<#${room}>`).join(', ');
  const linkBlocks = links === '' ? [] : [{ type: 'section' as const, text: { type: 'mrkdwn' as const, text: links } }];
  return {
    response_type: 'ephemeral' as const,
    text: [escapeMrkdwn(shown), links].filter((part) => part !== '').join(' '),
    blocks: [{ type: 'section' as const, text: plainText(shown) }, ...linkBlocks],
  };
}

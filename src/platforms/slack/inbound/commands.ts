import type { App } from '@slack/bolt';
import type { FetchFunction } from '@slack/web-api';
import { z } from 'zod';
import { coerceError } from '../../../core/ports/errors.ts';
import type { Handlers, Log } from '../../../core/ports/ports.ts';
import { sized } from '../../../core/text/sized.ts';
import { clipMiddle } from '../../../core/text/text.ts';
import { COMMAND, type Command, type CommandAnswer, parseAsk } from '../../../core/view/command.ts';
import { limits } from '../api/limits.ts';
import { plainText } from '../render/blocks.ts';
import { escapeMrkdwn } from '../render/message.ts';

const NOTHING_RECORDED = 'Nothing was recorded, and nothing was started. Please type it again.';
const FOREIGN = 'This command came from another workspace. Nothing was started.';

const commandSchema = z.object({
  team_id: z.string(),
  channel_id: z.string(),
  user_id: z.string(),
  user_name: z.string().nullish(),
  text: z.string().default(''),
  trigger_id: z.string().refine(sized(1)),
  response_url: z.string().nullish(),
});

export type SlackCommand =
  | { type: 'command'; command: Command; responseUrl: string | null }
  | { type: 'foreign' | 'unreadable'; responseUrl: string | null };

/** @param home the workspace that the bot belongs to */
export function parseCommand(body: unknown, home: string): SlackCommand {
  const read = commandSchema.safeParse(body);
  if (!read.success) return { type: 'unreadable', responseUrl: null };
  const { team_id: team, channel_id: room, user_id: id, user_name: name, text, trigger_id: trigger } = read.data;
  const responseUrl = read.data.response_url ?? null;
  if (team !== home) return { type: 'foreign', responseUrl };
  const command: Command = {
    // Nothing names a command, but what it triggers is new each time, and the same when it is delivered again.
    id: ['slack', home, id, trigger].join(':'),
    platform: 'slack',
    actor: { platform: 'slack', id, name: name || id },
    roles: [],
    place: { platform: 'slack', room },
    ask: parseAsk(text),
  };
  return { type: 'command', command, responseUrl };
}

/**
 * Answers our slash command. `onCommand` has committed when it resolves, and the acknowledgement, with the private answer
 * in it, is the first thing that goes to the network after it.
 * @param options.callMs how long a call of a `response_url` may take, ms
 */
export function handleCommands(
  app: App,
  options: {
    fetch: FetchFunction;
    callMs: number;
    log: Log;
    home: string;
    onCommand: Handlers['onCommand'];
  },
): void {
  const { fetch, callMs, log, home, onCommand } = options;

  app.command(COMMAND, async ({ body, ack }) => {
    const read = parseCommand(body, home);
    const answer = read.type === 'command' ? await ask(read.command) : refusal(read.type);
    const message = renderPrivateReply(answer);
    try {
      await ack(message);
    } catch (error) {
      log.warn({ err: error }, 'Slack was gone before a command could be acknowledged');
      await respond(read.responseUrl, message);
    }
  });

  async function ask(command: Command): Promise<CommandAnswer> {
    try {
      return await onCommand(command);
    } catch (error) {
      log.error({ err: error, command: command.id }, 'A command was not recorded');
      return { text: NOTHING_RECORDED, rooms: [] };
    }
  }

  function refusal(type: 'foreign' | 'unreadable'): CommandAnswer {
    log.warn({ reason: type }, 'A command was refused before it was read');
    return { text: type === 'foreign' ? FOREIGN : NOTHING_RECORDED, rooms: [] };
  }

  async function respond(url: string | null, message: object): Promise<void> {
    if (url === null) return;
    try {
      await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(message),
        signal: AbortSignal.timeout(callMs),
      });
    } catch (error) {
      log.warn({ err: coerceError(error) }, 'A private answer did not get through');
    }
  }
}

/** Seen by this person only. The text is shown letter by letter; the rooms are links. */
export function renderPrivateReply({ text, rooms }: CommandAnswer) {
  const shown = clipMiddle(text, limits.textObject).text;
  const links = rooms.map((room) => `<#${room}>`).join(', ');
  const where = links === '' ? [] : [{ type: 'section' as const, text: { type: 'mrkdwn' as const, text: links } }];
  return {
    response_type: 'ephemeral' as const,
    text: [escapeMrkdwn(shown), links].filter((part) => part !== '').join(' '),
    blocks: [{ type: 'section' as const, text: plainText(shown) }, ...where],
  };
}

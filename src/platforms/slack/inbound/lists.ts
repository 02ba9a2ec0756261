import type { App, BlockAction } from '@slack/bolt';
import type { FetchFunction } from '@slack/web-api';
import { z } from 'zod';
import { coerceError } from '../../../core/ports/errors.ts';
import type { Handlers, Log, Look } from '../../../core/ports/ports.ts';
import { APPROVALS_COMMAND } from '../../../core/view/command.ts';
import { mine, parseFilter, parseTurn } from '../../../core/view/list-query.ts';
import { badFilterText, NO_LIST } from '../../../core/view/lists/pending-list.ts';
import { respond } from '../api/respond.ts';
import { LIST_PREFIX, type ListMessage, renderListMessage } from '../render/list.ts';
import { renderPrivateReply } from './commands.ts';
import { type Click, clickSchema, isOwnWorkspace, personOf } from './press.ts';

const FOREIGN = 'This command came from another workspace. Nothing is shown.';

const commandSchema = z.object({
  team_id: z.string(),
  user_id: z.string(),
  user_name: z.string().nullish(),
  text: z.string().default(''),
  response_url: z.string().nullish(),
});

export interface ListOptions {
  fetch: FetchFunction;
  /** How long a call of a `response_url` may take, ms. */
  callMs: number;
  log: Log;
  /** The workspace that the bot belongs to. */
  home: string;
  /** Its address, `https://team.slack.com/`. */
  site: string | null;
  onList: Handlers['onList'];
  onHome: Handlers['onHome'];
}

/** `/approvals`, the buttons that turn a list, and the home tab as it is opened. No network call before the answer. */
export function handleLists(app: App, options: ListOptions): void {
  const { log, home, site, onList, onHome } = options;

  app.command(APPROVALS_COMMAND, async ({ body, ack }) => {
    const message = { response_type: 'ephemeral' as const, ...(await answerTo(body)) };
    try {
      await ack(message);
    } catch (error) {
      log.warn({ err: error }, 'Slack was gone before a command could be acknowledged');
      const url = commandSchema.safeParse(body).data?.response_url ?? null;
      await respond(options, url, message).catch(warn);
    }
  });

  app.action<BlockAction>(new RegExp(`^${LIST_PREFIX.replaceAll('.', '\\.')}`), async ({ body, ack }) => {
    const click = clickSchema.safeParse(body).data;
    const spot = parseTurn(click?.actions[0]?.value ?? '');
    const look =
      click === undefined || spot === null || !isOwnWorkspace(click, home) ? null : { who: personOf(click.user), spot };
    if (click === undefined || look === null) {
      await ack().catch(warn);
      return log.warn({ user: click?.user.id }, 'A turn of a list was refused before it was read');
    }
    if (look.spot.surface === 'home') {
      await onHome(look).catch(warn);
      return ack().catch(warn);
    }
    const message = await shown(look);
    await ack().catch(warn);
    await replace(click, message);
  });

  app.event('app_home_opened', async ({ event, body }) => {
    if (event.tab !== 'home' || body.team_id !== home) return;
    const { user: id } = event;
    await onHome({ who: personOf({ id, name: id }), spot: mine('home') }).catch(warn);
  });

  async function answerTo(body: unknown): Promise<ListMessage> {
    const read = commandSchema.safeParse(body).data;
    if (read === undefined || read.team_id !== home) return renderPrivateReply({ text: FOREIGN, rooms: [] });
    const filter = parseFilter(read.text);
    if (filter === null) return renderPrivateReply({ text: badFilterText(read.text), rooms: [] });
    const { user_id: id, user_name: name } = read;
    return shown({ who: personOf({ id, name }), spot: { surface: 'message', page: 0, filter } });
  }

  async function shown(look: Look): Promise<ListMessage> {
    try {
      return renderListMessage(await onList(look), site);
    } catch (error) {
      log.error({ err: error }, 'What waits could not be read');
      return renderPrivateReply({ text: NO_LIST, rooms: [] });
    }
  }

  async function replace({ response_url: url }: Click, message: ListMessage): Promise<void> {
    await respond(options, url ?? null, { replace_original: true, ...message }).catch(warn);
  }

  function warn(error: unknown): void {
    log.warn({ err: coerceError(error) }, 'A list did not get through');
  }
}

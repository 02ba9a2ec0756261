/**
 * `/approvals` on Slack, the buttons that turn its list, and the home tab when it is opened.
 * Tested in test/platforms/slack/inbound/lists.test.ts and test/stories/deciding/approvals.test.ts.
 */
import type { App, BlockAction } from '@slack/bolt';
import { z } from 'zod';
import { coerceError, failedCommandText } from '../../../core/ports/errors.ts';
import type { Handlers, ListRequest, Log } from '../../../core/ports/ports.ts';
import { APPROVALS_COMMAND, type Command, parseListVerb } from '../../../core/view/command.ts';
import { mine, parseFilter, parseTurn } from '../../../core/view/list-query.ts';
import { badFilterText, NO_LIST } from '../../../core/view/lists/pending-list.ts';
import { FOREIGN_COMMAND } from '../../../core/view/refusals.ts';
import { LIST_PREFIX, type ListMessage, renderListMessage } from '../render/list.ts';
import { renderPrivateReply } from './commands.ts';
import type { Organisation } from './organisation.ts';
import { reportAttempt } from './our-app.ts';
import { clickSchema, foreignReasons, personOf, strangerIn } from './parse-press.ts';
import type { Replies } from './replies.ts';
import { typedText } from './typed-text.ts';

/** `<@U0123|name>` */
const reference = /<@([UW][A-Z0-9]+)(?:\|[^<>|]*)?>/g;

const commandSchema = z.object({
  team_id: z.string(),
  enterprise_id: z.string().nullish(),
  channel_id: z.string().default(''),
  trigger_id: z.string().default(''),
  user_id: z.string(),
  user_name: z.string().nullish(),
  text: z.string().default(''),
  response_url: z.string().nullish(),
});

export interface ListOptions {
  replies: Replies;
  log: Log;
  organisation: Organisation;
  onForeignPress: Handlers['onForeignPress'];
  /** The address of the workspace, `https://team.slack.com/`. */
  site: string | null;
  onList: Handlers['onList'];
  onCommand: Handlers['onCommand'];
  onHome: Handlers['onHome'];
}

/**
 * Handles requests for a list. Nothing calls Slack before the acknowledgement, so the list follows it: which rooms a person
 * can read is looked up there.
 */
export function handleLists(
  app: App,
  { replies, log, organisation, onForeignPress, site, onList, onCommand, onHome }: ListOptions,
): void {
  app.command(APPROVALS_COMMAND, async ({ body, ack }) => {
    await replies.acknowledge('command', () => ack());
    const command = commandSchema.safeParse(body).data;
    const isOwn = command !== undefined && organisation.isOwnPlace(command.team_id, command.enterprise_id);
    const answer = isOwn ? await answerCommand(command) : renderPrivateReply({ text: FOREIGN_COMMAND, rooms: [] });
    await replies.respond(command?.response_url ?? null, { response_type: 'ephemeral', ...answer });
    if (isOwn) return;
    await reportAttempt(body, foreignReasons[command === undefined ? 'unreadable' : 'foreign'], onForeignPress);
  });

  app.action<BlockAction>(new RegExp(`^${LIST_PREFIX.replaceAll('.', '\\.')}`), async ({ body, ack }) => {
    const click = clickSchema.safeParse(body).data;
    const query = parseTurn(click?.actions[0]?.value ?? '');
    const stranger = click === undefined ? null : strangerIn(click, organisation);
    if (click === undefined || query === null || stranger !== null) {
      await replies.acknowledge('press', () => ack());
      log.warn({ user: click?.user.id }, 'a press in a list was refused before it was parsed');
      return reportAttempt(body, foreignReasons[stranger ?? 'unreadable'], onForeignPress);
    }
    const request = { who: personOf(click.user), query };
    await replies.acknowledge('press', () => ack());
    if (query.surface === 'home') return showHome(request);
    await replies.respond(click.response_url ?? null, { replace_original: true, ...(await load(request)) });
  });

  app.event('app_home_opened', async ({ event, body }) => {
    if (event.tab !== 'home' || !organisation.isOwnPlace(body.team_id, body.enterprise_id)) return;
    const { user: id } = event;
    await showHome({ who: personOf({ id, name: id }), query: mine('home') });
  });

  async function answerCommand(data: z.infer<typeof commandSchema>): Promise<ListMessage> {
    // With `should_escape` a person is a reference, which names the account.
    const typed = typedText(data.text.replace(reference, 'slack:$1'));
    const absence = parseListVerb(typed);
    if (absence !== null) return answerAbsence(data, absence);
    const filter = parseFilter(typed);
    if (filter === null) return renderPrivateReply({ text: badFilterText(typed), rooms: [] });
    const who = personOf({ id: data.user_id, name: data.user_name });
    return load({ who, query: { surface: 'message', page: 0, filter } });
  }

  async function answerAbsence(data: z.infer<typeof commandSchema>, ask: Command['ask']): Promise<ListMessage> {
    const { user_id: id, user_name: name, channel_id: room, trigger_id: trigger } = data;
    const place = { platform: 'slack', room };
    try {
      const command = { id: `slack:${trigger}`, platform: 'slack', ...personOf({ id, name }), place, ask };
      return renderPrivateReply(await onCommand(command));
    } catch (error) {
      log.error({ err: error }, 'a command was not recorded');
      return renderPrivateReply({ text: failedCommandText(error), rooms: [] });
    }
  }

  async function load(request: ListRequest): Promise<ListMessage> {
    try {
      return renderListMessage(await onList(request), site);
    } catch (error) {
      log.error({ err: error }, 'a list could not be loaded');
      return renderPrivateReply({ text: NO_LIST, rooms: [] });
    }
  }

  async function showHome(request: ListRequest): Promise<void> {
    await onHome(request).catch((error: unknown) =>
      log.warn({ err: coerceError(error) }, 'a home tab was not updated'),
    );
  }
}

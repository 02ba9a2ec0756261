import type { Journal } from '../../shared/journal.ts';
import { placeOf } from '../delivery/payload.ts';
import type { Deliverer, SlackEntry, SlackPressResult } from '../types.ts';
import { Refusal } from '../web-api/refusal.ts';
import { respond } from '../web-api/respond.ts';
import { APP_ID, TEAM, VERIFICATION_TOKEN } from '../workspace/identity.ts';
import type { Workspace } from '../workspace/workspace.ts';

interface Deps {
  slack: Workspace;
  deliverer: Deliverer;
  journal: Journal<SlackEntry>;
  origin: string;
}

/** The commands with `should_escape` in `manifest.yml`. */
const ESCAPED = new Set(['/approvals']);

export interface CommandOptions {
  channel: string;
  deliveries?: number;
  teamId?: string;
  appId?: string;
  /** The command's `should_escape`: people, channels and links come as references. Default: as in `manifest.yml`. */
  shouldEscape?: boolean;
}

/** As Slack's client sends a text: three characters as entities, and on demand `@handle`, `#channel` and addresses as references. */
function escapeTyped(slack: Workspace, typed: string, shouldEscape: boolean): string {
  const text = typed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  if (!shouldEscape) return text;
  return text
    .replace(/https?:\/\/\S+/g, (address) => `<${address}>`)
    .replace(/@([\w.-]+)/g, (whole, handle: string) => {
      const user = slack.people.all().find((one) => one.handle === handle);
      return user === undefined ? whole : `<@${user.id}|${handle}>`;
    })
    .replace(/#([\w-]+)/g, (whole, name: string) => {
      const room = slack.rooms.all().find((one) => one.name === name);
      return room === undefined ? whole : `<#${room.id}|${name}>`;
    });
}

/** Sends a slash command. A message in the acknowledgement is posted, as in Slack. */
export async function sendCommand(
  { slack, deliverer, journal, origin }: Deps,
  userId: string,
  command: string,
  text: string,
  { channel, deliveries, teamId = TEAM.id, appId = APP_ID, shouldEscape = ESCAPED.has(command) }: CommandOptions,
): Promise<SlackPressResult> {
  const user = slack.people.get(userId);
  const { team, enterpriseId } = placeOf(slack, user, teamId);
  const target = { channel, userId, ts: null };
  const payload = {
    token: VERIFICATION_TOKEN,
    team_id: team['id'],
    team_domain: team['domain'],
    ...(enterpriseId !== null && { enterprise_id: enterpriseId, enterprise_name: 'Organisation' }),
    channel_id: channel,
    channel_name: slack.rooms.find(channel)?.name ?? 'unknown',
    user_id: user.id,
    user_name: user.handle,
    command,
    text: escapeTyped(slack, text, shouldEscape),
    api_app_id: appId,
    is_enterprise_install: 'false',
    response_url: origin + slack.responseUrls.issue(target),
    trigger_id: slack.triggers.issue(userId),
  };
  const result = await deliverer.deliver('slash_commands', payload, deliveries);
  if (result.response !== null) {
    try {
      respond(slack, target, result.response);
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      journal.record({ kind: 'refused', at: Date.now(), what: `${command} answer`, reason: thrown.error });
    }
  }
  return result;
}

import type { Parts } from '../parts.ts';
import { Refusal } from '../rest/refusal.ts';
import type { Json } from '../types.ts';
import { asJson, asText } from '../wire/json.ts';

const AUTO_MOD = 200_000;
const TITLE_BLOCKED = 200_001;
const MESSAGES: Readonly<Record<number, string>> = {
  20009: 'Explicit content cannot be sent to the desired recipient(s)',
  50035: 'Invalid Form Body',
  [AUTO_MOD]: 'Message was blocked by automatic moderation',
  [TITLE_BLOCKED]: 'Title was blocked by automatic moderation',
  240000: 'Message was blocked by harmful links filter',
};

/**
 * Refuses a new or edited message, or the name of a thread, by the rule of `refuseContent`.
 * @param body of the request; of a forum post, too
 * @throws Refusal with the rule's code
 */
export function assertAccepted({ guild }: Parts, channelId: string, body: Json): void {
  const rule = guild.contentRule;
  if (rule === null) return;
  const isDirect = (guild.channels.get(channelId)?.recipientId ?? null) !== null;
  if (rule.code === AUTO_MOD && isDirect) return;
  const shown = 'message' in body ? asJson(body['message']) : body;
  const {
    content = '',
    embeds = [],
    components = [],
  } = shown as { content?: unknown; embeds?: unknown; components?: unknown };
  if (JSON.stringify([content, embeds, components]).includes(rule.containing)) throw refusalFor(rule.code);
  if (asText(body['name']).includes(rule.containing))
    throw refusalFor(rule.code === AUTO_MOD ? TITLE_BLOCKED : rule.code);
}

function refusalFor(code: number): Refusal {
  return new Refusal(400, code, MESSAGES[code] ?? 'Error');
}

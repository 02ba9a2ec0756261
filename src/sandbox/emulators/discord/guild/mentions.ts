import type { Json } from '../types.ts';
import { asJson, asText } from '../wire/json.ts';

/** Who is mentioned by a message: ids of users and roles, and `everyone`. */
export interface Mentions {
  users: string[];
  roles: string[];
  everyone: boolean;
}

/**
 * The mentions that take effect. Without `allowed_mentions` all of them do; with it only the kinds in `parse` and the
 * listed ids. Embeds mention no one.
 */
export function mentionsIn(body: Json): Mentions {
  const content = asText(body['content']);
  const allowed = body['allowed_mentions'] === undefined ? null : asJson(body['allowed_mentions']);
  const takes = (kind: 'users' | 'roles', id: string) =>
    allowed === null || listOf(allowed['parse']).includes(kind) || listOf(allowed[kind]).includes(id);
  const named = (pattern: RegExp, kind: 'users' | 'roles') =>
    [...new Set([...content.matchAll(pattern)].map(([, id = '']) => id))].filter((id) => takes(kind, id));
  return {
    users: named(/<@!?(\d+)>/g, 'users'),
    roles: named(/<@&(\d+)>/g, 'roles'),
    everyone: /@(?:everyone|here)/.test(content) && (allowed === null || listOf(allowed['parse']).includes('everyone')),
  };
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

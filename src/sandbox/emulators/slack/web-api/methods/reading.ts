import type { SlackEntry } from '../../types.ts';

/** Methods that change nothing. `apps.connections.open` gives out an address; nothing is connected until it is used. */
const READING: ReadonlySet<string> = new Set([
  'apps.connections.open',
  'auth.test',
  'bots.info',
  'chat.getPermalink',
  'conversations.history',
  'conversations.info',
  'conversations.members',
  'conversations.replies',
  'usergroups.list',
  'usergroups.users.list',
  'users.info',
]);

/** The methods of all other calls, also of those that were refused. */
export function writesIn(entries: readonly SlackEntry[]): string[] {
  return entries.flatMap((entry) => (entry.kind === 'call' && !READING.has(entry.method) ? [entry.method] : []));
}

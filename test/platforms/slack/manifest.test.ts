import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { APPROVALS_COMMAND, COMMAND } from '../../../src/core/view/command.ts';

const root = new URL('../../../', import.meta.url);
const platforms = new URL('src/platforms/slack/', root);

/** The scopes that Slack requires for each method of its Web API; some differ between public and private channels. */
const scopes: Record<string, readonly string[]> = {
  'auth.test': [],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'views.open': [],
  'views.update': [],
  'views.publish': [],
  'bots.info': ['users:read'],
  'users.info': ['users:read'],
  'usergroups.list': ['usergroups:read'],
  'usergroups.users.list': ['usergroups:read'],
  'chat.delete': ['chat:write'],
  'chat.getPermalink': [],
  'conversations.history': ['channels:history', 'groups:history', 'im:history'],
  'conversations.replies': ['channels:history', 'groups:history', 'im:history'],
  'conversations.info': ['channels:read', 'groups:read'],
  'conversations.members': ['channels:read', 'groups:read'],
  'conversations.open': ['im:write'],
};

test('the manifest requests exactly the scopes that the code needs', () => {
  const code = readdirSync(platforms, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(new URL(name, platforms), 'utf8'))
    .join('\n');
  const methods = new Set([...code.matchAll(/\bclient\.([a-z]+(?:\.[a-zA-Z]+)+)\(/g)].map(([, method = '']) => method));
  assert.deepEqual([...methods].sort(), Object.keys(scopes).sort());
  const needed = new Set([...methods].flatMap((method) => scopes[method] ?? []));
  if (/\bapp\.command\(COMMAND\b/.test(code)) needed.add('commands');
  const manifest = readFileSync(new URL('manifest.yml', root), 'utf8');
  const listed = (key: string) => {
    const [, below = ''] = new RegExp(`^ +${key}:\\n((?: {6}.*\\n)*)`, 'm').exec(manifest) ?? [];
    return [...below.matchAll(/^ {6}- (\S+)$/gm)].map(([, item]) => item);
  };
  assert.deepEqual(listed('bot').sort(), [...needed].sort());
  const events = [...code.matchAll(/\bapp\.event\('(\w+)'/g)].map(([, event]) => event);
  assert.deepEqual(listed('bot_events'), events);
  assert.deepEqual(
    [...manifest.matchAll(/^ +- command: (\S+)$/gm)].map(([, command]) => command),
    [APPROVALS_COMMAND, COMMAND],
  );
  for (const setting of [
    'messages_tab_enabled: true',
    'socket_mode_enabled: true',
    'is_enabled: true',
    'home_tab_enabled: true',
  ])
    assert.ok(manifest.includes(setting), setting);
});

/**
 * Writes what the set-up pages need: `manifest.http.yml`, the icon, and the links in docs/slack.md and docs/discord.md.
 * Run it after a change of `manifest.yml` or of the permissions: `node_modules/.bin/node scripts/setup-docs.ts`.
 * Tested in test/platforms/setup-docs.test.ts.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { PermissionFlagsBits } from 'discord.js';
import { drawIcon } from './icon.ts';

const root = new URL('../', import.meta.url);
/** To be replaced by the operator, in Slack's editor, before the app is created. */
const ADDRESS = 'https://countersign.example.com/slack/events';

/** What the invitation asks for; the names as Discord shows them. */
export const permissions = {
  'View Channel': PermissionFlagsBits.ViewChannel,
  'Read Message History': PermissionFlagsBits.ReadMessageHistory,
  'Send Messages': PermissionFlagsBits.SendMessages,
  'Embed Links': PermissionFlagsBits.EmbedLinks,
  'Create Public Threads': PermissionFlagsBits.CreatePublicThreads,
  'Send Messages in Threads': PermissionFlagsBits.SendMessagesInThreads,
};

/** The same app for Slack over signed HTTP. */
export function httpManifest(manifest: string): string {
  const head = `# The Slack app over signed HTTP (SLACK_SIGNING_SECRET): replace ${new URL(ADDRESS).host} by your host, then
# api.slack.com/apps → Create New App → From a manifest → paste this file. Without a public address use manifest.yml.
# Made from manifest.yml by scripts/setup-docs.ts.
`;
  return manifest
    .replace(/^(?:#.*\n)+/, head)
    .replace(/^( +)- command: .*\n/gm, `$&$1  url: ${ADDRESS}\n`)
    .replace(/^ +event_subscriptions:\n/m, `$&    request_url: ${ADDRESS}\n`)
    .replace(/^ +is_enabled: true\n/m, `$&    request_url: ${ADDRESS}\n`)
    .replace(/^ +# Events arrive over.*\n/m, '  # Events arrive at the address above, each with a signature.\n')
    .replace('socket_mode_enabled: true', 'socket_mode_enabled: false');
}

/** Opens Slack's creation of an app with this manifest. Comments are left out: an address has a limited length. */
export function slackLink(manifest: string): string {
  return `https://api.slack.com/apps?new_app=1&manifest_yaml=${encodeURIComponent(withoutComments(manifest))}`;
}

export function withoutComments(manifest: string): string {
  const lines = manifest.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  return `${lines.join('\n')}\n`;
}

/** @param application the application's ID */
export function discordLink(application: string): string {
  const all = Object.values(permissions).reduce((sum, bit) => sum | bit, 0n);
  return `https://discord.com/oauth2/authorize?client_id=${application}&scope=bot+applications.commands&permissions=${all}`;
}

/** Every file that is made here, by its path, as it should be. */
export function setupFiles(): Map<string, string | Buffer> {
  const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
  const manifest = read('manifest.yml');
  const http = httpManifest(manifest);
  const slack = read('docs/slack.md')
    .replace(/\[Create the Slack app\]\([^)]*\)/, () => `[Create the Slack app](${slackLink(manifest)})`)
    .replace(/\[Create the Slack app for HTTP\]\([^)]*\)/, () => `[Create the Slack app for HTTP](${slackLink(http)})`);
  const discord = read('docs/discord.md').replace(/https:\/\/discord\.com\/oauth2\/\S+/, discordLink('APPLICATION_ID'));
  return new Map<string, string | Buffer>([
    ['manifest.http.yml', http],
    ['docs/slack.md', slack],
    ['docs/discord.md', discord],
    ['docs/images/icon.png', drawIcon()],
  ]);
}

if (import.meta.main) for (const [path, content] of setupFiles()) writeFileSync(new URL(path, root), content);

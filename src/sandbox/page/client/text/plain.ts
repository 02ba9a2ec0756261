import type { Names } from '../lib/page-state.ts';
import { discordTime, slackDate } from './dates.ts';
import type { Inline } from './inline.ts';

/** Formatted text as a phone's notification shows it: without any formatting. */
export function plainText(nodes: readonly Inline[], names: Names, now: number): string {
  return nodes.map((node) => (typeof node === 'string' ? node : plainNode(node, names, now))).join('');
}

function plainNode(node: Exclude<Inline, string>, names: Names, now: number): string {
  switch (node.kind) {
    case 'code':
    case 'pre':
      return node.text;
    case 'mention':
      if (node.of === 'channel') return `#${names.channel(node.id)}`;
      return `@${(node.of === 'user' ? names.user(node.id) : node.id).replace(/^@/, '')}`;
    case 'slack-date':
      return Number.isFinite(node.seconds) ? slackDate(node.seconds, node.format, now) : node.fallback;
    case 'discord-time':
      return Number.isFinite(node.seconds) ? discordTime(node.seconds, node.style, now) : '';
    case 'break':
      return '\n';
    case 'item':
      return `${node.mark} ${plainText(node.children, names, now)}`;
    default:
      return plainText(node.children, names, now);
  }
}

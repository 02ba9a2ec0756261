import { withEmoji } from '../text/emoji.ts';
import { type Inline, safeHref, withBreaks } from '../text/inline.ts';

/** A mark next to a letter or digit on its outside is literal: `a*b*c` is not bold. */
const before = '(?<![\\p{L}\\p{N}])';
const after = '(?![\\p{L}\\p{N}])';
const pattern = new RegExp(
  [
    '<(?<token>[^<>\\n]+)>',
    '`(?<code>[^`\\n]+)`',
    `${before}\\*(?<bold>(?!\\s)[^*\\n]+(?<!\\s))\\*${after}`,
    `${before}_(?<italic>(?!\\s)[^_\\n]+(?<!\\s))_${after}`,
    `${before}~(?<strike>(?!\\s)[^~\\n]+(?<!\\s))~${after}`,
    `(?<url>https?://[^\\s<>|*\`]*[^\\s<>|*\`.,;:!?)'"])`,
  ].join('|'),
  'gu',
);

/**
 * Reads Slack's mrkdwn. Entities are decoded last, in the leaves, so that escaped text never turns into a mention
 * or a link; `links: false` is Slack's `verbatim`, which leaves bare addresses alone.
 */
export function parseMrkdwn(text: string, links = true): Inline[] {
  return text.split(/```([\s\S]+?)```/).flatMap((part, index): Inline[] => {
    if (index % 2 === 1) return [{ kind: 'pre', text: decode(part.replace(/^\n|\n$/g, '')) }];
    const outer = index === 0 ? part : part.replace(/^\n/, '');
    return outer === '' ? [] : parseLines(outer, links);
  });
}

/** `plain_text`: emoji only, and only where they are on. */
export function parsePlain(text: string, emoji = true): Inline[] {
  return withBreaks(emoji ? withEmoji(decode(text)) : decode(text));
}

function parseLines(text: string, links: boolean): Inline[] {
  const result: Inline[] = [];
  let quote: Inline[] | null = null;
  let started = false;
  for (const line of text.split('\n')) {
    const quoted = /^(?:>|&gt;)\s?(.*)$/.exec(line);
    if (quoted) {
      if (quote) {
        quote.push({ kind: 'break' });
      } else {
        quote = [];
        result.push({ kind: 'quote', children: quote });
      }
      quote.push(...parseInline(quoted[1] ?? '', links));
    } else {
      if (started && !quote) result.push({ kind: 'break' });
      quote = null;
      result.push(...parseInline(line, links));
    }
    started = true;
  }
  return result;
}

function parseInline(text: string, links: boolean): Inline[] {
  const result: Inline[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    const node = nodeOf(match.groups ?? {}, links);
    if (node === null) continue;
    result.push(leaf(text.slice(at, match.index)), node);
    at = match.index + match[0].length;
  }
  result.push(leaf(text.slice(at)));
  return result.filter((node) => node !== '');
}

function nodeOf(groups: Record<string, string | undefined>, links: boolean): Inline | null {
  const { token, code, bold, italic, strike, url } = groups;
  if (token !== undefined) return tokenNode(token);
  if (code !== undefined) return { kind: 'code', text: decode(code) };
  if (bold !== undefined) return { kind: 'bold', children: parseInline(bold, links) };
  if (italic !== undefined) return { kind: 'italic', children: parseInline(italic, links) };
  if (strike !== undefined) return { kind: 'strike', children: parseInline(strike, links) };
  if (url === undefined || !links) return null;
  return { kind: 'link', href: decode(url), children: [decode(url)] };
}

/** A token between `<` and `>`. */
function tokenNode(token: string): Inline {
  const bar = token.indexOf('|');
  const [target, label] = bar === -1 ? [token, null] : [token.slice(0, bar), decode(token.slice(bar + 1))];
  const date = /^!date\^(\d+)\^([^^]*)(?:\^(.+))?$/.exec(target);
  if (date) {
    const [, seconds, format = '', link] = date;
    const href = link === undefined ? null : safeHref(decode(link));
    return { kind: 'slack-date', seconds: Number(seconds), format, fallback: label ?? '', href };
  }
  if (target.startsWith('@')) return { kind: 'mention', of: 'user', id: target.slice(1) };
  if (target.startsWith('#')) return { kind: 'mention', of: 'channel', id: target.slice(1) };
  if (target.startsWith('!subteam^')) return { kind: 'mention', of: 'group', id: label ?? target.slice(9) };
  if (/^!(here|channel|everyone)$/.test(target)) return { kind: 'mention', of: 'everyone', id: target.slice(1) };
  const href = safeHref(decode(target));
  const shown = label ?? decode(target).replace(/^mailto:/, '');
  return href === null ? `<${decode(token)}>` : { kind: 'link', href, children: [withEmoji(shown)] };
}

function leaf(text: string): string {
  return decode(withEmoji(text));
}

function decode(text: string): string {
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}

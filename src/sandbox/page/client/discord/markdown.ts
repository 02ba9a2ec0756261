import { withEmoji } from '../text/emoji.ts';
import { type Inline, safeHref } from '../text/inline.ts';

const pattern = new RegExp(
  [
    '\\\\(?<escaped>[^\\p{L}\\p{N}\\s])',
    '(?<ticks>`+)(?<code>[^\\n]*?[^`\\n])\\k<ticks>(?!`)',
    '\\*\\*(?<bold>(?:\\\\.|[^\\\\])+?)\\*\\*(?!\\*)',
    '__(?<underline>(?:\\\\.|[^\\\\])+?)__(?!_)',
    '~~(?<strike>(?:\\\\.|[^\\\\])+?)~~',
    '\\|\\|(?<spoiler>(?:\\\\.|[^\\\\])+?)\\|\\|',
    '\\*(?<italic>(?!\\s)(?:\\\\.|[^*\\\\])+?(?<!\\s))\\*',
    '(?<![\\p{L}\\p{N}_])_(?<slanted>(?:\\\\.|[^_\\\\])+?)_(?![\\p{L}\\p{N}_])',
    '\\[(?<label>(?:\\\\.|[^\\]\\\\])+)\\]\\(<?(?<target>[^\\s()<>]+)>?(?:\\s+"[^"]*")?\\)',
    '<(?<token>@!?\\d+|@&\\d+|#\\d+|t:-?\\d+(?::[tTdDfFRsS])?|a?:\\w+:\\d+|https?://[^\\s<>]+)>',
    '(?<everyone>@everyone|@here)',
    '(?<url>https?://[^\\s<>]*[^\\s<>.,;:!?\'")\\]])',
  ].join('|'),
  'gu',
);

/** Parses Discord's markdown as its client does: blocks line by line, then inline markup. */
export function parseDiscord(text: string): Inline[] {
  return text.split(/```(?:[a-zA-Z0-9_+-]*\n)?([\s\S]+?)```/).flatMap((part, index): Inline[] => {
    if (index % 2 === 1) return [{ kind: 'pre', text: part.replace(/\n$/, '') }];
    const outer = index === 0 ? part : part.replace(/^\n/, '');
    return outer === '' ? [] : parseBlocks(outer);
  });
}

function parseBlocks(text: string): Inline[] {
  const result: Inline[] = [];
  const lines = text.split('\n');
  let broken = true;
  for (let index = 0; index < lines.length; index += 1) {
    const rest = /^>>> (.*)$/s.exec(lines.slice(index).join('\n'));
    if (rest) return [...result, { kind: 'quote', children: parseBlocks(rest[1] ?? '') }];
    const block = blockOf(lines[index] ?? '');
    const last = result.at(-1);
    if (
      block &&
      typeof block !== 'string' &&
      block.kind === 'quote' &&
      typeof last === 'object' &&
      last.kind === 'quote'
    ) {
      last.children.push({ kind: 'break' }, ...block.children);
    } else if (block) {
      result.push(block);
    } else {
      if (!broken) result.push({ kind: 'break' });
      result.push(...parseInline(lines[index] ?? ''));
    }
    broken = block !== null;
  }
  return result;
}

/** The block that a line forms, or null for running text. */
function blockOf(line: string): Inline | null {
  const quote = /^> (.*)$/.exec(line);
  if (quote) return { kind: 'quote', children: parseInline(quote[1] ?? '') };
  const subtext = /^-# (.+)$/.exec(line);
  if (subtext) return { kind: 'subtext', children: parseInline(subtext[1] ?? '') };
  const heading = /^(#{1,3}) (.+)$/.exec(line);
  if (heading) return { kind: 'heading', level: heading[1]?.length ?? 1, children: parseInline(heading[2] ?? '') };
  const item = /^( *)([-*]|\d+\.) (.+)$/.exec(line);
  if (!item) return null;
  const [, indent = '', mark = '-', content = ''] = item;
  const depth = Math.floor(indent.length / 2);
  return { kind: 'item', mark: /\d/.test(mark) ? mark : '•', depth, children: parseInline(content) };
}

/** Inline markup: all that titles of embeds and names of fields support. */
export function parseInline(text: string): Inline[] {
  const result: Inline[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    const node = nodeOf(match.groups ?? {});
    if (node === null) continue;
    result.push(withEmoji(text.slice(at, match.index)), node);
    at = match.index + match[0].length;
  }
  result.push(withEmoji(text.slice(at)));
  return result.filter((node) => node !== '');
}

function nodeOf(groups: Record<string, string | undefined>): Inline | null {
  const { escaped, code, label, target, token, everyone, url } = groups;
  if (escaped !== undefined) return escaped;
  if (code !== undefined) return { kind: 'code', text: code };
  for (const kind of ['bold', 'underline', 'strike', 'spoiler', 'italic'] as const) {
    const inner = groups[kind];
    if (inner !== undefined) return { kind, children: parseInline(inner) };
  }
  if (groups['slanted'] !== undefined) return { kind: 'italic', children: parseInline(groups['slanted']) };
  if (label !== undefined) {
    const href = safeHref(target ?? '');
    return href === null ? null : { kind: 'link', href, children: parseInline(label) };
  }
  if (token !== undefined) return tokenNode(token);
  if (everyone !== undefined) return { kind: 'mention', of: 'everyone', id: everyone.slice(1) };
  return url === undefined ? null : { kind: 'link', href: url, children: [url] };
}

function tokenNode(token: string): Inline {
  if (token.startsWith('@&')) return { kind: 'mention', of: 'group', id: token.slice(2) };
  if (token.startsWith('@')) return { kind: 'mention', of: 'user', id: token.replace(/^@!?/, '') };
  if (token.startsWith('#')) return { kind: 'mention', of: 'channel', id: token.slice(1) };
  if (token.startsWith('t:')) {
    const [, seconds, style = 'f'] = token.split(':');
    return { kind: 'discord-time', seconds: Number(seconds), style };
  }
  if (token.startsWith('http')) return { kind: 'link', href: token, children: [token] };
  return `:${token.split(':')[1] ?? ''}:`;
}

/**
 * Untrusted text in Discord’s markdown, shown character by character.
 * Tested in test/platforms/discord/render/message.test.ts.
 */
import { clip } from '../../../core/text/clip.ts';

/**
 * All characters that can begin or end markup: styles, quotes, headings, lists, links, mentions, emoji, timestamps.
 * The escaped colon keeps `https://…` from becoming a link. Discord does not show a backslash before these characters.
 */
const special = /[\\*_~`|>#+\-[\]():<@]/g;
/** `1.` begins a list; the text before this one may end in the number. */
const listDot = /(?<=^|\d)\./gm;

/** `discord.gg/abc` becomes an invitation also without `https://`. */
const inviteDot = /(?<=discord(?:app)?)\.(?=[a-z])/gi;

/** Looks like a backtick, but does not end code. */
const LOOKALIKE = 'ˋ';

export function escapeMarkdown(text: string): string {
  return text.replace(special, '\\$&').replace(listDot, '\\.').replace(inviteDot, '\\.');
}

export function bold(text: string): string {
  return text.trim() === '' ? '' : `**${escapeMarkdown(text)}**`;
}

/** One line of code inside running text. */
export function inlineCode(text: string): string {
  return text.trim() === '' ? '' : `\`${text.replaceAll('`', LOOKALIKE)}\``;
}

export function quote(text: string): string {
  return escapeMarkdown(text).replace(/^/gm, '> ');
}

/** Whether three backticks would end the code block, so that `codeBlock` replaces them. */
export function breaksOut(text: string): boolean {
  return text.includes('```');
}

/** The first line stays empty, because Discord reads a word there as the name of a language. */
export function codeBlock(text: string): string {
  return `\`\`\`\n${breaksOut(text) ? text.replaceAll('`', LOOKALIKE) : text}\n\`\`\``;
}

/**
 * The longest start of a text whose rendering fits: escaping up to doubles the length.
 * @param max UTF-16 units
 * @param cut shortens a text to a number of UTF-16 units and marks the cut
 * @returns '' if not even the mark fits
 */
export function fit(
  text: string,
  max: number,
  render: (text: string) => string,
  cut: (text: string, max: number) => string = clip,
): string {
  const whole = render(text);
  if (whole.length <= max) return whole;
  let best = '';
  let low = 0;
  let high = Math.min(text.length, Math.max(0, max));
  while (low <= high) {
    const middle = (low + high) >> 1;
    const tried = render(cut(text, middle));
    if (tried.length <= max) {
      best = tried;
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return best;
}

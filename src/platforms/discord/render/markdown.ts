/** Untrusted text in Discord's markdown: shown letter by letter, whatever it holds. */
import { clip } from '../../../core/text/text.ts';

/**
 * Everything that can begin or end a markup: styles, quotes, headings, lists, links, mentions, emoji, timestamps.
 * The colon keeps `https://…` from becoming a link. A backslash before any of these vanishes from what is shown.
 */
const special = /[\\*_~`|>#+\-[\]():<@]/g;
/** `1.` begins a list; what comes before a text may end in the number. */
const listDot = /(?<=^|\d)\./gm;

/** Looks like a backtick, and ends no code. */
const LOOKALIKE = 'ˋ';

export function escapeMarkdown(text: string): string {
  return text.replace(special, '\\$&').replace(listDot, '\\.');
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

/** Whether `codeBlock` has to change a text: three backticks would end the block. */
export function breaksOut(text: string): boolean {
  return text.includes('```');
}

/** The first line stays empty, so that no word of the text is taken for the name of a language. */
export function codeBlock(text: string): string {
  return `\`\`\`\n${breaksOut(text) ? text.replaceAll('`', LOOKALIKE) : text}\n\`\`\``;
}

/**
 * As much of a text as fits once it is rendered: escaping makes it longer, by up to twice.
 * @param cut shortens to a number of UTF-16 units, and says so in the text itself
 * @returns '' where not even its mark would fit
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

import { clip } from '../clip.ts';
import { isPlainName } from '../humanise.ts';
import { revealLine } from './reveal.ts';

/**
 * A name that others chose, in quotation marks that nothing in it can close: `“Refund bot”`. Our own texts have no such
 * marks, so that it can't be read as one of them.
 * @param max UTF-16 units, with the marks
 */
export function quoted(name: string, max: number): string {
  const inside = revealLine(name).replace(/[“”„‟❝❞〝〞]/g, '"');
  return `“${clip(inside === '' ? 'unnamed' : inside, max - 2)}”`;
}

/** The same for a key or a path in a sentence: bare where it is a plain name, `payload.amount`. */
export function quotedUnlessPlain(name: string, max: number): string {
  return isPlainName(name) ? clip(name, max) : quoted(name, max);
}

/** Cuts a text of ours with such names in it; a name that is cut keeps its closing mark. */
export function clipQuoted(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = clip(text, max - 1);
  return cut.lastIndexOf('“') > cut.lastIndexOf('”') ? `${cut}”` : cut;
}

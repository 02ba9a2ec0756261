/** A line of a card as plain text. Tested in test/core/view/line-text.test.ts. */
import { actorName } from '../approval/names.ts';
import { LAST_MOMENT } from '../text/time/parse.ts';
import type { Line, Span } from './card.ts';
import { afterAskedText } from './moments.ts';

export function spanText(span: Span): string {
  if (typeof span === 'string') return span;
  if ('person' in span) return actorName(span.person);
  if ('strong' in span) return span.strong;
  if ('code' in span) return span.code;
  // What lies beyond can be in a row that was not written here.
  return Math.abs(span.at) <= LAST_MOMENT ? new Date(span.at).toISOString() : 'an unknown time';
}

/** Introduces a moment. */
const introduction = /(?: ·|(?: first)? expires| deadline:| until) $/i;

/**
 * The same for a notification and a screen reader, which can't show a moment in the reader's own zone: a deadline is said by
 * how long after the question it is.
 */
export function noticeText(line: Line): string {
  let text = '';
  for (const span of line) {
    if (typeof span === 'object' && 'at' in span) {
      const length = afterAskedText(span);
      text = length === '' ? text.replace(introduction, '').trimEnd() : text + length;
    } else {
      const said = spanText(span);
      text += text.endsWith('.') && said.startsWith('.') ? said.slice(1) : said;
    }
  }
  return text.trim();
}

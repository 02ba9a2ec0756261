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

/** The same line without empty spans and with neighbouring texts as one span: platforms limit their number. */
export function tidyLine(line: Line): Line {
  const spans: Span[] = [];
  for (const span of line) {
    const last = spans.at(-1);
    if (span === '' || (isStrong(span) && span.strong === '')) continue;
    if (typeof span === 'string' && typeof last === 'string') spans[spans.length - 1] = last + span;
    else if (isStrong(span) && isStrong(last)) spans[spans.length - 1] = { strong: last.strong + span.strong };
    else spans.push(span);
  }
  return spans;
}

function isStrong(span: Span | undefined): span is { strong: string } {
  return typeof span === 'object' && 'strong' in span && typeof span.strong === 'string';
}

/** Introduces a moment. */
const introduction = /(?: ·|(?: first)? expires| deadline:| until| at) $/i;

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

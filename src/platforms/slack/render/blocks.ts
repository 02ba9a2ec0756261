/**
 * The elements of our messages. Untrusted text goes only into `plain_text` and rich text, which Slack does not parse: so
 * it adds no mention, link, emoji or format. Tested in test/platforms/slack/render/message.test.ts.
 */
import type { types } from '@slack/bolt';
import { actorName, inPlaceText } from '../../../core/approval/names.ts';
import { clip } from '../../../core/text/clip.ts';
import { LAST_MOMENT } from '../../../core/text/time/parse.ts';
import type { Line, Moment, NamedPerson, Span } from '../../../core/view/card.ts';
import { afterAskedText } from '../../../core/view/moments.ts';

/** Limits the JSON of a line: each span takes more characters than its text. */
const SPANS_MAX = 10;
/** About how many characters a moment is shown with. */
const MOMENT_LENGTH = 20;
/**
 * In the reader’s own zone. Assumed: no format of Slack’s counts down. Its `{ago}` is documented by examples of the past
 * only (docs.slack.dev, date element), and that clients update it is documented nowhere. So a moment is a time of day, with
 * *today* or a date, and a deadline says beside it how long after the question it is: both stay true without an edit.
 */
const MOMENT_FORMATS: Record<Moment['style'], string> = {
  relative: '{date_short_pretty} at {time}',
  // In a sentence, where `by today at` would read wrongly.
  time: '{time}',
  exact: '{date_short} at {time}',
};

export function plainText(text: string): types.PlainTextElement {
  return { type: 'plain_text', text, emoji: false };
}

/** Leaves out empty elements. */
export function richText(
  elements: readonly (types.RichTextSection | types.RichTextQuote | types.RichTextPreformatted)[],
): types.RichTextBlock[] {
  const filled = elements.filter((element) => element.elements.length > 0);
  return filled.length === 0 ? [] : [{ type: 'rich_text', elements: filled }];
}

export function richLine(line: Line): types.RichTextSection {
  return { type: 'rich_text_section', elements: line.flatMap(withLength).flatMap(richSpan) };
}

/** A point for each line. */
export function richList(lines: readonly Line[]): types.RichTextBlock[] {
  const elements = lines.map(richLine).filter((section) => section.elements.length > 0);
  return elements.length === 0
    ? []
    : [{ type: 'rich_text', elements: [{ type: 'rich_text_list', style: 'bullet', elements }] }];
}

/** Says beside a deadline how long after the question it is. */
function withLength(span: Span): Span[] {
  const length = typeof span === 'object' && 'at' in span ? afterAskedText(span) : '';
  return length === '' ? [span] : [span, `, ${length}`];
}

function richSpan(span: Span): types.RichTextElement[] {
  if (typeof span === 'string') return richTextElement(span);
  if ('person' in span) return richPerson(span);
  if ('strong' in span) return richTextElement(span.strong, { bold: true });
  if ('code' in span) return richTextElement(span.code, { code: true });
  const timestamp = seconds(span);
  const fallback = isoMinute(span);
  return timestamp === null
    ? richTextElement(fallback)
    : [{ type: 'date', timestamp, format: MOMENT_FORMATS[span.style], fallback }];
}

/** A user element shows the name as Slack’s clients do. It notifies no one in an edit, a modal or a home tab. */
function richPerson(span: NamedPerson): types.RichTextElement[] {
  const { person, strong = false } = span;
  const style = strong ? { style: { bold: true } } : {};
  if (isUser(span)) {
    const inPlace = inPlaceText(person);
    return [{ type: 'user', user_id: person.id, ...style }, ...(inPlace === '' ? [] : richTextElement(inPlace))];
  }
  return richTextElement(actorName(person), strong ? { bold: true } : undefined);
}

/** Only an ID of Slack’s own form gets into an element. */
function isUser({ person }: NamedPerson): boolean {
  return person.platform === 'slack' && /^[UW][A-Z0-9]{1,30}$/.test(person.id);
}

/** Empty for an empty text, which Slack refuses. */
export function richTextElement(text: string, style?: types.RichTextText['style']): types.RichTextText[] {
  return text === '' ? [] : [{ type: 'text', text, ...(style === undefined ? {} : { style }) }];
}

/**
 * A line as elements of a context block, which takes no rich text: text is plain, and only a moment or a user, which
 * contain nothing untrusted, are mrkdwn.
 * @param maxElements how many elements the block still takes
 */
export function contextElements(line: Line, maxElements: number): (types.PlainTextElement | types.MrkdwnElement)[] {
  const parts: (string | Moment | NamedPerson)[] = [];
  for (const span of line.flatMap(withLength)) {
    const part = isToken(span) ? span : textOf(span);
    const last = parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else parts.push(part);
  }
  // A context block already separates its elements.
  const trimmed = parts.map((part) => (typeof part === 'string' ? part.trim() : part)).filter((part) => part !== '');
  const fitting = trimmed.length <= maxElements ? trimmed : [line.map(textOf).join('')];
  return fitting.map((part) =>
    typeof part === 'string' ? plainText(part) : { type: 'mrkdwn', text: tokenOf(part), verbatim: true },
  );
}

function isToken(span: Span): span is Moment | NamedPerson {
  if (typeof span === 'string') return false;
  return 'at' in span ? seconds(span) !== null : 'person' in span && isUser(span);
}

function tokenOf(span: Moment | NamedPerson): string {
  return 'at' in span ? dateToken(span) : `<@${span.person.id}>${inPlaceText(span.person).replace(/[&<>]/g, ' ')}`;
}

export function dateToken(moment: Moment): string {
  return `<!date^${seconds(moment)}^${MOMENT_FORMATS[moment.style]}|${isoMinute(moment)}>`;
}

function textOf(span: Span): string {
  if (typeof span === 'string') return span;
  if ('person' in span) return actorName(span.person);
  if ('strong' in span) return span.strong;
  return 'code' in span ? span.code : isoMinute(span);
}

/** Shortens a line to `max` characters in total. */
export function clipLine(line: Line, max: number): Line {
  const kept: Span[] = [];
  let room = max;
  for (const span of joinedTexts(line)) {
    if (room <= 0 || kept.length === SPANS_MAX) return [...kept, '…'];
    const clipped = clipSpan(span, room);
    kept.push(clipped);
    room -= lengthOf(clipped);
  }
  return kept;
}

/** Neighbours that are plain text are one span. */
function joinedTexts(line: Line): Span[] {
  const joined: Span[] = [];
  for (const span of line) {
    const last = joined.at(-1);
    if (typeof span === 'string' && typeof last === 'string') joined[joined.length - 1] = last + span;
    else joined.push(span);
  }
  return joined;
}

function clipSpan(span: Span, max: number): Span {
  if (typeof span === 'string') return clip(span, max);
  if ('person' in span) return span;
  if ('strong' in span) return { strong: clip(span.strong, max) };
  return 'code' in span ? { code: clip(span.code, max) } : span;
}

function lengthOf(span: Span): number {
  return typeof span === 'object' && 'at' in span ? MOMENT_LENGTH : textOf(span).length;
}

/** Seconds since 1970; null for what Slack’s dates can’t show. */
function seconds({ at }: Moment): number | null {
  return at >= 0 && at <= LAST_MOMENT ? Math.floor(at / 1000) : null;
}

/** `2026-11-22 14:05 UTC`: for clients that do not format dates. */
function isoMinute({ at }: Moment): string {
  if (!(Math.abs(at) <= LAST_MOMENT)) return 'an unknown time';
  return `${new Date(at).toISOString().slice(0, -8).replace('T', ' ')} UTC`;
}

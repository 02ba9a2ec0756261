/**
 * The pieces that cards are made of. Untrusted text goes into `plain_text` and rich text only: Slack parses neither, so
 * there is no mention, link, emoji or format in it that we did not put there ourselves.
 */
import type { types } from '@slack/bolt';
import { clip } from '../../../core/text/text.ts';
import type { Line, Moment, Span } from '../../../core/view/card.ts';

/** So that no line, however many pieces it has, can fill the message by their JSON alone. */
const SPANS_MAX = 10;
/** About what a moment takes up when it is read. */
const MOMENT_LENGTH = 20;
/**
 * For both styles: Slack documents `{ago}` for the past only, and its clients do not redraw it. A time of day in the
 * reader's own zone stays right for as long as the card stands.
 */
const MOMENT_FORMAT = '{date_short_pretty} at {time}';
/** As far as JavaScript's dates go, ms. */
const LAST_MOMENT = 8.64e15;

export function plainText(text: string): types.PlainTextElement {
  return { type: 'plain_text', text, emoji: false };
}

/** One of each kind, empty ones left out. */
export function richText(
  elements: readonly (types.RichTextSection | types.RichTextQuote | types.RichTextPreformatted)[],
): types.RichTextBlock[] {
  const filled = elements.filter((element) => element.elements.length > 0);
  return filled.length === 0 ? [] : [{ type: 'rich_text', elements: filled }];
}

export function richLine(line: Line): types.RichTextSection {
  return { type: 'rich_text_section', elements: line.flatMap(richSpan) };
}

function richSpan(span: Span): types.RichTextElement[] {
  if (typeof span === 'string') return richWord(span);
  if ('strong' in span) return richWord(span.strong, { bold: true });
  if ('code' in span) return richWord(span.code, { code: true });
  const timestamp = seconds(span);
  const fallback = isoMinute(span);
  return timestamp === null ? richWord(fallback) : [{ type: 'date', timestamp, format: MOMENT_FORMAT, fallback }];
}

/** Slack refuses an empty text. */
export function richWord(text: string, style?: types.RichTextText['style']): types.RichTextText[] {
  return text === '' ? [] : [{ type: 'text', text, ...(style === undefined ? {} : { style }) }];
}

/**
 * A line as small print. A context block has no rich text, so words stay plain, and only a moment, which is ours from
 * end to end, is mrkdwn.
 * @param room how many elements may still stand in the block
 */
export function smallPrint(line: Line, room: number): (types.PlainTextElement | types.MrkdwnElement)[] {
  const runs: (string | Moment)[] = [];
  for (const span of line) {
    const piece = typeof span === 'object' && 'at' in span && seconds(span) !== null ? span : wordsOf(span);
    const last = runs.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') runs[runs.length - 1] = last + piece;
    else runs.push(piece);
  }
  // A context block sets its elements apart by itself; blanks at their edges would only add to that.
  const trimmed = runs.map((run) => (typeof run === 'string' ? run.trim() : run)).filter((run) => run !== '');
  const fits = trimmed.length <= room ? trimmed : [line.map(wordsOf).join('')];
  return fits.map((run) =>
    typeof run === 'string' ? plainText(run) : { type: 'mrkdwn', text: dateToken(run), verbatim: true },
  );
}

function dateToken(moment: Moment): string {
  return `<!date^${seconds(moment)}^${MOMENT_FORMAT}|${isoMinute(moment)}>`;
}

function wordsOf(span: Span): string {
  if (typeof span === 'string') return span;
  if ('strong' in span) return span.strong;
  return 'code' in span ? span.code : isoMinute(span);
}

/** Cut to `max` characters in all, by whole spans where it can be. */
export function clipLine(line: Line, max: number): Line {
  const kept: Span[] = [];
  let room = max;
  for (const span of line) {
    if (room <= 0 || kept.length === SPANS_MAX) return [...kept, '…'];
    const clipped = clipSpan(span, room);
    kept.push(clipped);
    room -= lengthOf(clipped);
  }
  return kept;
}

function clipSpan(span: Span, max: number): Span {
  if (typeof span === 'string') return clip(span, max);
  if ('strong' in span) return { strong: clip(span.strong, max) };
  return 'code' in span ? { code: clip(span.code, max) } : span;
}

function lengthOf(span: Span): number {
  return typeof span === 'object' && 'at' in span ? MOMENT_LENGTH : wordsOf(span).length;
}

/** Null for what Slack's dates can't show. */
function seconds({ at }: Moment): number | null {
  return at >= 0 && at <= LAST_MOMENT ? Math.floor(at / 1000) : null;
}

/** `2026-11-22 14:05 UTC`: for clients that draw no dates. */
function isoMinute({ at }: Moment): string {
  if (!(Math.abs(at) <= LAST_MOMENT)) return 'an unknown time';
  return `${new Date(at).toISOString().slice(0, -8).replace('T', ' ')} UTC`;
}

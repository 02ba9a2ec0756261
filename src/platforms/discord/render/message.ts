/** A card as the JSON of a Discord message. Pure. */
import { clip, clipMiddle } from '../../../core/text/clip.ts';
import { thousands } from '../../../core/text/numbers.ts';
import { LAST_MOMENT } from '../../../core/text/time/parse.ts';
import {
  type Button,
  type Card,
  type Line,
  type Ping,
  type PlainSpan,
  type Quote,
  signs,
  type Tone,
} from '../../../core/view/card.ts';
import { withNames } from '../../../core/view/people.ts';
import { limits } from '../api/size-limits.ts';
import { bold, breaksOut, codeBlock, escapeMarkdown, fit, inlineCode, quote } from './markdown.ts';

export type Json = Record<string, unknown>;

const colors: Record<Tone, number> = {
  open: 0x5865f2,
  danger: 0xda373c,
  claimed: 0xb98b00,
  pending: 0xb98b00,
  good: 0x248046,
  rejected: 0x80848e,
  bad: 0xe67e22,
  neutral: 0x80848e,
  warning: 0xe67e22,
};

/** Discord’s timestamp styles in the reader’s own time zone: relative, time of day, date and time. */
const momentStyles = { relative: 'R', time: 't', exact: 'f' } as const;

export const buttonStyles: Record<Button['style'], number> = { primary: 3, danger: 4, plain: 2 };

/**
 * Longest escaped parts of the description. The body gets the rest, at least 1,500 characters while the approval is
 * pending, so that no text can displace the parameters. Only a text of mostly punctuation reaches these lengths.
 */
const maxLengths = Object.freeze({
  status: 350,
  danger: 120,
  more: 60,
  asker: 560,
  /** All of them: two are shorter than one that is the question itself. */
  quotes: 1_140,
  author: 160,
  label: 64,
  cautions: 420,
  /** These are left out where the parameters need the room: *Details* has them. */
  news: 600,
  consequences: 700,
  deciders: 300,
  remark: 900,
  footer: 200,
  /** Without a body: room for what was asked and how it ended. */
  footerAlone: 480,
});

/** They wait for a person: a notification says what for. */
const noticed: ReadonlySet<Tone> = new Set(['open', 'danger']);

/** Length of what we add: separators, fences, the notes on the body. */
const EXTRA_LENGTH = 140;

/** Of the blank line between two parts, and one more. */
const SEPARATOR_LENGTH = 4;

/** No text in a card mentions anyone. */
const noMentions = { parse: [] };

/**
 * The message of a card, for a post and for an edit, which removes buttons by an empty list.
 * @param pings whom a new message mentions; its texts mention no one
 */
export function renderMessage(card: Card, pings: readonly Ping[] = []): Json {
  const [sign, color] = [signs[card.tone], colors[card.tone]];
  const title = fit(oneLine(card.title), limits.embedTitle - sign.length - 1, escapeMarkdown);
  const description = renderDescription(card);
  const summary = noticed.has(card.tone) ? fit(oneLine(card.summary), 300, escapeMarkdown) : '';
  return {
    // A notification does not show embeds. A decided card needs no notification.
    content: join(' ', [...pings.map(renderPing), summary]),
    embeds: [{ title: `${sign} ${title}`, color, ...(description === '' ? {} : { description }) }],
    components: renderRows(card.buttons),
    allowed_mentions: pings.length === 0 ? noMentions : { ...noMentions, ...mentioned(pings) },
  };
}

/** Discord has no groups, so a group is not mentioned. */
function renderPing({ kind, id }: Ping): string {
  return kind === 'group' ? '' : `<@${kind === 'role' ? '&' : ''}${id}>`;
}

function mentioned(pings: readonly Ping[]): Json {
  const idsOf = (wanted: Ping['kind']) => [...new Set(pings.filter(({ kind }) => kind === wanted).map(({ id }) => id))];
  return { users: idsOf('user'), roles: idsOf('role') };
}

function renderDescription(card: Card): string {
  const { body } = card;
  const above = [
    join('\n', [
      renderLine(card.status, maxLengths.status),
      card.danger === undefined ? '' : renderLine([{ strong: `${signs.danger} ${card.danger}` }], maxLengths.danger),
      card.more === undefined ? '' : renderLine([{ strong: `${signs.open} ${card.more}` }], maxLengths.more),
      card.asker === null ? '' : renderLine(card.asker, maxLengths.asker),
    ]),
    stack(card.quotes, maxLengths.quotes, renderQuote, '\n\n'),
  ];
  const cautions = stack(card.cautions, maxLengths.cautions, (caution, max) =>
    fit(oneLine(caution), max, (text) => `⚠️ ${escapeMarkdown(text)}`),
  );
  const below = [
    card.remark === null ? '' : renderRemark(card.remark),
    stack(card.footer, body === null ? maxLengths.footerAlone : maxLengths.footer, (line, max) =>
      prefix('-# ', oneLine(renderLine(line, max - 3))),
    ),
  ];
  const taken = [...above, cautions, ...below].join('').length + EXTRA_LENGTH;
  const shown = body === null || body.text.trim() === '' ? null : renderBody(body, limits.embedDescription - taken);
  const facts = join('\n', [shown?.text ?? '', ...(shown?.notes ?? []), cautions]);
  const room = limits.embedDescription - join('\n\n', [...above, facts, ...below]).length - SEPARATOR_LENGTH;
  return join('\n\n', [...above, facts, whatFollows(card, room), ...below]).trim();
}

/** What is new, what follows each decision, and who may decide: each whole, or not at all. */
function whatFollows({ news = [], consequences = [], deciders }: Card, max: number): string {
  const facts = stack(news, maxLengths.news, (line, room) => prefix('-# ', oneLine(renderLine(line, room - 3))));
  const happens = stack(consequences, maxLengths.consequences, (line, room) =>
    prefix('- ', oneLine(renderLine(line, room - 2))),
  );
  const who = deciders === undefined ? '' : prefix('-# ', fit(deciders.text, maxLengths.deciders, escapeMarkdown));
  const choices = [[facts, happens, who], [facts, who], [facts], [happens, who], [who]];
  return choices.map((parts) => join('\n', parts)).find((text) => text.length <= max) ?? '';
}

/** The parameters, character by character, with notes on what is cut or replaced. */
function renderBody({ label, text }: { label: string; text: string }, max: number): { text: string; notes: string[] } {
  const head = fit(oneLine(label), maxLengths.label, bold);
  const clipped = clipMiddle(text, Math.max(0, max - head.length));
  const notes = [
    ...(clipped.hidden > 0
      ? [`⚠️ ${thousands(clipped.hidden)} more characters don’t fit in Discord. Open Details before you decide`]
      : []),
    ...(breaksOut(clipped.text) ? ['⚠️ Backticks are shown as ˋ'] : []),
  ];
  return { text: join('\n', [head, codeBlock(clipped.text)]), notes };
}

/** @param max of the quote with the line that names its author */
function renderQuote({ author, text }: Quote, max: number): string {
  if (text.trim() === '') return '';
  const head = fit(oneLine(author), maxLengths.author, (words) => `${escapeMarkdown(words)}:`);
  const quoted = fit(text.trim(), max - head.length - 1, quote, (whole, room) => clipMiddle(whole, room).text);
  return quoted === '' ? '' : `${head}\n${quoted}`;
}

function renderRemark({ label, text }: { label: string; text: string }): string {
  if (text.trim() === '') return '';
  const quoted = fit(text.trim(), maxLengths.remark, quote, (whole, max) => clipMiddle(whole, max).text);
  return join('\n', [fit(oneLine(label), maxLengths.label, bold), quoted]);
}

export function renderLine(line: Line, max: number): string {
  return withNames(line)
    .reduce<string>((text, span) => text + renderSpan(span, max - text.length), '')
    .trim();
}

function renderSpan(span: PlainSpan, max: number): string {
  if (typeof span === 'string') return fit(span, max, escapeMarkdown);
  if ('strong' in span) return fit(span.strong, max, bold);
  if ('code' in span) return fit(oneLine(span.code), max, inlineCode);
  // Discord shows a later one as its code.
  const shown = Math.abs(span.at) <= LAST_MOMENT;
  const moment = `<t:${Math.floor(span.at / 1_000)}:${momentStyles[span.style]}>`;
  return fit(shown ? moment : 'an unknown time', max, String, () => '');
}

export function renderRows(buttons: readonly Pick<Button, 'id' | 'label' | 'style'>[]): Json[] {
  const shown = buttons.slice(0, limits.rows * limits.rowButtons);
  const rows = Array.from({ length: Math.ceil(shown.length / limits.rowButtons) }, (_, row) =>
    shown.slice(row * limits.rowButtons, (row + 1) * limits.rowButtons),
  );
  return rows.map((row) => ({
    type: 1,
    components: row.map(({ id, label, style }) => ({
      type: 2,
      style: buttonStyles[style],
      label: clip(label, limits.buttonLabel),
      custom_id: id,
    })),
  }));
}

/** The name of a run’s thread: plain text, so nothing is escaped. */
export function renderThreadName(title: string): string {
  return clip(oneLine(title) || 'Run', limits.threadName);
}

/** Renders items one below the other, up to `max` characters in total. */
function stack<T>(items: readonly T[], max: number, render: (item: T, max: number) => string, between = '\n'): string {
  return items.reduce<string>(
    (text, item) => join(between, [text, render(item, max - text.length - between.length)]),
    '',
  );
}

function prefix(mark: string, text: string): string {
  return text === '' ? '' : `${mark}${text}`;
}

function join(separator: string, parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(separator);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/**
 * The smallest form of a message, for a platform that refused its full form: our own words, names without anything that a
 * filter could mind, counts, and the buttons. Pure. Tested in test/core/view/cards/smallest-form.test.ts.
 */
import { toolTitle } from '../../approval/names.ts';
import type { Reason } from '../../approval/reason.ts';
import type { Shown } from '../../approval/subject.ts';
import { clip } from '../../text/clip.ts';
import { counted } from '../../text/numbers.ts';
import type { Card, CardContext, Line, Span } from '../card.ts';
import { contentOf, TITLE_MAX } from '../content/content.ts';
import { isAllSeen, smallUnseenOf } from '../content/unseen.ts';
import { noticeText } from '../line-text.ts';
import { renderCard } from './approval-card.ts';
import { count, marked, notShownText, refusedText, unseenCaution, unshowableText } from './cautions.ts';

/** Of a name in a smallest form, characters. */
const NAME_MAX = 60;
/** Neither a link, a mention nor markup can be written with these. */
const notPlain = /[^\p{L}\p{M}\p{N} \n_,:;×·…“”‘’'()–—-]+/gu;

/** Why the full form is not sent, in a few words, and which platform refused it. */
export interface Refusal {
  platform: string;
  reason: string;
}

/** A name that others wrote, with nothing left of it that could be the reason for a refusal but its words. */
export function plainName(text: string, max = NAME_MAX): string {
  return clip(plain(text).trim(), max);
}

export function smallestCard(approval: Shown, context: CardContext, refusal: Refusal): Card {
  const { backend, readFirst = true } = context;
  const { platform, reason } = refusal;
  const own = inOwnWords(approval);
  const isOpen = own.phase === 'open';
  const card = renderCard(own, context);
  const name = plainName(toolTitle({ tool: own.pause.tool, kind: own.pause.kind }, TITLE_MAX)) || 'Request';
  const title = marked(name, own);
  const unseen = smallUnseenOf(own);
  const cautions = [
    refusedText(platform, reason, 'the full card'),
    ...(isOpen
      ? [...unseenCaution(own, unseen, readFirst), ...unshowableText(own.pause, backend), ...countsOf(own, backend)]
      : []),
    ...notShownText(own),
  ];
  const readsFirst = readFirst && !isAllSeen(unseen);
  return {
    ...strip(card),
    title,
    summary: `${title}: ${noticeText(card.status)}`,
    asker: card.asker === null ? null : card.asker.map(plainSpan),
    cautions,
    buttons: card.buttons.map((one) => (one.action === 'approve' && readsFirst ? { ...one, style: 'plain' } : one)),
  };
}

/** What the full card warns of, without the names that it warns of. */
function countsOf(approval: Shown, backend: string): string[] {
  const { pause, previous } = approval;
  const { masks, hidden, lookAlikes } = contentOf(approval);
  return [
    ...(previous === null ? [] : ['Changed since it was first shown']),
    ...count(lookAlikes.length, 'word to check for its spelling', 'words to check for their spelling'),
    ...(pause.repeated === undefined ? [] : ['A key is given twice: the last value counts']),
    ...count(masks.length, 'secret value is masked', 'secret values are masked'),
    ...(hidden.length === 0 ? [] : [`${backend} hides ${counted(hidden.length, 'parameter')} from reviewers`]),
  ];
}

/** Of a note, or of a digest whose members are all decided. */
export function smallestNote(card: Card, { platform, reason }: Refusal, what: string): Card {
  const title = plainName(card.title) || 'Note';
  return {
    ...strip(card),
    title,
    summary: `${title}: ${noticeText(card.status)}`,
    cautions: [refusedText(platform, reason, what)],
  };
}

function strip(card: Card): Card {
  return {
    ...card,
    asker: null,
    quotes: [],
    body: null,
    remark: null,
    ...(card.consequences !== undefined && { consequences: card.consequences.map((line) => line.map(plainSpan)) }),
    ...(card.deciders !== undefined && { deciders: { ...card.deciders, text: plain(card.deciders.text) } }),
    // A settled card says above it what was asked.
    footer: card.footer.slice(-1).map((line): Line => line.map(plainSpan)),
  };
}

function plainSpan(span: Span): Span {
  if (typeof span === 'string') return plain(span);
  if ('person' in span) return span;
  if ('strong' in span) return { strong: plain(span.strong) };
  return 'code' in span ? { code: plain(span.code) } : span;
}

function plain(text: string): string {
  return text.replace(notPlain, ' ').replace(/ {2,}/g, ' ');
}

/** Without what a backend or a person wrote about it. */
function inOwnWords(approval: Shown): Shown {
  const { detail, unreachable, continuation } = approval;
  const named = continuation?.text ?? null;
  return {
    ...approval,
    detail: ownReason(detail),
    unreachable: unreachable === null ? null : { code: 'no_answer' },
    // What a run from chat waits for.
    continuation: continuation === null || named === null ? continuation : { ...continuation, text: plainName(named) },
  };
}

function ownReason(reason: Reason | null): Reason | null {
  return reason?.code === 'text' ? null : reason;
}

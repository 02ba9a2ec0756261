/** A digest: one card for several approvals that are alike, with a line for each. Pure. */

import { canBeDecided, canLeaveDigest, type Digest, isInDigest, ruleKey } from '../../../approval/digest.ts';
import { askerPhrase } from '../../../approval/names.ts';
import { joined } from '../../../approval/signers.ts';
import { policyEndOf } from '../../../approval/steps/time/expiry.ts';
import type { Shown } from '../../../approval/subject.ts';
import { encodeButtonId, type SharedAction } from '../../button-id.ts';
import { type Button, type Card, type CardContext, type Clause, type Line, type Span, signs } from '../../card.ts';
import { contentOf } from '../../content/content.ts';
import { quotesOf } from '../../content/quotes.ts';
import { noticeText } from '../../line-text.ts';
import { isHeldBack, stoppedStatus } from '../../operators/stopped.ts';
import { timelineOf } from '../../policy/timeline.ts';
import { noveltyLines, noveltyNote } from '../../precedents/novelty-lines.ts';
import { count, hiddenText, lookAlikeText } from '../cautions.ts';
import { consequenceLine, consequenceLines, toolCode } from '../consequences.ts';
import { decidersOf } from '../deciders.ts';
import { nameOf } from '../signing/rule-line.ts';
import { statusOf } from '../status/line.ts';
import { linesOf, REASON_MARK, roomOf, sharedOf } from './lines.ts';
import { isUndelivered, stateOf, statusLine, toneOf } from './states.ts';
import { briefsOf, digestHeadline, textsOf } from './texts.ts';

/** Of a line, characters, once all of them are settled. */
const OVER_LINE_MAX = 90;

export function renderDigest(digest: Digest<Shown>, { backend, consequences, deciders, stop }: CardContext): Card {
  const staying = digest.members.filter((member) => isInDigest(member, digest.id));
  const [first] = staying.length > 0 ? staying : digest.members;
  if (first === undefined) throw new Error(`digest ${digest.id} has no members`);
  const buttons = buttonsOf(digest);
  const over = buttons.every(({ action }) => action === 'details');
  const texts = textsOf(digest);
  const sharesReason = over || sharedOf(digest.members, 'reason');
  const requests = linesOf(digest, {
    sharesReason,
    max: over ? OVER_LINE_MAX : roomOf(texts),
    signOf: (member) => (isInDigest(member, digest.id) ? signs[statusOf(member, backend).tone] : signs.neutral),
  });
  const title = digestHeadline(digest);
  const states = new Set(digest.members.map((member) => stateOf(member, digest.id)));
  const isDoubtful = staying.some(isUndelivered);
  const alike = over && states.size === 1 && staying.length > 0 && !isDoubtful;
  const status = alike ? [{ strong: `${digest.members.length} ${[...states].join()}.` }] : statusLine(digest, backend);
  const isWaiting = staying.some((member) => isHeldBack(member));
  const shown =
    stop != null && isWaiting
      ? stoppedStatus(status, first.askedAt, stop)
      : { tone: toneOf(digest, backend), line: status };
  const descriptions = new Set(staying.map(({ pause }) => pause.description));
  const unlike = [
    ...(descriptions.size > 1 ? (['description'] as const) : []),
    ...(sharesReason ? [] : (['reason'] as const)),
  ];
  return {
    tone: shown.tone,
    title,
    summary: `${title}: ${noticeText(shown.line)}`,
    status: shown.line,
    asker: over ? null : askerLine(first, digest, backend),
    quotes: over ? [] : quotesOf(first, backend, unlike),
    body: alike ? null : { label: 'Requests', text: requests.text },
    cautions: over ? [] : cautionsOf(staying, requests.cut, sharesReason, backend),
    ...newsOf(staying),
    ...decidedText(digest, { consequences, deciders }),
    remark: null,
    footer: [...(alike ? [[briefsOf(texts)]] : []), footerOf(first, staying, backend, over)],
    buttons,
    // In a thread, who looks at the room must not miss it.
    ...(staying.some(({ phase }) => phase === 'open') && { broadcast: 'new' }),
    ...(isDoubtful && { broadcast: 'always' }),
  };
}

/** How many of those that wait have what is new about them on their lines. */
function newsOf(staying: readonly Shown[]): Pick<Card, 'news'> {
  const waiting = staying.filter(({ phase }) => phase === 'open');
  const [first] = waiting;
  if (first !== undefined && waiting.every(({ novelty }) => novelty?.seen === 0)) return { news: noveltyLines(first) };
  const counts = new Map<string, number>();
  for (const member of waiting) {
    const note = noveltyNote(member);
    if (note !== '') counts.set(note, (counts.get(note) ?? 0) + 1);
  }
  if (counts.size === 0) return {};
  const all = [...counts].map(([note, count]) => `${note} ${count}`).join(', ');
  return { news: [[`Compared with what was approved before: ${all}. Details says it of each.`]] };
}

/** What follows a decision, where the same follows each, and who may decide. */
function decidedText(
  { id, members }: Digest<Shown>,
  { consequences, deciders }: Pick<CardContext, 'consequences' | 'deciders'>,
): Pick<Card, 'consequences' | 'deciders'> {
  const waiting = members.filter((member) => canBeDecided(member, id));
  const [first] = waiting;
  if (first === undefined) return {};
  // One is taken over from its own message.
  const { take_over: _, silence, ...decisions } = consequences ?? { silence: null };
  const lines = consequenceLines(first, { ...decisions, silence: null });
  return {
    ...withTimes(lines.length > 0 ? [...lines, ...silenceOf(waiting, silence)] : [], waiting),
    ...(deciders !== undefined && { deciders: underOneRule(waiting) ?? decidersOf(deciders, first) }),
  };
}

/** Null where one rule says it of all of them. A rule may have changed since they were grouped. */
function underOneRule(waiting: readonly Shown[]): Card['deciders'] | null {
  const keys = new Set(waiting.map(ruleKey));
  if (keys.size < 2) return null;
  const names = [...new Set(waiting.flatMap(({ requirement }) => (requirement ? [`“${nameOf(requirement)}”`] : [])))];
  const text = `These requests are under different rules (${joined(names)}). Split up shows who may decide each.`;
  return { text, key: [...keys].join() };
}

/** The times are those of the first: one rule, and questions that came together. */
function withTimes(lines: readonly Line[], waiting: readonly Shown[]): Pick<Card, 'consequences'> {
  const rules = new Set(waiting.map(ruleKey));
  const [first] = [...waiting].sort((one, other) => one.askedAt - other.askedAt);
  const times = first === undefined || rules.size > 1 ? null : timelineOf(first);
  const all = [...lines, ...(times === null ? [] : [times])];
  return all.length === 0 ? {} : { consequences: all };
}

/** Said where it is the same for each. Each has its own deadline: the status line has the first. */
function silenceOf(waiting: readonly Shown[], silence: Clause | null): Line[] {
  if (silence === null || waiting.some((member) => policyEndOf(member)?.end === 'reject')) return [];
  if (waiting.every(({ pause }) => pause.deadline === null)) return [consequenceLine('nobody decides', silence)];
  const isTimed = waiting.every(({ pause, overdue }) => pause.deadline !== null && !overdue);
  return isTimed ? [consequenceLine('nobody decides', silence, [' in time, '])] : [];
}

function askerLine(first: Shown, { members }: Digest<Shown>, backend: string): Line {
  const requests = members.length === 1 ? ' request' : ' requests';
  return [{ strong: askerPhrase(first, backend) }, ` has ${members.length} `, toolCode(first.pause), requests];
}

function cautionsOf(staying: readonly Shown[], cut: number, sharesReason: boolean, backend: string): string[] {
  const contents = staying.map(contentOf);
  const masked = contents.reduce((sum, { masks }) => sum + masks.length, 0);
  const hidden = new Set(contents.flatMap(({ hidden }) => hidden));
  const lookAlikes = new Map(contents.flatMap(({ lookAlikes }) => lookAlikes.map((one) => [one.text, one])));
  const claims = sharesReason
    ? 0
    : staying.filter(({ phase, pause }) => phase === 'open' && pause.reason !== null).length;
  return [
    ...count(cut, 'line is shortened: open Details', 'lines are shortened: open Details'),
    ...count(masked, 'secret value is masked', 'secret values are masked'),
    ...hiddenText([...hidden], backend),
    ...lookAlikeText([...lookAlikes.values()]),
    ...(claims === 0 ? [] : [`${REASON_MARK.trim()} is what the agent writes (unverified)`]),
  ];
}

function footerOf(first: Shown, staying: readonly Shown[], backend: string, over: boolean): Line {
  const line: Span[] = [...(over ? [`${askerPhrase(first, backend)} · `] : []), `${backend} · first asked `];
  line.push({ at: Math.min(first.askedAt, ...staying.map(({ askedAt }) => askedAt)), style: 'relative' });
  return line;
}

function buttonsOf({ id, members }: Digest<Shown>): Button[] {
  const button = (action: Button['action'], label: string, style: Button['style']): Button => ({
    id: encodeButtonId({ approvalId: id, action, fingerprint: '0' }),
    action,
    label,
    style,
  });
  const shared = (action: SharedAction, label: string, style: Button['style']) => button(action, label, style);
  const deciding = members.some((member) => canBeDecided(member, id))
    ? [shared('approve_several', 'Approve…', 'primary'), shared('reject_several', 'Reject…', 'danger')]
    : [];
  const alone = members.some((member) => isInDigest(member, id) && canLeaveDigest(member))
    ? [shared('one_by_one', 'Split up', 'plain')]
    : [];
  return [...deciding, ...alone, button('details', 'Details', 'plain')];
}

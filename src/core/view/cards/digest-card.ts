/** A digest: one card for several approvals that are alike, with a line for each. Pure. */

import type { Approval } from '../../approval/approval.ts';
import { canBeDecided, canBeReleased, type Digest, isStaying } from '../../approval/digest.ts';
import { actorName, askerName, NAME_MAX, shown, toolTitle } from '../../approval/names.ts';
import { maskValue } from '../../text/mask.ts';
import { parametersColumns } from '../../text/parameters.ts';
import { clip, clipEnds, revealLine, thousands } from '../../text/text.ts';
import { encodeButtonId, type SharedAction } from '../button-id.ts';
import { type Button, type Card, type Line, type Span, signs, spanText, type Tone } from '../card.ts';
import { briefOf } from './approval-card.ts';
import { changeLines } from './changes.ts';
import { isDangerous } from './danger.ts';
import { statusOf } from './status.ts';

const TITLE_MAX = 120;
const DESCRIPTION_MAX = 300;
/** As many lines as a bundle has members, and two above them, fit a card's body on both platforms. */
const LINE_MAX = 104;
/** Once nobody can do anything about any of it. */
const OVER_LINE_MAX = 90;
const WHO_MAX = 24;
const WAITING = 'waiting';
/** Of an item's question: more than a line shows. */
const QUESTION_MAX = 300;
/** Of all that it was about, on one small line; each has its share of it, and enough to be known again. */
const BRIEF_MAX = 240;
const LEAST_BRIEF = 9;

/** @param backend the backend's name for people */
export function renderDigest(bundle: Digest, backend: string): Card {
  const staying = bundle.members.filter((member) => isStaying(member, bundle.id));
  const [first] = staying.length > 0 ? staying : bundle.members;
  if (first === undefined) throw new Error(`bundle ${bundle.id} has no members`);
  const buttons = buttonsOf(bundle);
  const over = buttons.every(({ action }) => action === 'details');
  const texts = textsOf(bundle);
  const lines = linesOf(bundle, texts, backend, over ? OVER_LINE_MAX : LINE_MAX);
  const above = texts.above.map((line) => ({ text: clipEnds(line, LINE_MAX), cut: line.length > LINE_MAX }));
  const title = digestTitle(bundle);
  const states = new Set(bundle.members.map((member) => stateOf(member, bundle.id)));
  const alike = over && states.size === 1 && staying.length > 0;
  const status = alike ? [{ strong: `${bundle.members.length} ${[...states].join()}.` }] : statusLine(bundle, backend);
  const descriptions = new Set(staying.map(({ pause }) => pause.description));
  const description = over || descriptions.size > 1 ? null : first.pause.description;
  return {
    tone: toneOf(bundle, backend),
    title,
    summary: `${title}: ${status.map(spanText).join('')}`,
    status,
    asker: over ? null : askerLine(first, bundle, backend),
    description: description === null ? null : shown(description, DESCRIPTION_MAX),
    claim: null,
    body: alike ? null : { label: 'Requests', text: [...above, ...lines].map(({ text }) => text).join('\n') },
    cautions: over ? [] : cautionsOf(staying, [...above, ...lines].filter(({ cut }) => cut).length, backend),
    remark: null,
    footer: [...(alike ? [[briefsOf(texts)]] : []), footerOf(first, staying, backend, over)],
    buttons,
    // In a thread, who looks at the room must not miss it.
    ...(staying.some(({ outcome }) => outcome === 'failed' || outcome === 'unconfirmed') && { loud: true }),
  };
}

/** `12 × Refund order` */
export function digestTitle({ members }: Pick<Digest, 'members'>): string {
  const [first] = members;
  const what = first === undefined ? 'Requests' : toolTitle(first.pause, TITLE_MAX - 5);
  return `${members.length} × ${what}`;
}

/** What each of them is about. */
export interface DigestTexts {
  /** What goes for all of them, above their lines: what they share, and what the values of each are called. */
  above: readonly string[];
  /** Of each, on one line, in whole. */
  each: readonly string[];
}

/** Masked and made visible. What is the same everywhere is said once, so that what differs is seen. */
export function textsOf({ members }: Pick<Digest, 'members'>): DigestTexts {
  const asked = members.every(({ pause }) => pause.kind !== 'item' || pause.description === null);
  const values = members.map(({ pause }) => maskValue(pause.parameters, pause.hidden).value);
  const columns = asked ? parametersColumns(values) : null;
  if (columns === null) return { above: [], each: members.map(wholeText) };
  const { same, heading, lines } = columns;
  const above = [...(same === '' ? [] : [`All: ${same}`]), heading];
  return { above: above.map(revealLine), each: lines.map(revealLine) };
}

function wholeText({ pause }: Approval): string {
  const question = pause.kind === 'item' && pause.description !== null ? [shown(pause.description, QUESTION_MAX)] : [];
  return revealLine([...question, briefOf(pause)].filter((part) => part !== '').join(' · ')) || 'no parameters';
}

/** Where it stands, in a word or two. Nothing here may be truer than what the backend has said. */
export function stateOf(member: Approval, bundleId: string): string {
  if (!isStaying(member, bundleId)) return 'on its own card';
  const { phase, holder, decision, outcome } = member;
  const who = decision === null ? 'somebody' : clip(actorName(decision.actor), WHO_MAX);
  const did =
    decision === null
      ? 'decided'
      : { approve: 'approved', reject: 'rejected', take_over: 'taken over' }[decision.action];
  if (phase === 'open')
    return holder === null ? openState(member) : `taken over by ${clip(actorName(holder.actor), WHO_MAX)}`;
  if (phase === 'decided' || phase === 'sending') return `${did} by ${who}, sending`;
  switch (outcome) {
    case 'approved':
    case 'rejected':
    case 'answered':
      return `${outcome} by ${who}`;
    case 'taken_over':
      return `taken over by ${who}`;
    case 'decided_elsewhere':
      return 'decided elsewhere';
    case 'unconfirmed':
      return `${did} by ${who}, unconfirmed`;
    case 'failed':
      return `${did} by ${who}, not delivered`;
    default:
      return outcome ?? 'over';
  }
}

/** Whoever has read its line before must see that it is not as it was; a card of its own, and *Details*, say how. */
function openState(member: Approval): string {
  const { previous, pause, detail } = member;
  if (isDangerous(member)) return 'dangerous';
  if (previous !== null && changeLines(previous, pause).length > 0) return 'changed';
  return detail === null ? WAITING : 'see Details';
}

/** What is unusual about one that waits; empty for most. */
export function noteOf(member: Approval, bundleId: string): string {
  const state = stateOf(member, bundleId);
  return state === WAITING ? '' : state;
}

function briefsOf({ each }: DigestTexts): string {
  const share = Math.max(LEAST_BRIEF, Math.floor(BRIEF_MAX / each.length) - ' | '.length);
  return each.map((text) => clip(text, share)).join(' | ');
}

interface MemberLine {
  text: string;
  /** It says less than there is. */
  cut: boolean;
}

function linesOf({ id, members }: Digest, texts: DigestTexts, backend: string, max: number): MemberLine[] {
  return members.map((member, index) => {
    const sign = isStaying(member, id) ? signs[statusOf(member, backend).tone] : signs.neutral;
    const head = `${sign} ${index + 1}. `;
    const note = noteOf(member, id);
    // That it waits its sign says, as the title's does, and the count of them: the word would only wrap every line.
    const tail = note === '' ? '' : ` · ${note}`;
    const whole = texts.each[index] ?? '';
    const room = max - head.length - tail.length;
    return { text: `${head}${clipEnds(whole, room)}${tail}`, cut: whole.length > room };
  });
}

/** How many stand where, in the order in which a person cares. */
function statusLine(bundle: Digest, backend: string): Line {
  const groups = new Map<string, number>();
  for (const member of bundle.members) {
    const word = groupOf(member, bundle.id);
    groups.set(word, (groups.get(word) ?? 0) + 1);
  }
  const waiting = groups.get(WAITING) ?? 0;
  groups.delete(WAITING);
  const ranks = [...groups].sort(([one], [other]) => rankOf(one) - rankOf(other));
  const others = ranks.map(([word, count]) => `${count} ${word}`).join(' · ');
  const reach = bundle.members.some(({ phase, unreachable }) => phase === 'open' && unreachable !== null)
    ? ` ${backend} can’t be reached at the moment; a press is kept, and sent as soon as it can be.`
    : '';
  if (waiting === 0) return [{ strong: `${others}.` }, reach];
  const strong = waiting === 1 ? '1 waits for a decision.' : `${waiting} wait for a decision.`;
  return [{ strong }, others === '' ? '' : ` ${others}.`, reach];
}

const ALONE = 'shown apart';
const ranked = ['taken over', 'sending', 'not delivered', 'unconfirmed'];

/** First what somebody may have to look at; last what is shown elsewhere. */
function rankOf(group: string): number {
  if (group === ALONE) return Number.MAX_SAFE_INTEGER;
  const at = ranked.indexOf(group);
  return at < 0 ? ranked.length : at;
}

function groupOf(member: Approval, bundleId: string): string {
  if (!isStaying(member, bundleId)) return ALONE;
  if (member.phase === 'open') return member.holder === null ? WAITING : 'taken over';
  if (member.phase !== 'settled') return 'sending';
  const { outcome } = member;
  if (outcome === 'failed') return 'not delivered';
  return (outcome ?? 'over').replaceAll('_', ' ');
}

function toneOf({ id, members }: Digest, backend: string): Tone {
  const staying = members.filter((member) => isStaying(member, id));
  const tones = new Set(staying.map((member) => statusOf(member, backend).tone));
  const most = (['open', 'pending', 'warning'] as const).find((tone) => tones.has(tone));
  const [only = 'neutral'] = tones;
  return most ?? (tones.size === 1 ? only : 'neutral');
}

function askerLine(first: Approval, { members }: Digest, backend: string): Line {
  const times = members.length === 1 ? 'once' : `${members.length} times`;
  const tool = { code: clip(revealLine(toolTitle(first.pause, NAME_MAX)), NAME_MAX) };
  return [{ strong: askerName(first, backend) }, ` asks ${times} for `, tool];
}

function cautionsOf(staying: readonly Approval[], cut: number, backend: string): string[] {
  const sums = { masked: 0, omitted: 0 };
  for (const { pause } of staying) {
    const { masked, omitted } = maskValue(pause.parameters, pause.hidden);
    sums.masked += masked;
    sums.omitted += omitted;
  }
  const claims = staying.filter(({ pause }) => pause.claim !== null).length;
  const count = (number: number, one: string, many: string) =>
    number === 0 ? [] : [number === 1 ? `1 ${one}` : `${thousands(number)} ${many}`];
  return [
    ...count(cut, 'line is cut: Details shows all of it', 'lines are cut: Details shows all of them'),
    ...count(sums.masked, 'secret value is masked', 'secret values are masked'),
    ...count(sums.omitted, `parameter is kept hidden by ${backend}`, `parameters are kept hidden by ${backend}`),
    ...count(claims, 'has a reason given by the agent: see Details', 'have a reason given by the agent: see Details'),
  ];
}

function footerOf(first: Approval, staying: readonly Approval[], backend: string, over: boolean): Line {
  const line: Span[] = [...(over ? [`${askerName(first, backend)} · `] : []), `${backend} · first asked `];
  line.push({ at: Math.min(first.createdAt, ...staying.map(({ createdAt }) => createdAt)), style: 'relative' });
  const deadlines = staying.flatMap(({ phase, pause }) => (phase === 'open' ? (pause.deadline ?? []) : []));
  if (deadlines.length > 0) line.push(' · first expires ', { at: Math.min(...deadlines), style: 'relative' });
  return line;
}

function buttonsOf({ id, members }: Digest): Button[] {
  const button = (action: Button['action'], label: string, style: Button['style']): Button => ({
    id: encodeButtonId({ approvalId: id, action, shown: '0' }),
    action,
    label,
    style,
  });
  const shared = (action: SharedAction, label: string, style: Button['style']) => button(action, label, style);
  const deciding = members.some((member) => canBeDecided(member, id))
    ? [shared('approve_several', 'Approve several', 'primary'), shared('reject_several', 'Reject several', 'danger')]
    : [];
  const alone = members.some((member) => isStaying(member, id) && canBeReleased(member))
    ? [shared('one_by_one', 'Show one by one', 'plain')]
    : [];
  return [...deciding, ...alone, button('details', 'Details', 'plain')];
}

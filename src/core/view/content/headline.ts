/**
 * What is asked, about what, and how much, on one line: `Refund order A-1009 · 42.50 EUR · Mara Lindqvist`. The first line of
 * a card, a notification, a thread and a list. Our own are only the words of the tool’s name, `·`, `to` and `from`; a value that
 * is not plainly an ID, an amount or a name is in quotation marks. Pure. Tested in test/core/view/content/headline.test.ts.
 */
import { toolTitle } from '../../approval/names.ts';
import type { Subject } from '../../approval/subject.ts';
import { MASK } from '../../mask/mask.ts';
import { wordsOf } from '../../mask/names.ts';
import { maskText } from '../../mask/text.ts';
import { maskParameters } from '../../mask/value.ts';
import { clip, clipEnds } from '../../text/clip.ts';
import { humanise, isPlainName } from '../../text/humanise.ts';
import { isNumber, isScalar, numberText } from '../../text/json.ts';
import { thousands } from '../../text/numbers.ts';
import { clipQuoted, quoted } from '../../text/visible/quoted.ts';
import { revealLine } from '../../text/visible/reveal.ts';
import { type Leaf, leavesOf } from './facts/leaves.ts';
import { amountOf, currencyBeside } from './facts/money.ts';
import { isPlainValue, isRightToLeft, plainOrQuoted, readsLikeState } from './facts/plain-value.ts';
import { nounsOf, type Ranked, rankedOf } from './facts/roles.ts';

/** UTF-16 units: what the name of a thread or of a forum’s post can have on Discord, so that all of them are the same. */
export const HEADLINE_MAX = 100;
const BETWEEN = ' · ';
const FACTS_MAX = 4;
/** Facts beyond this number are only on a short line. */
const USUAL = 3;
const SHORT_LINE = 76;
/** Of one fact, characters. */
const FACT_MAX = 60;
/** Of a list that is written out. */
const LIST_MAX = 40;
/** A text is not begun where fewer characters are left for it. */
const TEXT_MIN = 16;
/** Facts that rank lower are only on a line that says hardly anything else. */
const WORTH_SAYING = 45;
const WORTH_A_FOURTH = 68;

/** Of an account or a card: our own mask, with the digits that it leaves. */
const lastFour = /^•{6} [\dA-Za-z]{4}$/;

interface Fact {
  text: string;
  /** It follows the words without a mark between them: `Refund order A-1009`. */
  joins: boolean;
}

/** @param max UTF-16 units */
export function headlineOf(pause: Subject, max = HEADLINE_MAX): string {
  if (pause.kind === 'run' || pause.kind === 'note') return toolTitle(pause, max);
  if (pause.prompt !== undefined) return promptLine(pause, pause.prompt.text, max);
  const question = pause.kind === 'item' && pause.description !== null ? pause.description : '';
  // In an inbox of questions the question is all there is to say.
  if (question !== '' && pause.tool.toLowerCase() === 'question') return asked(question, max);
  return fit(toolTitle(pause, max), [...factsOf(pause), ...questionFact(question)], max);
}

/** A question, in quotation marks. */
function asked(question: string, max: number): string {
  return quoted(maskText(question).value, max);
}

function questionFact(question: string): Fact[] {
  return question === '' ? [] : [{ text: asked(question, FACT_MAX), joins: false }];
}

/** Its first line is what is asked, where the title does not say it. */
function promptLine(pause: Subject, text: string, max: number): string {
  const title = toolTitle(pause, max);
  const lines = revealedLines(text);
  const [first = ''] =
    lines.length > 1 && /(?:”|“) asks:$|^“[^”]*” asks:$/.test(lines[0] ?? '') ? lines.slice(1) : lines;
  // Our own number of the first of several questions.
  const question = first.replace(/^Question 1\. /, '');
  const bare = (line: string) => line.replace(/[“”"\s]+/g, ' ').trim();
  if (first === '' || bare(title).includes(bare(first).slice(0, 40))) return title;
  return fit(title, [{ text: quoted(question, FACT_MAX), joins: false }], max);
}

function revealedLines(text: string): string[] {
  return maskText(text)
    .value.split('\n')
    .map(revealLine)
    .filter((line) => line !== '');
}

/** As many as fit; the last one is cut where it is a text in quotation marks. */
function fit(words: string, facts: readonly Fact[], max: number): string {
  let line = clip(words, max);
  let count = 0;
  for (const { text, joins } of facts) {
    const mark = joins ? ' ' : BETWEEN;
    const room = (count < USUAL ? max : Math.min(max, SHORT_LINE)) - line.length - mark.length;
    if (text.length > room && (room < TEXT_MIN || (count > 0 && !text.includes('“')))) continue;
    line += mark + (text.length <= room ? text : text.includes('“') ? clipQuoted(text, room) : clipEnds(text, room));
    count += 1;
  }
  return line;
}

interface Known {
  leaf: Leaf;
  ranked: Ranked;
}

/** The object first, then how much, then who and where. */
function factsOf(pause: Subject): Fact[] {
  const leaves = leavesOf(maskParameters(pause).value);
  const nouns = nounsOf(pause.tool);
  const known = leaves.map((leaf): Known => ({ leaf, ranked: rankedOf(leaf, nouns) }));
  const best = known
    .filter(({ ranked }) => ranked.role !== 'currency')
    .sort((one, other) => other.ranked.rank - one.ranked.rank);
  const own = best.find(({ ranked }) => ranked.role === 'object');
  const object = own ?? best.find(({ ranked }) => ranked.role === 'thing');
  const amount = best.find(({ ranked }) => ranked.role === 'amount');
  const chosen: Known[] = [object, amount].filter((one) => one !== undefined);
  const said = (one: Known) => factOf(one, leaves, nouns);
  // `Deploy checkout`: where the name is a verb alone, the first thing follows it.
  const isVerb = wordsOf(pause.tool).length === 1;
  const facts = chosen.flatMap((one) =>
    said(one).map((fact) => (isVerb && one === object ? { ...fact, joins: true } : fact)),
  );
  for (const one of best) {
    if (facts.length >= FACTS_MAX) break;
    const { role, rank } = one.ranked;
    if (facts.length >= USUAL && rank < WORTH_A_FOURTH) break;
    if (chosen.includes(one) || role === 'amount') continue;
    if (rank < WORTH_SAYING && facts.length > (role === 'remark' ? 0 : 1)) continue;
    const [fact] = said(one);
    if (fact !== undefined && !facts.some(({ text }) => text === fact.text)) facts.push({ ...fact, joins: false });
  }
  // What is read from right to left is last: it would move the digits behind it.
  const first = facts.filter(({ text }) => !isRightToLeft(text));
  const last = facts.filter(({ text }) => isRightToLeft(text));
  return [...first, ...last.map((fact) => ({ ...fact, joins: false }))];
}

function factOf({ leaf, ranked }: Known, leaves: readonly Leaf[], nouns: ReadonlySet<string>): Fact[] {
  const { role, side, words } = ranked;
  const { value, path } = leaf;
  if (role === 'amount') {
    const { text, needsName } = amountOf(leaf, leaves, words);
    return needsName ? named(path, text) : [{ text, joins: false }];
  }
  if (!isScalar(value)) return listFact(path, value, side);
  if (typeof value === 'boolean') return named(path, String(value));
  const currency = isNumber(value) && mayBeAmount(ranked, path) ? currencyBeside(leaf, leaves) : null;
  const text = isNumber(value) ? `${numberText(value)}${currency === null ? '' : ` ${currency}`}` : value;
  // All of it is hidden: only whose it is would be left.
  if (text.startsWith(MASK)) return role === 'party' && lastFour.test(text) ? named(path, text) : [];
  const shown = isNumber(value) ? text : plainOrQuoted(text, FACT_MAX);
  if (role === 'object') return [{ text: shown, joins: joinsWords(ranked, nouns) }];
  if (side !== null) return [{ text: `${side} ${shown}`, joins: false }];
  const saysItself =
    role === 'party' ||
    role === 'thing' ||
    role === 'text' ||
    (role === 'scope' && !/^\d(?!\d{3}-\d\d-\d\d|\d?:\d\d)/.test(text));
  return saysItself && !isNumber(value) && !/^(?:true|false|null)$/.test(text)
    ? [{ text: shown, joins: false }]
    : named(path, shown);
}

/** Its name does not deny it: `from`, `to`, and a name of letters that are not known here. */
function mayBeAmount({ side }: Ranked, path: readonly string[]): boolean {
  return side !== null || wordsOf(path.at(-1) ?? '').length === 0;
}

function joinsWords({ rank, words }: Ranked, nouns: ReadonlySet<string>): boolean {
  return (
    rank >= 70 &&
    (words.some((word) => nouns.has(word)) || /^(?:id|key|name|slug|number|code|title|uuid)$/.test(words.join()))
  );
}

/** A list is its items where they are few and short, else how many they are. */
function listFact(path: readonly string[], items: readonly unknown[], side: Ranked['side']): Fact[] {
  const texts = items.map((item) => (isNumber(item) ? numberText(item) : item));
  const areShort = texts.length <= LIST_MAX && texts.every((text) => typeof text === 'string' && isPlainValue(text));
  const all = areShort ? texts.join(', ') : '';
  if (areShort && all.length <= LIST_MAX)
    return side === null ? named(path, all) : [{ text: `${side} ${all}`, joins: false }];
  const name = nameOf(path);
  return name === null ? [] : [{ text: `${thousands(items.length)} ${name}`, joins: false }];
}

/** `replicas 3`; nothing where the name could be taken for words of ours. */
function named(path: readonly string[], text: string): Fact[] {
  const name = nameOf(path);
  return name === null ? [] : [{ text: `${name} ${text}`, joins: false }];
}

const NAME_MAX = 32;

function nameOf(path: readonly string[]): string | null {
  const own = path.at(-1) ?? '';
  const isWrapper = /^(?:value|name|id|text|val|number|code)$/i.test(own) && path.length > 1;
  const names = isWrapper ? path.slice(-2) : [own];
  if (!names.every((name) => isPlainName(name) && maskText(name).value === name && !readsLikeState(name))) return null;
  const text = names.map((name) => lower(humanise(name))).join(' ');
  return text.length > NAME_MAX ? null : text;
}

/** `Replicas` → `replicas`; an abbreviation keeps its capitals. */
function lower(text: string): string {
  return /^\p{Lu}\p{Lu}/u.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

/**
 * A value of others as it reads among our own words: bare where it is an ID, an address or a name, else in quotation marks.
 * Nothing bare can be taken for a state, a time or an instruction of ours. Tested in test/core/view/content/headline.test.ts.
 */
import { lookOf } from '../../../text/visible/look.ts';
import { quoted } from '../../../text/visible/quoted.ts';
import { revealLine } from '../../../text/visible/reveal.ts';

const looks = (words: string) => words.split(/\s+/).map(lookOf);

/** Beginnings of words that cards use for states and for who decides. */
const stateWords = looks(
  `approv reject declin denied allowe authori answered cancel expir withdr decid decision danger harmless overdue deadline
  confirm unconfirm verif unverif trusted countersign reviewe unreachable reminder`,
);
/** Whole words of that kind; they begin other words, too. */
const wholeWords = new Set(
  looks(
    `deny allow grant answer safe claim claimed complete completed finished failed failure deliver delivered recorded urgent
    wait waits waiting need needs required done ok okay yes no not never nothing already must press click warning caution
    error masked hidden review left min mins minute minutes hour hours second seconds until ago pending settled changed
    taken took sent sending ignore everyone nobody anyone elsewhere started starting running question`,
  ),
);

/** Whether a word of it reads like a state of ours, in any case and in letters that only look alike. */
export function readsLikeState(text: string): boolean {
  return wordsIn(text).some((word) => stateWords.some((own) => word.startsWith(own)));
}

/** The same, or like any other word with which a card says what is so and what to do. */
export function readsLikeOurs(text: string): boolean {
  return readsLikeState(text) || wordsIn(text).some((word) => wholeWords.has(word));
}

function wordsIn(text: string): string[] {
  const apart = text.replace(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/gu, ' ');
  return apart.split(/[^\p{L}\p{M}\p{N}|!]+/u).map(lookOf);
}

const TOKEN_MAX = 64;
/** One token: an ID, an address, a path, a number with its unit. */
const token = /^[\p{L}\p{N}_/@#+~][\p{L}\p{M}\p{N}._@/+:#~%=-]*$/u;
const number = /^[-+]?\d[\d.,]*$/;
const NAME_WORDS_MAX = 5;
const particles = new Set(
  'van von der den de del della di da do dos du la le el al bin ibn y e und and of the & zu'.split(' '),
);
const nameWord = /^(?:\p{Lu}|\p{Lo})[\p{L}\p{M}\p{N}'’.-]*,?$/u;

/** Names of people, firms and places: each word begins with a capital, or is of a script without them. */
function isName(text: string): boolean {
  const words = text.split(' ');
  const [first = '', ...rest] = words;
  if (words.length > NAME_WORDS_MAX || !nameWord.test(first)) return false;
  return rest.every((word) => nameWord.test(word) || particles.has(word) || /^\d{1,6}$/.test(word));
}

export function isPlainValue(text: string): boolean {
  if (text.length > TOKEN_MAX || revealLine(text) !== text) return false;
  return (token.test(text) || number.test(text) || isName(text)) && !readsLikeOurs(text);
}

/** @param text masked  @param max UTF-16 units, with the marks */
export function plainOrQuoted(text: string, max: number): string {
  const line = revealLine(text);
  return line.length <= max && isPlainValue(line) ? line : quoted(line, max);
}

/** Letters that are written from right to left: digits behind them would change places with them. */
export function isRightToLeft(text: string): boolean {
  return /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u.test(
    text,
  );
}

/**
 * What the reader of a card has to know before deciding: that it is dangerous, that something is not shown. Pure.
 * Tested in test/core/view/card.test.ts.
 */
import { platformName } from '../../approval/names.ts';
import { isVisitorChat } from '../../approval/pause/pause.ts';
import type { Shown, Subject } from '../../approval/subject.ts';
import { maskText } from '../../mask/text.ts';
import { clip } from '../../text/clip.ts';
import { DEEPEST } from '../../text/json.ts';
import { counted, sizeText, thousands } from '../../text/numbers.ts';
import type { LookAlike } from '../../text/visible/look-alikes.ts';
import { quoted, quotedUnlessPlain } from '../../text/visible/quoted.ts';
import type { Card } from '../card.ts';
import { visibleKeys } from '../content/changes.ts';
import { HEADLINE_MAX, headlineOf } from '../content/headline.ts';
import { fitText, quotedLength } from '../content/room.ts';
import type { Unseen } from '../content/unseen.ts';
import { type Kept, once } from '../once.ts';
import { allowedActions } from './signing/rule-line.ts';

const DANGEROUS = 'Dangerous';
/** Of the label of a button, characters. */
const LABEL_MAX = 40;

/** It can be approved, and approving it needs a confirmation. */
export function isDangerous({ confirm, pause }: Shown): boolean {
  return confirm && pause.actions.includes('approve');
}

/** As text, because a colour alone would be missed. The title of an open card says already that it is dangerous. */
export function dangerOf(approval: Shown): Pick<Card, 'danger'> {
  if (!isDangerous(approval)) return {};
  const approve = clip(approval.pause.prompt?.buttons?.approve ?? 'Approve', LABEL_MAX);
  return { danger: approval.phase === 'open' ? `${approve} will ask you to confirm.` : `${DANGEROUS}.` };
}

const headlines: Kept<string> = new WeakMap();

/** The first line of a card, its notification, its thread and its line in a list. */
export function titleOf(approval: Shown): string {
  const { pause } = approval;
  const max = HEADLINE_MAX - prefixOf(approval).length;
  return marked(
    once(headlines, pause, String(max), () => headlineOf(pause, max)),
    approval,
  );
}

/** With the word for danger before it, while it can be decided. */
export function marked(title: string, approval: Shown): string {
  return `${prefixOf(approval)}${title}`;
}

function prefixOf(approval: Shown): string {
  return isDangerous(approval) && approval.phase === 'open' ? `${DANGEROUS}: ` : '';
}

/** How many of something: `1 line is shortened`, `11,862 lines are shortened`; nothing for 0. */
export function count(number: number, one: string, many: string): string[] {
  return number === 0 ? [] : [number === 1 ? `1 ${one}` : `${thousands(number)} ${many}`];
}

const HIDDEN_NAMES_MAX = 200;

/** Parameters that the backend keeps from reviewers, by their names. */
export function hiddenText(names: readonly string[], backend: string): string[] {
  if (names.length === 0) return [];
  const what = names.length === 1 ? '1 parameter' : `${thousands(names.length)} parameters`;
  const list = clip(
    names.map((name) => quotedUnlessPlain(maskText(name).value, NAME_MAX)).join(', '),
    HIDDEN_NAMES_MAX,
  );
  return [`${backend} hides ${what} from reviewers: ${list}`];
}

/** `3,412 characters and 1 long masked value`; empty where the card shows everything. */
export function unseenText({ characters, masks }: Unseen): string {
  const parts = [
    ...count(characters, 'character', 'characters'),
    ...count(masks.length, 'long masked value', 'long masked values'),
  ];
  return parts.join(' and ');
}

/** What the card does not show, and how it is read. @param readFirst whether *Approve* leads through *Details* */
export function unseenCaution(approval: Shown, unseen: Unseen, readFirst: boolean): string[] {
  const { pause } = approval;
  const text = unseenText(unseen);
  if (text === '') return [];
  const approve = pause.prompt?.buttons?.approve ?? 'Approve';
  const actions = allowedActions(approval);
  if (actions.length === 0) return [`Not shown: ${text}. Details has it`];
  const leads = readFirst && actions.includes('approve');
  return [`Not shown: ${text}. ${leads ? `${approve} opens Details first` : 'Open Details before you decide'}`];
}

/** Of look-alikes, on a card: the others are only counted. */
const LOOK_ALIKES_MAX = 3;

/** Words that mix scripts, and hosts by the letters that they are looked up by. @param max how many are named */
export function lookAlikeText(found: readonly LookAlike[], max = LOOK_ALIKES_MAX): string[] {
  if (found.length === 0) return [];
  const named = found
    .slice(0, max)
    .map(({ text, is }) => `${quoted(text, LOOK_ALIKE_MAX)} ${clip(is, LOOK_ALIKE_MAX)}`);
  const more = found.length - named.length;
  return [`Check the spelling: ${[...named, ...(more > 0 ? [`and ${thousands(more)} more`] : [])].join('; ')}`];
}

/** Why it can't be approved here, and where it can. */
export function unshowableText({ unshowable }: Subject, backend: string): string[] {
  if (unshowable === undefined) return [];
  const size = sizeText(unshowable.bytes);
  const what =
    unshowable.why === 'depth'
      ? `Not all of it is shown: it has more than ${DEEPEST} levels (${size})`
      : `This is only a summary: the request is too large to be shown (${size})`;
  return [`${what}. It can’t be approved here; approve it in ${backend}`];
}

/** No one here knows who the visitor of a website is. */
export function websiteText(subject: Subject): string[] {
  return isVisitorChat(subject) ? ['Asked for in a website visitor’s chat: the visitor is unknown'] : [];
}

const NAMES_MAX = 6;
const NAME_MAX = 60;
/** Of why a platform refused a message, characters. */
const WHY_MAX = 60;

/** The rooms that refused the card, also in its smallest form: by the platform, each once. */
export function notShownText({ slots }: Shown): string[] {
  const texts = Object.values(slots).flatMap(({ kind, place, receipt, refused }) => {
    if (kind !== 'card' || refused?.final !== true) return [];
    const what = receipt === null ? 'Not shown in' : 'Out of date in';
    return [`${what} ${platformName(place.platform)}: ${clip(refused.reason, WHY_MAX)}`];
  });
  return [...new Set(texts)];
}

/** On the smallest form of a message. @param platform its id */
export function refusedText(platform: string, reason: string, what: string): string {
  return `${platformName(platform)} refused ${what} (${clip(reason, WHY_MAX)})`;
}

/** Of a look-alike, and of what it is: a host can have 253 characters. */
const LOOK_ALIKE_MAX = 60;

/** Of all cautions of a card, as `quotedLength` counts: what Discord has room for beside the longest texts. */
const CAUTIONS_MAX = 400;
/** Of the line that says how many there are besides. */
const MORE_MAX = 40;
/** Of the sign before each. */
const SIGN_MAX = 4;

/** Those that fit on the card, and how many more *Details* have. The first is shown in any case, cut if it has to be. */
export function fitCautions(cautions: readonly string[]): string[] {
  const [first = '', ...others] = cautions;
  const shown = first === '' ? [] : [fitText(first, { max: CAUTIONS_MAX - MORE_MAX }, quotedLength).text];
  let free = CAUTIONS_MAX - MORE_MAX - quotedLength(shown.join(''));
  for (const caution of others) {
    free -= quotedLength(caution) + SIGN_MAX;
    if (free < 0) break;
    shown.push(caution);
  }
  const more = cautions.length - shown.length;
  return more > 0 ? [...shown, `${counted(more, 'more warning')}: open Details`] : shown;
}

/**
 * Keys that were sent twice: another reader of the same JSON may take the value that is not shown.
 * @param max how many are named
 */
export function repeatedText({ repeated = [], hidden }: Subject, max = NAMES_MAX): string[] {
  const names = visibleKeys(repeated, hidden).map((path) => quotedUnlessPlain(maskText(path).value, NAME_MAX));
  if (names.length === 0) return [];
  const shown = names.slice(0, max);
  const more = names.length - shown.length;
  const all = new Intl.ListFormat('en').format([...shown, ...(more > 0 ? [`${more} more`] : [])]);
  const isOne = names.length === 1;
  return [isOne ? `${all} is given twice: the last value counts` : `${all} are given twice: the last values count`];
}

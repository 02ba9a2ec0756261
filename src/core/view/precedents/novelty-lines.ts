/** What is new about a request, as a card and *Details* say it: facts, no advice. Tested in test/core/view/precedents/novelty-lines.test.ts. */
import type { Novelty } from '../../approval/parts/novelty.ts';
import type { Shown, Subject } from '../../approval/subject.ts';
import { maskText } from '../../mask/text.ts';
import { maskParameters, maskValue } from '../../mask/value.ts';
import { clip } from '../../text/clip.ts';
import { parseExact } from '../../text/exact/parse.ts';
import { isBranch, isRecord, isScalar, numberText, type RawNumber } from '../../text/json.ts';
import { quoted } from '../../text/visible/quoted.ts';
import { revealLine } from '../../text/visible/reveal.ts';
import type { Line } from '../card.ts';
import { plainOrQuoted } from '../content/facts/plain-value.ts';

/** A card has room for so many of these lines. */
const LINES_MAX = 2;
const NAME_MAX = 40;
/** Before what was never approved: small text is easily passed over. */
const NEW = '🆕';
const VALUE_MAX = 60;

/** The most telling first. @param max of them */
export function noveltyLines({ novelty, pause }: Shown, max = LINES_MAX): Line[] {
  if (novelty === undefined) return [];
  const { seen, same, changed } = novelty;
  if (seen === 0) return [[`${NEW} First time: nothing was approved before for this tool and this asker.`]];
  const lines: Line[] = [];
  if (same !== null) lines.push(['The same was approved ', { at: same, style: 'relative' }, '.']);
  if (changed !== null) lines.push([changedText(changed, pause)]);
  const news = newsText(novelty, pause);
  if (news !== '') lines.push([`${NEW} ${news}`]);
  return lines.slice(0, max);
}

/** What is most telling, in a word or two, for a line among others. Empty: nothing is new, or all of it is. */
export function noveltyNote({ novelty }: Pick<Shown, 'novelty'>): string {
  if (novelty === undefined) return '';
  const { seen, same, parties, hosts, amount } = novelty;
  // Then it is so for all of one tool and asker.
  if (seen === 0) return '';
  if (amount !== null) return 'most so far';
  if (parties.length > 0) return 'new party';
  if (hosts.length > 0) return 'new host';
  return same === null ? '' : 'repeated';
}

/** Parties, hosts and an amount that were not approved before, and with how many approvals they were compared. */
function newsText({ parties, hosts, amount, seen, more }: Novelty, pause: Subject): string {
  const found = [
    ...parties.map((path) => `${nameText(path)} ${valueText(pause, path)}`),
    ...hosts.map((host) => `the host ${hostText(host)}`),
  ];
  const compared =
    seen === 1 ? 'the one approved before' : `the ${more ? 'last ' : ''}${seen} approved${more ? '' : ' before'}`;
  const texts = [
    ...(found.length === 0 ? [] : [`Not in ${seen === 1 ? compared : `any of ${compared}`}: ${found.join(', ')}.`]),
    ...(amount === null ? [] : [amountText(amount, pause, { compared, isOne: seen === 1 })]),
  ];
  return texts.join(' ');
}

function amountText(
  { path, before }: NonNullable<Novelty['amount']>,
  pause: Subject,
  { compared, isOne }: { compared: string; isOne: boolean },
): string {
  const amount = `${capital(nameText(path))} ${valueText(pause, path)}`;
  if (before === null) return `${amount} is the first in its currency, compared with ${compared}.`;
  const most = clip(revealLine(maskText(before).value), VALUE_MAX);
  return isOne
    ? `${amount} is more than ${compared} (${most}).`
    : `${amount} is more than any of ${compared} (at most ${most}).`;
}

function changedText({ path, before }: NonNullable<Novelty['changed']>, pause: Subject): string {
  const name = nameText(path);
  if (pause.hidden.includes(path[0] ?? '')) return 'Only a hidden value differs from the last one approved.';
  const now = valueText(pause, path);
  const was = before === null ? '' : beforeText(pause, path, before);
  const texts = was === '' ? '' : was === now ? ': a masked value' : `: ${was} → ${now === '' ? 'absent' : now}`;
  return `Only ${name} differs from the last one approved${texts}.`;
}

/** A value of the request, masked as on the card; empty where there is none. */
function valueText(pause: Subject, path: readonly string[]): string {
  return shownText(valueAt(maskParameters(pause).value, path));
}

/** The value before, masked as if it were in the request. @param json of it */
function beforeText({ parameters, hidden }: Subject, path: readonly string[], json: string): string {
  return shownText(valueAt(maskValue(withValue(parameters, path, parseExact(json)), hidden).value, path));
}

/** A name of which a part has dots is found, too: facts take it apart. */
function valueAt(value: unknown, path: readonly string[]): unknown {
  if (path.length === 0) return value;
  if (Array.isArray(value)) return value.length === 1 ? valueAt(value[0], path) : undefined;
  if (!isRecord(value)) return undefined;
  for (let length = 1; length <= path.length; length += 1) {
    const name = path.slice(0, length).join('.');
    if (Object.hasOwn(value, name)) return valueAt(value[name], path.slice(length));
  }
  return undefined;
}

function withValue(value: unknown, path: readonly string[], put: unknown): Record<string, unknown> {
  const [name = '', ...rest] = path;
  const holder = isRecord(value) ? value : {};
  const inner = rest.length === 0 ? put : withValue(holder[name], rest, put);
  // Not by assignment: `__proto__` would set a prototype.
  return Object.fromEntries([...Object.entries(holder).filter(([key]) => key !== name), [name, inner]]);
}

function shownText(value: unknown): string {
  if (value === undefined) return '';
  if (isBranch(value)) return Array.isArray(value) ? `${value.length} entries` : 'an object';
  if (!isScalar(value)) return 'null';
  if (typeof value === 'string') return plainOrQuoted(value, VALUE_MAX);
  return clip(typeof value === 'boolean' ? String(value) : numberText(value as number | RawNumber), VALUE_MAX);
}

function nameText(path: readonly string[]): string {
  return plainOrQuoted(maskText(path.join('.')).value, NAME_MAX);
}

function hostText(host: string): string {
  const shown = revealLine(maskText(host).value);
  return /^[a-z0-9.-]+$/.test(shown) ? clip(shown, VALUE_MAX) : quoted(shown, VALUE_MAX);
}

function capital(text: string): string {
  return text.startsWith('“') ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

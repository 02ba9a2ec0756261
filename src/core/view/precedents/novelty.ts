/**
 * What is new about a request: a pure function of it and of what was approved before of the same tool and asker. Facts for
 * cards and for rules. Tested in test/core/view/precedents/novelty.test.ts.
 */
import type { Novelty } from '../../approval/parts/novelty.ts';
import type { Precedent } from '../../approval/precedent.ts';
import type { Subject } from '../../approval/subject.ts';
import { MASK } from '../../mask/mask.ts';
import { wordsOf } from '../../mask/names.ts';
import { canonical } from '../../text/canonical.ts';
import { compareNumbers } from '../../text/exact/decimal.ts';
import { isNumberText, numberOf } from '../../text/exact/parse.ts';
import { isBranch, isNumber, isScalar, numberText, type RawNumber } from '../../text/json.ts';
import { type Leaf, leavesOf } from '../content/facts/leaves.ts';
import { amountOf } from '../content/facts/money.ts';
import { nounsOf, rankedOf } from '../content/facts/roles.ts';

/** How many earlier approvals a request is compared with. */
export const PRECEDENTS_MAX = 30;
/** Of parties and hosts; more of them are no more news. */
export const NAMED_MAX = 3;
/** Of the value before, as JSON: a longer one says no more than that it differs. */
const BEFORE_MAX = 200;
/** Of the values of one request that are compared. */
const VALUES_MAX = 3_000;

/** @param precedents the latest first, at most `max` */
export function noveltyOf(pause: Subject, precedents: readonly Precedent[], max = PRECEDENTS_MAX): Novelty {
  const now = readingOf(pause);
  const before = precedents.map(readingOfPrecedent);
  const parties = new Set(before.flatMap((one) => one.parties.map(({ key }) => key)));
  const hosts = new Set(before.flatMap((one) => one.hosts));
  const whole = before.length === 0 ? null : comparable(canonical(pause.parameters));
  const last = whole === null ? undefined : before[0];
  const news = unique(now.parties.filter(({ key }) => !parties.has(key) || key.includes(MASK)).map(({ path }) => path));
  return {
    seen: precedents.length,
    more: precedents.length >= max,
    parties: news.slice(0, NAMED_MAX),
    hosts: [...new Set(now.hosts)].filter((host) => !hosts.has(host)).slice(0, NAMED_MAX),
    ...amountNews(now, before),
    same: precedents[before.findIndex((one) => one.whole === whole)]?.settledAt ?? null,
    changed: last === undefined || last.whole === whole ? null : onlyChange(last.values, valuesOf(pause.parameters)),
  };
}

/** Null: what the operator has redacted is not known, so it may differ. */
function comparable(text: string): string | null {
  return text.includes(MASK) ? null : text;
}

interface Reading {
  parties: readonly { key: string; path: readonly string[] }[];
  hosts: readonly string[];
  amounts: readonly Amount[];
}

interface PastReading extends Reading {
  /** Of all values, by their paths as JSON. */
  values: ReadonlyMap<string, string>;
  /** Two requests with the same text ask for the same. */
  whole: string;
}

interface Amount {
  path: readonly string[];
  /** Where it is, and what it is counted in. */
  key: string;
  /** As it was sent, for those that can't be compared. */
  text: string;
  digits: number | RawNumber | null;
  shown: string;
}

/** A store may give the same object again. */
const pastReadings = new WeakMap<Precedent, PastReading>();

function readingOfPrecedent(precedent: Precedent): PastReading {
  const { pause } = precedent;
  const known = pastReadings.get(precedent);
  const reading = known ?? {
    ...readingOf(pause),
    values: valuesOf(pause.parameters),
    whole: canonical(pause.parameters),
  };
  pastReadings.set(precedent, reading);
  return reading;
}

function readingOf({ tool, parameters, hidden }: Pick<Subject, 'tool' | 'parameters' | 'hidden'>): Reading {
  const leaves = leavesOf(parameters).filter(({ path: [first = ''] }) => !hidden.includes(first));
  const nouns = nounsOf(tool);
  const roles = leaves.map((leaf) => ({ leaf, role: rankedOf(leaf, nouns).role }));
  const items = roles.flatMap(({ leaf, role }) =>
    itemsOf(leaf).map((item) => ({ item, role: roleIn(item, role, nouns) })),
  );
  return {
    parties: items.flatMap(({ item, role }) => (role === 'party' ? [{ key: keyOf(item), path: item.path }] : [])),
    hosts: items.flatMap(({ item }) => hostsIn(item)),
    amounts: roles.flatMap(({ leaf, role }) => (role === 'amount' ? [amountIn(leaf, leaves)] : [])),
  };
}

/** What a list holds, each by the name of the list. */
function itemsOf(leaf: Leaf): Leaf[] {
  if (!Array.isArray(leaf.value)) return [leaf];
  return leaf.value.slice(0, VALUES_MAX).flatMap((item): Leaf[] => {
    if (isScalar(item)) return [{ path: leaf.path, value: item }];
    return leavesOf(item)
      .filter(({ value }) => !Array.isArray(value))
      .map(({ path, value }) => ({ path: [...leaf.path, ...path], value }));
  });
}

/** A list of people makes parties of what it holds; what is in an object of a list has a name of its own. */
function roleIn(item: Leaf, role: string, nouns: ReadonlySet<string>): string {
  return role === 'party' ? role : rankedOf(item, nouns).role;
}

/** The same party at another place is another one: whom money comes from need not be whom it goes to. */
function keyOf({ path, value }: Leaf): string {
  return JSON.stringify([path, isNumber(value) ? numberText(value) : String(value).trim()]);
}

const address = /[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>`]{1,2000}/giu;
const hostWords = new Set(['host', 'hostname', 'domain', 'server', 'endpoint', 'url', 'uri', 'webhook', 'callback']);
const bareHost = /^(?:[\p{L}\p{N}-]{1,63}\.)+\p{L}{2,63}(?::\d{1,5})?(?:\/\S*)?$/u;

/** Of addresses in any text, and of values that are called a host. */
function hostsIn({ path, value }: Leaf): string[] {
  if (typeof value !== 'string') return [];
  const found = value.includes('://') ? [...value.matchAll(address)].flatMap(([text]) => hostOf(text)) : [];
  const isNamed = wordsOf(path.at(-1) ?? '').some((word) => hostWords.has(word));
  return found.length === 0 && isNamed && bareHost.test(value.trim()) ? hostOf(`https://${value.trim()}`) : found;
}

function hostOf(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const { hostname } = new URL(text);
  return hostname === '' ? [] : [hostname.toLowerCase()];
}

/** The number with which the text of an amount begins, where nothing of it follows in another notation. */
const leadingNumber = /^-?\d+(?:\.\d+)?(?![\d.,'’])/;

function amountIn(leaf: Leaf, leaves: readonly Leaf[]): Amount {
  const { text } = amountOf(leaf, leaves, wordsOf(leaf.path.at(-1) ?? ''));
  const [number = ''] = leadingNumber.exec(text) ?? [];
  const bare = number.replace(/^(-?)0+(?=\d)/, '$1');
  const digits = isNumberText(bare) ? numberOf(bare) : null;
  const key = JSON.stringify([leaf.path, text.slice(number.length).trim()]);
  return { path: leaf.path, key, text: JSON.stringify([leaf.path, text]), digits, shown: text };
}

function amountNews({ amounts }: Reading, before: readonly Reading[]): Pick<Novelty, 'amount' | 'incomparable'> {
  const earlier = before.flatMap((one) => one.amounts);
  let amount: Novelty['amount'] = null;
  let incomparable = false;
  for (const { path, key, text, digits } of amounts) {
    if (digits === null) {
      incomparable ||= !earlier.some((one) => one.text === text);
      continue;
    }
    const most = mostOf(earlier.filter((one) => one.key === key));
    if (most?.digits != null && compareNumbers(digits, most.digits) <= 0) continue;
    amount ??= { path: [...path], before: most?.shown ?? null };
  }
  return { amount, incomparable };
}

function mostOf(amounts: readonly Amount[]): Amount | undefined {
  return amounts.reduce<Amount | undefined>((most, one) => {
    if (one.digits === null) return most;
    return most?.digits == null || compareNumbers(one.digits, most.digits) > 0 ? one : most;
  }, undefined);
}

/** Each value by its path, as JSON; a list is one value. */
function valuesOf(parameters: Record<string, unknown>): Map<string, string> {
  const values = new Map<string, string>();
  const visit = (value: unknown, path: readonly string[]): void => {
    const entries = isBranch(value) && !Array.isArray(value) ? Object.entries(value) : [];
    if (entries.length === 0 || path.length > 20 || values.size > VALUES_MAX)
      values.set(JSON.stringify(path), canonical(value));
    else for (const [key, inner] of entries) visit(inner, [...path, key]);
  };
  visit(parameters, []);
  return values;
}

function onlyChange(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): Novelty['changed'] {
  const paths = [...new Set([...before.keys(), ...now.keys()])].filter((path) => before.get(path) !== now.get(path));
  const [only] = paths;
  if (only === undefined || paths.length > 1) return null;
  const was = before.get(only) ?? null;
  return { path: JSON.parse(only), before: was !== null && was.length <= BEFORE_MAX ? was : null };
}

function unique(paths: readonly (readonly string[])[]): string[][] {
  return [...new Set(paths.map((path) => JSON.stringify(path)))].map((path) => JSON.parse(path));
}
